// Paths → trees.
#include "runtime/match/decode_plan.h"

#include <algorithm>
#include <bit>
#include <random>

namespace weir::match {
Plan::Plan(const Projection& projection, const std::vector<std::vector<Step>>& marks,
           const std::vector<bool>& active) {
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
    if (slot < active.size() && !active[slot]) continue;
    PlanNode& end = nodes[place(roots[spec.axis], spec.path)];
    (spec.want == Want::raw ? end.raw_slots : end.slots).push_back(slot);
    axis_slots[spec.axis].push_back(slot);
  }
  for (uint32_t mark = 0; mark < marks.size(); ++mark)
    nodes[place(roots[0], marks[mark])].marks.push_back(mark);
  for (PlanNode& node : nodes) {
    node.place_keys();
    for (const PlanNode::Key& key : node.keys) node.leaves.push_back(nodes[key.node].leaf(wants));
  }
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

PlanNode::Leaf PlanNode::leaf(const std::vector<Want>& wants) const {
  const bool takes_plain_text =
      raw_slots.empty() && axes.empty() && indices.empty() && keys.empty() && slots.size() <= 1 &&
      marks.size() <= 1 && (slots.empty() || wants[slots[0]] == Want::text || wants[slots[0]] == Want::any);
  if (!takes_plain_text) return {};
  return {true, slots.empty() ? kNone : slots[0], marks.empty() ? kNone : marks[0]};
}

void PlanNode::place_keys() {
  constexpr int kTries = 32;  // of a pair of factors, before there are twice as many places
  std::mt19937_64 factors;    // defined by the standard: the same everywhere
  for (size_t bits = static_cast<size_t>(std::bit_width(2 * keys.size() + 1));; ++bits) {
    for (int i = 0; i < kTries; ++i) {
      head_factor_ = factors() | 1;
      tail_factor_ = factors() | 1;
      if (place_keys_among(bits)) return;
    }
  }
}

bool PlanNode::place_keys_among(size_t bits) {
  shift_ = 64 - static_cast<int>(bits);
  places_.assign(size_t{1} << bits, {});
  alike_.assign(keys.size(), kNone);
  for (uint32_t number = 0; number < keys.size(); ++number) {
    const size_t size = keys[number].name.size();
    std::string padded = keys[number].name;
    padded.resize(std::max(size, kWord));
    const Ends ends(std::string_view(padded).substr(0, size));
    Place& place = places_[place_of(ends, size)];
    if (place.size == UINT32_MAX) {
      place = {ends.head, ends.tail, static_cast<uint32_t>(size), number};
    } else if (place.head == ends.head && place.tail == ends.tail && place.size == size) {
      uint32_t last = place.key;
      while (alike_[last] != kNone) last = alike_[last];
      alike_[last] = number;
    } else {
      return false;
    }
  }
  return true;
}

uint32_t PlanNode::find_long(std::string_view key, uint32_t first) const {
  for (uint32_t number = first; number != kNone; number = alike_[number]) {
    if (keys[number].name == key) return number;
  }
  return static_cast<uint32_t>(keys.size());
}

}  // namespace weir::match
