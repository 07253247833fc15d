// The walk. At each node of the plan a value is handed to what waits there: slots, axes, positions, keys.
#include "runtime/match/decode_walk.h"

#include "runtime/match/decode.h"
#include "runtime/match/document.h"

namespace weir::match {
namespace {

namespace dom = simdjson::dom;

bool may_hold_json(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t\r\n");
  return first != text.npos && (text[first] == '{' || text[first] == '[') && text.size() <= kMaxEmbeddedBytes;
}

}  // namespace

Walk::Walk(const Projection& projection)
    : plan_(projection),
      values_(plan_.wants.size()),
      slot_offsets_(plan_.wants.size()),
      axis_offsets_(plan_.roots.size()),
      axis_counts_(plan_.roots.size()),
      slots_(plan_.wants.size()),
      axes_(plan_.roots.size()) {}

bool Walk::run(Element root, EmbeddedReaders& readers, Arena& arena) {
  for (auto& values : values_) values.clear();
  for (auto& offsets : slot_offsets_) offsets.clear();
  for (auto& offsets : axis_offsets_) offsets.clear();
  axis_counts_.assign(axis_counts_.size(), 0);
  found_.clear();
  readers_ = &readers;
  arena_ = &arena;
  full_ = false;

  element(0, root, 0);
  if (full_) return false;
  publish();
  return true;
}

void Walk::publish() {
  for (uint32_t axis = 0; axis < axes_.size(); ++axis) {
    for (const uint32_t slot : plan_.axis_slots[axis]) {
      auto& offsets = slot_offsets_[slot];
      if (axis != 0) offsets.push_back(static_cast<uint32_t>(values_[slot].size()));
      slots_[slot] = {values_[slot].data(), axis == 0 ? nullptr : offsets.data(),
                      static_cast<uint32_t>(values_[slot].size())};
    }
    auto& offsets = axis_offsets_[axis];
    if (axis != 0) offsets.push_back(axis_counts_[axis]);
    axes_[axis] = {axis == 0 ? nullptr : offsets.data(), axis_counts_[axis]};
  }
}

void Walk::add(uint32_t slot, rt_value value) {
  if (values_[slot].size() == kMaxValuesPerSlot) {
    full_ = true;
  } else {
    values_[slot].push_back(value);
  }
}

// ---- axes

void Walk::begin_element(uint32_t axis) {
  ++axis_counts_[axis];
  if (axis != 0) {
    for (const uint32_t slot : plan_.axis_slots[axis]) {
      slot_offsets_[slot].push_back(static_cast<uint32_t>(values_[slot].size()));
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

void Walk::element(uint32_t axis, Element value, size_t embedding) {
  if (axis_counts_[axis] == kMaxValuesPerSlot) full_ = true;
  if (full_) return;
  begin_element(axis);
  visit(plan_.nodes[plan_.roots[axis]], value, embedding);
  end_element(axis);
}

void Walk::enter_axis(uint32_t axis, Element value, size_t embedding) {
  if (value.is_array()) {
    for (const Element item : as_array(value)) {
      if (full_) return;
      element(axis, item, embedding);
    }
  } else if (!value.is_null()) {
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

std::optional<dom::element> Walk::look_inside(Element value, size_t embedding) {
  if (embedding >= kMaxEmbedding || !value.is_string()) return std::nullopt;
  const std::string_view text = as_text(value);
  if (!may_hold_json(text)) return std::nullopt;
  return (*readers_)[embedding].read(text, false);
}

void Walk::visit(const PlanNode& node, Element value, size_t embedding) {
  for (const uint32_t slot : node.raw_slots) {
    const bool whole = value.is_object() || value.is_array();
    add(slot, whole ? to_whole(value, *arena_) : to_value(value, Want::raw, *arena_, embedding != 0));
  }
  if (!node.axes.empty() || !node.indices.empty()) {
    // An array inside a text is taken apart as if it stood there; anything else stays the text that it is.
    Element list = value;
    size_t list_embedding = embedding;
    if (value.is_string() && goes_below(node)) {
      const auto inside = look_inside(value, embedding);
      if (inside && inside->is_array()) {
        list = *inside;
        ++list_embedding;
      }
    }
    for (const uint32_t axis : node.axes) enter_axis(axis, list, list_embedding);
    for (const auto& [position, below] : node.indices) {
      visit_index(position, plan_.nodes[below], list, list_embedding);
    }
  }
  if (!node.slots.empty() || !node.keys.empty()) flatten(node, value, embedding);
}

void Walk::visit_index(int32_t position, const PlanNode& below, Element value, size_t embedding) {
  if (value.is_null()) return;
  if (!value.is_array()) {  // its own only element, as for an axis
    if (position == 0 || position == -1) visit(below, value, embedding);
    return;
  }
  const dom::array array = as_array(value);
  int64_t wanted = position;
  if (position < 0) {
    for ([[maybe_unused]] const Element item : array) ++wanted;
  }
  if (wanted < 0) return;
  for (const Element item : array) {
    if (wanted-- == 0) return visit(below, item, embedding);
  }
}

// Arrays are their elements here, at any depth.
void Walk::flatten(const PlanNode& node, Element value, size_t embedding) {
  if (full_) return;
  if (value.is_array()) {
    const dom::array array = as_array(value);
    for (const Element item : array) {
      if (full_) return;
      flatten(node, item, embedding);
    }
    if (array.begin() == array.end()) {
      for (const uint32_t slot : node.slots) add(slot, empty_array());
    }
    return;
  }
  for (const uint32_t slot : node.slots)
    add(slot, to_value(value, plan_.wants[slot], *arena_, embedding != 0));
  if (!node.keys.empty()) descend(node, value, embedding);
}

void Walk::descend(const PlanNode& node, Element value, size_t embedding) {
  if (full_) return;
  if (value.is_object()) {
    descend_object(node, as_object(value), embedding);
  } else if (value.is_array()) {
    for (const Element item : as_array(value)) descend(node, item, embedding);
  } else if (const auto inside = look_inside(value, embedding)) {
    descend(node, *inside, embedding + 1);
  }
}

void Walk::descend_object(const PlanNode& node, dom::object object, size_t embedding) {
  const size_t base = found_.size();
  found_.resize(base + node.keys.size());
  // All keys are looked at before any is followed: of duplicate keys the last wins.
  for (const auto field : object) {
    const uint32_t key = node.find(field.key);
    if (key != kNone) found_[base + key] = {field.value, true};
  }
  for (size_t key = 0; key < node.keys.size(); ++key) {
    if (full_) break;
    const Found found = found_[base + key];
    if (found.is_set) visit(plan_.nodes[node.keys[key].node], found.value, embedding);
  }
  found_.resize(base);
}

}  // namespace weir::match
