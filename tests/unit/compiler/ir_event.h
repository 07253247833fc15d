// Events made by hand, for tests of the IR: slots are filled as the decoder would.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <initializer_list>
#include <string>
#include <vector>

#include "compiler/interpret.h"
#include "compiler/ir.h"
#include "runtime/match/abi.h"

namespace weir::test {

struct Scalar {
  Scalar(const char* value) : kind(RT_TEXT), text(value) {}
  Scalar(std::string value) : kind(RT_TEXT), text(std::move(value)) {}
  Scalar(int value) : kind(RT_INT), integer(value) {}
  Scalar(int64_t value) : kind(RT_INT), integer(value) {}
  Scalar(double value) : kind(RT_REAL), real(value) {}
  Scalar(bool value) : kind(value ? RT_TRUE : RT_FALSE) {}
  Scalar(rt_kind of_kind, std::string value = {}, int64_t number = 0)
      : kind(of_kind), text(std::move(value)), integer(number) {}

  rt_kind kind;
  std::string text;
  int64_t integer = 0;
  double real = 0;
};
inline Scalar null() { return {RT_NULL}; }
inline Scalar empty_array() { return {RT_ARRAY, "[]"}; }
inline Scalar object(std::string json) { return {RT_OBJECT, std::move(json)}; }
inline Scalar time(std::string text, int64_t seconds) {
  return {RT_TIME, std::move(text), seconds * 1'000'000};
}
inline Scalar span(int64_t microseconds) { return {RT_SPAN, {}, microseconds}; }

using Scalars = std::vector<Scalar>;

class Event {
 public:
  explicit Event(const match::SourceInfo& source, uint16_t index = 0)
      : slots_(source.projection.slots.size()), axes_(source.projection.axes.size()) {
    for (size_t i = 0; i < slots_.size(); ++i) {
      if (source.projection.slots[i].axis != 0) slots_[i].offsets.assign(1, 0);
    }
    static uint64_t serial = 0;
    event_.serial = ++serial;
    event_.source = index;
  }

  // The values of a slot on axis 0.
  Event& put(uint32_t slot, const Scalars& values) {
    slots_.at(slot).values = made(values);
    return *this;
  }
  // The values of a slot for each element of its axis.
  Event& put_elements(uint32_t slot, const std::vector<Scalars>& elements) {
    Slot& filled = slots_.at(slot);
    filled.values.clear();
    filled.offsets.assign(1, 0);
    for (const Scalars& values : elements) {
      for (const rt_value& value : made(values)) filled.values.push_back(value);
      filled.offsets.push_back(static_cast<uint32_t>(filled.values.size()));
    }
    return *this;
  }
  // How many elements of an axis lie below each element of its parent.
  Event& put_axis(uint32_t axis, const std::vector<uint32_t>& counts) {
    axes_.at(axis).assign(1, 0);
    for (const uint32_t count : counts) axes_[axis].push_back(axes_[axis].back() + count);
    return *this;
  }
  Event& at(int64_t seconds) {
    event_.time = seconds * 1'000'000;
    return *this;
  }

  const rt_event& get() {
    c_slots_.clear();
    c_axes_.clear();
    for (const Slot& slot : slots_) {
      c_slots_.push_back({slot.values.data(), slot.offsets.empty() ? nullptr : slot.offsets.data(),
                          static_cast<uint32_t>(slot.values.size())});
    }
    for (const std::vector<uint32_t>& offsets : axes_) {
      c_axes_.push_back({offsets.empty() ? nullptr : offsets.data(), offsets.empty() ? 0 : offsets.back()});
    }
    event_.slots = c_slots_.data();
    event_.axes = c_axes_.data();
    return event_;
  }

 private:
  struct Slot {
    std::vector<rt_value> values;
    std::vector<uint32_t> offsets;
  };

  std::vector<rt_value> made(const Scalars& scalars) {
    std::vector<rt_value> values;
    for (const Scalar& scalar : scalars) {
      rt_value value{};
      value.kind = static_cast<uint8_t>(scalar.kind);
      value.integer = scalar.integer;
      if (scalar.kind == RT_REAL) value.real = scalar.real;
      if (scalar.kind == RT_TEXT || !scalar.text.empty()) {
        value.data = texts_.emplace_back(scalar.text).data();
        value.size = static_cast<uint32_t>(scalar.text.size());
      }
      const bool ascii = std::all_of(scalar.text.begin(), scalar.text.end(), [](unsigned char c) { return c < 0x80; });
      if (scalar.kind == RT_TEXT && ascii) value.flags = RT_ASCII;
      values.push_back(value);
    }
    return values;
  }

  std::vector<Slot> slots_;
  std::vector<std::vector<uint32_t>> axes_;
  std::deque<std::string> texts_;
  std::vector<rt_slot> c_slots_;
  std::vector<rt_axis> c_axes_;
  rt_event event_{};
};

// One source, "s", with whatever slots a test asks for.
inline ir::Module module_of_one_source() {
  ir::Module module;
  module.sources.push_back({.name = "s", .title = "S"});
  return module;
}

inline std::vector<match::Step> path(std::initializer_list<const char*> keys) {
  std::vector<match::Step> steps;
  for (const char* key : keys) steps.push_back({.key = key});
  return steps;
}

inline match::SlotSpec text_slot(const char* key, uint32_t axis = 0) {
  return {.axis = axis, .path = path({key}), .want = match::Want::text};
}

// A list as text: "1, \"a\", true" and so on.
std::string shown(rt_list list);

// A program with a scratch of its own.
class Runner {
 public:
  explicit Runner(ir::Module module, const ir::Dispatch& dispatch = {})
      : Runner(compiler::interpret(std::move(module), dispatch)) {}
  explicit Runner(std::shared_ptr<const match::Program> program)
      : program_(std::move(program)), scratch_(program_->make_scratch()) {}

  std::string eval(match::Root root, const rt_event& event) {
    return shown(program_->eval(program_->code.get(), root, &event, scratch_.get()));
  }
  std::string eval(match::Root root, Event& event) { return eval(root, event.get()); }
  // The names of the rules that match.
  std::string match(Event& event);

 private:
  std::shared_ptr<const match::Program> program_;
  std::shared_ptr<rt_scratch> scratch_;
};

}  // namespace weir::test
