// An alert, as it leaves (language.md, 10), and the candidates that become one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/match/decode.h"
#include "runtime/match/program.h"

namespace weir::correlate {

// The total order of events (language.md, 7): event time, source, event id or hash of the canonical record.
// `rank` orders sources by name. Equal keys are equal records.
struct OrderKey {
  int64_t time = 0;  // microseconds since 1970
  std::string source;
  std::string id;  // the event's id; else the canonical hash as 16 hexadecimal digits
  auto operator<=>(const OrderKey&) const = default;
};

struct Alert {
  std::string id;  // 32 hexadecimal digits
  std::string state = "final";
  std::optional<std::string> replaces;
  OrderKey order;
  uint32_t rule = 0;  // index in the program
  uint8_t level = 0;
  std::string message;
  std::vector<std::pair<std::string, std::string>> key;  // name, JSON value: the `suppress … by` or group key
  std::string key_identity;  // what makes two keys the same (by type: domains folded, …)
  std::vector<std::pair<std::string, std::string>> fields;  // name, JSON value
  std::string event;                                        // compact JSON
  uint64_t held_back = 0;
  // Of a correlation: what it looked at. Nothing: the window is the one event.
  struct Window {
    int64_t from = 0;
    uint64_t events = 1;  // of very many, to a 64th of the window
  };
  std::optional<Window> window;
  std::vector<std::pair<std::string, std::string>> values;  // aggregate as the rule writes it, JSON value
  std::vector<std::pair<std::string, std::string>> steps;   // name, the event as compact JSON
  bool approx = false;    // some number is not exact: the window held too much
  bool learning = false;  // the state is younger than the window
  // Its event was late, or ahead: correlations do not hear of it, and it neither silences nor is silenced.
  bool out_of_time = false;
  // Not of the rule but about it: the name under which Weir tells it. Empty: of the rule.
  std::string about;
  // What rules over alerts find in the event beside the record: fields that the schema derives.
  std::vector<std::pair<std::string, std::string>> derived;  // name, JSON value
  // Where the event came from: for people, never part of the record (it must not vary with how input is
  // split).
  std::string where;
};

// Evaluates what rule `rule` says of the decoder's current event: message, fields, level, key.
// The id is completed by order_alerts (it needs the ordinal among equal records).
Alert make_alert(const match::Program& program, uint32_t rule, const match::Decoder& decoder,
                 rt_scratch* scratch, std::string where);

// Sorts by (order, rule name), gives ids (hash of rule id or name, group, completing event, its ordinal among
// equal records), and applies `suppress` in that order: what it holds back is counted into the next alert of
// its key. (Rules with a correlation have applied it already: their state depends on it.) building_block
// alerts stay in; the caller decides who sees them.
std::vector<Alert> order_alerts(const match::Program& program, std::vector<Alert> candidates);

// The id of an alert that has all else: `ordinal` among those of its rule, key and completing event, as
// in_order() sorts them.
std::string alert_id(const match::RuleInfo& rule, const Alert& alert, uint64_t ordinal);

// Of one rule and key, completed by the same event or by equal records: their ordinals tell them apart.
bool same_completion(const Alert& a, const Alert& b);

// Whether `a` stands before `b` in that order.
bool comes_before(const match::Program& program, const Alert& a, const Alert& b);

// Sorted as order_alerts sorts: (order, rule name), then by what the alert says.
std::vector<Alert> in_order(const match::Program& program, std::vector<Alert> alerts);

// `weir.state_evicted`: the state of the rule was full, and by now so many groups had to go.
Alert eviction_alert(const match::Program& program, uint32_t rule, int64_t time, uint64_t evicted);

// One line of JSON, keys in the order of language.md 10, without a newline.
std::string to_json(const match::Program& program, const Alert& alert);

}  // namespace weir::correlate
