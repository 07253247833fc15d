// What the parts of a saved state hold, beside groups and silences, and how they are keyed (docs/state-format.md).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/correlate/alert.h"
#include "runtime/correlate/identity.h"
#include "runtime/correlate/live.h"
#include "runtime/correlate/row.h"

namespace weir::correlate {

inline constexpr char kHeadPart = 'h', kGroupPart = 'g', kPackPart = 'p', kSilencePart = 's', kOpenPart = 'o',
                      kEventPart = 'e', kBatchPart = Live::kOneByOne, kOrdinalPart = 'n';

// Numbers in keys are big-endian, so that keys sort as they do.
std::string part_key(char kind, std::string_view rule, const Identity128& identity);
std::string part_key(char kind, std::string_view rule, std::string_view id);
std::string part_key(char kind, std::string_view rule, uint64_t number);
std::string part_key(char kind, uint64_t number);

struct PartKey {
  char kind = 0;
  std::string_view rule;  // of groups, packs, silences and open alerts
  Identity128 identity;   // of groups, silences and ordinals
  std::string_view id;    // of open alerts
  uint64_t number = 0;    // of events, batches and packs
};
bool read_part_key(std::string_view key, PartKey& of);

struct KeptAggregate {
  uint8_t kind = 0;
  std::string text;
  double parameter = 0;
  uint64_t entries = 0, values = 0;  // as match::Kept

  template <class Archive>
  void serialise(Archive& archive) {
    archive(kind, text, parameter, entries, values);
  }
};

struct SavedRule {
  std::string name;
  uint64_t shape = 0;
  bool correlates = false;
  int64_t watermark = 0;
  std::optional<int64_t> first;
  int64_t knows_from = 0;
  std::optional<int64_t> told_eviction;
  std::vector<KeptAggregate> aggregates;
  std::vector<uint32_t> tracked;

  template <class Archive>
  void serialise(Archive& archive) {
    archive(name, shape, correlates, watermark, first, knows_from, told_eviction, aggregates, tracked);
  }
};

struct SavedHead {
  std::vector<std::pair<std::string, int64_t>> delivered;  // by source
  std::optional<int64_t> newest;
  uint64_t next_event = 0;
  std::vector<SavedRule> rules;

  template <class Archive>
  void serialise(Archive& archive) {
    archive(delivered, newest, next_event, rules);
  }

  // Up to when anything was delivered.
  int64_t moment() const;
  // Whether this says no more than the other, but for how late it is.
  bool is_but_later_than(const SavedHead& other) const;
};

struct SavedEvent {  // that rows wait with, by itself: they are made of it again
  std::vector<std::string> rules;
  std::string of_alert;
  EventRef event;

  template <class Archive>
  void serialise(Archive& archive) {
    archive(rules, of_alert, event);
  }
};

// Events that rows wait with, as above: those that a part refers to, one by one.
struct SavedBatch {
  std::vector<std::string> rules;           // their names
  std::vector<std::vector<uint32_t>> sets;  // of rules, by their place there
  std::vector<uint32_t> let_in_by;          // by event: one of the sets

  template <class Archive>
  void serialise(Archive& archive) {
    archive(rules, sets, let_in_by);
  }
};

struct SavedAlert {  // that is open, as it was said
  std::string rule;
  Identity128 unit;
  std::string completed_by;
  Alert alert;

  template <class Archive>
  void serialise(Archive& archive) {
    archive(rule, unit, completed_by, alert.id, alert.order.time, alert.order.source, alert.order.id, alert.level,
            alert.message, alert.key, alert.key_identity, alert.fields, alert.event, alert.held_back);
    std::optional<std::pair<int64_t, uint64_t>> window;
    if (alert.window) window.emplace(alert.window->from, alert.window->events);
    archive(window);
    if (window) alert.window = Alert::Window{window->first, window->second};
    archive(alert.values, alert.steps, alert.approx, alert.learning, alert.derived, alert.where);
  }
};

}  // namespace weir::correlate
