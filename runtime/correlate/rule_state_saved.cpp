// The groups of a rule, from and to bytes.
#include <algorithm>

#include "runtime/correlate/rule_state.h"
#include "runtime/correlate/state_bytes.h"

namespace weir::correlate {

void RuleState::watch() {
  watching_ = true;
  silences_.watch();
}

void RuleState::save(const Identity128& group, StateWriter& writer) const {
  const Entry& entry = groups_.at(group);
  writer(entry.state, entry.quiet_until, entry.told_slot, entry.active);
}

bool RuleState::restore(const Identity128& group, StateReader& reader, size_t known) {
  drop_restored(group);
  Entry& entry = groups_[group];
  entry.identity = group;
  reader(entry.state, entry.quiet_until, entry.told_slot, entry.active);
  if (!reader.failed() && entry.state.fit(*plan_, known)) return true;
  drop_restored(group);
  return false;
}

void RuleState::settle_restored() {
  std::vector<Entry*> entries;
  for (auto& [identity, entry] : groups_) entries.push_back(&entry);
  std::sort(entries.begin(), entries.end(), [](const Entry* a, const Entry* b) {
    return a->active != b->active ? a->active < b->active : a->identity < b->identity;
  });
  for (Entry* entry : entries) {
    link(*entry);
    note(*entry);
  }
  take_changed();
}

void RuleState::let_go() {
  groups_.clear();
  due_.clear();
  active_ = waiting_ = {};
  bytes_ = 0;
}

}  // namespace weir::correlate
