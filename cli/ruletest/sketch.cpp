#include "cli/ruletest/sketch.h"

#include <fmt/format.h>

#include <map>
#include <vector>

#include "cli/load.h"
#include "cli/ruletest/run.h"
#include "compiler/clauses.h"
#include "dsl/parse.h"

namespace weir::cli {
namespace {

// One value of the event: where, and its JSON.
struct Wanted {
  std::vector<std::string> path;
  std::string json;
};

struct Node {
  std::map<std::string, Node> members;
  std::string json;  // of a leaf
};

std::string text_of(const Node& node, const compiler::SchemaInfo& schema, std::vector<std::string> path) {
  if (!node.json.empty()) return node.json;
  std::string out;
  for (const auto& [name, member] : node.members) {
    std::vector<std::string> below = path;
    below.push_back(name);
    std::string value = text_of(member, schema, below);
    bool array = false;
    for (const compiler::FieldInfo& field : schema.fields) {
      bool prefix = field.path.size() >= below.size();
      for (size_t i = 0; prefix && i < below.size(); ++i) prefix = field.path[i].name == below[i];
      array |= prefix && field.path[below.size() - 1].array;
    }
    out += fmt::format("{}{}: {}", out.empty() ? "" : ", ", json_quoted(name), array ? "[" + value + "]" : value);
  }
  return "{" + out + "}";
}

std::string event_text(const std::vector<Wanted>& wanted, const compiler::SchemaInfo& schema) {
  Node root;
  for (const Wanted& value : wanted) {
    Node* node = &root;
    for (const std::string& name : value.path) node = &node->members[name];
    node->json = value.json;
  }
  return text_of(root, schema, {});
}

// A value that `item` lets through, as far as that can be said without running it.
std::optional<std::string> value_for(const dsl::Item& item) {
  std::string how;
  for (const dsl::Name& modifier : item.modifiers) {
    if (modifier.text == "neq" || modifier.text == "re" || modifier.text == "cidr") return std::nullopt;
    how = modifier.text;
  }
  if (item.values.empty()) return std::nullopt;
  const dsl::ExprNode& node = item.values[0].node;
  if (auto* text = std::get_if<dsl::Text>(&node)) {
    std::string value;
    for (size_t i = 0, wild = 0; i < text->value.size(); ++i) {
      bool is_wild = wild < text->wildcards.size() && text->wildcards[wild] == i;
      wild += is_wild;
      value += is_wild ? 'x' : text->value[i];
    }
    return json_quoted(value);
  }
  if (auto* number = std::get_if<dsl::Number>(&node)) {
    int64_t step = how == "gt" ? 1 : how == "lt" ? -1 : 0;
    return number->is_integer ? std::to_string(number->integer + step) : fmt::format("{}", number->value);
  }
  if (auto* boolean = std::get_if<dsl::Bool>(&node)) {
    if (how == "exists") return boolean->value ? std::optional<std::string>("\"x\"") : std::nullopt;
    return std::string(boolean->value ? "true" : "false");
  }
  return std::nullopt;
}

void collect(const dsl::Map& map, std::vector<std::string> prefix, std::vector<Wanted>& wanted) {
  auto below = [&](const dsl::Path& path) {
    std::vector<std::string> names = prefix;
    for (const dsl::Segment& segment : path.segments) names.push_back(segment.name);
    return names;
  };
  for (const dsl::Entry& entry : map.entries) {
    if (auto* block = std::get_if<std::unique_ptr<dsl::Block>>(&entry)) {
      collect((*block)->map, below((*block)->path), wanted);
      continue;
    }
    const dsl::Item& item = std::get<dsl::Item>(entry);
    auto* path = std::get_if<dsl::Path>(&item.subject.node);
    if (!path) continue;
    if (auto value = value_for(item)) wanted.push_back({below(*path), *value});
  }
}

std::string test_text(std::string_view title, const std::string& event, bool silent) {
  return fmt::format("  test {} {{\n    event {}\n    expect {}\n  }}\n", json_quoted(title), event,
                     silent ? "no alert" : "1 alert");
}

// Runs the test as if it stood in the rule.
bool passes(compiler::Project& project, const compiler::RuleEntry& entry, const std::string& text) {
  dsl::SourceId source = project.sources.add("sketch", "rule sketch {\n" + text + "}\n");
  dsl::Diagnostics diagnostics;
  dsl::File file = dsl::parse(project.sources, source, diagnostics);
  if (diagnostics.error_count() || file.declarations.empty()) return false;
  const auto* test = compiler::find_clause<dsl::Test>(std::get<dsl::Rule>(file.declarations[0]).clauses);
  if (!test) return false;
  TestRunner runner(project);
  return runner.run({test, entry.rule, nullptr, {entry.rule->name.text}}).kind == TestOutcome::Kind::passed;
}

// Changes one value so that it is another of its kind.
std::string other_value(const std::string& json) {
  if (json == "true") return "false";
  if (json == "false") return "true";
  if (json[0] == '"') return json.substr(0, json.size() - 1) + "Other\"";
  return json[0] == '-' ? "1" : "-" + json;
}

}  // namespace

std::optional<std::string> sketch_test(compiler::Project& project, const compiler::RuleEntry& entry, bool silent) {
  const auto* detection = compiler::find_clause<dsl::Detection>(entry.rule->clauses);
  std::vector<dsl::Name> sources = compiler::sources_of(*entry.rule);
  if (!detection || sources.empty() || !project.schemas.contains(sources[0].text)) return std::nullopt;
  const compiler::SchemaInfo& schema = project.schemas.at(sources[0].text);

  for (const dsl::Selection& selection : detection->selections) {
    const dsl::Map* map = std::get_if<dsl::Map>(&selection.body);
    if (auto* maps = std::get_if<std::vector<dsl::Map>>(&selection.body)) map = &maps->front();
    if (!map) continue;
    std::vector<Wanted> wanted;
    collect(*map, {}, wanted);
    std::string firing = test_text("fires", event_text(wanted, schema), false);
    if (!passes(project, entry, firing)) continue;
    if (!silent) return firing;
    for (size_t i = wanted.size(); i-- > 0;) {  // the last item is usually the most telling
      std::vector<Wanted> missed = wanted;
      missed[i].json = other_value(missed[i].json);
      std::string test = test_text(fmt::format("silent on another {}", fmt::join(missed[i].path, ".")),
                                   event_text(missed, schema), true);
      if (passes(project, entry, test)) return test;
    }
  }
  return std::nullopt;
}

}  // namespace weir::cli
