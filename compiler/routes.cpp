// ASCII key values are looked up as they are; what is unusual is made normal first.
#include "compiler/routes.h"

#include <algorithm>
#include <bit>

#include "runtime/match/operations.h"

namespace weir::compiler {

namespace operations = match::operations;

uint32_t Routes::Key::find(std::string_view text, bool ascii) const {
  const bool dotted = rule.domain && text.ends_with('.');
  return ascii && !rule.cased && !dotted ? ids.find(text) : ids.find(match::normal(text, rule));
}

Routes::Routes(const ir::Dispatch::Source& source) {
  for (size_t i = 0; i < source.key_slots.size(); ++i)
    keys_.push_back({source.key_slots[i], source.key_rules[i], {}});
  pairs_.resize(std::bit_ceil(2 * source.buckets.size() + 1));
  for (uint32_t number = 0; number < source.buckets.size(); ++number) {
    // The empty text stands for any other value.
    const auto id = [&](size_t key) {
      if (key >= keys_.size() || source.buckets[number].values[key].empty()) return uint32_t{0};
      return keys_[key].ids.add(source.buckets[number].values[key]);
    };
    const uint32_t first = id(0), second = id(1);
    pairs_[place(first, second)] = {first, second, number};
  }
}

uint32_t Routes::id_of(const Key& key, const rt_value& value) const {
  if (value.kind == RT_TEXT && value.data != nullptr)
    return key.find({value.data, value.size}, (value.flags & RT_ASCII) != 0);
  operations::Spelling spelling;
  const std::string_view text = operations::text_of(value, spelling);
  return text.data() == nullptr ? 0 : key.find(text, false);
}

uint32_t Routes::id(size_t key, const rt_event& event) const {
  const rt_slot& slot = event.slots[keys_[key].slot];
  return slot.count == 0 ? 0 : id_of(keys_[key], slot.values[0]);
}

void Routes::ids(size_t key, const rt_event& event, std::vector<uint32_t>& ids) const {
  ids.clear();
  const rt_slot& slot = event.slots[keys_[key].slot];
  for (uint32_t i = 0; i < slot.count; ++i) {
    const uint32_t id = id_of(keys_[key], slot.values[i]);
    if (id != 0) ids.push_back(id);
  }
  if (ids.empty()) ids.push_back(0);
  if (ids.size() == 1) return;
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
}

// Where the pair is, or the free place where it would be.
size_t Routes::place(uint32_t first, uint32_t second) const {
  const size_t mask = pairs_.size() - 1;
  uint64_t hash = (uint64_t{first} << 32 | second) * 0x9e3779b97f4a7c15u;
  for (size_t i = (hash >> 32) & mask;; i = (i + 1) & mask) {
    const Pair& pair = pairs_[i];
    if (pair.bucket == kNone || (pair.first == first && pair.second == second)) return i;
  }
}

uint32_t Routes::pair(uint32_t first, uint32_t second) const { return pairs_[place(first, second)].bucket; }

uint32_t Routes::bucket(uint32_t first, uint32_t second) const {
  uint32_t found = pair(first, second);
  if (found == kNone && second != 0) found = pair(first, 0);
  if (found == kNone && first != 0) found = pair(0, second);
  return found;
}

}  // namespace weir::compiler
