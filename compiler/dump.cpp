// Modules and dispatch tables as text, for people and for goldens.
//
//   %0 = field cloudtrail.eventName
//   %1 = texts %0 {equal, caseless: "DeleteTrail", "StopLogging"}
//   rule stopped on cloudtrail
//     match %1
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "compiler/passes.h"
#include "compiler/plan.h"
#include "compiler/rule_roots.h"

namespace weir::ir {
namespace {

std::string quoted(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    const unsigned char byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      result += '\\';
      result += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      result += fmt::format("\\x{:02x}", byte);
    } else {
      result += c;
    }
  }
  return result + '"';
}

std::string rule_words(match::TextRule rule) {
  return fmt::format("{}{}", rule.cased ? "cased" : "caseless", rule.domain ? " domain" : "");
}

std::string path_of(const std::vector<match::Step>& path) {
  std::string result;
  for (const match::Step& step : path) {
    if (step.kind == match::Step::Kind::index) {
      result += fmt::format("[{}]", step.index);
    } else {
      const bool word = !step.key.empty() &&
                        std::all_of(step.key.begin(), step.key.end(),
                                    [](unsigned char c) { return c == '_' || c >= 0x80 || std::isalnum(c); });
      result += word ? "." + step.key : ".`" + step.key + "`";
    }
  }
  return result;
}

std::string axis_path(const match::SourceInfo& source, uint32_t axis) {
  if (axis == 0 || axis >= source.projection.axes.size()) return source.name;
  const match::AxisSpec& spec = source.projection.axes[axis];
  return axis_path(source, spec.parent) + path_of(spec.path) + (spec.or_self ? "[?]" : "[]");
}

}  // namespace

std::string slot_path(const match::SourceInfo& source, uint32_t slot) {
  static constexpr const char* kWants[] = {"",         " as int", " as float", " as bool",
                                           " as time", " as any", " as raw"};
  const match::SlotSpec& spec = source.projection.slots[slot];
  return axis_path(source, spec.axis) + path_of(spec.path) + kWants[static_cast<size_t>(spec.want)];
}

namespace {

std::string literal_text(const Literal& literal) {
  using Kind = Literal::Kind;
  switch (literal.kind) {
    case Kind::text:
      return quoted(literal.text);
    case Kind::integer:
      return fmt::format("{}", literal.integer);
    case Kind::real:
      return fmt::format("{} as float", match::format_real(literal.real));
    case Kind::boolean:
      return literal.integer != 0 ? "true" : "false";
    case Kind::time:
      return match::format_time(literal.integer);
    case Kind::span:
      return match::format_duration(literal.integer);
  }
  return {};
}

// All of a long list would bury the rest: the first few, and how many there are.
template <typename Items, typename Format>
std::string listed(const Items& items, Format format) {
  constexpr size_t kShown = 40;
  std::vector<std::string> shown;
  for (size_t i = 0; i < std::min(items.size(), kShown); ++i) shown.push_back(format(items[i]));
  const std::string more = items.size() > kShown ? fmt::format(", … {} in all", items.size()) : "";
  return fmt::format("{}{}", fmt::join(shown, ", "), more);
}

std::string imm_text(const Module& module, const Inst& inst) {
  static constexpr const char* kHow[] = {"equal", "contains", "starts", "ends", "below"};
  switch (info(inst.op).imm) {
    case Imm::none:
      return {};
    case Imm::slot:
      return " " + slot_path(module.sources[inst.source], inst.imm);
    case Imm::literal:
      return " " + literal_text(module.literals[inst.imm]);
    case Imm::texts: {
      const Texts& set = module.texts[inst.imm];
      return fmt::format(" {{{}, {}: {}}}", kHow[static_cast<size_t>(set.how)], rule_words(set.rule),
                         listed(set.needles, [](const std::string& needle) { return quoted(needle); }));
    }
    case Imm::pattern: {
      const PatternSpec& spec = module.patterns[inst.imm];
      std::string text = spec.text;
      for (size_t i = text.size(); i-- > 0;) {
        const bool wild = std::find(spec.wildcards.begin(), spec.wildcards.end(), i) != spec.wildcards.end();
        if ((text[i] == '*' || text[i] == '?') && !wild) text.insert(i, "\\");
      }
      return fmt::format(" {{{}: {}}}", rule_words(spec.rule), quoted(text));
    }
    case Imm::regex: {
      const RegexSpec& spec = module.regexes[inst.imm];
      return fmt::format(" {{{}{}{}{}/{}/}}", spec.flags.ignore_case ? "i " : "",
                         spec.flags.multi_line ? "m " : "", spec.flags.dot_all ? "s " : "",
                         spec.domain ? "domain " : "", spec.expression);
    }
    case Imm::networks:
      return fmt::format(" {{{}}}",
                         listed(module.networks[inst.imm], [](const auto& n) { return to_string(n); }));
    case Imm::numbers:
      return fmt::format(" {{{}}}",
                         listed(module.numbers[inst.imm], [](double n) { return match::format_real(n); }));
    case Imm::table:
      return fmt::format(" {{${}}}", module.tables[inst.imm].name);
    case Imm::axis:
      return fmt::format(" {{{}}}", axis_path(module.sources[inst.source], inst.imm));
    case Imm::number:
      if (inst.op == Op::before) return " " + match::format_time(int64_t{inst.imm} * 1'000'000);
      return fmt::format(" {{{}}}", inst.imm);
    case Imm::text_rule:
      return fmt::format(" {{{}}}", rule_words(module.text_rules[inst.imm]));
  }
  return {};
}

class Dumper {
 public:
  explicit Dumper(const Module& module)
      : module_(module), shown_(module.insts.size()), root_of_rule_(module.roots.size()) {}

  std::string whole() {
    std::fill(shown_.begin(), shown_.end(), true);
    std::string text = values();
    text += rules({});
    return text + other_roots();
  }

  std::string one(std::string_view rule) {
    for (const match::RuleInfo& info : module_.rules) {
      if (info.name != rule) continue;
      for (const match::RuleOnSource& on : info.sources) {
        for_each_root(on, [&](const auto&, match::Root root, bool) { shown_[module_.roots[root]] = true; });
      }
    }
    for (Value value = static_cast<Value>(module_.insts.size()); value-- > 0;) {
      if (!shown_[value]) continue;
      for (const Value operand : module_.operands_of(module_.insts[value])) shown_[operand] = true;
    }
    std::string text = values();
    return text + rules(rule);
  }

 private:
  // Numbers what is shown, and writes it.
  std::string values() {
    std::string text;
    numbers_.assign(module_.insts.size(), kNoValue);
    Value next = 0;
    for (Value value = 0; value < module_.insts.size(); ++value) {
      if (!shown_[value]) continue;
      numbers_[value] = next++;
      const Inst& inst = module_.insts[value];
      text += fmt::format("%{} = {}", numbers_[value], info(inst.op).name);
      for (const Value operand : module_.operands_of(inst)) text += fmt::format(" %{}", numbers_[operand]);
      text += imm_text(module_, inst);
      if (inst.axis != 0 && inst.op != Op::field) {
        text += fmt::format(" @{}", axis_path(module_.sources[inst.source], inst.axis));
      }
      text += '\n';
    }
    return text;
  }

  std::string rules(std::string_view only) {
    std::multimap<std::string_view, const match::RuleInfo*> by_name;
    for (const match::RuleInfo& rule : module_.rules) {
      if (only.empty() || rule.name == only) by_name.emplace(rule.name, &rule);
    }
    std::string text;
    for (const auto& [name, rule] : by_name) {
      for (const match::RuleOnSource& on : rule->sources) {
        text += fmt::format("rule {} on {}\n", name, module_.sources[on.source].name);
        for_each_root(on, [&](const auto& what, match::Root root, bool) {
          root_of_rule_[root] = true;
          text += fmt::format("  {} %{}\n", what(), numbers_[module_.roots[root]]);
        });
      }
    }
    return text;
  }

  std::string other_roots() const {
    std::string text;
    for (size_t root = 0; root < module_.roots.size(); ++root) {
      if (!root_of_rule_[root]) text += fmt::format("root {} %{}\n", root, numbers_[module_.roots[root]]);
    }
    return text;
  }

  const Module& module_;
  std::vector<bool> shown_;
  std::vector<bool> root_of_rule_;
  std::vector<Value> numbers_;
};

std::string rule_names(const Module& module, const std::vector<uint32_t>& rules) {
  std::vector<std::string_view> names;
  for (const uint32_t rule : rules) names.push_back(module.rules[rule].name);
  std::sort(names.begin(), names.end());
  return fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace

std::string dump(const Module& module, std::string_view rule) {
  Dumper dumper(module);
  return rule.empty() ? dumper.whole() : dumper.one(rule);
}

namespace {

// `note(list)` says more of a list of rules: 0 is the generic one, then the buckets.
template <class Note>
std::string dump_source(const Module& module, size_t i, const Dispatch::Source& source, Note note) {
  if (source.buckets.empty() && source.generic.empty()) return {};
  std::vector<std::string> keys;
  for (size_t k = 0; k < source.key_slots.size(); ++k)
    keys.push_back(slot_path(module.sources[i], source.key_slots[k]));
  std::string text = fmt::format("{}: {}\n", module.sources[i].name,
                                 keys.empty() ? "no keys" : fmt::format("{}", fmt::join(keys, ", ")));
  for (size_t bucket = 0; bucket < source.buckets.size(); ++bucket) {
    std::vector<std::string> values;
    for (const std::string& value : source.buckets[bucket].values)
      values.push_back(value.empty() ? "any other" : quoted(value));
    text += fmt::format("  {} → {}{}\n", fmt::join(values, ", "), note(bucket + 1),
                        rule_names(module, source.buckets[bucket].rules));
  }
  if (!source.generic.empty())
    text += fmt::format("  every event → {}{}\n", note(0), rule_names(module, source.generic));
  return text;
}

}  // namespace

std::string dump(const Module& module, const Dispatch& dispatch) {
  std::string text;
  for (size_t i = 0; i < dispatch.sources.size(); ++i)
    text += dump_source(module, i, dispatch.sources[i], [](size_t) { return std::string(); });
  return text;
}

std::string dump(const Module& module, const Dispatch& dispatch, const Plan& plan) {
  std::string text;
  for (size_t i = 0; i < dispatch.sources.size(); ++i) {
    text += dump_source(module, i, dispatch.sources[i], [&](size_t list) {
      return reason(module, plan.lists[plan.first_of[i] + list]) + ": ";
    });
  }
  return text;
}

}  // namespace weir::ir
