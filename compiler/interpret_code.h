// What the interpreter runs: the module with its constants made ready, and what a thread remembers of an event.
// Native code shares both.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "compiler/ir.h"
#include "runtime/match/operations.h"
#include "runtime/match/sets.h"

namespace weir::compiler {

struct Code {
  Code() = default;
  explicit Code(ir::Module module);

  std::vector<ir::Inst> insts;
  std::vector<ir::Value> operands;
  std::vector<ir::Value> roots;
  std::vector<std::vector<match::AxisSpec>> axes;  // by source

  std::vector<ir::Literal> literals;  // own the bytes of literal_values
  std::vector<rt_value> literal_values;
  std::vector<match::TextSet> texts;
  std::vector<match::Pattern> patterns;
  std::vector<match::Regex> regexes;
  std::vector<bool> regex_of_domain;
  std::vector<match::NetworkSet> networks;
  std::vector<match::NumberSet> numbers;
  std::vector<match::TextRule> text_rules;

  // What native code compares itself. Of a pattern: how every value that it matches begins and ends, normalised; such a
  // value is at least as long as both together.
  struct PatternEnds {
    std::string begin, end;  // both empty: nothing is known
    bool cased = false;
    bool are_all = false;    // and nothing else is asked: `a*b`
  };
  std::vector<PatternEnds> pattern_ends;                               // by pattern
  std::vector<std::vector<std::pair<uint32_t, uint32_t>>> v4_ranges;   // by networks: first and last, as numbers

  struct Table {
    bool networks = false;
    match::LookupTable keys;
    std::vector<ir::Literal> literals;
    std::vector<rt_value> rows;
  };
  std::vector<Table> tables;

  match::ResultArena constants;
};

// What a slot of an event holds, as native code compares it: one ASCII text, or nothing that is a text, or anything
// else, which is the interpreter's.
struct TextView {
  static constexpr int32_t kNothing = -1, kOdd = -2;  // as sizes

  const char* data = nullptr;
  int32_t size = kNothing;
};
// Views are numbered 2 × slot, and one more for those without the final dot of a domain.
constexpr uint32_t view_number(uint32_t slot, bool domain) { return 2 * slot + (domain ? 1 : 0); }

// What a slot holds, as native code looks it up in networks of version 4: an address of that version, or nothing that
// could be in one, or anything else, which is the interpreter's.
struct AddressView {
  enum Kind : uint32_t { nothing, v4, odd };

  uint32_t kind = nothing;
  uint32_t address = 0;  // the first byte highest
  uint32_t generation = 0;
};

// The part of a scratch that native code reads: the views of its fields are made before it is called.
struct NativeScratch {
  const TextView* views = nullptr;
  const AddressView* addresses = nullptr;  // by slot
  const uint64_t* found = nullptr;         // the bits of the unit's Searches
};

// What a thread keeps: results of the current event by value, and the memory that they lie in.
struct Scratch : NativeScratch {
  explicit Scratch(const Code& code) : code(code), conditions(code.insts.size()), values(code.insts.size()) {}

  struct Remembered {
    uint32_t generation = 0;
    rt_list list = {};
  };

  struct RememberedAddress {
    uint32_t generation = 0;
    std::optional<match::Address> address;
  };

  // Make these views of the current event; numbers rise.
  void see(const std::vector<uint32_t>& views, const rt_event& event);
  void see_addresses(const std::vector<uint32_t>& slots, const rt_event& event);
  // The address that a slot's only value, a text, is: read once an event.
  const std::optional<match::Address>& address(uint32_t slot, const rt_value& value);
  void forget();                // results of before are no longer known; their memory stays
  void begin(uint64_t serial);  // another event

  const Code& code;
  uint64_t serial = 0;
  uint32_t generation = 0;           // below 2^31
  std::vector<uint32_t> conditions;  // 2 × generation + result
  std::vector<Remembered> values;
  uint64_t remembered = 0;  // how many lists were, ever
  match::ResultArena arena;
  std::vector<RememberedAddress> parsed;     // by slot
  std::vector<TextView> seen;                // the views
  std::vector<AddressView> seen_addresses;
  std::vector<uint64_t> found_bits;          // of Searches, of the unit that is to run
  std::vector<uint32_t> key_ids[2];          // of Routes
  uint64_t routed = 0;                       // the event that `buckets` is of, by its serial
  std::vector<uint32_t> buckets;             // of Routes
  std::vector<uint64_t> possible;            // of Guards
};

// One event under evaluation. Conditions and values on axis 0 are evaluated at most once.
class Evaluation {
 public:
  Evaluation(const Code& code, const rt_event& event, Scratch& scratch)
      : code_(code), event_(event), scratch_(scratch) {}

  bool holds(ir::Value value, uint32_t element);
  rt_list values(ir::Value value, uint32_t element);

 private:
  struct Range {
    uint32_t begin, end;
  };

  bool decide(const ir::Inst& inst, uint32_t element);
  bool in_networks(const ir::Inst& inst, uint32_t element);
  bool any_element(const ir::Inst& inst, uint32_t parent, bool wanted);
  uint32_t count_elements(const ir::Inst& inst, uint32_t parent);

  rt_list compute(const ir::Inst& inst, uint32_t element);
  rt_list field(const ir::Inst& inst, uint32_t element) const;
  rt_list coalesce(const ir::Inst& inst, uint32_t element);
  rt_list gather(const ir::Inst& inst, uint32_t parent);
  rt_list call(const ir::Inst& inst, uint32_t element);
  rt_list one(rt_value value);

  // The elements of an axis below an element of its parent, and back.
  Range elements(const ir::Inst& inst, uint32_t parent) const;
  uint32_t parent_of(const ir::Inst& inst, uint32_t element) const;

  // A condition for one element; what it took of the arena is given back unless something remembered lies
  // there.
  bool holds_for_now(ir::Value value, uint32_t element);

  ir::Value operand(const ir::Inst& inst, uint32_t i) const { return code_.operands[inst.first + i]; }

  const Code& code_;
  const rt_event& event_;
  Scratch& scratch_;
};

}  // namespace weir::compiler
