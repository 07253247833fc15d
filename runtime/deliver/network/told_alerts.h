// The alerts that a sink has told and that are not settled yet. An amended alert has a new id, but is the
// same incident for people; and a final one that was told when it was open is no news.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <unordered_map>

namespace weir::deliver {

class ToldAlerts {
 public:
  struct Entry {
    std::string incident;  // the id of the first of its chain
    bool folded = false;   // told inside a digest
  };

  const Entry* find(const std::string& id) const;
  void tell(const std::string& id, Entry entry);  // beyond 5,000 the oldest are forgotten
  void settle(const std::string& id);
  bool changed() const { return changed_; }

  std::string save();  // lines; changed() is false then
  void restore(const std::string& saved);

 private:
  std::unordered_map<std::string, Entry> entries_;
  std::deque<std::string> order_;  // ids as they came; settled ones may still stand here
  bool changed_ = false;
};

}  // namespace weir::deliver
