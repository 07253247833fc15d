// The walk. At each node of the plan a value is handed to what waits there: slots, axes, positions, keys.
#include "runtime/match/decode_walk.h"

#include "runtime/match/decode.h"
#include "runtime/match/document.h"

namespace weir::match {
namespace {

bool may_hold_json(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t\r\n");
  return first != text.npos && (text[first] == '{' || text[first] == '[') && text.size() <= kMaxEmbeddedBytes;
}

}  // namespace

Walk::Walk(const Projection& projection, const std::vector<std::vector<Step>>& marks,
           const std::vector<bool>& active)
    : plan_(projection, marks, active),
      marked_(marks.size() / 64 + 1),
      firsts_(plan_.wants.size()),
      values_(plan_.wants.size()),
      filled_(plan_.wants.size()),
      slot_offsets_(plan_.wants.size()),
      axis_offsets_(plan_.roots.size()),
      axis_counts_(plan_.roots.size()),
      slots_(plan_.wants.size()),
      axes_(plan_.roots.size()) {}

template <class Value>
bool Walk::run(Value root, InnerReaders& readers, Arena& arena) {
  clear();
  readers_ = &readers;
  arena_ = &arena;
  full_ = false;

  walk_through(root);
  if (full_) return false;
  publish();
  return true;
}

void Walk::walk_through(Cursor root) {
  const Structure& structure = root.structure();
  const Trail* const trail = trails_.find(structure, [&] { return Trail(plan_, structure, marked_.size()); });
  if (trail == nullptr) return element(0, root, 0);
  begin_element(0);
  follow(*trail, root);
  end_element(0);
}

void Walk::follow(const Trail& trail, Cursor root) {
  for (size_t word = 0; word < marked_.size(); ++word) marked_[word] = trail.marks()[word];
  for (const Trail::Text& text : trail.texts()) {
    if (!take_text(text.slot, root.at(text.token))) visit(plan_.nodes[text.node], root.at(text.token), 0);
  }
  for (const Trail::Place& place : trail.places()) {
    if (full_) return;
    visit(plan_.nodes[place.node], root.at(place.token), 0);
  }
}

void Walk::clear() {
  for (size_t i = 0; i < filled_count_; ++i) slots_[filled_[i]].count = 0;
  filled_count_ = 0;
  marked_.assign(marked_.size(), 0);
  axis_counts_.assign(axis_counts_.size(), 0);
  for (uint32_t axis = 1; axis < axes_.size(); ++axis) {
    for (const uint32_t slot : plan_.axis_slots[axis]) slot_offsets_[slot].clear();
    axis_offsets_[axis].clear();
  }
  std::get<FoundStack<DomValue>>(found_).clear();
  std::get<FoundStack<Cursor>>(found_).clear();
}

void Walk::publish() {
  for (size_t i = 0; i < filled_count_; ++i) {
    const uint32_t slot = filled_[i];
    if (slots_[slot].count > 1) slots_[slot].values = values_[slot].data();
  }
  axes_[0].count = axis_counts_[0];
  for (uint32_t axis = 1; axis < axes_.size(); ++axis) {
    for (const uint32_t slot : plan_.axis_slots[axis]) {
      auto& offsets = slot_offsets_[slot];
      offsets.push_back(slots_[slot].count);
      slots_[slot].offsets = offsets.data();
    }
    auto& offsets = axis_offsets_[axis];
    offsets.push_back(axis_counts_[axis]);
    axes_[axis] = {offsets.data(), axis_counts_[axis]};
  }
}

inline rt_value* Walk::add(uint32_t slot) {
  rt_slot& to_fill = slots_[slot];
  if (to_fill.count != 0) [[unlikely]]
    return add_another(slot);
  filled_[filled_count_++] = slot;
  to_fill.values = &firsts_[slot];
  to_fill.count = 1;
  return &(firsts_[slot] = {});
}

rt_value* Walk::add_another(uint32_t slot) {
  rt_slot& to_fill = slots_[slot];
  if (to_fill.count == kMaxValuesPerSlot) {
    full_ = true;
    return nullptr;
  }
  auto& values = values_[slot];
  if (to_fill.count == 1) values.assign(1, firsts_[slot]);
  ++to_fill.count;
  return &values.emplace_back();
}

void Walk::mark(const PlanNode& node) {
  for (const uint32_t each : node.marks) mark(each);
}

// ---- axes

void Walk::begin_element(uint32_t axis) {
  ++axis_counts_[axis];
  if (axis != 0) {
    for (const uint32_t slot : plan_.axis_slots[axis]) {
      slot_offsets_[slot].push_back(slots_[slot].count);
    }
  }
  for (const uint32_t child : plan_.axis_children[axis]) axis_offsets_[child].push_back(axis_counts_[child]);
}

void Walk::end_element(uint32_t axis) {
  for (const uint32_t child : plan_.axis_children[axis]) {
    if (!plan_.or_self[child] || axis_counts_[child] != axis_offsets_[child].back()) continue;
    begin_element(child);
    end_element(child);
  }
}

template <class Value>
void Walk::element(uint32_t axis, Value value, size_t embedding) {
  if (axis_counts_[axis] == kMaxValuesPerSlot) full_ = true;
  if (full_) return;
  begin_element(axis);
  visit(plan_.nodes[plan_.roots[axis]], value, embedding);
  end_element(axis);
}

template <class Value>
void Walk::enter_axis(uint32_t axis, Value value, size_t embedding) {
  if (value.kind() == JsonKind::array) {
    for (const Value item : value.items()) {
      if (full_) return;
      element(axis, item, embedding);
    }
  } else if (value.kind() != JsonKind::null) {
    element(axis, value, embedding);
  }
}

// ---- values

bool Walk::goes_below(const PlanNode& node) const {
  if (!node.keys.empty() || !node.indices.empty()) return true;
  for (const uint32_t axis : node.axes) {
    if (goes_below(plan_.nodes[plan_.roots[axis]])) return true;
  }
  return false;
}

template <class Value>
std::optional<DomValue> Walk::look_inside(Value value, size_t embedding) {
  if (embedding >= kMaxEmbedding || value.kind() != JsonKind::text) return std::nullopt;
  const std::string_view text = value.text();
  if (!may_hold_json(text)) return std::nullopt;
  if (const auto root = readers_->embedded[embedding].read(text, false)) return DomValue(*root);
  return std::nullopt;
}

void Walk::set_json(rt_value& out, DomValue value) {
  std::string json;
  append_compact(json, value.element());
  set_whole(out, value.kind() == JsonKind::object ? RT_OBJECT : RT_ARRAY, json, *arena_);
}

void Walk::set_json(rt_value& out, Cursor value) {
  if (const auto root = readers_->whole.read(value.bytes(), true)) set_json(out, DomValue(*root));
}

template <class Value>
void Walk::visit(const PlanNode& node, Value value, size_t embedding) {
  for (const uint32_t slot : node.raw_slots) {
    rt_value* const out = add(slot);
    if (!out) return;
    if (value.kind() == JsonKind::object || value.kind() == JsonKind::array) {
      set_json(*out, value);
    } else {
      set_value(*out, value, Want::raw, *arena_, embedding != 0);
    }
  }
  if (!node.axes.empty() || !node.indices.empty()) {
    // An array inside a text is taken apart as if it stood there; anything else stays the text that it is.
    const auto inside =
        value.kind() == JsonKind::text && goes_below(node) ? look_inside(value, embedding) : std::nullopt;
    if (inside && inside->kind() == JsonKind::array) {
      visit_inside(node, *inside, embedding + 1);
    } else {
      visit_inside(node, value, embedding);
    }
  }
  if (!node.slots.empty() || !node.marks.empty() || !node.keys.empty()) flatten(node, value, embedding);
}

template <class Value>
void Walk::visit_inside(const PlanNode& node, Value list, size_t embedding) {
  for (const uint32_t axis : node.axes) enter_axis(axis, list, embedding);
  for (const auto& [position, below] : node.indices)
    visit_index(position, plan_.nodes[below], list, embedding);
}

template <class Value>
void Walk::visit_index(int32_t position, const PlanNode& below, Value value, size_t embedding) {
  if (value.kind() == JsonKind::null) return;
  if (value.kind() != JsonKind::array) {  // its own only element, as for an axis
    if (position == 0 || position == -1) visit(below, value, embedding);
    return;
  }
  const auto array = value.items();
  int64_t wanted = position;
  if (position < 0) {
    for ([[maybe_unused]] const Value item : array) ++wanted;
  }
  if (wanted < 0) return;
  for (const Value item : array) {
    if (wanted-- == 0) return visit(below, item, embedding);
  }
}

// Arrays are their elements here, at any depth.
template <class Value>
void Walk::flatten(const PlanNode& node, Value value, size_t embedding) {
  if (full_) return;
  const JsonKind kind = value.kind();
  if (kind == JsonKind::array) {
    const auto array = value.items();
    for (const Value item : array) {
      if (full_) return;
      flatten(node, item, embedding);
    }
    if (array.begin() == array.end()) {
      mark(node);
      for (const uint32_t slot : node.slots) {
        if (rt_value* const out = add(slot)) out->kind = RT_ARRAY;
      }
    }
    return;
  }
  if (kind != JsonKind::null) mark(node);
  for (const uint32_t slot : node.slots) {
    if (rt_value* const out = add(slot)) set_value(*out, value, plan_.wants[slot], *arena_, embedding != 0);
  }
  if (!node.keys.empty()) descend(node, value, embedding);
}

template <class Value>
void Walk::descend(const PlanNode& node, Value value, size_t embedding) {
  if (full_) return;
  const JsonKind kind = value.kind();
  if (kind == JsonKind::object) {
    descend_object(node, value, embedding);
  } else if (kind == JsonKind::array) {
    for (const Value item : value.items()) descend(node, item, embedding);
  } else if (const auto inside = look_inside(value, embedding)) {
    descend(node, *inside, embedding + 1);
  }
}

// What most values are, the short way.
inline bool Walk::take_plain_text(const PlanNode::Leaf& leaf, Cursor value) {
  if (!leaf.takes_plain_text || value.kind() != JsonKind::text) return false;
  if (value.plain().data() == nullptr) return false;
  if (leaf.mark != kNone) mark(leaf.mark);
  return leaf.slot == kNone || take_text(leaf.slot, value);
}

inline bool Walk::take_text(uint32_t slot, Cursor value) {
  const std::string_view text = value.plain();
  if (text.data() == nullptr) return false;
  if (rt_value* const out = add(slot)) {
    out->data = text.data();
    out->size = static_cast<uint32_t>(text.size());
    out->kind = RT_TEXT;
    out->flags = RT_ASCII;
  }
  return true;
}

template <class Value>
void Walk::descend_object(const PlanNode& node, Value object, size_t embedding) {
  auto& found = std::get<FoundStack<Value>>(found_);
  const size_t base = found.size();
  const size_t keys = node.keys.size();
  found.resize(base + keys + 1);  // the last for what is not looked for
  constexpr size_t kWord = 64;
  uint64_t first_keys = 0;  // which were there, where they are no more than bits: few, of many
  // All keys are looked at before any is followed: of duplicate keys the last wins.
  object.each_member([&](std::string_view name, Value value) {
    const uint32_t key = node.find(name);
    found[base + key].set(value);
    first_keys |= uint64_t{1} << key % kWord;
  });
  first_keys &= keys < kWord ? (uint64_t{1} << keys) - 1 : 0;
  const auto follow_key = [&](size_t key) {
    const Found<Value> one = found[base + key];  // a copy: what is below may need more room
    if (!take_plain_text(node.leaves[key], one.in(object)))
      visit(plan_.nodes[node.keys[key].node], one.in(object), embedding);
  };
  for (; first_keys != 0 && !full_; first_keys &= first_keys - 1)
    follow_key(static_cast<size_t>(__builtin_ctzll(first_keys)));
  for (size_t key = 0; keys >= kWord && key < keys && !full_; ++key) {
    if (found[base + key].is_set()) follow_key(key);
  }
  found.resize(base);
}

template bool Walk::run(DomValue root, InnerReaders& readers, Arena& arena);
template bool Walk::run(Cursor root, InnerReaders& readers, Arena& arena);

}  // namespace weir::match
