// The total order of alerts, their ids, and the silence after each (language.md, 7).
//
// Candidates come in any order, from any split of the input over threads; from here on nothing depends on it.
#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <tuple>

#include "runtime/correlate/alert.h"
#include "runtime/correlate/silences.h"

namespace weir::correlate {
namespace {

// Two events of one id and different content have the same order key: the record itself decides then.
auto place_of(const match::Program& program, const Alert& alert) {
  return std::tie(alert.order, program.rules[alert.rule].name, alert.key_identity, alert.event, alert.message,
                  alert.where);
}

// What tells apart events of one place in the order: two records may have one id. An alert that completes another has
// an id of its own, and its text changes until it is final.
std::string_view content_of(const Alert& alert) {
  return alert.order.source == "alert" ? std::string_view() : std::string_view(alert.event);
}

void give_ids(const match::Program& program, std::vector<Alert>& alerts) {
  uint64_t ordinal = 0;
  for (size_t i = 0; i < alerts.size(); ++i) {
    ordinal = i > 0 && same_completion(alerts[i - 1], alerts[i]) ? ordinal + 1 : 0;
    alerts[i].id = alert_id(program.rules[alerts[i].rule], alerts[i], ordinal);
  }
}

}  // namespace

bool same_completion(const Alert& a, const Alert& b) {
  return a.rule == b.rule && a.order == b.order && a.key_identity == b.key_identity && content_of(a) == content_of(b);
}

// Every part with its size before it, so that no two different lists of parts are the same bytes.
std::string alert_id(const match::RuleInfo& rule, const Alert& alert, uint64_t ordinal) {
  std::string bytes;
  for (std::string_view part :
       {std::string_view(rule.id.empty() ? rule.name : rule.id), std::string_view(alert.key_identity),
        std::string_view(alert.order.source), std::string_view(alert.order.id), content_of(alert)}) {
    fmt::format_to(std::back_inserter(bytes), "{}:{}", part.size(), part);
  }
  fmt::format_to(std::back_inserter(bytes), "{}#{}", alert.order.time, ordinal);
  XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

bool comes_before(const match::Program& program, const Alert& a, const Alert& b) {
  return place_of(program, a) < place_of(program, b);
}

std::vector<Alert> in_order(const match::Program& program, std::vector<Alert> alerts) {
  std::sort(alerts.begin(), alerts.end(),
            [&](const Alert& a, const Alert& b) { return comes_before(program, a, b); });
  return alerts;
}

std::vector<Alert> order_alerts(const match::Program& program, std::vector<Alert> candidates) {
  candidates = in_order(program, std::move(candidates));
  give_ids(program, candidates);
  std::vector<Silences> silences(program.rules.size());
  std::erase_if(candidates, [&](Alert& alert) {
    const match::RuleInfo& rule = program.rules[alert.rule];
    if (!rule.suppress_ms || rule.correlation || alert.out_of_time) return false;
    auto held_back = silences[alert.rule].tell(identity_of(alert.key_identity), alert.order.time,
                                               *rule.suppress_ms * 1000);
    alert.held_back = held_back.value_or(0);
    return !held_back;
  });
  return candidates;
}

}  // namespace weir::correlate
