// How a trail is laid, which is once a form.
#include "runtime/match/trail.h"

namespace weir::match {

// In the order in which a walk goes.
struct Trail::Laying {
  const Plan& plan;
  const Structure& structure;
  Trail& trail;

  void lay(uint32_t number, uint32_t token) {
    const PlanNode& node = plan.nodes[number];
    const bool is_inner =
        node.raw_slots.empty() && node.axes.empty() && node.indices.empty() && node.slots.empty();
    const char kind = structure.kind(token);
    if (!is_inner || kind == '[' || (kind == '"' && !node.keys.empty())) {
      trail.places_.push_back({token, number});
      return;
    }
    if (kind != 'n') mark(node);
    if (kind == '{' && !node.keys.empty()) lay_object(node, token);
  }

  void lay_object(const PlanNode& node, uint32_t object) {
    std::vector<uint32_t> found(node.keys.size() + 1);  // tokens
    const uint32_t close = structure.last_of(object);
    for (uint32_t key = object + 1; key < close;) {
      const uint32_t value = key + 2;
      found[node.find(structure.quoted(key))] = value;
      key = structure.last_of(value) + 2;
    }
    for (size_t key = 0; key < node.keys.size(); ++key) {
      if (found[key] == 0) continue;
      const PlanNode::Leaf& leaf = node.leaves[key];
      const uint32_t below = node.keys[key].node;
      if (!leaf.takes_plain_text || structure.kind(found[key]) != '"') {
        lay(below, found[key]);
        continue;
      }
      mark(plan.nodes[below]);
      if (leaf.slot != kNone) trail.texts_.push_back({found[key], leaf.slot, below});
    }
  }

  void mark(const PlanNode& node) {
    for (const uint32_t each : node.marks) trail.marks_[each / 64] |= uint64_t{1} << each % 64;
  }
};

Trail::Trail(const Plan& plan, const Structure& structure, size_t mark_words) : marks_(mark_words) {
  Laying laying{plan, structure, *this};
  laying.lay(plan.roots[0], 0);
}

}  // namespace weir::match
