// Random modules and random events: passes, dispatch and native code change no answer.
#include <doctest/doctest.h>

#include <algorithm>
#include <random>

#include "compiler/compile.h"
#include "compiler/native.h"
#include "compiler/passes.h"
#include "tests/unit/compiler/ir_event.h"

namespace weir::test {
namespace {

using ir::Builder;
using ir::Imm;
using ir::Literal;
using ir::Op;
using ir::Result;
using ir::Value;

class Dice {
 public:
  explicit Dice(uint32_t seed) : engine_(seed) {}
  uint32_t below(uint32_t n) { return engine_() % n; }
  bool one_in(uint32_t n) { return below(n) == 0; }
  template <typename T>
  const T& of(const std::vector<T>& items) {
    return items[below(static_cast<uint32_t>(items.size()))];
  }

 private:
  std::mt19937 engine_;  // its numbers are defined by the standard: the same everywhere
};

const std::vector<std::string> kTexts = {
    "a",        "A",        "b", "ab",   "a.b", "b.a.", "..",  "",
    "10.0.0.1", "10.0.0.2", "7", "true", "1.5", "ba",   "x/y", "2026-01-01T00:00:00Z"};

Scalar scalar(Dice& dice) {
  switch (dice.below(12)) {
    case 0:
      return null();
    case 1:
      return dice.one_in(2);
    case 2:
    case 3:
      return static_cast<int>(dice.below(5)) - 1;
    case 4:
      return dice.below(4) * 0.5;
    case 5:
      return time("2026-01-01T00:00:00Z", 1767225600 + dice.below(3));
    case 6:
      return dice.one_in(2) ? empty_array() : object("{\"a\":\"b\\n\"}");
    default:
      return dice.of(kTexts);
  }
}

Scalars scalars(Dice& dice) {
  Scalars values;
  for (uint32_t n = dice.below(4); n > 0; --n) values.push_back(scalar(dice));
  return values;
}

// Makes values bottom-up on the event, on an array, and on an array in it.
class RandomModule {
 public:
  explicit RandomModule(Dice& dice) : dice_(dice) {
    axes_ = {0, build_.axis(0, {.parent = 0, .path = path({"a"})}), 0};
    axes_[2] = build_.axis(0, {.parent = axes_[1], .path = path({"b"})});
    const char* names[] = {"p", "q", "r"};
    for (int level = 0; level < 3; ++level) {
      for (const char* name : names)
        values_[level].push_back(build_.field(0, build_.slot(0, text_slot(name, axes_[level]))));
    }
    for (int i = 0; i < 60; ++i) add(static_cast<int>(dice_.below(3)));
    finish();
  }

  ir::Module module = module_of_one_source();

  Event event() {
    Event event(module.sources[0]);
    const std::vector<uint32_t> outer = {dice_.below(4)};
    std::vector<uint32_t> inner;
    uint32_t inner_count = 0;
    for (uint32_t i = 0; i < outer[0]; ++i) inner_count += inner.emplace_back(dice_.below(3));
    event.put_axis(axes_[1], outer).put_axis(axes_[2], inner).at(1767225600 + dice_.below(3));
    for (uint32_t slot = 0; slot < 9; ++slot) {
      const uint32_t axis = module.sources[0].projection.slots[slot].axis;
      if (axis == 0) {
        event.put(slot, scalars(dice_));
        continue;
      }
      std::vector<Scalars> elements(axis == axes_[1] ? outer[0] : inner_count);
      for (Scalars& values : elements) values = scalars(dice_);
      event.put_elements(slot, elements);
    }
    return event;
  }

 private:
  Value value(int level) { return dice_.one_in(5) ? literal() : dice_.of(values_[level]); }
  Value condition(int level) {
    if (conditions_[level].empty() || dice_.one_in(12))
      return build_.make(dice_.one_in(2) ? Op::always : Op::never, {});
    return dice_.of(conditions_[level]);
  }

  Value literal() {
    using Kind = Literal::Kind;
    const int64_t small = static_cast<int64_t>(dice_.below(4)) - 1;
    switch (dice_.below(7)) {
      case 0:
        return build_.missing();
      case 1:
        return build_.literal({.kind = Kind::integer, .integer = small});
      case 2:
        return build_.literal({.kind = Kind::real, .real = static_cast<double>(small) / 2});
      case 3:
        return build_.literal({.kind = Kind::boolean, .integer = small > 0});
      case 4:
        return build_.literal({.kind = Kind::span, .integer = small * 1'000'000});
      case 5:
        return build_.literal({.kind = Kind::time, .integer = 1767225600'000'000 + small});
      default:
        return build_.literal({.kind = Kind::text, .text = dice_.of(kTexts)});
    }
  }

  ir::Texts texts() {
    ir::Texts set{.how = static_cast<match::TextSet::How>(dice_.below(5)), .rule = rule()};
    for (uint32_t n = dice_.below(3); n > 0; --n) set.needles.push_back(dice_.of(kTexts));
    return set;
  }
  match::TextRule rule() { return {.cased = dice_.one_in(4), .domain = dice_.one_in(4)}; }

  void add(int level) {
    const Op op = static_cast<Op>(dice_.below(ir::kOpCount));
    const ir::OpInfo& row = ir::info(op);
    if (row.imm == Imm::axis) return add_axis_operation(op);
    const Value made = make(op, row, level);
    if (made == ir::kNoValue) return;
    (row.result == Result::C ? conditions_ : values_)[level].push_back(made);
  }

  Value make(Op op, const ir::OpInfo& row, int level) {
    switch (row.imm) {
      case Imm::slot:
        return ir::kNoValue;
      case Imm::literal:
        return literal();
      case Imm::texts:
        return op == Op::texts ? build_.texts(value(level), texts()) : ir::kNoValue;
      case Imm::pattern:
        return op == Op::pattern
                   ? build_.pattern(value(level), {.text = "a*", .wildcards = {1}, .rule = rule()})
                   : ir::kNoValue;
      case Imm::regex:
        return build_.regex(value(level), {.expression = "^[ab]", .flags = {}, .domain = dice_.one_in(2)});
      case Imm::networks:
        return build_.networks(value(level),
                               {*match::parse_network(dice_.one_in(2) ? "10.0.0.1" : "10.0.0.2/31")});
      case Imm::numbers:
        return build_.numbers(value(level), {static_cast<double>(dice_.below(3)), 1.5});
      case Imm::table: {
        ir::Table table{.name = "t"};
        table.by_domain = {{"b", {.kind = Literal::Kind::integer, .integer = 1}}};
        return build_.table(value(level), std::move(table));
      }
      case Imm::text_rule:
        return build_.compare_texts(op, value(level), value(level), rule());
      case Imm::number:
        if (op == Op::before) return build_.before(1767225600 + dice_.below(3));
        return build_.at_least(dice_.below(4), operands(row, level));
      default:
        return build_.make(op, operands(row, level));
    }
  }

  std::vector<Value> operands(const ir::OpInfo& row, int level) {
    std::string kinds = row.operands;
    if (kinds.ends_with('*')) kinds.assign(dice_.below(4), kinds[0]);
    std::vector<Value> result;
    for (const char kind : kinds) result.push_back(kind == 'C' ? condition(level) : value(level));
    return result;
  }

  // Between the arrays: leaving from, or entering into, level 1 or 2.
  void add_axis_operation(Op op) {
    const int level = 1 + static_cast<int>(dice_.below(2));
    const bool enters = op == Op::spread || op == Op::spread_condition;
    const Value made =
        build_.on_axis(op, 0, axes_[level], operands(ir::info(op), enters ? level - 1 : level));
    (ir::info(op).result == Result::C ? conditions_ : values_)[enters ? level : level - 1].push_back(made);
  }

  // Everything on the event is a root; some conditions are rules that ask for constants, too.
  void finish() {
    for (const Value value : values_[0]) build_.root(value);
    for (const Value condition : conditions_[0]) build_.root(condition);
    for (int i = 0; i < 8; ++i) {
      std::vector<Value> all = {condition(0)};
      for (int key = 0; key < 3; ++key) {
        if (dice_.one_in(2))
          all.push_back(build_.texts(
              values_[0][key], {match::TextSet::How::equal, rule(), {dice_.of(kTexts), dice_.of(kTexts)}}));
      }
      match::RuleInfo info{.name = "r" + std::to_string(i)};
      info.sources.push_back(
          {.source = 0, .match = build_.root(build_.make(dice_.one_in(4) ? Op::either : Op::both, all))});
      module.rules.push_back(info);
    }
  }

  Dice& dice_;
  Builder build_{module};
  std::vector<uint32_t> axes_;
  std::vector<Value> values_[3], conditions_[3];
};

// Sweep renumbers slots and axes: events are made for the slots of the module before it.
ir::Module without_sweep(const ir::Module& module) { return ir::run_passes(module, "order"); }

// Null where there is no native code.
std::shared_ptr<const match::Program> native_program(const ir::Module& module) {
  compiler::Compiled compiled{.module = module, .dispatch = ir::dispatch(module)};
  if (compiler::native_available()) compiler::make_program(compiled, {.engine = compiler::Engine::native});
  CHECK(compiled.engine_problem == "");
  return compiled.program;
}

TEST_CASE("passes, dispatch and native code keep every answer") {
  for (uint32_t seed = 0; seed < 400; ++seed) {
    CAPTURE(seed);
    Dice dice(seed);
    RandomModule random(dice);
    REQUIRE(ir::verify(random.module) == std::vector<std::string>());
    const ir::Module better = without_sweep(random.module);
    REQUIRE(ir::verify(better) == std::vector<std::string>());
    REQUIRE(ir::verify(ir::run_passes(random.module)) == std::vector<std::string>());
    Runner plain(random.module), optimised(better), dispatched(better, ir::dispatch(better));
    const std::shared_ptr<const match::Program> program = native_program(better);
    Runner native = program ? Runner(program) : Runner(better);
    for (int i = 0; i < 12; ++i) {
      Event event = random.event();
      for (match::Root root = 0; root < random.module.roots.size(); ++root) {
        const std::string expected = plain.eval(root, event);
        const std::string actual = optimised.eval(root, event);
        if (expected == actual) continue;
        CAPTURE(root);
        CAPTURE(ir::dump(random.module));
        CHECK(actual == expected);
        return;
      }
      const std::string expected = plain.match(event);
      CHECK(optimised.match(event) == expected);
      CHECK(dispatched.match(event) == expected);
      CHECK(native.match(event) == expected);
    }
  }
}

// The same for sweep: what remains of the slots is moved to where the swept module has it.
TEST_CASE("sweep keeps every answer") {
  for (uint32_t seed = 1000; seed < 1100; ++seed) {
    CAPTURE(seed);
    Dice dice(seed);
    RandomModule random(dice);
    const ir::Module swept = ir::run_passes(random.module);
    const match::Projection& from = random.module.sources[0].projection;
    const match::Projection& to = swept.sources[0].projection;
    if (to.axes.size() != from.axes.size()) continue;  // the events would need another shape
    Runner plain(random.module), better(swept);
    for (int i = 0; i < 5; ++i) {
      Event event = random.event();
      const rt_event& whole = event.get();
      std::vector<rt_slot> slots;
      for (const match::SlotSpec& slot : to.slots) {
        const auto old = std::find(from.slots.begin(), from.slots.end(), slot);
        slots.push_back(whole.slots[old - from.slots.begin()]);
      }
      for (match::Root root = 0; root < random.module.roots.size(); ++root) {
        rt_event moved = whole;
        moved.slots = slots.data();
        REQUIRE(better.eval(root, moved) == plain.eval(root, event));
      }
    }
  }
}

}  // namespace
}  // namespace weir::test
