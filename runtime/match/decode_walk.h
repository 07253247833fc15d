// One walk over a record by a plan: fills the slots and axes of rt_event.
#pragma once

#include <array>
#include <optional>
#include <tuple>
#include <vector>

#include "runtime/match/abi.h"
#include "runtime/match/decode_plan.h"
#include "runtime/match/decode_value.h"
#include "runtime/match/json_reader.h"
#include "runtime/match/structure.h"
#include "runtime/match/trail.h"

namespace weir::match {

// JSON inside texts inside JSON: how deep it is looked into, and how long such a text may be.
inline constexpr size_t kMaxEmbedding = 3;
inline constexpr size_t kMaxEmbeddedBytes = 1u << 20;
// Parsers for what is not read of the record itself. What they gave is good until they read again.
struct InnerReaders {
  std::array<JsonReader, kMaxEmbedding> embedded;  // by how deep the text lies in others
  JsonReader whole;                                // an object or array that is wanted as its JSON
};

// A member of an object, or none, until the walk follows it.
template <class Value>
struct Found {
  std::optional<Value> value;
  bool is_set() const { return value.has_value(); }
  void set(const Value& to) { value = to; }
  Value in(const Value&) const { return *value; }
};
// Without the structure, which is the object's: whole cursors, put together and copied, stall the copy.
template <>
struct Found<Cursor> {
  uint32_t token = 0;  // never a member's
  bool is_set() const { return token != 0; }
  void set(const Cursor& to) { token = to.token(); }
  Cursor in(const Cursor& object) const { return object.at(token); }
};

class Walk {
 public:
  // `marks`: paths from the event of which it is only asked whether anything is there. `active`, by slot: whether it is
  // filled; those beyond its end are.
  explicit Walk(const Projection& projection, const std::vector<std::vector<Step>>& marks = {},
                const std::vector<bool>& active = {});

  // False when a slot or an axis would hold more than kMaxValuesPerSlot values. What the slots hold is good
  // until the next run, the next reset of the arena, or the end of the document. For DomValue and Cursor.
  template <class Value>
  bool run(Value root, InnerReaders& readers, Arena& arena);

  const rt_slot* slots() const { return slots_.data(); }
  const rt_axis* axes() const { return axes_.data(); }
  // The bits of the marks whose path led to a value that is not null.
  const std::vector<uint64_t>& marked() const { return marked_; }

 private:
  template <class Value>
  using FoundStack = std::vector<Found<Value>>;

  void walk_through(DomValue root) { element(0, root, 0); }
  void walk_through(Cursor root);  // along its trail, where it has one
  void follow(const Trail& trail, Cursor root);
  template <class Value>
  void visit(const PlanNode& node, Value value, size_t embedding);
  template <class Value>
  void visit_inside(const PlanNode& node, Value list, size_t embedding);
  template <class Value>
  void visit_index(int32_t position, const PlanNode& below, Value value, size_t embedding);
  template <class Value>
  void flatten(const PlanNode& node, Value value, size_t embedding);
  template <class Value>
  void descend(const PlanNode& node, Value value, size_t embedding);
  bool take_plain_text(const PlanNode::Leaf& leaf, Cursor value);
  bool take_text(uint32_t slot, Cursor value);  // false: it is not plain
  bool take_plain_text(const PlanNode::Leaf&, DomValue) { return false; }
  template <class Value>
  void descend_object(const PlanNode& node, Value object, size_t embedding);
  template <class Value>
  void enter_axis(uint32_t axis, Value value, size_t embedding);
  template <class Value>
  void element(uint32_t axis, Value value, size_t embedding);
  void begin_element(uint32_t axis);
  void end_element(uint32_t axis);
  rt_value* add(uint32_t slot);  // a value to fill; null when the slot is full
  rt_value* add_another(uint32_t slot);
  void mark(uint32_t mark) { marked_[mark / 64] |= uint64_t{1} << (mark % 64); }
  void mark(const PlanNode& node);
  template <class Value>
  std::optional<DomValue> look_inside(Value value, size_t embedding);
  void set_json(rt_value& out, DomValue value);
  void set_json(rt_value& out, Cursor value);
  bool goes_below(const PlanNode& node) const;
  void clear();
  void publish();

  Plan plan_;
  ByForm<Trail> trails_;
  std::vector<uint64_t> marked_;
  std::vector<rt_value> firsts_;                     // by slot: its only value, as most have
  std::vector<std::vector<rt_value>> values_;        // by slot: all, where there are more
  std::vector<uint32_t> filled_;                     // room for all; its first filled_count_ are
  size_t filled_count_ = 0;                          // the slots that have values: few, of many
  std::vector<std::vector<uint32_t>> slot_offsets_;  // by slot
  std::vector<std::vector<uint32_t>> axis_offsets_;  // by axis
  std::vector<uint32_t> axis_counts_;
  std::tuple<FoundStack<DomValue>, FoundStack<Cursor>>
      found_;  // the tracked members of the objects on the way down
  std::vector<rt_slot> slots_;
  std::vector<rt_axis> axes_;
  InnerReaders* readers_ = nullptr;
  Arena* arena_ = nullptr;
  bool full_ = false;
};

}  // namespace weir::match
