#include "compiler/clauses.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <span>

#include "compiler/attack/attack.h"
#include "compiler/nearest.h"
#include "runtime/match/program.h"
#include "runtime/match/text.h"

namespace weir::compiler {
namespace {

using dsl::Code;
using dsl::Diagnostics;

enum class Holds : uint8_t {
  text,
  texts,
  word,
  words,
  status,
  level,
  integer,
  date,
  boolean,
  length,
  attack,
  path,
  paths
};

struct Known {
  const char* name;
  Holds holds;
};

// In the order of language.md, 3.
constexpr Known kOfRule[] = {
    {"title", Holds::text},
    {"source", Holds::words},
    {"id", Holds::text},
    {"version", Holds::integer},
    {"status", Holds::status},
    {"author", Holds::text},
    {"date", Holds::date},
    {"modified", Holds::date},
    {"license", Holds::text},
    {"related", Holds::texts},
    {"tags", Holds::texts},
    {"mitre", Holds::attack},
    {"description", Holds::text},
    {"response", Holds::text},
    {"falsepositives", Holds::texts},
    {"references", Holds::texts},
    {"fields", Holds::paths},
    {"message", Holds::text},
    {"building_block", Holds::boolean},
    {"level", Holds::level},
};
constexpr const char* kOtherOfRule[] = {"let",      "params", "detection", "correlation",
                                        "suppress", "custom", "test"};
constexpr Known kOfTunedRules[] = {
    {"reason", Holds::text}, {"until", Holds::date},    {"enabled", Holds::boolean},
    {"level", Holds::level}, {"status", Holds::status},
};
constexpr const char* kOtherOfTunedRules[] = {"exempt", "params", "suppress", "test"};
constexpr Known kOfTunedList[] = {{"reason", Holds::text}};
constexpr const char* kOtherOfTunedList[] = {"add", "remove"};
constexpr Known kOfSchema[] = {
    {"title", Holds::text},     {"description", Holds::text}, {"time", Holds::path},
    {"id", Holds::path},        {"late", Holds::length},      {"ahead", Holds::length},
    {"complete", Holds::texts}, {"delivered", Holds::word},   {"reason", Holds::text},
};
constexpr const char* kOtherOfSchema[] = {"format", "field", "call"};

struct Table {
  std::span<const Known> known;
  std::span<const char* const> others;
  const char* noun;
};

Table table_of(Owner owner) {
  switch (owner) {
    case Owner::rule:
      return {kOfRule, kOtherOfRule, "a rule"};
    case Owner::tuned_rules:
      return {kOfTunedRules, kOtherOfTunedRules, "a tuning"};
    case Owner::tuned_list:
      return {kOfTunedList, kOtherOfTunedList, "the tuning of a list"};
    case Owner::schema:
      return {std::span(kOfSchema).first(std::size(kOfSchema) - 1), kOtherOfSchema, "a schema"};
    case Owner::tuned_schema:
      return {kOfSchema, kOtherOfSchema, "the tuning of a schema"};
  }
  return {};
}

// Words of other tools, and of other parts of a rule.
const std::map<std::string_view, std::string_view>& synonyms(Owner owner) {
  static const std::map<std::string_view, std::string_view> rule = {
      {"severity", "level"},   {"priority", "level"},
      {"name", "title"},       {"summary", "description"},
      {"logsource", "source"}, {"sources", "source"},
      {"url", "references"},   {"refs", "references"},
      {"attack", "mitre"},     {"mitre_attack", "mitre"},
      {"tactics", "mitre"},    {"techniques", "mitre"},
      {"labels", "tags"},      {"updated", "modified"},
      {"runbook", "response"}, {"playbook", "response"},
      {"dedup", "suppress"},   {"throttle", "suppress"},
      {"alert", "message"},    {"query", "detection"},
      {"licence", "license"},  {"false_positives", "falsepositives"}};
  static const std::map<std::string_view, std::string_view> tune = {
      {"severity", "level"},     {"why", "reason"},    {"comment", "reason"},
      {"description", "reason"}, {"expires", "until"}, {"end", "until"},
      {"exclude", "exempt"},     {"filter", "exempt"}, {"param", "params"}};
  static const std::map<std::string_view, std::string_view> schema = {
      {"timestamp", "time"}, {"name", "title"}, {"lateness", "late"}, {"columns", "format"}};
  static const std::map<std::string_view, std::string_view> none;
  switch (owner) {
    case Owner::rule:
      return rule;
    case Owner::tuned_rules:
      return tune;
    case Owner::schema:
    case Owner::tuned_schema:
      return schema;
    case Owner::tuned_list:
      break;
  }
  return none;
}

// Clauses of a correlation that stand in the rule itself.
bool belongs_in_correlation(std::string_view name) {
  return name == "timespan" || name == "timeframe" || name == "group_by" || name == "window" ||
         name == "warmup" || name == "state";
}

bool single_word(const dsl::Expr& value) {
  const auto* path = std::get_if<dsl::Path>(&value.node);
  return path && path->segments.size() == 1 && path->segments[0].pick == dsl::Segment::Pick::implicit;
}

bool fits(Holds holds, const dsl::Expr& value) {
  switch (holds) {
    case Holds::text:
    case Holds::texts:
      return std::holds_alternative<dsl::Text>(value.node);
    case Holds::word:
    case Holds::words:
    case Holds::status:
    case Holds::level:
      return single_word(value);
    case Holds::integer: {
      const auto* number = std::get_if<dsl::Number>(&value.node);
      return number && number->is_integer && !number->overflow;
    }
    case Holds::date:
      return std::holds_alternative<dsl::Date>(value.node);
    case Holds::boolean:
      return std::holds_alternative<dsl::Bool>(value.node);
    case Holds::length:
      return std::holds_alternative<dsl::Duration>(value.node);
    case Holds::attack:
      return std::holds_alternative<dsl::Attack>(value.node);
    case Holds::path:
    case Holds::paths:
      return std::holds_alternative<dsl::Path>(value.node);
  }
  return false;
}

bool may_be_list(Holds holds) {
  return holds == Holds::texts || holds == Holds::words || holds == Holds::attack || holds == Holds::paths;
}

const char* wanted(Holds holds) {
  switch (holds) {
    case Holds::text:
      return "text";
    case Holds::texts:
      return "text, or a list of texts";
    case Holds::word:
      return "a word";
    case Holds::words:
      return "the name of a schema, or a list of them";
    case Holds::status:
      return "a word";
    case Holds::level:
      return "a word";
    case Holds::integer:
      return "a whole number";
    case Holds::date:
      return "a date";
    case Holds::boolean:
      return "true or false";
    case Holds::length:
      return "a length of time";
    case Holds::attack:
      return "a list of ATT&CK ids";
    case Holds::path:
      return "the name of a field";
    case Holds::paths:
      return "a list of fields";
  }
  return "";
}

std::string listed(std::span<const char* const> words) { return fmt::format("{}", fmt::join(words, ", ")); }

// The id behind Sigma's tags, attack.t1098 and attack.credential-access; empty when it is none of them.
std::string attack_id_of(std::string_view tag) {
  if (tag.starts_with("attack.")) tag.remove_prefix(7);
  std::string upper, words;
  for (char c : tag) {
    upper += c >= 'a' && c <= 'z' ? char(c - 'a' + 'A') : c;
    words += c == '-' || c == '_' ? ' ' : c;
  }
  if (find_technique(upper) || find_tactic(upper)) return upper;
  for (const std::string& id : attack_ids())
    if (const Tactic* tactic = find_tactic(id); tactic && match::equal(tactic->name, words, {})) return id;
  return {};
}

// One value that does not fit, with the spelling that would when the slip is a common one.
void wrong_value(const dsl::SourceMap& sources, const Known& known, const dsl::Expr& value,
                 Diagnostics& diagnostics) {
  std::string_view spelling = sources.text(value.span);
  if (known.holds == Holds::level) {
    dsl::Diagnostic& d = diagnostics.add(Code::E315, fmt::format("{} is not a level", spelling), value.span,
                                         "a level is a bare word");
    const auto* text = std::get_if<dsl::Text>(&value.node);
    std::string word = text ? text->value : "";
    if (std::find(std::begin(match::kLevelNames), std::end(match::kLevelNames), word) !=
        std::end(match::kLevelNames))
      d.help(fmt::format("write `{}`", word)).replace(value.span, word);
    else
      d.help("the levels are " + listed(match::kLevelNames));
    return;
  }
  dsl::Diagnostic& d = diagnostics.add(
      Code::E301,
      fmt::format("`{}` is {}, and {} is {}", known.name, wanted(known.holds), spelling, kind_of(value)),
      value.span, kind_of(value));
  bool wants_text = known.holds == Holds::text || known.holds == Holds::texts;
  const auto* text = std::get_if<dsl::Text>(&value.node);
  if (text && known.holds == Holds::attack) {
    if (std::string id = attack_id_of(text->value); !id.empty())
      d.help(fmt::format("write `{}`", id)).replace(value.span, id);
    return;
  }
  if (wants_text && (single_word(value) || std::holds_alternative<dsl::Attack>(value.node)))
    d.help(fmt::format("text is quoted: `\"{}\"`", spelling))
        .replace(value.span, fmt::format("\"{}\"", spelling));
  else if (text && !wants_text && !text->value.empty() &&
           text->value.find_first_of("\"\\ ") == std::string::npos)
    d.help(fmt::format("write it without quotes: `{}`", text->value))
        .replace(value.span, text->value, dsl::Applicability::likely);
}

void check_status(const dsl::Expr& value, Diagnostics& diagnostics) {
  const std::string& word = std::get<dsl::Path>(value.node).segments[0].name;
  if (std::find(std::begin(kStatuses), std::end(kStatuses), word) != std::end(kStatuses)) return;
  dsl::Diagnostic& d = diagnostics.add(Code::E301, fmt::format("`{}` is not a status", word), value.span,
                                       "not one of the five");
  d.help("the statuses are " + listed(kStatuses));
  std::vector<std::string> near = nearest(word, {std::begin(kStatuses), std::end(kStatuses)}, 1);
  if (!near.empty()) d.replace(value.span, near[0], dsl::Applicability::likely);
}

void check_values(const dsl::SourceMap& sources, const Known& known, const dsl::Meta& meta,
                  Diagnostics& diagnostics) {
  if (meta.is_list && !may_be_list(known.holds)) {
    diagnostics
        .add(Code::E301, fmt::format("`{}` is {}, and this is a list", known.name, wanted(known.holds)),
             meta.values_span, "one value is wanted")
        .help("leave out the brackets");
    return;
  }
  for (const dsl::Expr& value : meta.values) {
    if (!fits(known.holds, value))
      wrong_value(sources, known, value, diagnostics);
    else if (known.holds == Holds::status)
      check_status(value, diagnostics);
    else if (known.holds == Holds::level)
      check_level({std::get<dsl::Path>(value.node).segments[0].name, value.span}, diagnostics);
  }
}

void unknown_clause(Owner owner, const dsl::Meta& meta, Diagnostics& diagnostics) {
  Table table = table_of(owner);
  const std::string& name = meta.name.text;
  dsl::Diagnostic& d = diagnostics.add(Code::E105, fmt::format("{} has no clause `{}`", table.noun, name),
                                       meta.name.span, "not a clause");
  if (owner == Owner::rule && belongs_in_correlation(name)) {
    d.help(fmt::format("it belongs into the correlation: `correlation {{ {}: ... }}`",
                       name == "timeframe" || name == "window" ? "timespan" : name));
    return;
  }
  if (owner == Owner::rule && name == "enabled") {
    d.help("a rule is switched off by a tuning: `tune RULE { reason: \"...\" enabled: false }`");
    return;
  }
  std::vector<std::string> names(table.others.begin(), table.others.end());
  for (const Known& known : table.known) names.emplace_back(known.name);
  if (std::string_view meant = meant_clause(owner, name); !meant.empty()) {
    bool is_level = meant == "level";
    d.help(fmt::format("the clause is `{}`{}", meant,
                       is_level ? ", as in Sigma: " + listed(match::kLevelNames) : std::string()));
    bool same_shape = std::any_of(table.known.begin(), table.known.end(),
                                  [&](const Known& known) { return known.name == meant; });
    if (same_shape)
      d.replace(meta.name.span, std::string(meant),
                is_level ? dsl::Applicability::safe : dsl::Applicability::likely);
    return;
  }
  std::sort(names.begin(), names.end());
  std::vector<std::string> near = nearest(name, names);
  d.help(near.empty() ? fmt::format("the clauses are {}", fmt::join(names, ", ")) : did_you_mean(near));
  if (near.size() == 1) d.replace(meta.name.span, near[0], dsl::Applicability::likely);
}

void check_twice(const std::vector<const dsl::Meta*>& metas, const std::vector<OtherClause>& others,
                 Diagnostics& diagnostics) {
  std::vector<OtherClause> all = others;
  for (const dsl::Meta* meta : metas) all.push_back({meta->name.text, meta->name.span});
  std::stable_sort(all.begin(), all.end(),
                   [](const OtherClause& a, const OtherClause& b) { return a.span.begin < b.span.begin; });
  std::map<std::string_view, dsl::Span> first;
  for (const OtherClause& clause : all) {
    auto [known, fresh] = first.emplace(clause.name, clause.span);
    if (fresh) continue;
    diagnostics.add(Code::E109, fmt::format("`{}` stands twice", clause.name), clause.span, "the second")
        .label(known->second, "the first");
  }
}

}  // namespace

std::string_view meant_clause(Owner owner, std::string_view name) {
  auto found = synonyms(owner).find(name);
  return found == synonyms(owner).end() ? std::string_view() : found->second;
}

void check_clauses(const dsl::SourceMap& sources, Owner owner, const std::vector<const dsl::Meta*>& metas,
                   const std::vector<OtherClause>& others, Diagnostics& diagnostics) {
  Table table = table_of(owner);
  for (const dsl::Meta* meta : metas) {
    auto known = std::find_if(table.known.begin(), table.known.end(),
                              [&](const Known& k) { return meta->name.text == k.name; });
    if (known == table.known.end())
      unknown_clause(owner, *meta, diagnostics);
    else
      check_values(sources, *known, *meta, diagnostics);
  }
  check_twice(metas, others, diagnostics);
}

void check_level(const dsl::Name& level, Diagnostics& diagnostics) {
  std::vector<std::string> levels(std::begin(match::kLevelNames), std::end(match::kLevelNames));
  if (std::find(levels.begin(), levels.end(), level.text) != levels.end()) return;
  dsl::Diagnostic& d = diagnostics.add(Code::E315, fmt::format("`{}` is not a level", level.text), level.span,
                                       "not one of the five");
  std::vector<std::string> near = nearest(level.text, levels, 1);
  if (!near.empty()) d.help(did_you_mean(near)).replace(level.span, near[0], dsl::Applicability::likely);
  d.help("the levels are " + listed(match::kLevelNames));
}

std::string kind_of(const dsl::Expr& value) {
  struct Names {
    std::string operator()(const dsl::Text&) const { return "text"; }
    std::string operator()(const dsl::Number&) const { return "a number"; }
    std::string operator()(const dsl::Duration&) const { return "a length of time"; }
    std::string operator()(const dsl::Date&) const { return "a date"; }
    std::string operator()(const dsl::Bool&) const { return "true or false"; }
    std::string operator()(const dsl::Null&) const { return "nothing"; }
    std::string operator()(const dsl::Attack&) const { return "an ATT&CK id"; }
    std::string operator()(const dsl::Const&) const { return "a named value"; }
    std::string operator()(const dsl::Path& path) const {
      return path.segments.size() == 1 ? "a bare word" : "a field";
    }
    std::string operator()(const dsl::Call&) const { return "a function"; }
    std::string operator()(const dsl::Binary&) const { return "a calculation"; }
  };
  return std::visit(Names{}, value.node);
}

// ---- access
// -------------------------------------------------------------------------------------------------

namespace {

template <class Node>
const Node* first_of(const dsl::Meta* meta) {
  return meta && !meta->values.empty() ? std::get_if<Node>(&meta->values.front().node) : nullptr;
}

}  // namespace

std::string text_of(const dsl::Meta* meta) {
  const auto* text = first_of<dsl::Text>(meta);
  return text ? text->value : std::string();
}

std::vector<std::string> texts_of(const dsl::Meta* meta) {
  std::vector<std::string> texts;
  if (meta)
    for (const dsl::Expr& value : meta->values)
      if (const auto* text = std::get_if<dsl::Text>(&value.node)) texts.push_back(text->value);
  return texts;
}

std::vector<dsl::Name> words_of(const dsl::Meta* meta) {
  std::vector<dsl::Name> words;
  if (meta)
    for (const dsl::Expr& value : meta->values)
      if (single_word(value)) words.push_back({std::get<dsl::Path>(value.node).segments[0].name, value.span});
  return words;
}

std::optional<dsl::Name> word_of(const dsl::Meta* meta) {
  std::vector<dsl::Name> words = words_of(meta);
  return words.empty() ? std::nullopt : std::optional(words.front());
}

std::optional<int64_t> integer_of(const dsl::Meta* meta) {
  const auto* number = first_of<dsl::Number>(meta);
  return number && number->is_integer && !number->overflow ? std::optional(number->integer) : std::nullopt;
}

std::optional<bool> bool_of(const dsl::Meta* meta) {
  const auto* value = first_of<dsl::Bool>(meta);
  return value ? std::optional(value->value) : std::nullopt;
}

std::optional<dsl::Date> date_of(const dsl::Meta* meta) {
  const auto* date = first_of<dsl::Date>(meta);
  return date ? std::optional(*date) : std::nullopt;
}

std::optional<int64_t> ms_of(const dsl::Meta* meta) {
  const auto* length = first_of<dsl::Duration>(meta);
  return length ? std::optional(length->ms) : std::nullopt;
}

std::vector<dsl::Attack> attack_of(const dsl::Meta* meta) {
  std::vector<dsl::Attack> ids;
  if (meta)
    for (const dsl::Expr& value : meta->values)
      if (const auto* id = std::get_if<dsl::Attack>(&value.node)) ids.push_back(*id);
  return ids;
}

std::optional<std::vector<std::string>> path_of(const dsl::Meta* meta) {
  const auto* path = first_of<dsl::Path>(meta);
  if (!path) return std::nullopt;
  std::vector<std::string> names;
  for (const dsl::Segment& segment : path->segments) names.push_back(segment.name);
  return names;
}

}  // namespace weir::compiler
