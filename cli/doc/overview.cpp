// The same rules in three orders: where they stand, how bad it is, and what ATT&CK calls it.
#include <fmt/format.h>

#include "cli/doc/pages.h"
#include "compiler/attack/attack.h"

namespace weir::cli::doc {
namespace {

// One tactic or technique, short: the rule's page has the names.
Line attack_ids(const RuleFacts& rule) {
  Line line;
  for (const std::string& id : rule.info->mitre) {
    if (id.starts_with("TA")) continue;
    if (!line.empty()) line.push_back(text(", "));
    line.push_back(page(id, "attack#" + anchor_of(id)));
  }
  return line;
}

std::vector<Line> row_of(const Book& book, const RuleFacts& rule) {
  std::string title = rule.info->title.empty() ? rule.name() : rule.info->title;
  Line name{page(title, "rules/" + rule.name()), text(" ")};
  name.push_back(code(rule.name()));
  Line sources;
  for (const match::RuleOnSource& on : rule.info->sources) {
    const std::string& source = book.compiled.program->sources[on.source].name;
    if (!sources.empty()) sources.push_back(text(", "));
    sources.push_back(page(source, "sources/" + source));
  }
  return {std::move(name),
          {level(match::kLevelNames[rule.info->level])},
          {text(rule.info->status)},
          std::move(sources),
          attack_ids(rule)};
}

Table table_of(const Book& book, const std::vector<const RuleFacts*>& rules) {
  Table table{{"Rule", "Level", "Status", "Source", "ATT&CK"}, {}};
  for (const RuleFacts* rule : rules) table.rows.push_back(row_of(book, *rule));
  return table;
}

std::string counted_rules(size_t count) { return fmt::format("{} rule{}", count, count == 1 ? "" : "s"); }

}  // namespace

Line attack_link(const std::string& id) {
  std::string path = id;
  if (size_t dot = path.find('.'); dot != path.npos) path[dot] = '/';
  if (const compiler::Tactic* tactic = compiler::find_tactic(id))
    return {url(fmt::format("{} {}", id, tactic->name), "https://attack.mitre.org/tactics/" + id + "/")};
  const compiler::Technique* technique = compiler::find_technique(id);
  return {url(technique ? fmt::format("{} {}", id, technique->name) : id,
              "https://attack.mitre.org/techniques/" + path + "/")};
}

Page index_page(const Book& book) {
  Page out{"index", "Rules", {}};
  out.blocks.push_back(Paragraph{{text(counted_rules(book.rules.size()) + ", by folder. In another order: "),
                                  page("by level", "levels"), text(", "), page("by ATT&CK", "attack"),
                                  text(". What they share: "), page("lists", "lists"), text(", "),
                                  page("sources", "sources"), text(".")}});
  std::map<std::string, std::vector<const RuleFacts*>> folders;
  for (const RuleFacts& rule : book.rules) folders[rule.folder].push_back(&rule);
  for (const auto& [folder, rules] : folders) {
    if (folders.size() > 1 || !folder.empty())
      out.blocks.push_back(Heading{folder.empty() ? "at the top" : folder, anchor_of("folder-" + folder)});
    out.blocks.push_back(table_of(book, rules));
  }
  return out;
}

Page levels_page(const Book& book) {
  Page out{"levels", "Rules by level", {}};
  for (int level = match::kLevels - 1; level >= 0; --level) {
    std::vector<const RuleFacts*> rules;
    for (const RuleFacts& rule : book.rules)
      if (rule.info->level == level) rules.push_back(&rule);
    if (rules.empty()) continue;
    out.blocks.push_back(Heading{match::kLevelNames[level], match::kLevelNames[level]});
    out.blocks.push_back(table_of(book, rules));
  }
  return out;
}

Page attack_page(const Book& book) {
  Page out{"attack", "Rules by ATT&CK", {}};
  out.blocks.push_back(
      Paragraph{{text(fmt::format("ATT&CK for Enterprise, version {}. Beside this page lies ",
                                  compiler::attack_version())),
                 code("navigator.json"), text(", the same as a layer of the "),
                 url("ATT&CK Navigator", "https://mitre-attack.github.io/attack-navigator/"), text(".")}});
  Table tactics{{"Tactic", "Rules"}, {}}, techniques{{"Technique", "Rules"}, {}};
  for (const auto& [id, rules] : book.by_attack) {
    Line name{anchor(anchor_of(id))};
    for (Inline& piece : attack_link(id)) name.push_back(std::move(piece));
    const compiler::Technique* technique = compiler::find_technique(id);
    if (technique && !technique->in_use())
      name.push_back(text(technique->successor == "-" ? " (no longer in use)"
                                                      : fmt::format(" (now {})", technique->successor)));
    (compiler::find_tactic(id) ? tactics : techniques)
        .rows.push_back({std::move(name), book.rule_links(rules)});
  }
  for (auto* table : {&tactics, &techniques}) {
    if (table->rows.empty()) continue;
    out.blocks.push_back(Heading{table->head[0] + "s", ""});
    out.blocks.push_back(std::move(*table));
  }
  return out;
}

}  // namespace weir::cli::doc
