// What the interpreter runs: the module with its constants made ready. Internal to interpret*.cpp.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "compiler/ir.h"
#include "compiler/passes.h"
#include "runtime/match/operations.h"
#include "runtime/match/sets.h"

namespace weir::compiler {

// From key values to rules, for the events of one source (see ir::Dispatch).
class Routes {
 public:
  struct Rule {
    uint32_t rule;
    ir::Value match;
  };

  Routes(const ir::Dispatch::Source& source, uint16_t index, const ir::Module& module);

  const std::vector<Rule>& generic() const { return generic_; }
  size_t keys() const { return keys_.size(); }

  // The numbers of the values of a key slot that any rule asks for, rising, each once; {0} when there is
  // none.
  void ids(size_t key, const rt_event& event, std::vector<uint32_t>& ids) const;
  // The rules for one number of each key; null for none.
  const std::vector<Rule>* bucket(uint32_t first, uint32_t second) const;

  // Calls see(bucket) for the buckets of an event until it gives false; `ids` is room for two lists.
  template <class See>
  void each_bucket(const rt_event& event, std::vector<uint32_t>* ids, See see) const {
    if (keys() == 0) return;
    this->ids(0, event, ids[0]);
    if (keys() > 1) {
      this->ids(1, event, ids[1]);
    } else {
      ids[1].assign(1, 0);
    }
    for (const uint32_t first : ids[0]) {
      for (const uint32_t second : ids[1]) {
        const std::vector<Rule>* const rules = bucket(first, second);
        if (rules != nullptr && !see(*rules)) return;
      }
    }
  }
  // Whether any rule runs for an event; it looks at the key slots alone.
  bool any(const rt_event& event, std::vector<uint32_t>* ids) const {
    bool found = !generic_.empty();
    if (!found) each_bucket(event, ids, [&](const std::vector<Rule>& rules) { return !(found = !rules.empty()); });
    return found;
  }

 private:
  struct TextHash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  struct Key {
    uint32_t slot = 0;
    match::TextRule rule;
    std::unordered_map<std::string, uint32_t, TextHash, std::equal_to<>> ids;  // from 1 on
    size_t longest = 0;                                                        // bytes of an id's text

    uint32_t intern(const std::string& value);
    uint32_t find(std::string_view text) const;
  };
  struct Row {
    std::vector<std::pair<uint32_t, uint32_t>> buckets;  // by the second id, rising
    uint32_t otherwise = UINT32_MAX;
  };

  static uint32_t bucket_in(const Row& row, uint32_t second);

  std::vector<Key> keys_;
  std::vector<Row> rows_;  // by the first id
  std::vector<std::vector<Rule>> buckets_;
  std::vector<Rule> generic_;
};

struct Code {
  Code(ir::Module module, const ir::Dispatch& dispatch);

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

  struct Table {
    bool networks = false;
    match::LookupTable keys;
    std::vector<ir::Literal> literals;
    std::vector<rt_value> rows;
  };
  std::vector<Table> tables;

  std::vector<Routes> routes;  // by source
  match::ResultArena constants;
};

// What a thread keeps: results of the current event by value, and the memory that they lie in.
struct Scratch {
  explicit Scratch(const Code& code) : conditions(code.insts.size()), values(code.insts.size()) {}

  struct Remembered {
    uint32_t generation = 0;
    rt_list list = {};
  };

  void forget();                // results of before are no longer known; their memory stays
  void begin(uint64_t serial);  // another event

  uint64_t serial = 0;
  uint32_t generation = 0;           // below 2^31
  std::vector<uint32_t> conditions;  // 2 × generation + result
  std::vector<Remembered> values;
  uint64_t remembered = 0;  // how many lists were, ever
  match::ResultArena arena;
  std::vector<uint32_t> key_ids[2];
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
