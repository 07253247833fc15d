// How a form is taken down, once, and recognised, which is once an event.
#include "runtime/match/forms.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <set>
#include <utility>

namespace weir::match {
namespace {

constexpr size_t kLongestKey = 62;  // what is read of it lies within kPadding behind a record's last token
constexpr size_t kMostKeys = 192, kMostKeyBytes = 4096;  // a call with all of its parameters has fewer
constexpr size_t kTokenBytes = 8;  // of what a walk and a hash keep of each token, on average

}  // namespace

// ---- a form

Form::Form(const Shape& shape, const Placed& record, uint64_t serial) : serial_(serial) {
  std::set<std::pair<uint32_t, std::string_view>> keys;  // with the object that they are of
  std::vector<uint32_t> open;
  for (uint32_t token = 0; token + 1 < shape.count; ++token) {
    const char kind = shape.kinds[token];
    if (kind == '{' || kind == '[') {
      open.push_back(token);
    } else if (kind == '}' || kind == ']') {
      open.pop_back();
    } else if (shape.kinds[token + 1] == ':') {
      const char *const begin = record.at(token) + 1, *end = record.at(token + 1) - 1;
      while (*end != '"') --end;
      const std::string_view key(begin, static_cast<size_t>(end - begin));
      if (!keys.emplace(open.back(), key).second || !add(key, token)) return;
    }
  }
  size_ = sizeof(Form) + shape.count * kTokenBytes + bytes_.size() +
          (beginnings_.size() + ends_.size()) * sizeof(Part);
  is_of_use_ = true;
}

bool Form::add(std::string_view key, uint32_t token) {
  if (key.size() > kLongestKey || key.find('\\') != key.npos) return false;
  if (beginnings_.size() == kMostKeys || bytes_.size() + key.size() >= kMostKeyBytes) return false;
  const std::string_view quoted(key.data(), key.size() + 1);
  beginnings_.push_back(part(quoted.substr(0, kChunk), token));
  if (quoted.size() > kChunk) ends_.push_back(part(quoted.substr(kChunk), token));
  return true;
}

Form::Part Form::part(std::string_view bytes, uint32_t token) {
  static_assert(Shapes::kMostTokens <= UINT16_MAX && kMostKeyBytes <= UINT16_MAX);
  const size_t at = bytes_.size() - kChunk;
  bytes_.insert(at, bytes);
  return {static_cast<uint16_t>(token), static_cast<uint16_t>(at),
          static_cast<uint16_t>(kChunk - bytes.size())};
}

// The same on any processor; where it can, a chunk is one word of it. (What chooses between the two runs
// before the thread sanitizer is there for it.)
#if defined(__x86_64__) && !defined(__clang__) && !defined(__SANITIZE_THREAD__)
__attribute__((target_clones("avx2", "default")))
#endif
bool Form::is_of(const Placed& record) const {
  using Chunk = uint64_t __attribute__((vector_size(kChunk)));
  static constexpr std::array<uint8_t, 2 * kChunk> kSetThenNot = [] {
    std::array<uint8_t, 2 * kChunk> bytes{};
    std::fill_n(bytes.begin(), kChunk, uint8_t{0xff});
    return bytes;
  }();
  Chunk differs{};
  const auto see = [&](const Part& part, size_t offset) __attribute__((always_inline)) {
    Chunk bytes, expected, mask;
    std::memcpy(&bytes, record.at(part.token) + offset, kChunk);
    std::memcpy(&expected, bytes_.data() + part.at, kChunk);
    std::memcpy(&mask, kSetThenNot.data() + part.unused, kChunk);
    differs |= (bytes ^ expected) & mask;
  };
  for (const Part& part : beginnings_) see(part, 1);  // behind the quote that is the token
  for (const Part& part : ends_) see(part, 1 + kChunk);
  return (differs[0] | differs[1] | differs[2] | differs[3]) == 0;
}

uint32_t Form::difference(const Form& other) const {
  for (const Part& part : beginnings_) {
    const Glance mine = glance(part.token), of_other = other.glance(part.token);
    if (!mine.fits(of_other.bytes) || !of_other.fits(mine.bytes)) return part.token;
  }
  return 0;
}

Form::Glance Form::glance(uint32_t key) const {
  const auto found = std::find_if(beginnings_.begin(), beginnings_.end(),
                                  [&](const Part& part) { return part.token == key; });
  if (found == beginnings_.end()) return {};
  Glance glance;
  std::memcpy(&glance.bytes, bytes_.data() + found->at, sizeof glance.bytes);
  const size_t size = std::min(kChunk - found->unused, sizeof glance.mask);
  std::memset(&glance.mask, 0xff, size);
  return glance;
}

uint64_t Form::glance(const Placed& record, uint32_t key) {
  uint64_t bytes;
  std::memcpy(&bytes, record.at(key) + 1, sizeof bytes);
  return bytes;
}

// ---- those of the shapes

size_t Forms::find(const Shape& shape, size_t number, const Placed& record) {
  OfShape& known = by_shape_[number];
  if (known.shape != shape.serial) {
    for (const Form& form : known.forms) bytes_ -= form.size();
    known = {shape.serial};
  }
  size_t place = find_in(known, record);
  if (place == known.forms.size()) {
    if (++known.missed < known.patience) return kMost;
    Form form(shape, record, ++remembered_);
    const bool has_room = known.forms.size() < kOfShape && bytes_ + form.size() <= kMostBytes;
    if (!has_room || !form.is_of_use()) known.patience = std::min(2 * known.patience, kMostPatience);
    known.missed = 0;
    if (!form.is_of_use() || (!has_room && known.forms.empty())) return kMost;
    place = remember(known, std::move(form), has_room);
  }
  known.missed = 0;
  return number * kOfShape + place;
}

size_t Forms::find_in(const OfShape& known, const Placed& record) {
  const uint64_t seen = known.key == 0 ? 0 : Form::glance(record, known.key);
  size_t place = 0;
  while (place < known.forms.size() && !(known.glances[place].fits(seen) && known.forms[place].is_of(record)))
    ++place;
  return place;
}

// In another's place when there is no room for one more.
size_t Forms::remember(OfShape& known, Form form, bool has_room) {
  size_t place = known.forms.size();
  bytes_ += form.size();
  if (has_room) {
    known.forms.push_back(std::move(form));
  } else {
    known.oldest = known.oldest % known.forms.size();
    place = known.oldest++;
    bytes_ -= known.forms[place].size();
    known.forms[place] = std::move(form);
  }
  const Form &first = known.forms.front(), &last = known.forms.back();
  known.key = first.difference(last);
  known.glances.clear();
  for (const Form& each : known.forms)
    known.glances.push_back(known.key == 0 ? Form::Glance() : each.glance(known.key));
  return place;
}

}  // namespace weir::match
