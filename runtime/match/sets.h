// Sets that one value is looked up in: networks, numbers, look-up tables; made once, when a pack is compiled.
// (Sets of texts are in text.h.)
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "runtime/match/abi.h"
#include "runtime/match/functions.h"

namespace weir::match {

// Networks, as ranges of addresses that do not overlap: one binary search, however many there are. As with
// Network::contains, no network of one version holds an address of the other.
class NetworkSet {
 public:
  explicit NetworkSet(const std::vector<Network>& networks);
  bool contains(const Address& address) const;

 private:
  using Bits = std::pair<uint64_t, uint64_t>;     // of an address, the first half first
  std::vector<std::pair<Bits, Bits>> ranges_[2];  // first and last, rising; [1] of version 4
};

// Numbers; an integer is in the set when it is equal to one exactly, without rounding.
class NumberSet {
 public:
  explicit NumberSet(std::vector<double> numbers);
  bool contains(int64_t value) const;
  bool contains(double value) const;
  const std::vector<double>& numbers() const { return numbers_; }

 private:
  std::vector<double> numbers_;  // rising
};

// Keys → rows: the longest network that holds an address, or the longest domain that a name is or lies
// below. Of equal keys the first row wins.
class LookupTable {
 public:
  static constexpr uint32_t kNoRow = UINT32_MAX;

  void add(const Network& network, uint32_t row);
  void add(std::string_view domain, uint32_t row);

  uint32_t find(const Address& address) const;
  uint32_t find_domain(std::string_view name) const;  // any case, with or without the final dot

 private:
  struct TextHash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  using Rows = std::unordered_map<std::string, uint32_t, TextHash, std::equal_to<>>;
  std::array<Rows, 129> networks_;  // by bits; keys are masked addresses with their version
  std::vector<uint8_t> bits_;       // those that occur, falling
  Rows domains_;
};

}  // namespace weir::match
