// See silence.h.
#include "runtime/deliver/silence.h"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/deliver/own_alert.h"

namespace weir::deliver {
namespace {

using Texts = std::vector<std::string>;

bool has(const Texts& all, const std::string& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

bool all_levels(const Which& which) {
  return std::all_of(std::begin(which.levels), std::end(which.levels), [](bool on) { return on; });
}

Texts levels_of(const Which& which) {
  Texts out;
  for (size_t level = 0; level < match::kLevels && !all_levels(which); ++level)
    if (which.levels[level]) out.emplace_back(match::kLevelNames[level]);
  return out;
}

struct Matcher {
  std::string key;
  Texts values;
  bool of_group = false;  // the key is a name of the group
};

std::vector<Matcher> matchers_of(const Silence& silence) {
  std::vector<Matcher> out = {{"rule", silence.which.rules},
                              {"level", levels_of(silence.which)},
                              {"account", silence.which.accounts},
                              {"tag", silence.which.tags}};
  for (const auto& [name, values] : silence.group) out.push_back({name, values, true});
  out.push_back({"to", silence.to});
  return out;
}

std::string add_group(Silence& silence, const std::string& text) {
  const size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) return "`" + text + "` is not NAME=VALUE";
  const std::string name = text.substr(0, equals);
  if (std::string problem = problem_of_group_by({name}); !problem.empty()) return problem;
  auto known = std::find_if(silence.group.begin(), silence.group.end(),
                            [&](const auto& one) { return one.first == name; });
  if (known == silence.group.end()) known = silence.group.insert(known, {name, {}});
  known->second.push_back(text.substr(equals + 1));
  return {};
}

}  // namespace

bool silences(const Silence& silence, const AlertFacts& facts, const std::string& sink) {
  if (!silence.to.empty() && !has(silence.to, sink)) return false;
  const auto own = [](const std::string& rule) { return is_own_rule(rule); };
  const std::vector<std::string>& rules = silence.which.rules;
  if (is_own_rule(facts.rule) && std::none_of(rules.begin(), rules.end(), own)) return false;
  if (!fits(silence.which, {facts.level, facts.rule, facts.tags, facts.event})) return false;
  return std::all_of(silence.group.begin(), silence.group.end(), [&](const auto& group) {
    const std::string value = group_value(facts, group.first);
    return std::any_of(group.second.begin(), group.second.end(),
                       [&](const std::string& pattern) { return name_fits(value, pattern); });
  });
}

std::string add_matcher(Silence& silence, std::string_view key, const std::string& value) {
  const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20; };
  if (value.empty() || std::any_of(value.begin(), value.end(), control))
    return "a value is one line, and not empty";
  if (key == "group") return add_group(silence, value);
  if (key == "level") {
    bool(&levels)[match::kLevels] = silence.which.levels;
    if (all_levels(silence.which)) std::fill(std::begin(levels), std::end(levels), false);
    if (add_levels(value, levels)) return {};
    return fmt::format("`{}` is no level; a level is `{}`", value, fmt::join(match::kLevelNames, "`, `"));
  }
  Texts* const texts = key == "rule"      ? &silence.which.rules
                       : key == "account" ? &silence.which.accounts
                       : key == "tag"     ? &silence.which.tags
                       : key == "to"      ? &silence.to
                                          : nullptr;
  if (!texts) return fmt::format("a silence has no matcher `{}`", key);
  texts->push_back(value);
  return {};
}

std::string matcher_lines(const Silence& silence) {
  std::string out;
  for (const Matcher& one : matchers_of(silence))
    for (const std::string& value : one.values)
      out += one.of_group ? fmt::format("group {}={}\n", one.key, value)
                          : fmt::format("{} {}\n", one.key, value);
  return out;
}

std::string matchers_text(const Silence& silence) {
  std::string out;
  for (const Matcher& one : matchers_of(silence))
    if (!one.values.empty())
      out += fmt::format("{}{}={}", out.empty() ? "" : " ", one.key, fmt::join(one.values, ","));
  return out;
}

std::optional<Silence> read_silence(const store::SilenceRow& row) {
  Silence out;
  out.name = std::to_string(row.number);
  out.from = row.from;
  out.until = row.until;
  out.comment = row.comment;
  out.by = row.by;
  for (std::string_view rest = row.matchers; !rest.empty();) {
    const size_t end = std::min(rest.find('\n'), rest.size()), blank = rest.find(' ');
    if (blank >= end) return std::nullopt;
    const std::string value(rest.substr(blank + 1, end - blank - 1));
    if (!add_matcher(out, rest.substr(0, blank), value).empty()) return std::nullopt;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  if (out.which.rules.empty()) return std::nullopt;
  return out;
}

}  // namespace weir::deliver
