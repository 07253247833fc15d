// State as bytes, and bytes as state (docs/state-format.md): integers are little-endian and of fixed width,
// lists and texts have their length before them.
//
// A type says once what it is made of, in a template `serialise(archive)` that calls `archive(member, …)`;
// StateWriter and StateReader are the archives. Bytes may be hostile: a reader never reads beyond their end,
// grows no list beyond what is left of them, and once failed() gives nothing but zeros.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

#include "runtime/correlate/blocks.h"
#include "runtime/correlate/number.h"
#include "runtime/correlate/queue.h"
#include "runtime/correlate/row.h"
#include "runtime/match/program.h"

namespace weir::correlate {

class StateWriter {
 public:
  static constexpr bool kReading = false;

  template <class... Values>
  void operator()(const Values&... values) {
    (put(values), ...);
  }
  void fail_unless(bool) {}

  const std::string& bytes() const { return bytes_; }
  // An event that was not written before, and to which the content refers by its place only.
  void append(const EventRef& event) {
    events_.push_back(event);
    of_events_ += event->size;
  }
  // Of all that was written, about.
  size_t size() const { return bytes_.size() + of_events_; }
  void reserve(size_t bytes) { bytes_.reserve(bytes); }
  void append_bytes(std::string_view bytes) { bytes_ += bytes; }
  std::string take_bytes() { return std::move(bytes_); }
  // As new, in the same memory.
  void clear() {
    bytes_.clear();
    events_.clear();
    places_.clear();
    of_events_ = 0;
  }
  // The stored events that were written, by reference; each once.
  const std::vector<EventRef>& events() const { return events_; }

 private:
  template <class T>
  void put(const T& value) {
    if constexpr (std::is_same_v<T, bool>) {
      bytes_ += value ? '\1' : '\0';
    } else if constexpr (std::is_same_v<T, double>) {
      put(std::bit_cast<uint64_t>(value));
    } else if constexpr (std::is_integral_v<T>) {
      char bytes[sizeof value];
      for (size_t i = 0; i < sizeof value; ++i)
        bytes[i] = static_cast<char>(static_cast<std::make_unsigned_t<T>>(value) >> (8 * i));
      bytes_.append(bytes, sizeof bytes);
    } else {
      const_cast<T&>(value).serialise(*this);
    }
  }
  void put(const __int128& value) {
    put(static_cast<uint64_t>(value));
    put(static_cast<int64_t>(value >> 64));
  }
  void put(const std::string& text) { put(std::string_view(text)); }
  void put(std::string_view text) {
    put(static_cast<uint32_t>(text.size()));
    bytes_ += text;
  }
  void put(const Identity128& identity) { (*this)(identity.high, identity.low); }
  void put(const Number& number) {
    put(static_cast<uint8_t>(number.kind));
    if (number.kind == Number::Kind::real) {
      put(number.real);
    } else {
      put(number.whole);
    }
  }
  void put(const EventRef& event) {
    if (!event) return put(UINT32_MAX);
    const auto [place, fresh] = places_.try_emplace(event.get(), static_cast<uint32_t>(events_.size()));
    if (fresh) append(event);
    put(place->second);
  }
  void put(const Place& place) { (*this)(place.event, place.combination, place.silence); }
  template <class A, class B>
  void put(const std::pair<A, B>& pair) {
    (*this)(pair.first, pair.second);
  }
  template <class T>
  void put(const std::optional<T>& value) {
    put(value.has_value());
    if (value) put(*value);
  }
  template <class T>
  void put(const std::vector<T>& list) {
    put(static_cast<uint32_t>(list.size()));
    for (const T& one : list) put(one);
  }
  template <class T>
  void put(const Blocks<T>& list) {
    put(static_cast<uint32_t>(list.size()));
    for (const T& one : list) put(one);
  }
  template <class T>
  void put(const Queue<T>& list) {
    put(static_cast<uint32_t>(list.size()));
    for (const T& one : list) put(one);
  }

  std::string bytes_;
  std::vector<EventRef> events_;
  std::unordered_map<const StoredEvent*, uint32_t> places_;  // among them
  size_t of_events_ = 0;
};

class StateReader {
 public:
  static constexpr bool kReading = true;

  explicit StateReader(std::string_view bytes) : bytes_(bytes) {}

  template <class... Values>
  void operator()(Values&... values) {
    (get(values), ...);
  }
  void fail_unless(bool holds) { failed_ = failed_ || !holds; }
  bool failed() const { return failed_; }
  bool at_end() const { return bytes_.empty(); }
  std::vector<EventRef> events;  // that places refer to

 private:
  template <class T>
  void get(T& value) {
    if constexpr (std::is_same_v<T, bool>) {
      uint8_t byte = 0;
      get(byte);
      fail_unless(byte <= 1);
      value = byte == 1;
    } else if constexpr (std::is_same_v<T, double>) {
      uint64_t bits = 0;
      get(bits);
      value = std::bit_cast<double>(bits);
    } else if constexpr (std::is_integral_v<T>) {
      std::make_unsigned_t<T> made = 0;
      fail_unless(bytes_.size() >= sizeof value);
      for (size_t i = 0; !failed_ && i < sizeof value; ++i)
        made = static_cast<std::make_unsigned_t<T>>(
            made | static_cast<std::make_unsigned_t<T>>(static_cast<unsigned char>(bytes_[i])) << (8 * i));
      if (!failed_) bytes_.remove_prefix(sizeof value);
      value = static_cast<T>(made);
    } else {
      value.serialise(*this);
    }
  }
  void get(__int128& value) {
    uint64_t low = 0;
    int64_t high = 0;
    (*this)(low, high);
    fail_unless(high < INT64_MAX / 256 && high > INT64_MIN / 256);  // sums of it must not overflow
    value = failed_ ? 0 : static_cast<__int128>(static_cast<unsigned __int128>(static_cast<uint64_t>(high)) << 64 | low);
  }
  void get(std::string& text) {
    uint32_t size = 0;
    get(size);
    fail_unless(size <= bytes_.size());
    if (failed_) size = 0;
    text = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
  }
  void get(Identity128& identity) { (*this)(identity.high, identity.low); }
  void get(Number& number) {
    uint8_t kind = 0;
    get(kind);
    fail_unless(kind <= static_cast<uint8_t>(Number::Kind::real));
    number = {};
    if (kind == static_cast<uint8_t>(Number::Kind::real)) {
      double real = 0;
      get(real);
      fail_unless(std::isfinite(real));
      number = Number::of(real);
    } else {
      get(number.whole);
      number.kind = static_cast<Number::Kind>(failed_ ? 0 : kind);
    }
  }
  void get(EventRef& event) {
    uint32_t at = 0;
    get(at);
    fail_unless(at == UINT32_MAX || at < events.size());
    event = failed_ || at == UINT32_MAX ? nullptr : events[at];
  }
  void get(Place& place) { (*this)(place.event, place.combination, place.silence); }
  template <class A, class B>
  void get(std::pair<A, B>& pair) {
    (*this)(pair.first, pair.second);
  }
  template <class T>
  void get(std::optional<T>& value) {
    bool there = false;
    get(there);
    value.reset();
    if (there && !failed_) get(value.emplace());
  }
  template <class List, class T>
  void get_list(List& list) {
    uint32_t size = 0;
    get(size);
    fail_unless(size <= bytes_.size());  // each takes a byte at least
    list = {};
    for (uint32_t i = 0; i < size && !failed_; ++i) {
      T one{};
      get(one);
      list.push_back(std::move(one));
    }
  }
  template <class T>
  void get(std::vector<T>& list) {
    get_list<std::vector<T>, T>(list);
  }
  template <class T>
  void get(Blocks<T>& list) {
    get_list<Blocks<T>, T>(list);
  }
  template <class T>
  void get(Queue<T>& list) {
    get_list<Queue<T>, T>(list);
  }

  std::string_view bytes_;
  bool failed_ = false;
};

// What stands at the end of a part's value, of all before it.
uint64_t part_checksum(std::string_view key, std::string_view value);
// A part's value around its content: what it is, the events that it refers to, a checksum over key and all.
std::string sealed(std::string_view key, const StateWriter& content);
// The same in two steps: of what is made before its key is known. `packed`: compressed.
enum class Framing : uint8_t { plain, packed };
std::string framed(const StateWriter& content, Framing framing);
std::string sealed(std::string_view key, std::string frame);
// Reads the frame, and sets `reader` to the content. Says what is wrong, or nothing. `unpacked` is memory of
// the reader.
std::optional<std::string> unseal(std::string_view key, std::string_view value, const match::Program& program,
                                  StateReader& reader, std::string& unpacked);

}  // namespace weir::correlate
