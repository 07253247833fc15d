// Paths → trees.
#include "runtime/match/decode_plan.h"

#include <algorithm>
#include <bit>

namespace weir::match {
Plan::Plan(const Projection& projection, const std::vector<std::vector<Step>>& marks) {
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
    PlanNode& end = nodes[place(roots[spec.axis], spec.path)];
    (spec.want == Want::raw ? end.raw_slots : end.slots).push_back(slot);
    wants.push_back(spec.want);
    axis_slots[spec.axis].push_back(slot);
  }
  for (uint32_t mark = 0; mark < marks.size(); ++mark)
    nodes[place(roots[0], marks[mark])].marks.push_back(mark);
  build_buckets();
}

uint32_t Plan::child(uint32_t node, const Step& step) {
  const auto made = static_cast<uint32_t>(nodes.size());
  PlanNode& parent = nodes[node];
  if (step.kind == Step::Kind::key) {
    for (const auto& key : parent.keys) {
      if (key.name == step.key) return key.node;
    }
    parent.keys.push_back({step.key, made, kNone});
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

void Plan::build_buckets() {
  for (PlanNode& node : nodes) {
    node.buckets.assign(std::bit_ceil(std::max<size_t>(4 * node.keys.size(), 1)), kNone);
    for (uint32_t at = 0; at < node.keys.size(); ++at) {
      uint32_t& bucket = node.buckets[PlanNode::bucket_of(node.keys[at].name, node.buckets.size())];
      node.keys[at].next_in_bucket = bucket;
      bucket = at;
    }
  }
}

}  // namespace weir::match
