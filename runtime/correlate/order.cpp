// The total order of alerts, their ids, and the silence after each (language.md, 7).
//
// Candidates come in any order, from any split of the input over threads; from here on nothing depends on it.
#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <tuple>
#include <unordered_map>

#include "runtime/correlate/alert.h"

namespace weir::correlate {
namespace {

// Two events of one id and different content have the same order key: the record itself decides then.
auto place_of(const match::Program& program, const Alert& alert) {
  return std::tie(alert.order, program.rules[alert.rule].name, alert.key_identity, alert.event, alert.message,
                  alert.where);
}

bool same_completion(const Alert& a, const Alert& b) {
  return a.rule == b.rule && a.order == b.order && a.key_identity == b.key_identity;
}

// Every part with its size before it, so that no two different lists of parts are the same bytes.
std::string id_of(const match::RuleInfo& rule, const Alert& alert, uint64_t ordinal) {
  std::string bytes;
  for (std::string_view part :
       {std::string_view(rule.id.empty() ? rule.name : rule.id), std::string_view(alert.key_identity),
        std::string_view(alert.order.source), std::string_view(alert.order.id)}) {
    fmt::format_to(std::back_inserter(bytes), "{}:{}", part.size(), part);
  }
  fmt::format_to(std::back_inserter(bytes), "{}#{}", alert.order.time, ordinal);
  XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

void give_ids(const match::Program& program, std::vector<Alert>& alerts) {
  uint64_t ordinal = 0;
  for (size_t i = 0; i < alerts.size(); ++i) {
    ordinal = i > 0 && same_completion(alerts[i - 1], alerts[i]) ? ordinal + 1 : 0;
    alerts[i].id = id_of(program.rules[alerts[i].rule], alerts[i], ordinal);
  }
}

class Silences {
 public:
  // Whether `alert` falls into the silence after an earlier one; one that does not begins the next.
  bool hold_back(Alert& alert, int64_t length) {
    auto [entry, first] = silences_.try_emplace(fmt::format("{}/{}", alert.rule, alert.key_identity));
    Silence& silence = entry->second;
    // A difference of the times themselves may leave 64 bits; unsigned, it is right for ordered times.
    uint64_t since = static_cast<uint64_t>(alert.order.time) - static_cast<uint64_t>(silence.begin);
    if (!first && since < static_cast<uint64_t>(length)) {
      ++silence.held_back;
      return true;
    }
    alert.held_back = silence.held_back;
    silence = {alert.order.time, 0};
    return false;
  }

 private:
  struct Silence {
    int64_t begin = 0;
    uint64_t held_back = 0;
  };
  std::unordered_map<std::string, Silence> silences_;
};

}  // namespace

std::vector<Alert> order_alerts(const match::Program& program, std::vector<Alert> candidates) {
  std::sort(candidates.begin(), candidates.end(),
            [&](const Alert& a, const Alert& b) { return place_of(program, a) < place_of(program, b); });
  give_ids(program, candidates);
  Silences silences;
  std::erase_if(candidates, [&](Alert& alert) {
    const std::optional<int64_t>& length_ms = program.rules[alert.rule].suppress_ms;
    return length_ms && silences.hold_back(alert, *length_ms * 1000);
  });
  return candidates;
}

}  // namespace weir::correlate
