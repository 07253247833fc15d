// A new module with the same pools.
#include "compiler/rebuild.h"

namespace weir::ir {
namespace {

Module without_insts(const Module& from) {
  Module to;
  to.literals = from.literals;
  to.texts = from.texts;
  to.patterns = from.patterns;
  to.regexes = from.regexes;
  to.networks = from.networks;
  to.numbers = from.numbers;
  to.tables = from.tables;
  to.text_rules = from.text_rules;
  to.sources = from.sources;
  to.rules = from.rules;
  return to;
}

}  // namespace

Rebuild::Rebuild(const Module& from) : from_(from), to_(without_insts(from)), builder_(to_) {
  map_.reserve(from.insts.size());
}

std::vector<Value> Rebuild::operands_of(const Inst& inst) const {
  std::vector<Value> result;
  for (const Value operand : from_.operands_of(inst)) result.push_back(map_[operand]);
  return result;
}

std::vector<Value> Rebuild::operands(Value value) const {
  const std::span<const Value> operands = to_.operands_of(inst(value));
  return {operands.begin(), operands.end()};
}

}  // namespace weir::ir
