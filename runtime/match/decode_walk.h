// One walk over a record by a plan: fills the slots and axes of rt_event.
#pragma once

#include <array>
#include <vector>

#include "runtime/match/abi.h"
#include "runtime/match/decode_plan.h"
#include "runtime/match/decode_value.h"
#include "runtime/match/json_reader.h"

namespace weir::match {

// JSON inside texts inside JSON: how deep it is looked into, and how long such a text may be.
inline constexpr size_t kMaxEmbedding = 3;
inline constexpr size_t kMaxEmbeddedBytes = 1u << 20;
using EmbeddedReaders = std::array<JsonReader, kMaxEmbedding>;

class Walk {
 public:
  explicit Walk(const Projection& projection);

  // False when a slot or an axis would hold more than kMaxValuesPerSlot values. What the slots hold is good
  // until the next run, the next reset of the arena, or the end of the document.
  bool run(simdjson::dom::element root, EmbeddedReaders& readers, Arena& arena);

  const rt_slot* slots() const { return slots_.data(); }
  const rt_axis* axes() const { return axes_.data(); }

 private:
  using Element = simdjson::dom::element;
  struct Found {
    Element value;
    bool is_set = false;
  };

  void visit(const PlanNode& node, Element value, size_t embedding);
  void visit_index(int32_t position, const PlanNode& below, Element value, size_t embedding);
  void flatten(const PlanNode& node, Element value, size_t embedding);
  void descend(const PlanNode& node, Element value, size_t embedding);
  void descend_object(const PlanNode& node, simdjson::dom::object object, size_t embedding);
  void enter_axis(uint32_t axis, Element value, size_t embedding);
  void element(uint32_t axis, Element value, size_t embedding);
  void begin_element(uint32_t axis);
  void end_element(uint32_t axis);
  void add(uint32_t slot, rt_value value);
  std::optional<Element> look_inside(Element value, size_t embedding);
  bool goes_below(const PlanNode& node) const;
  void publish();

  Plan plan_;
  std::vector<std::vector<rt_value>> values_;        // by slot
  std::vector<std::vector<uint32_t>> slot_offsets_;  // by slot
  std::vector<std::vector<uint32_t>> axis_offsets_;  // by axis
  std::vector<uint32_t> axis_counts_;
  std::vector<Found> found_;  // a stack: the tracked members of the objects on the way down
  std::vector<rt_slot> slots_;
  std::vector<rt_axis> axes_;
  EmbeddedReaders* readers_ = nullptr;
  Arena* arena_ = nullptr;
  bool full_ = false;
};

}  // namespace weir::match
