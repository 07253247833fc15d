// The look-ups of a guarded list (compiler/plan.h): which of its rules an event may match, by the texts that they
// wait for. What it gives is never too little; how much too much is a matter of speed alone.
#pragma once

#include <cstdint>
#include <vector>

#include "compiler/field_texts.h"
#include "compiler/interpret_code.h"
#include "compiler/network_table.h"
#include "compiler/plan.h"
#include "runtime/match/abi.h"
#include "runtime/match/functions.h"

namespace weir::compiler {

class Guards {
 public:
  Guards(const ir::Module& module, const ir::Plan::List& list);

  size_t words() const { return (rules_ + 63) / 64; }
  // Sets bit i of scratch.possible, which has at least words() words, for each rule list.rules[i] to run, and clears
  // the others. False: there is none.
  bool find(const rt_event& event, Scratch& scratch) const;

 private:
  struct Field {
    uint32_t slot = 0;
    bool domain = false;
    FieldTexts texts;
    std::vector<uint64_t> rules;  // all that wait for this field
  };

  struct Networks {
    uint32_t slot = 0;
    NetworkTable networks;
    std::vector<std::vector<uint32_t>> by_network;  // by number in `networks`
    std::vector<uint64_t> rules;    // all that wait for this field
  };

  void add_texts(uint32_t slot, const ir::Texts& texts, uint32_t rule);
  void add_networks(uint32_t slot, const std::vector<match::Network>& networks, uint32_t rule);
  void find_networks(const rt_event& event, Scratch& scratch) const;
  void find_texts(const Field& field, const rt_slot& slot, Scratch& scratch) const;

  size_t rules_;
  std::vector<Field> fields_;
  std::vector<Networks> networks_;
  std::vector<uint64_t> always_;
};

}  // namespace weir::compiler
