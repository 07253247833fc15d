// Every name of a project is one space, whatever it names and wherever it stands (language.md, 2).
#include <fmt/format.h>

#include "compiler/loading.h"
#include "compiler/nearest.h"
#include "compiler/project_files.h"

namespace weir::compiler {
namespace {

using dsl::Code;

struct Declared {
  const char* kind;
  dsl::Span span;
};

class Indexer {
 public:
  explicit Indexer(Loading& loading) : loading_(loading), project_(loading.project) {}

  void run() {
    for (const auto& file : project_.files)
      for (const dsl::Declaration& declaration : file->declarations)
        if (const auto* tune = std::get_if<dsl::Tune>(&declaration)) project_.tunes.push_back(tune);
    for (const auto& file : project_.files) {
      shipped_ = project_.sources.path(file->source).starts_with(kShippedPrefix);
      for (const dsl::Declaration& declaration : file->declarations)
        std::visit([&](const auto& declared) { take(declared); }, declaration);
    }
  }

 private:
  void take(const dsl::Rule& rule) {
    RuleEntry entry;
    entry.rule = &rule;
    entry.shipped = shipped_;
    entry.broken = rule.broken;
    if (is_first("rule", rule.name))
      project_.rule_index.emplace(rule.name.text, project_.rules.size());
    else
      entry.broken = true;
    project_.rules.push_back(std::move(entry));
  }

  void take(const dsl::List& list) {
    if (!is_first("list", list.name)) return;
    ListInfo info;
    info.list = &list;
    info.type = type_of(list.type);
    if (list.to) info.to = type_of(*list.to);
    info.broken = list.broken;
    project_.lists.emplace(list.name.text, std::move(info));
  }

  void take(const dsl::SharedSelection& shared) {
    if (is_first("selection", shared.selection.name))
      project_.selections.emplace(shared.selection.name.text, &shared);
  }

  void take(const dsl::Schema& schema) {
    if (!is_first("schema", schema.name)) return;
    std::vector<const dsl::Tune*> tunes;
    for (const dsl::Tune* tune : project_.tunes)
      if (tune->kind == dsl::Tune::Kind::schema && !tune->targets.empty() &&
          tune->targets[0].text == schema.name.text)
        tunes.push_back(tune);
    project_.schemas.emplace(schema.name.text,
                             make_schema(project_.sources, schema, tunes, loading_.diagnostics));
  }

  void take(const dsl::Tune&) {}

  // False, with E208, when the name is taken.
  bool is_first(const char* kind, const dsl::Name& name) {
    if (name.text.empty()) return false;  // the parser could not read it, and said so
    auto [known, fresh] = taken_.emplace(name.text, Declared{kind, name.span});
    if (fresh) return true;
    const Declared& first = known->second;
    bool same_kind = std::string_view(kind) == first.kind;
    std::string place = place_of(project_.sources, first.span);
    dsl::Diagnostic& d = loading_.diagnostics.add(
        Code::E208,
        same_kind ? fmt::format("a second {} `{}`", kind, name.text)
                  : fmt::format("`{}` is the name of a {} already", name.text, first.kind),
        name.span, fmt::format("also declared at {}", place));
    const bool first_shipped = project_.sources.path(first.span.source).starts_with(kShippedPrefix);
    const std::string_view of = kind;
    if (!same_kind) {
      d.help("all names of a project are one space: give one of them another name");
    } else if (first_shipped && (of == "rule" || of == "list")) {
      d.help(fmt::format("to change a shipped {}, write `tune {}{} {{ {} }}`", of,
                         of == "list" ? "list " : "", name.text, of == "list" ? "add: [...]" : "..."));
    } else if (first_shipped) {
      d.help("it is a shipped one: give yours another name");
    } else {
      d.help("give one of them another name, or delete it if it is a copy");
    }
    return false;
  }

  Loading& loading_;
  Project& project_;
  std::map<std::string, Declared, std::less<>> taken_;
  bool shipped_ = false;
};

}  // namespace

void index_names(Loading& loading) { Indexer(loading).run(); }

bool check_source(const Project& project, const dsl::Name& name, dsl::Diagnostics& diagnostics) {
  if (project.schemas.contains(name.text)) return true;
  std::vector<std::string> known;
  for (const auto& [schema, info] : project.schemas) known.push_back(schema);
  dsl::Diagnostic& d = diagnostics.add(Code::E209, fmt::format("no source is named `{}`", name.text),
                                       name.span, "no schema has this name");
  std::vector<std::string> near = nearest(name.text, known);
  d.help(near.empty() ? fmt::format("the sources are {}", fmt::join(known, ", ")) : did_you_mean(near));
  if (near.size() == 1) d.replace(name.span, near[0], dsl::Applicability::likely);
  return false;
}

}  // namespace weir::compiler
