// A test is checked like a rule: its events by the schema, its params by the rule, its names by the project.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/checks.h"
#include "compiler/clauses.h"
#include "compiler/loading.h"
#include "compiler/nearest.h"
#include "runtime/match/functions.h"

namespace weir::compiler {
namespace {

using dsl::Code;
using dsl::Diagnostics;
using dsl::Json;

std::string lowered(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = char(c - 'A' + 'a');
  return out;
}

// Whether the decoder makes a value of the type out of this text. Numbers are not judged: a text that is none is
// what a test of the decoder's leniency writes.
bool reads_as(Type type, const std::string& text) {
  switch (type) {
    case Type::ip:
      return match::parse_address(text).has_value();
    case Type::time:
      return match::parse_time(text) || text.find_first_not_of("0123456789.-") == text.npos;
    case Type::boolean:
      return lowered(text) == "true" || lowered(text) == "false";
    default:
      return true;
  }
}

// What the first and the last repetition of the event write: `10.0.0.{i}` is an address 256 times, and no more.
std::vector<std::string> repeated(const std::string& text, int64_t times) {
  const size_t at = text.find("{i}");
  if (at == text.npos) return {text};
  std::vector<std::string> out;
  for (int64_t i : {int64_t(0), times - 1}) {
    out.push_back(text);
    for (size_t place = at; place != text.npos; place = out.back().find("{i}", place))
      out.back().replace(place, 3, std::to_string(i));
  }
  return out;
}

// The names of one event, from the top down, and the values of fields that are no plain text. `times`: how often
// the test repeats it.
class EventChecker {
 public:
  EventChecker(const SchemaInfo& schema, int64_t times, Diagnostics& diagnostics)
      : schema_(schema), times_(times), diagnostics_(diagnostics) {}

  void run(const Json& event) {
    if (schema_.broken) return;
    call_ = pinned_call(event);
    std::vector<std::string> path;
    check(event, path);
  }

 private:
  static const std::string* text_at(const Json& object, const std::string& key) {
    for (const dsl::JsonMember& entry : object.members)
      if (entry.key == key && entry.value.kind == Json::Kind::string) return &entry.value.text;
    return nullptr;
  }

  const CallInfo* pinned_call(const Json& event) const {
    const std::string* service = text_at(event, schema_.service_field);
    const std::string* name = text_at(event, schema_.call_field);
    return service && name ? schema_.call(*service, *name) : nullptr;
  }

  void check(const Json& value, std::vector<std::string>& path) {
    for (const Json& element : value.elements) check(element, path);
    for (const dsl::JsonMember& entry : value.members) {
      path.push_back(entry.key);
      check_name(entry, path);
      path.pop_back();
    }
  }

  void check_name(const dsl::JsonMember& entry, std::vector<std::string>& path) {
    const FieldInfo* field = schema_.find(path);
    if (field && field->derived) {
      diagnostics_
          .add(Code::E602, fmt::format("`{}` is computed from other fields", field->name()), entry.key_span,
               "not part of the record")
          .help("write the fields that it is made of");
    } else if (field && field->type == Type::json) {
      if (call_) check_call_part(entry.value, path);
    } else if (field || schema_.is_object(path)) {
      if (field) check_value(*field, entry.value);
      check(entry.value, path);
    } else {
      unknown(entry, path);
    }
  }

  void check_value(const FieldInfo& field, const Json& value) {
    for (const Json& element : value.elements) check_value(field, element);
    if (value.kind != Json::Kind::string || (schema_.columns && value.text == "-")) return;
    if (value.text.find("{hash}") != value.text.npos) return;
    for (const std::string& text : repeated(value.text, times_)) {
      if (reads_as(field.type, text)) continue;
      diagnostics_
          .add(Code::W605, fmt::format("`{}` is {}, and \"{}\" is none", field.name(), a_type(field.type), text),
               value.span, "nothing that asks for its value can hold")
          .help("write a value that the log could have");
      return;
    }
  }

  static std::string_view a_type(Type type) {
    return type == Type::ip ? "an address" : type == Type::time ? "a time" : "true or false";
  }

  void unknown(const dsl::JsonMember& entry, const std::vector<std::string>& path) {
    dsl::Diagnostic& d =
        diagnostics_.add(Code::E602, fmt::format("{} has no field `{}`", schema_.name, joined(path)),
                         entry.key_span, "a test event is checked like a rule");
    if (entry.key.find('.') != entry.key.npos && is_dotted(entry.key)) {
      size_t dot = entry.key.find('.');
      d.help(fmt::format("objects lie in each other: `\"{}\": {{\"{}\": ...}}`", entry.key.substr(0, dot),
                         entry.key.substr(dot + 1)));
      return;
    }
    std::vector<std::string> above(path.begin(), path.end() - 1);
    std::vector<std::string> near = nearest(entry.key, schema_.names_below(above), 1);
    if (near.empty()) return;
    bool case_only = lowered(near[0]) == lowered(entry.key);
    d.help(fmt::format("did you mean \"{}\"?{}", near[0], case_only ? " JSON names mind case" : ""))
        .replace(entry.key_span, fmt::format("\"{}\"", near[0]), dsl::Applicability::likely);
  }

  bool is_dotted(std::string_view key) const {
    std::vector<std::string> path(1);
    for (char c : key) {
      if (c == '.')
        path.emplace_back();
      else
        path.back() += c;
    }
    return schema_.find(path) || schema_.is_object(path) || schema_.json_above(path);
  }

  // Below a part that the call shapes. The catalogue may lag behind AWS, so that a name which is like no
  // other is let pass; unless the schema says that it is complete.
  void check_call_part(const Json& value, std::vector<std::string>& path) {
    for (const Json& element : value.elements) check_call_part(element, path);
    for (const dsl::JsonMember& entry : value.members) {
      path.push_back(entry.key);
      if (std::vector<std::string> names; !known_to_call(path, names) && !names.empty())
        unknown_in_call(entry, names);
      else
        check_call_part(entry.value, path);
      path.pop_back();
    }
  }

  // `names`: what the call knows beside the last name of `path`.
  bool known_to_call(const std::vector<std::string>& path, std::vector<std::string>& names) const {
    for (const FieldInfo& field : call_->fields) {
      size_t same = 0;
      while (same < path.size() && same < field.path.size() && field.path[same].name == path[same]) ++same;
      if (same == path.size() || (same == field.path.size() && field.type == Type::json)) return true;
      if (same + 1 != path.size() || same >= field.path.size()) continue;
      // Several fields may lie below one name.
      const std::string& name = field.path[same].name;
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
    return false;
  }

  void unknown_in_call(const dsl::JsonMember& entry, const std::vector<std::string>& names) {
    bool complete = schema_.is_complete(call_->service);
    std::vector<std::string> near = nearest(entry.key, names, 1);
    if (!complete && near.empty()) return;
    dsl::Diagnostic& d = diagnostics_.add(complete ? Code::E202 : Code::W202,
                                          fmt::format("`{}` has no parameter `{}`", call_->name, entry.key),
                                          entry.key_span, "not a parameter of this call");
    if (near.empty()) {
      d.help(fmt::format("its parameters are `{}`", fmt::join(names, "`, `")));
      return;
    }
    d.help(fmt::format("did you mean \"{}\"?", near[0]))
        .replace(entry.key_span, fmt::format("\"{}\"", near[0]), dsl::Applicability::likely);
  }

  const SchemaInfo& schema_;
  int64_t times_;
  Diagnostics& diagnostics_;
  const CallInfo* call_ = nullptr;
};

class TestChecker {
 public:
  // `rules`: those that run in the test; its events are of the first one's source unless they name another.
  TestChecker(const Project& project, std::vector<const RuleEntry*> rules, Diagnostics& diagnostics)
      : project_(project), rules_(std::move(rules)), diagnostics_(diagnostics) {}

  void run(const dsl::Test& test) {
    bool expects = false;
    for (const auto& step : test.steps) {
      if (const auto* params = std::get_if<dsl::Params>(&step)) check_params(*params);
      if (const auto* feed = std::get_if<dsl::Feed>(&step)) check_feed(*feed);
      if (const auto* expect = std::get_if<dsl::Expect>(&step)) {
        expects = true;
        check_expect(*expect);
      }
    }
    if (expects) return;
    diagnostics_.add(Code::W603, "this test expects nothing", test.title.span, "so it can never fail")
        .help("add `expect 1 alert`, or `expect no alert`");
  }

 private:
  void check_params(const dsl::Params& params) {
    for (const dsl::Param& param : params.params) {
      const dsl::Param* declared = nullptr;
      for (const RuleEntry* entry : rules_)
        if (!declared) declared = find_param(*entry->rule, param.name.text);
      if (declared)
        check_param_type(project_.sources, *declared, param, diagnostics_);
      else if (!rules_.empty() && !rules_[0]->rule->broken)
        check_param_known(*rules_[0]->rule, param, diagnostics_);
    }
  }

  void check_feed(const dsl::Feed& feed) {
    const int64_t times = feed.every ? feed.times.value_or(1) : 1;
    if (const SchemaInfo* schema = schema_of(feed)) EventChecker(*schema, times, diagnostics_).run(feed.event);
  }

  const SchemaInfo* schema_of(const dsl::Feed& feed) {
    if (feed.source && !check_source(project_, *feed.source, diagnostics_)) return nullptr;
    std::string name;
    if (feed.source) {
      name = feed.source->text;
    } else if (!rules_.empty()) {
      std::vector<dsl::Name> sources = sources_of(*rules_[0]->rule);
      if (!sources.empty()) name = sources[0].text;
    }
    auto schema = project_.schemas.find(name);
    return schema == project_.schemas.end() ? nullptr : &schema->second;
  }

  void check_expect(const dsl::Expect& expect) {
    if (!expect.rule || project_.rule(expect.rule->text)) return;
    std::vector<std::string> names;
    for (const RuleEntry& entry : project_.rules) names.push_back(entry.rule->name.text);
    dsl::Diagnostic& d = diagnostics_.add(Code::E501, fmt::format("no rule is named `{}`", expect.rule->text),
                                          expect.rule->span, "not in this project");
    std::vector<std::string> near = nearest(expect.rule->text, names, 1);
    if (!near.empty())
      d.help(did_you_mean(near)).replace(expect.rule->span, near[0], dsl::Applicability::likely);
  }

  const Project& project_;
  std::vector<const RuleEntry*> rules_;
  Diagnostics& diagnostics_;
};

}  // namespace

void check_tests(const Project& project, Diagnostics& diagnostics) {
  for (const RuleEntry& entry : project.rules)
    for (const dsl::RuleClause& clause : entry.rule->clauses)
      if (const auto* test = std::get_if<dsl::Test>(&clause))
        TestChecker(project, {&entry}, diagnostics).run(*test);
  for (const dsl::Tune* tune : project.tunes)
    for (const dsl::TuneClause& clause : tune->clauses)
      if (const auto* test = std::get_if<dsl::Test>(&clause))
        TestChecker(project, targets_of(project, *tune), diagnostics).run(*test);
}

}  // namespace weir::compiler
