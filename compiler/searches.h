// Which conditions of a chain are decided by searches: where a chain looks for texts in one field more than
// once or twice, the field is looked through once for all of them, and native code tests a bit for each
// condition.
//
//   either (texts arn {contains: "a"}) … (texts arn {contains: "b"})   →   bit 0, bit 1 of the search through
//   arn
//
// The bit of a condition that does not hold is 0; where the bit is 1, the field may also hold something that
// no search decides, and the condition is still to be asked.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "compiler/field_texts.h"
#include "compiler/ir.h"
#include "compiler/plan.h"
#include "runtime/match/abi.h"

namespace weir::compiler {

class Searches {
 public:
  struct Found {
    uint32_t bit = 0;
    bool exact = false;  // with bit 1 and a single ASCII text (TextView), the condition holds
  };

  Searches() = default;
  Searches(const ir::Module& module, const std::vector<ir::Plan::Rule>& chain);

  bool empty() const { return searches_.empty(); }
  // Nothing: no search decides the condition.
  std::optional<Found> find(ir::Value condition) const;

  size_t words() const { return words_; }  // of all bits
  void run(const rt_event& event, uint64_t* found) const;

 private:
  struct Search {
    uint32_t slot = 0;
    uint32_t first_word = 0, words = 0;
    FieldTexts texts;
  };
  void add(const ir::Module& module, uint32_t slot, const std::vector<ir::Value>& conditions);

  std::vector<Search> searches_;
  std::unordered_map<ir::Value, Found> found_;
  size_t words_ = 0;
};

}  // namespace weir::compiler
