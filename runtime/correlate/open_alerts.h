// What one rule calls for now, what it said it calls for, and the difference: alerts that open, are amended or
// withdrawn (language.md, 7).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "runtime/correlate/alert.h"
#include "runtime/correlate/row.h"
#include "runtime/correlate/silences.h"

namespace weir::correlate {

using AlertRef = std::shared_ptr<const Alert>;  // its state is "final", whatever was said of it

// An alert as an event that rules over alerts hear.
struct HeardAlert {
  EventRef event;
  std::vector<std::pair<uint32_t, Identity128>> rows;  // rule, unit
};

struct CalledFor {
  AlertRef alert;
  Identity128 content;  // equal when the alert is the same, and says the same
  std::string completed_by;  // the id of the alert that completes it, if one does
  bool was_heard = false;
  std::vector<HeardAlert> heard;
};

class OpenAlerts {
 public:
  struct Said {
    AlertRef alert;
    std::string completed_by;
  };
  struct Unit {
    std::vector<CalledFor> now;
    std::vector<Said> said;
    std::vector<OrderKey> silenced;  // what would be called for, but for an earlier alert
  };
  using Emit = std::function<void(const AlertRef&, const char* state, const std::string* replaces)>;
  // New ids of alerts that were amended, and the ids that they replace.
  using Amended = std::unordered_map<std::string, std::string>;

  // `in_groups`: alerts of one unit stand in for each other; else those of events that do.
  explicit OpenAlerts(bool in_groups) : in_groups_(in_groups) {}

  // To be changed; its differences are told by the next tell().
  Unit& change(const Identity128& unit);
  // Null when there is none.
  Unit* find(const Identity128& unit);
  void tell(Amended& amended, const Emit& emit);
  // What was said has its end.
  void close(Unit& unit, const std::string& id);

  // What was said since the last call that has no end yet, and the ids of what has: no `said`.
  struct Saved {
    Identity128 unit;
    std::optional<Said> said;
  };
  std::map<std::string, Saved> take_changes() { return std::exchange(changes_, {}); }
  void restore(const Identity128& unit, Said said) { change(unit).said.push_back(std::move(said)); }

  // Calls `use(unit)` for all.
  template <class Use>
  void each(Use use) {
    for (auto& [identity, unit] : units_) use(identity, unit);
  }
  void forget_if_empty(const Identity128& unit);
  // Of all units: what nothing is said and called for any more.
  void forget_empty();

 private:
  struct Change {
    Identity128 unit;
    Said of;
    bool silenced = false;  // something earlier silences what still completes it
    AlertRef replaces;
    bool done = false;
  };

  void differences(std::vector<Change>& gone, std::vector<Change>& come);
  void pair(std::vector<Change>& gone, std::vector<Change>& come, const Amended& amended) const;

  bool in_groups_;
  std::unordered_map<Identity128, Unit, IdentityHash> units_;
  std::vector<Identity128> changed_;
  std::map<std::string, Saved> changes_;  // by id
};

}  // namespace weir::correlate
