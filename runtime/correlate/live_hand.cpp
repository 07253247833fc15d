// See live_hand.h.
#include "runtime/correlate/live_hand.h"

#include <utility>

namespace weir::correlate {

Live::Hand::Hand(const match::Program& program, std::optional<SpillOptions> packed)
    : without_key(program.rules.size()), first(program.sources.size()) {
  if (packed) rows.emplace(program.rules.size(), std::move(*packed));
}

void PackedEvents::add(const EventRef& event, uint32_t rule) {
  if (events_.empty() || events_.back() != event) {
    events_.push_back(event);
    first_rules_.push_back(rules_.size());
    bytes_ += event->bytes();
  }
  rules_.push_back(rule);
}

std::vector<WaitingEvents::Fresh> PackedEvents::all() const {
  std::vector<WaitingEvents::Fresh> all;
  for (size_t i = 0; i < events_.size(); ++i) {
    const size_t end = i + 1 < events_.size() ? first_rules_[i + 1] : rules_.size();
    all.push_back({events_[i], std::span(rules_).subspan(first_rules_[i], end - first_rules_[i])});
  }
  return all;
}

void PackedEvents::clear() {
  events_.clear();
  first_rules_.clear();
  rules_.clear();
  bytes_ = 0;
}

}  // namespace weir::correlate
