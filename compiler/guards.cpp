// Every comparison is without regard to case: that only ever finds more.
#include "compiler/guards.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "runtime/match/ascii.h"
#include "runtime/match/operations.h"

namespace weir::compiler {
namespace {

namespace operations = match::operations;
using How = match::TextSet::How;

constexpr size_t kLongest = 8192;  // bytes of a value that is looked through; of longer ones anything is possible

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

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x80; });
}

void set(uint64_t* bits, uint32_t i) { bits[i / 64] |= uint64_t{1} << i % 64; }

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
  std::map<uint32_t, uint32_t> frequency;
  for (const Part& part : parts) {
    for (size_t at = 0; at + 4 <= part.text.size(); ++at) ++frequency[four(part.text.data() + at)];
  }
  int bits = 10;
  while (bits < 16 && (size_t{1} << bits) < 64 * parts.size()) ++bits;
  shift = 32 - bits;
  bitmap.assign((size_t{1} << bits) / 64, 0);
  places.resize(std::bit_ceil(2 * parts.size() + 2));
  for (uint32_t number = 0; number < parts.size(); ++number) {
    const std::string& text = parts[number].text;
    const size_t best = telling_bytes(text, frequency);
    const uint32_t bytes = four(text.data() + best);
    set(bitmap.data(), spread(bytes) >> shift);
    size_t i = place_hash(bytes) & (places.size() - 1);
    while (places[i].part != UINT32_MAX) i = (i + 1) & (places.size() - 1);
    places[i] = {bytes, number, static_cast<uint32_t>(best)};
  }
}

size_t Guards::Parts::telling_bytes(const std::string& text, const std::map<uint32_t, uint32_t>& frequency) const {
  if (where != Where::anywhere) return where == Where::beginning ? 0 : text.size() - 4;
  size_t best = 0;
  for (size_t at = 0; at + 4 <= text.size(); ++at) {
    if (frequency.at(four(text.data() + at)) < frequency.at(four(text.data() + best))) best = at;
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
  if (parts.empty() || value.size() < 4) return;
  const uint64_t* const bits = bitmap.data();
  const size_t end = value.size() - 4, last = where == Where::beginning ? 0 : end;
  const int shift_by = shift;
  for (size_t at = where == Where::end ? end : 0; at <= last; ++at) {
    const uint32_t bit = spread(four(value.data() + at)) >> shift_by;
    if ((bits[bit / 64] >> bit % 64 & 1) != 0) note_at(value, at, possible);
  }
}

void Guards::Field::note(std::string_view value, uint64_t* possible) const {
  wholes.note(value, possible);
  beginnings.note(value, possible);
  ends.note(value, possible);
  parts.note(value, possible);
}

namespace {

// A network as a text: the bits of its prefix, how many they are, and the version of its addresses.
struct PrefixKey {
  PrefixKey(const match::Address& address, uint8_t length) {
    for (size_t i = 0; i < sizeof address.bytes; ++i) {
      const int kept = std::clamp(static_cast<int>(length) - static_cast<int>(8 * i), 0, 8);
      bytes[i] = static_cast<char>(address.bytes[i] & (0xff00 >> kept));
    }
    bytes[16] = static_cast<char>(length);
    bytes[17] = address.v4 ? 4 : 6;
  }
  std::string_view view() const { return {bytes, sizeof bytes}; }
  char bytes[18];
};

}  // namespace

void Guards::Networks::add(const match::Network& network, uint32_t rule) {
  networks.add(PrefixKey(network.address, network.bits).view(), rule);
  if (std::find(lengths.begin(), lengths.end(), network.bits) == lengths.end()) lengths.push_back(network.bits);
}

void Guards::Networks::note(const match::Address& address, uint64_t* possible) const {
  for (const uint8_t length : lengths) networks.note(PrefixKey(address, length).view(), possible);
}

void Guards::add_networks(uint32_t slot, const std::vector<match::Network>& networks, uint32_t rule) {
  auto field = std::find_if(networks_.begin(), networks_.end(), [&](const Networks& field) { return field.slot == slot; });
  if (field == networks_.end()) {
    field = networks_.insert(field, Networks{.slot = slot});
    field->rules.resize(words());
  }
  set(field->rules.data(), rule);
  for (const match::Network& network : networks) field->add(network, rule);
}

void Guards::find_networks(const rt_event& event, uint64_t* possible) const {
  for (const Networks& field : networks_) {
    const rt_slot& slot = event.slots[field.slot];
    if (slot.count == 0) continue;
    if (slot.count == 1 && slot.values[0].kind == RT_TEXT) {
      const auto address = match::parse_address({slot.values[0].data, slot.values[0].size});
      if (address) field.note(*address, possible);
    } else {
      for (size_t word = 0; word < field.rules.size(); ++word) possible[word] |= field.rules[word];
    }
  }
}

Guards::Guards(const ir::Module& module, const ir::Plan::List& list) : rules_(list.rules.size()), always_(words()) {
  for (uint32_t i = 0; i < list.rules.size(); ++i) {
    if (list.rules[i].guard == ir::kNoValue) {
      set(always_.data(), i);
      continue;
    }
    const ir::Inst& inst = module.insts[list.rules[i].guard];
    const uint32_t slot = module.insts[module.operands_of(inst)[0]].imm;
    if (inst.op == ir::Op::networks) {
      add_networks(slot, module.networks[inst.imm], i);
      continue;
    }
    const ir::Texts& texts = module.texts[inst.imm];
    const bool domain = texts.rule.domain || texts.how == How::below;
    auto field = std::find_if(fields_.begin(), fields_.end(),
                              [&](const Field& field) { return field.slot == slot && field.domain == domain; });
    if (field == fields_.end()) {
      field = fields_.insert(field, Field{.slot = slot, .domain = domain});
      field->rules.resize(words());
    }
    set(field->rules.data(), i);
    const bool at_end = texts.how != How::contains && texts.how != How::starts;
    for (const std::string& needle : texts.needles) {
      const std::string folded = match::normal(needle, {.cased = false, .domain = domain && at_end});
      if (!is_ascii(folded)) continue;  // in no ASCII value; of another, anything is possible
      if (texts.how == How::equal) {
        field->wholes.add(folded, i);
      } else if (texts.how == How::starts) {
        field->beginnings.add(folded, i);
      } else if (texts.how == How::contains) {
        field->parts.add(folded, i);
      } else {
        field->ends.add(folded, i);
      }
    }
  }
  for (Field& field : fields_) {
    for (Parts* parts : {&field.parts, &field.beginnings, &field.ends}) parts->finish();
  }
}

void Guards::find(const rt_event& event, uint64_t* possible, std::vector<char>& folded) const {
  std::copy(always_.begin(), always_.end(), possible);
  find_networks(event, possible);
  for (const Field& field : fields_) {
    const rt_slot& slot = event.slots[field.slot];
    for (uint32_t i = 0; i < slot.count; ++i) {
      operations::Spelling spelling;
      std::string_view text = operations::text_of(slot.values[i], spelling);
      if (text.data() == nullptr) continue;
      if (folded.size() < kLongest) folded.resize(kLongest);
      if (text.size() > kLongest || !match::fold_ascii(text, folded.data())) {
        for (size_t word = 0; word < field.rules.size(); ++word) possible[word] |= field.rules[word];
        break;
      }
      if (field.domain && text.size() > 1 && text.ends_with('.')) text.remove_suffix(1);
      field.note({folded.data(), text.size()}, possible);
    }
  }
}

}  // namespace weir::compiler
