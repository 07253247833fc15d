// The IR: one typed expression graph for the whole pack.
//
// Four laws (docs/architecture.md): *typed* — each operation is a row of ir.def and fits it; *ordered* —
// operands come before users, so a pass is one forward loop over a flat array; *pure* — no operation has an
// effect (windows and counters live in runtime/correlate); *total* — no operation fails, a missing field is
// a value. Because of the last two nobody can see in which order things are evaluated, and every engine may
// do as it likes.
//
// An instruction lies on one axis of one source: axis 0 is the event, another is the elements of an array
// (runtime/match/projection.h). The builder shares equal instructions over the whole pack.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "runtime/match/functions.h"
#include "runtime/match/program.h"
#include "runtime/match/regex.h"
#include "runtime/match/text.h"

namespace weir::ir {

enum class Op : uint8_t {
#define WEIR_OP(name, ...) name,
#include "compiler/ir.def"
#undef WEIR_OP
};

enum class Result : uint8_t { C, V };
enum class Imm : uint8_t {
  none,
  slot,
  literal,
  texts,
  pattern,
  regex,
  networks,
  numbers,
  table,
  axis,
  number,
  text_rule
};

struct OpInfo {
  Op op;
  const char* name;
  Result result;
  const char* operands;  // "", "V", "VC", "C*", …
  Imm imm;
  int cost;
  const char* meaning;
};
const OpInfo& info(Op op);
inline constexpr size_t kOpCount = 0
#define WEIR_OP(...) +1
#include "compiler/ir.def"
#undef WEIR_OP
    ;

using Value = uint32_t;
inline constexpr Value kNoValue = UINT32_MAX;
inline constexpr uint16_t kAnySource = UINT16_MAX;  // constants, and what is made of them alone

struct Inst {
  Op op = Op::missing;
  uint16_t source = kAnySource;   // the source whose events it is about
  uint32_t axis = 0;              // of that source's projection
  uint32_t first = 0, count = 0;  // its operands in Module::operands
  uint32_t imm = 0;
};

struct Literal {
  enum class Kind : uint8_t { text, integer, real, boolean, time, span };
  Kind kind = Kind::text;
  std::string text;
  int64_t integer = 0;  // boolean 0/1; time, span: microseconds
  double real = 0;
  bool operator==(const Literal&) const = default;
};

struct Texts {  // of texts, anywhere
  match::TextSet::How how = match::TextSet::How::equal;
  match::TextRule rule;
  std::vector<std::string> needles;  // normalised by the builder, sorted, once each
  bool operator==(const Texts&) const = default;
};

struct PatternSpec {
  std::string text;
  std::vector<uint32_t> wildcards;
  match::TextRule rule;
  bool operator==(const PatternSpec&) const = default;
};

struct RegexSpec {
  std::string expression;
  match::RegexFlags flags;
  bool domain = false;  // a final dot of the value is not part of it
  std::optional<match::Regex> compiled = {};  // where it was compiled already: that is dear

  match::Regex made() const { return compiled ? *compiled : match::Regex(expression, flags); }
  bool operator==(const RegexSpec& other) const {
    return expression == other.expression && flags == other.flags && domain == other.domain;
  }
};

struct Table {  // a look-up list: network or domain → value
  std::string name;
  bool networks = false;
  std::vector<std::pair<match::Network, Literal>> by_network;
  std::vector<std::pair<std::string, Literal>> by_domain;  // folded, without final dot
};

// Everything a rule's alert needs is in match::RuleInfo; its roots are indexes into Module::roots. Roots are
// what passes keep alive.
struct Module {
  std::vector<Inst> insts;
  std::vector<Value> operands;

  std::vector<Literal> literals;
  std::vector<Texts> texts;
  std::vector<PatternSpec> patterns;
  std::vector<RegexSpec> regexes;
  std::vector<std::vector<match::Network>> networks;
  std::vector<std::vector<double>> numbers;
  std::vector<Table> tables;
  std::vector<match::TextRule> text_rules;

  std::vector<match::SourceInfo> sources;  // with their projections: the slots and axes
  std::vector<match::RuleInfo> rules;
  std::vector<Value> roots;  // match::Root is an index here

  std::span<const Value> operands_of(const Inst& inst) const {
    return {operands.data() + inst.first, inst.count};
  }
};

// Appends to a module, sharing equal instructions and constants. Never fails; that what it is asked for fits
// ir.def is asserted here and checked again by verify().
class Builder {
 public:
  explicit Builder(Module& module);

  // Slots and axes of a source; equal ones are one.
  uint32_t slot(uint16_t source, match::SlotSpec spec);
  uint32_t axis(uint16_t source, match::AxisSpec spec);

  Value field(uint16_t source, uint32_t slot);
  Value literal(Literal literal);
  Value missing();
  Value texts(Value of, Texts set);  // normalises the needles
  Value pattern(Value of, PatternSpec spec);
  Value regex(Value of, RegexSpec spec);
  Value networks(Value of, std::vector<match::Network> set);
  Value numbers(Value of, std::vector<double> set);
  Value anywhere(uint16_t source, Texts set);
  Value anywhere_pattern(uint16_t source, PatternSpec spec);
  Value table(Value of, Table table);
  Value compare_texts(Op op, Value left, Value right, match::TextRule rule);  // same, holds_*
  Value at_least(uint32_t n, std::vector<Value> conditions);
  Value before(int64_t seconds_since_1970);
  Value on_axis(Op op, uint16_t source, uint32_t axis, std::vector<Value> operands);  // the axis operations
  Value make(Op op, std::vector<Value> operands);  // the rest: no immediate, axis and source of the operands

  // `like` on other operands; its immediate is one of this module. For passes, which keep the pools.
  Value copy(const Inst& like, std::vector<Value> operands);

  match::Root root(Value value);

 private:
  Value add(Op op, uint16_t source, uint32_t axis, std::vector<Value> operands, uint32_t imm);
  Value derive(Op op, std::vector<Value> operands,
               uint32_t imm);  // source and axis are those of the operands
  template <typename Pool, typename Item>
  uint32_t intern(uint64_t kind, Pool& pool, Item item);

  Module& module_;
  std::unordered_multimap<uint64_t, Value> known_;
  std::unordered_multimap<uint64_t, uint32_t> pooled_;  // constants and slots by hash of kind and content
  std::vector<bool> indexed_;                           // kinds that are in pooled_
};

}  // namespace weir::ir
