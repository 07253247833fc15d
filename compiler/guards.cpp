// Every comparison is without regard to case: that only ever finds more.
#include "compiler/guards.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "runtime/match/ascii.h"
#include "runtime/match/operations.h"
#include "runtime/match/utf8.h"

namespace weir::compiler {
namespace {

namespace operations = match::operations;
using How = match::TextSet::How;

constexpr size_t kLongest = Scratch::kLongestFolded;  // of a longer value anything is possible
constexpr size_t kWidth = sizeof(uint32_t), kMostStep = 4;

uint32_t four(const char* at) {
  uint32_t bytes;
  std::memcpy(&bytes, at, sizeof bytes);
  return bytes;
}
uint32_t spread(uint32_t bytes) { return bytes * 0x9e3779b1u; }
size_t place_hash(uint32_t bytes) {
  bytes *= 0x85ebca6bu;
  return bytes ^ bytes >> 15;
}

void set(uint64_t* bits, uint32_t i) { bits[i / 64] |= uint64_t{1} << i % 64; }

void add_all(const std::vector<uint64_t>& rules, std::vector<uint64_t>& possible) {
  for (size_t word = 0; word < rules.size(); ++word) possible[word] |= rules[word];
}

}  // namespace

void Guards::Wholes::add(std::string_view text, uint32_t rule) {
  const uint32_t number = texts.add(text);
  if (rules.size() <= number) rules.resize(number + 1);
  rules[number].push_back(rule);
  lengths |= uint64_t{1} << std::min<size_t>(text.size(), 63);
}

void Guards::Wholes::note(std::string_view text, uint64_t* possible) const {
  if ((lengths >> std::min<size_t>(text.size(), 63) & 1) == 0) return;
  const uint32_t number = texts.find(text);
  if (number == 0) return;
  for (const uint32_t rule : rules[number]) set(possible, rule);
}

void Guards::Parts::add(std::string_view text, uint32_t rule) {
  const auto [it, added] = numbers.emplace(std::string(text), static_cast<uint32_t>(parts.size()));
  if (added) parts.push_back({it->first, {}});
  parts[it->second].rules.push_back(rule);
}

void Guards::Parts::finish() {
  numbers.clear();
  if (parts.empty()) return;
  size_t shortest = SIZE_MAX;
  std::map<uint32_t, uint32_t> frequency;
  for (const Part& part : parts) {
    shortest = std::min(shortest, part.text.size());
    for (size_t at = 0; at + kWidth <= part.text.size(); ++at) ++frequency[four(part.text.data() + at)];
  }
  if (where == Where::anywhere) step = std::clamp<size_t>(shortest - (kWidth - 1), 1, kMostStep);
  const size_t count = step * parts.size();
  int bits = 10;
  while (bits < 16 && (size_t{1} << bits) < 64 * count) ++bits;
  shift = 32 - bits;
  bitmap.assign((size_t{1} << bits) / 64, 0);
  places.resize(std::bit_ceil(2 * count + 2));
  std::vector<uint32_t> grams;
  for (uint32_t number = 0; number < parts.size(); ++number) {
    const size_t best = telling_bytes(parts[number].text, frequency);
    for (size_t i = 0; i < step; ++i) add_place(number, best + i);
    grams.push_back(four(parts[number].text.data() + best));
  }
  if (where == Where::anywhere) filter = GramFilter(std::move(grams));
}

void Guards::Parts::add_place(uint32_t part, size_t offset) {
  const uint32_t bytes = four(parts[part].text.data() + offset);
  set(bitmap.data(), spread(bytes) >> shift);
  size_t i = place_hash(bytes) & (places.size() - 1);
  while (places[i].part != UINT32_MAX) i = (i + 1) & (places.size() - 1);
  places[i] = {bytes, part, static_cast<uint32_t>(offset)};
}

size_t Guards::Parts::telling_bytes(const std::string& text, const std::map<uint32_t, uint32_t>& frequency) const {
  if (where != Where::anywhere) return where == Where::beginning ? 0 : text.size() - kWidth;
  const auto common = [&](size_t at) {
    uint32_t most = 0;
    for (size_t i = 0; i < step; ++i) most += frequency.at(four(text.data() + at + i));
    return most;
  };
  size_t best = 0;
  for (size_t at = 0; at + kWidth + step - 1 <= text.size(); ++at) {
    if (common(at) < common(best)) best = at;
  }
  return best;
}

void Guards::Parts::note_at(std::string_view value, size_t at, uint64_t* possible) const {
  const uint32_t bytes = four(value.data() + at);
  for (size_t i = place_hash(bytes) & (places.size() - 1); places[i].part != UINT32_MAX;
       i = (i + 1) & (places.size() - 1)) {
    const Place& place = places[i];
    if (place.bytes != bytes || place.offset > at) continue;
    const Part& part = parts[place.part];
    if (value.substr(at - place.offset).starts_with(part.text)) {
      for (const uint32_t rule : part.rules) set(possible, rule);
    }
  }
}

void Guards::Parts::note(std::string_view value, uint64_t* possible) const {
  if (parts.empty() || value.size() < kWidth) return;
  const uint64_t* const bits = bitmap.data();
  const size_t end = value.size() - kWidth, last = where == Where::beginning ? 0 : end, step_by = step;
  const int shift_by = shift;
  const auto may_be = [&](size_t at) {
    const uint32_t bit = spread(four(value.data() + at)) >> shift_by;
    return bits[bit / 64] >> bit % 64 & 1;
  };
  if (filter.is_of_use() && value.size() >= GramFilter::kShortest) {
    return filter.each(value, [&](size_t at) {
      if (may_be(at) != 0) note_at(value, at, possible);
    });
  }
  size_t at = where == Where::end ? end : 0;
  // Four at once: nearly always there is none.
  for (; at + 3 * step_by <= last; at += 4 * step_by) {
    const uint64_t found = may_be(at) | may_be(at + step_by) << 1 | may_be(at + 2 * step_by) << 2 |
                           may_be(at + 3 * step_by) << 3;
    for (uint64_t left = found; left != 0; left &= left - 1)
      note_at(value, at + static_cast<size_t>(__builtin_ctzll(left)) * step_by, possible);
  }
  for (; at <= last; at += step_by) {
    if (may_be(at) != 0) note_at(value, at, possible);
  }
}

void Guards::Field::add(How how, std::string_view needle, uint32_t rule) {
  if (how == How::equal) return wholes.add(needle, rule);
  if (how == How::below) return above.add(needle, rule);
  const bool is_short = needle.size() < kWidth + kMostStep - 1;
  parts[how == How::contains ? (is_short ? 0 : 1) : how == How::starts ? 2 : 3].add(needle, rule);
}

void Guards::Field::note(std::string_view value, uint64_t* possible) const {
  wholes.note(value, possible);
  if (above.texts.size() != 0) {
    for (size_t at = 0; at < value.size(); ++at) {
      above.note(value.substr(at), possible);
      at = value.find('.', at);
      if (at == value.npos) break;
    }
  }
  for (const Parts& of : parts) of.note(value, possible);
}

void Guards::add_networks(uint32_t slot, const std::vector<match::Network>& networks, uint32_t rule) {
  auto field = std::find_if(networks_.begin(), networks_.end(), [&](const Networks& field) { return field.slot == slot; });
  if (field == networks_.end()) {
    field = networks_.insert(field, Networks{.slot = slot});
    field->rules.resize(words());
  }
  set(field->rules.data(), rule);
  for (const match::Network& network : networks) {
    const uint32_t number = field->networks.add(network);
    if (field->by_network.size() <= number) field->by_network.resize(number + 1);
    field->by_network[number].push_back(rule);
  }
}

void Guards::find_networks(const rt_event& event, Scratch& scratch) const {
  for (const Networks& field : networks_) {
    const rt_slot& slot = event.slots[field.slot];
    if (slot.count == 0) continue;
    if (slot.count != 1 || slot.values[0].kind != RT_TEXT) {
      add_all(field.rules, scratch.possible);
    } else if (const auto& address = scratch.address(field.slot, slot.values[0])) {
      field.networks.each(*address, [&](uint32_t number) {
        for (const uint32_t rule : field.by_network[number]) set(scratch.possible.data(), rule);
      });
    }
  }
}

void Guards::add_texts(uint32_t slot, const ir::Texts& texts, uint32_t rule) {
  const bool domain = texts.rule.domain || texts.how == How::below;
  auto field = std::find_if(fields_.begin(), fields_.end(),
                            [&](const Field& field) { return field.slot == slot && field.domain == domain; });
  if (field == fields_.end()) {
    field = fields_.insert(field, Field{.slot = slot, .domain = domain});
    field->rules.resize(words());
  }
  set(field->rules.data(), rule);
  const bool at_end = texts.how != How::contains && texts.how != How::starts;
  for (const std::string& needle : texts.needles) {
    const std::string folded = match::normal(needle, {.cased = false, .domain = domain && at_end});
    if (!match::is_ascii(folded)) continue;  // in no ASCII value; of another, anything is possible
    field->add(texts.how, folded, rule);
  }
}

Guards::Guards(const ir::Module& module, const ir::Plan::List& list) : rules_(list.rules.size()), always_(words()) {
  for (uint32_t i = 0; i < list.rules.size(); ++i) {
    if (list.rules[i].guards.empty()) set(always_.data(), i);
    for (const ir::Value guard : list.rules[i].guards) {
      const ir::Inst& inst = module.insts[guard];
      const uint32_t slot = module.insts[module.operands_of(inst)[0]].imm;
      if (inst.op == ir::Op::networks) {
        add_networks(slot, module.networks[inst.imm], i);
      } else {
        add_texts(slot, module.texts[inst.imm], i);
      }
    }
  }
  for (Field& field : fields_) {
    for (Parts& parts : field.parts) parts.finish();
  }
}

bool Guards::find(const rt_event& event, Scratch& scratch) const {
  std::copy(always_.begin(), always_.end(), scratch.possible.begin());
  find_networks(event, scratch);
  for (const Field& field : fields_) find_texts(field, event.slots[field.slot], scratch);
  const auto end = scratch.possible.begin() + static_cast<std::ptrdiff_t>(words());
  return std::any_of(scratch.possible.begin(), end, [](uint64_t word) { return word != 0; });
}

void Guards::find_texts(const Field& field, const rt_slot& slot, Scratch& scratch) const {
  if (slot.count == 0) return;
  const auto note = [&](std::string_view folded) {
    if (field.domain && folded.size() > 1 && folded.ends_with('.')) folded.remove_suffix(1);
    field.note(folded, scratch.possible.data());
  };
  const std::string_view plain = scratch.folded(field.slot, slot);
  if (plain.data() != nullptr) return note(plain);
  std::vector<char>& room = scratch.fold_room;
  room.resize(kLongest);
  for (uint32_t i = 0; i < slot.count; ++i) {
    operations::Spelling spelling;
    const std::string_view text = operations::text_of(slot.values[i], spelling);
    if (text.data() == nullptr) continue;
    if (text.size() > kLongest || !match::fold_ascii(text, room.data())) return add_all(field.rules, scratch.possible);
    note({room.data(), text.size()});
  }
}

}  // namespace weir::compiler
