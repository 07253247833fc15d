// The same events on a live feed: delivered within `late` in any order, in any batches, with copies, and the process
// ended and begun again between them. What is final in the end is what a scan of the sorted events tells.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "runtime/correlate/live.h"
#include "runtime/match/program.h"
#include "tests/differential/dice.h"

namespace weir::shuffle {

struct Delivery {
  std::string line;
  uint16_t source = 0;
  int64_t time = 0, delivered = 0;
  bool fresh = true;  // false: a copy of an event of the same id
};

// Of lines that are events of the program, in the order of delivery; each comes less than `late` after its time. Copies
// are among them.
std::vector<Delivery> deliveries(const std::shared_ptr<const match::Program>& program,
                                 const std::vector<std::string>& lines, differential::Dice& dice);

struct LiveOutcome {
  std::vector<std::string> final;  // alerts as JSON, sorted
  uint64_t restarts = 0;
  uint64_t opened = 0, amended = 0, withdrawn = 0;
  std::string wrong;  // a change of state that may not be, or a state that is refused; empty when all is well
};

// `restart_every`: so many deliveries; 0: never.
LiveOutcome run_live(const std::shared_ptr<const match::Program>& program, const std::vector<Delivery>& deliveries,
                     differential::Dice& dice, size_t restart_every);

struct Damage {
  uint64_t tried = 0;
  std::string accepted;  // what was done to the state that was not refused; empty when all were
};

// The state in the middle of the deliveries, with a bit turned or its end cut off: at `places` bytes, or at every byte
// of every part where these are no more.
Damage damage(const std::shared_ptr<const match::Program>& program, const std::vector<Delivery>& deliveries,
              differential::Dice& dice, size_t places);

}  // namespace weir::shuffle
