// `# allow: W801 the vendor's names end alike`: a lint that somebody has looked at.
#include <algorithm>
#include <map>
#include <optional>
#include <string_view>
#include <type_traits>

#include "compiler/allow.h"
#include "compiler/checks.h"

namespace weir::compiler {
namespace {

// What a comment of a rule file allows, and on which lines.
struct Covered : Allow {
  uint32_t first = 0, last = 0;
};

std::string_view without_blanks(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  return text;
}

}  // namespace

Allow parse_allow(std::string_view comment) {
  Allow allow;
  std::string_view rest =
      without_blanks(comment.substr(std::min(comment.find_first_not_of('#'), comment.size())));
  if (!rest.starts_with("allow:")) return allow;
  rest = without_blanks(rest.substr(6));
  while (!rest.empty()) {
    std::string_view word = rest.substr(0, rest.find_first_of(" ,:\t"));
    std::optional<dsl::Code> code = dsl::code_named(word);
    if (!code) break;
    allow.codes.push_back(*code);
    rest.remove_prefix(word.size());
    while (!rest.empty() &&
           (rest.front() == ',' || rest.front() == ':' || rest.front() == ' ' || rest.front() == '\t'))
      rest.remove_prefix(1);
  }
  allow.reasoned = !rest.empty();
  return allow;
}

void ask_for_reason(dsl::Diagnostic& diagnostic) {
  diagnostic.note(std::string("`# allow: ") + dsl::info(diagnostic.code).name + "` asks for a reason after the code");
}

namespace {

// Which lines a comment above something covers: the whole declaration or clause that begins on the next line.
class Extents {
 public:
  Extents(const dsl::SourceMap& sources, const dsl::File& file) : sources_(sources), source_(file.source) {
    for (const dsl::Declaration& declaration : file.declarations)
      std::visit([&](const auto& declared) { take(declared); }, declaration);
  }

  uint32_t last_line(uint32_t first) const {
    auto found = last_by_first_.find(first);
    return found == last_by_first_.end() ? first : found->second;
  }

 private:
  template <class Declared>
  void take(const Declared& declared) {
    add(declared.span);
    if constexpr (requires { declared.clauses; })
      for (const auto& clause : declared.clauses) std::visit([&](const auto& one) { add(one.span); }, clause);
    if constexpr (std::is_same_v<Declared, dsl::Rule>)
      for (const dsl::RuleClause& clause : declared.clauses)
        if (const auto* detection = std::get_if<dsl::Detection>(&clause))
          for (const dsl::Selection& selection : detection->selections) add(selection.span);
  }

  void add(dsl::Span span) {
    uint32_t first = sources_.place(source_, span.begin).line;
    uint32_t last = sources_.place(source_, span.end > span.begin ? span.end - 1 : span.end).line;
    uint32_t& known = last_by_first_[first];
    known = std::max(known, last);
  }

  const dsl::SourceMap& sources_;
  dsl::SourceId source_;
  std::map<uint32_t, uint32_t> last_by_first_;
};

std::vector<Covered> allows_of(const dsl::SourceMap& sources, const dsl::File& file) {
  std::vector<Covered> allows;
  std::optional<Extents> extents;
  for (size_t i = 0; i < file.comments.size(); ++i) {
    const dsl::Comment& comment = file.comments[i];
    Covered allow{parse_allow(comment.text)};
    if (allow.codes.empty()) continue;
    uint32_t line = sources.place(file.source, comment.span.begin).line;
    allow.first = allow.last = line;
    if (comment.own_line) {
      // Other comments may stand between this one and what it is about.
      for (size_t next = i + 1; next < file.comments.size() && file.comments[next].own_line; ++next) {
        if (sources.place(file.source, file.comments[next].span.begin).line != line + 1) break;
        ++line;
      }
      if (!extents) extents.emplace(sources, file);
      allow.last = extents->last_line(line + 1);
    }
    allows.push_back(std::move(allow));
  }
  return allows;
}

}  // namespace

void apply_allows(const Project& project, dsl::Diagnostics& diagnostics) {
  std::map<dsl::SourceId, std::vector<Covered>> by_source;
  for (const auto& file : project.files)
    if (std::vector<Covered> allows = allows_of(project.sources, *file); !allows.empty())
      by_source.emplace(file->source, std::move(allows));
  if (by_source.empty()) return;

  std::vector<dsl::Diagnostic> unreasoned;
  diagnostics.retain([&](const dsl::Diagnostic& d) {
    if (d.severity() == dsl::Severity::error) return true;
    auto found = by_source.find(d.primary.span.source);
    if (found == by_source.end()) return true;
    uint32_t line = project.sources.place(d.primary.span.source, d.primary.span.begin).line;
    bool covered = false;
    for (const Covered& allow : found->second) {
      if (line < allow.first || line > allow.last) continue;
      if (std::find(allow.codes.begin(), allow.codes.end(), d.code) == allow.codes.end()) continue;
      if (allow.reasoned) return false;
      covered = true;
    }
    if (covered) unreasoned.push_back(d);
    return !covered;
  });
  for (dsl::Diagnostic& d : unreasoned) {
    ask_for_reason(d);
    diagnostics.add(d.code, d.title, d.primary.span) = d;
  }
}

}  // namespace weir::compiler
