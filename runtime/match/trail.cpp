// How a trail is laid, once a shape, and followed, which is once an event.
#include "runtime/match/trail.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace weir::match {
namespace {

constexpr size_t kLongestKey = 62;  // what is read of it lies within kPadding behind a record's last token
constexpr size_t kMostKeys = 96, kMostBytes = 2048;  // a record that is wide open to rules has half as many

}  // namespace

// ---- keys

bool TrailKeys::add(std::string_view key, uint32_t token) {
  if (key.size() > kLongestKey || key.find('\\') != key.npos) return false;
  if (beginnings_.size() == kMostKeys || bytes_.size() + key.size() >= kMostBytes) return false;
  const std::string_view quoted(key.data(), key.size() + 1);
  beginnings_.push_back(part(quoted.substr(0, kChunk), token));
  if (quoted.size() > kChunk) ends_.push_back(part(quoted.substr(kChunk), token));
  return true;
}

TrailKeys::Part TrailKeys::part(std::string_view bytes, uint32_t token) {
  static_assert(Shapes::kMostTokens <= UINT16_MAX && kMostBytes <= UINT16_MAX);
  const size_t at = bytes_.size() - kChunk;
  bytes_.insert(at, bytes);
  return {static_cast<uint16_t>(token), static_cast<uint16_t>(at),
          static_cast<uint16_t>(kChunk - bytes.size())};
}

// The same on any processor; where it can, a chunk is one word of it. (What chooses between the two runs before the
// thread sanitizer is there for it.)
#if defined(__x86_64__) && !defined(__clang__) && !defined(__SANITIZE_THREAD__)
__attribute__((target_clones("avx2", "default")))
#endif
bool TrailKeys::are_in(const Structure& structure) const {
  using Chunk = uint64_t __attribute__((vector_size(kChunk)));
  static constexpr std::array<uint8_t, 2 * kChunk> kSetThenNot = [] {
    std::array<uint8_t, 2 * kChunk> bytes{};
    std::fill_n(bytes.begin(), kChunk, uint8_t{0xff});
    return bytes;
  }();
  Chunk differs{};
  const auto see = [&](const Part& part, size_t offset) __attribute__((always_inline)) {
    Chunk bytes, expected, mask;
    std::memcpy(&bytes, structure.at(part.token) + offset, kChunk);
    std::memcpy(&expected, bytes_.data() + part.at, kChunk);
    std::memcpy(&mask, kSetThenNot.data() + part.unused, kChunk);
    differs |= (bytes ^ expected) & mask;
  };
  for (const Part& part : beginnings_) see(part, 1);  // behind the quote that is the token
  for (const Part& part : ends_) see(part, 1 + kChunk);
  return (differs[0] | differs[1] | differs[2] | differs[3]) == 0;
}

// ---- a trail

// In the order in which a walk goes.
struct Trail::Laying {
  const Plan& plan;
  const Structure& structure;
  Trail& trail;
  bool can_be = true;

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
    std::vector<uint32_t> found(node.keys.size() + 1);  // tokens; of duplicate keys the last wins
    const uint32_t close = structure.last_of(object);
    for (uint32_t key = object + 1; key < close;) {
      const std::string_view name = structure.quoted(key);
      can_be = can_be && trail.keys_.add(name, key);
      if (!can_be) return;
      const uint32_t value = key + 2;
      found[node.find(name)] = value;
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
  is_of_use_ = laying.can_be;
}

// ---- by shape

const Trail* Trails::find(const Plan& plan, const Structure& structure, size_t mark_words) {
  const Shape* const shape = structure.shape();
  if (shape == nullptr) return nullptr;
  if (structure_ != &structure) {
    structure_ = &structure;
    by_shape_.assign(Shapes::kMost, {});
  }
  OfShape& known = by_shape_[structure.shape_number()];
  if (known.shape != shape->serial) {
    known = {shape->serial, Trail(plan, structure, mark_words)};
  } else if (known.trail.is_of_use() && !known.trail.leads_through(structure)) {
    if (++known.missed < known.patience) return nullptr;
    known.patience = std::min(2 * known.patience, kMostPatience);
    known.trail = Trail(plan, structure, mark_words);
  }
  known.missed = 0;
  return known.trail.is_of_use() ? &known.trail : nullptr;
}

}  // namespace weir::match
