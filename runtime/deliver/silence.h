// A silence: sinks are not told of alerts that come up while it lasts (docs/decisions/0014-silences.md).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/deliver/alert_facts.h"
#include "runtime/deliver/route.h"
#include "runtime/store/silences.h"

namespace weir::deliver {

struct Silence {
  std::string name;  // for people: its number in the store, or its place in weir.yaml
  Which which;       // names at least one rule
  std::vector<std::pair<std::string, std::vector<std::string>>> group;  // of group_of(); any value, with * and ?
  std::vector<std::string> to;                                          // sinks that stay quiet; empty: all
  int64_t from = 0, until = 0;                                          // microseconds since 1970; until: no more
  std::string comment, by;
  bool operator==(const Silence&) const = default;

  bool is_on(int64_t now) const { return from <= now && now < until; }
};

// Whether `sink` is not to hear of the alert. What Weir says of itself is silenced only where a rule is named that
// begins with `weir.`.
bool silences(const Silence& silence, const AlertFacts& facts, const std::string& sink);

// One value more: `key` is rule, level, account, tag, to, or group with NAME=VALUE. A sentence when it is none.
std::string add_matcher(Silence& silence, std::string_view key, const std::string& value);

// As the store keeps them: a line for each value, its key before it.
std::string matcher_lines(const Silence& silence);
// On one line, for people: `rule=dns_* level=high,critical key.client=10.0.0.5`.
std::string matchers_text(const Silence& silence);
// Nothing when it was not made by matcher_lines().
std::optional<Silence> read_silence(const store::SilenceRow& row);

}  // namespace weir::deliver
