// Paths → trees.
#include "runtime/match/decode_plan.h"

#include <algorithm>
#include <bit>

namespace weir::match {
Plan::Plan(const Projection& projection, const std::vector<std::vector<Step>>& marks,
           const std::vector<bool>* active) {
  const size_t axes = projection.axes.size();
  axis_slots.resize(axes);
  axis_children.resize(axes);
  for (uint32_t axis = 0; axis < axes; ++axis) {
    const AxisSpec& spec = projection.axes[axis];
    roots.push_back(static_cast<uint32_t>(nodes.size()));
    nodes.emplace_back();
    or_self.push_back(spec.or_self);
    if (axis == 0) continue;
    nodes[place(roots[spec.parent], spec.path)].axes.push_back(axis);
    axis_children[spec.parent].push_back(axis);
  }
  for (uint32_t slot = 0; slot < projection.slots.size(); ++slot) {
    const SlotSpec& spec = projection.slots[slot];
    wants.push_back(spec.want);
    if (active && !(*active)[slot]) continue;
    PlanNode& end = nodes[place(roots[spec.axis], spec.path)];
    (spec.want == Want::raw ? end.raw_slots : end.slots).push_back(slot);
    axis_slots[spec.axis].push_back(slot);
  }
  for (uint32_t mark = 0; mark < marks.size(); ++mark)
    nodes[place(roots[0], marks[mark])].marks.push_back(mark);
  for (PlanNode& node : nodes) node.build_places();
}

uint32_t Plan::child(uint32_t node, const Step& step) {
  const auto made = static_cast<uint32_t>(nodes.size());
  PlanNode& parent = nodes[node];
  if (step.kind == Step::Kind::key) {
    for (const auto& key : parent.keys) {
      if (key.name == step.key) return key.node;
    }
    parent.keys.push_back({step.key, made});
  } else {
    for (const auto& [position, below] : parent.indices) {
      if (position == step.index) return below;
    }
    parent.indices.emplace_back(step.index, made);
  }
  nodes.emplace_back();
  return made;
}

uint32_t Plan::place(uint32_t root, const std::vector<Step>& path) {
  for (const Step& step : path) root = child(root, step);
  return root;
}

void PlanNode::build_places() {
  places_.assign(std::bit_ceil(std::max<size_t>(2 * keys.size(), 1)), {});
  mask_ = places_.size() - 1;
  for (uint32_t number = 0; number < keys.size(); ++number) {
    std::string name = keys[number].name;
    const size_t size = name.size();
    name.resize(std::max(size, kWord));
    const std::string_view key = std::string_view(name).substr(0, size);
    const uint64_t head = head_of(key);
    size_t i = place_of(head, size);
    while (places_[i].key != kNone) i = (i + 1) & mask_;
    places_[i] = {head, static_cast<uint32_t>(size), number};
    if (size > kWord) keys[number].tail = word(key.data() + size - kWord);
  }
}

}  // namespace weir::match
