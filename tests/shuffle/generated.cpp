#include "tests/shuffle/generated.h"

#include <fmt/format.h>

#include "runtime/match/functions.h"

namespace weir::shuffle {
namespace {

constexpr int64_t kBegin = 1'767'225'600'000'000;  // 2026-01-01T00:00:00Z, microseconds since 1970

// A number over the window.
std::string aggregate(Dice& dice) {
  const std::string where = dice.one_in(3) ? " where big" : "";
  switch (dice.below(8)) {
    case 0:
    case 1:
      return dice.one_in(2) ? "count(where big)" : "count()";
    case 2:
      return fmt::format("distinct(word{})", where);
    case 3:
      return fmt::format("sum(x{})", where);
    case 4:
      return fmt::format("avg(x{})", where);
    case 5:
      return fmt::format("min(x{})", where);
    case 6:
      return fmt::format("max(x{})", where);
    default:
      return fmt::format("percentile(x, {})", dice.one_in(2) ? 50 : 90);
  }
}

std::string comparison(Dice& dice) {
  switch (dice.below(6)) {
    case 0:
      return fmt::format("count(where big) / count() >= {}%", 25 * (1 + dice.below(4)));
    case 1:
      return fmt::format("max(x) - min(x) >= {}", 1 + dice.below(5));
    case 2:
      return fmt::format("{} < {}", aggregate(dice), 1 + dice.below(6));
    default:
      return fmt::format("{} >= {}", aggregate(dice), 1 + dice.below(5));
  }
}

std::string numbers(Dice& dice) {
  switch (dice.below(5)) {
    case 0:
      return comparison(dice) + " and " + comparison(dice);
    case 1:
      return comparison(dice) + " or " + comparison(dice);
    default:
      return comparison(dice);
  }
}

std::string steps(Dice& dice) {
  static const std::vector<std::string> kChains = {
      "a then b",         "a then not b",       "2 a then b",       "a then b then c", "not a then b",    "a and b",
      "a and b and not c", "a then not b then c", "a then b or c then a", "3 a then not b", "a then b then not c"};
  return dice.of(kChains);
}

std::string correlation(Dice& dice) {
  static const std::vector<std::string> kGroups = {"group_by: [k]\n", "group_by: [k, word]\n", "group_by: [arr]\n", "",
                                                   "group_by: [arr, k]\n"};
  std::string text = dice.of(kGroups);
  std::string span = fmt::format("timespan: {}s", 1 + dice.below(40));
  const uint32_t kind = dice.below(10);
  if (kind < 4) {
    if (dice.one_in(4)) span += dice.one_in(2) ? " tumbling" : " tumbling closed";
    return text + span + "\ncondition: " + numbers(dice);
  }
  if (kind < 8) return text + span + "\ncondition: " + steps(dice);
  const std::string warmup = fmt::format("\nwarmup: {}s", dice.below(20));
  if (kind == 8)
    return text + span + warmup + "\ncondition: new(" + (dice.one_in(2) ? "word" : "arr") + (dice.one_in(3) ? ", x" : "") + ")";
  return text + fmt::format("timespan: 5s{}", dice.one_in(2) ? " tumbling" : "") + warmup +
         fmt::format("\ncondition: count() >= 2 and count() > {} * baseline(count(), 20s)", 1 + dice.below(2));
}

std::string suppress(Dice& dice) {
  if (!dice.one_in(3)) return "";
  return fmt::format("  suppress: {}s{}\n", 1 + dice.below(30), dice.one_in(2) ? " by [word]" : "");
}

// Every selection is of one event; what a rule lets in is one of them at least.
std::string rule(Dice& dice, size_t number) {
  const std::string source = dice.one_in(2) ? "call" : "query";
  std::string text = fmt::format("rule g{0} {{\n  title: \"g{0}\"\n  level: low\n  source: {1}\n  detection {{\n", number, source);
  text += "    a { tag: \"a\" }\n    b { tag: [\"b\", \"ab\"] }\n    c { tag|contains: \"c\" }\n    big { x|gte: 3 }\n";
  text += fmt::format("    condition: {}\n  }}\n", dice.one_in(3) ? "a or b or c" : "a or b or c or big");
  const bool single = dice.one_in(12);
  if (!single) text += "  correlation {\n" + correlation(dice) + "\n  }\n";
  text += suppress(dice);
  return text + "  message: \"{k} {word}\"\n}\n";
}

std::string hearer(Dice& dice, size_t number) {
  static const std::vector<std::string> kConditions = {"count() >= 2", "distinct(rule) >= 2", "one then two",
                                                       "one then not two", "new(rule)"};
  const std::string condition = dice.of(kConditions);
  return fmt::format(
      "rule h{0} {{\n  title: \"h{0}\"\n  level: high\n  source: alert\n  detection {{\n    one {{ rule: \"g{1}\" }}\n    two "
      "{{ rule: \"g{2}\" }}\n    condition: one or two\n  }}\n  correlation {{\n    timespan: {3}s\n    {4}condition: {5}\n  }}\n{6}}}\n",
      number, dice.below(4), dice.below(4), 5 + dice.below(60), condition.starts_with("new") ? "warmup: 1s\n    " : "", condition,
      dice.one_in(3) ? "  suppress: 20s\n" : "");
}

}  // namespace

std::string sources() {
  static const char* const kFields =
      "  field at time required\n  field k string\n  field word string\n  field x int\n  field tag string open [\"a\", \"b\", \"c\"]\n"
      "  field arr[] string\n";
  return fmt::format(
      "edition 1\nschema call {{\n  title: \"Calls\"\n  time: at\n  id: id\n  late: 1m\n  field id string required\n{0}}}\n"
      "schema query {{\n  title: \"Queries\"\n  time: at\n  late: 1m\n  field n int required\n{0}}}\n",
      kFields);
}

std::string pack(Dice& dice, size_t rules) {
  std::string text = "edition 1\n";
  for (size_t i = 0; i < rules; ++i) text += rule(dice, i);
  for (size_t i = 0; i < rules / 4; ++i) text += hearer(dice, i);
  return text;
}

std::vector<std::string> events(Dice& dice, size_t count) {
  std::vector<std::string> lines;
  const int64_t tick = dice.one_in(2) ? 1'000'000 : 250'000;
  for (size_t i = 0; i < count; ++i) {
    const int64_t time = kBegin + static_cast<int64_t>(dice.below(static_cast<uint32_t>(count))) * tick;
    std::string line = dice.one_in(2) ? fmt::format("{{\"id\":\"id{}\"", dice.one_in(20) && i > 0 ? i - 1 : i)
                                      : fmt::format("{{\"n\":{}", i);
    line += fmt::format(",\"at\":\"{}\"", match::format_time(time));
    if (!dice.one_in(15)) line += fmt::format(",\"k\":\"k{}\"", dice.below(3));
    if (!dice.one_in(10)) line += fmt::format(",\"word\":\"w{}\"", dice.below(4));
    if (!dice.one_in(10)) line += fmt::format(",\"x\":{}", static_cast<int>(dice.below(9)) - 2);
    static const std::vector<std::string> kTags = {"a", "b", "c", "ab", "ac", "bc", "d"};
    if (!dice.one_in(10)) line += fmt::format(",\"tag\":\"{}\"", dice.of(kTags));
    if (dice.one_in(2)) line += fmt::format(",\"arr\":[\"e{}\",\"e{}\"]", dice.below(3), dice.below(3));
    lines.push_back(line + "}");
  }
  return lines;
}

bool has_id(const std::string& line) { return line.starts_with("{\"id\"") || line.find("\"eventID\"") != std::string::npos; }

}  // namespace weir::shuffle
