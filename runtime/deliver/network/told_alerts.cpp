// See told_alerts.h.
#include "runtime/deliver/network/told_alerts.h"

#include <sstream>

namespace weir::deliver {
namespace {
constexpr size_t kMost = 5'000;
}

const ToldAlerts::Entry* ToldAlerts::find(const std::string& id) const {
  const auto found = entries_.find(id);
  return found == entries_.end() ? nullptr : &found->second;
}

void ToldAlerts::tell(const std::string& id, Entry entry) {
  const bool fresh = entries_.insert_or_assign(id, std::move(entry)).second;
  changed_ = true;
  if (!fresh) return;
  order_.push_back(id);
  while (entries_.size() > kMost) {
    entries_.erase(order_.front());
    order_.pop_front();
  }
  if (order_.size() > 4 * kMost)
    std::erase_if(order_, [&](const std::string& old) { return !entries_.contains(old); });
}

void ToldAlerts::settle(const std::string& id) { changed_ |= entries_.erase(id) > 0; }

std::string ToldAlerts::save() {
  changed_ = false;
  std::string out;
  for (const std::string& id : order_) {
    const Entry* entry = find(id);
    if (!entry) continue;
    out += id + ' ' + (entry->incident == id ? "-" : entry->incident) + (entry->folded ? " folded\n" : "\n");
  }
  return out;
}

void ToldAlerts::restore(const std::string& saved) {
  std::istringstream lines(saved);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string id, incident, folded;
    words >> id >> incident >> folded;
    if (!id.empty() && !incident.empty()) tell(id, {incident == "-" ? id : incident, folded == "folded"});
  }
  changed_ = false;
}

}  // namespace weir::deliver
