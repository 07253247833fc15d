// Sets that one value is looked up in: networks, numbers, look-up tables.
#include "runtime/match/sets.h"

#include <algorithm>
#include <cstring>

#include "runtime/match/numbers.h"
#include "runtime/match/text.h"

namespace weir::match {
namespace {

using Bytes = std::array<uint8_t, 16>;

Bytes bytes_of(const Address& address) {
  Bytes bytes;
  std::memcpy(bytes.data(), address.bytes, bytes.size());
  return bytes;
}

uint64_t big_endian(const uint8_t* bytes) {
  uint64_t number = 0;
  for (size_t i = 0; i < sizeof number; ++i) number = number << 8 | bytes[i];
  return number;
}
// Numbers compare as the bytes do, and without a call.
std::pair<uint64_t, uint64_t> bits_of(const uint8_t* bytes) { return {big_endian(bytes), big_endian(bytes + 8)}; }

// The address with every bit after the first `bits` set to `fill`.
Bytes filled(Bytes bytes, unsigned bits, bool fill) {
  for (unsigned i = 0; i < bytes.size(); ++i) {
    const unsigned kept = std::clamp<int>(static_cast<int>(bits) - static_cast<int>(8 * i), 0, 8);
    const uint8_t host = static_cast<uint8_t>(0xffu >> kept);
    bytes[i] = static_cast<uint8_t>(fill ? bytes[i] | host : bytes[i] & ~host);
  }
  return bytes;
}

// What a network is known by among those of as many bits.
struct NetworkKey {
  NetworkKey(const Address& address, unsigned bits) {
    const Bytes masked = filled(bytes_of(address), bits, false);
    std::copy(masked.begin(), masked.end(), bytes);
    bytes[masked.size()] = address.v4 ? 4 : 6;
  }
  std::string_view view() const { return {bytes, sizeof bytes}; }
  char bytes[17];
};

}  // namespace

NetworkSet::NetworkSet(const std::vector<Network>& networks) {
  for (const bool v4 : {false, true}) {
    std::vector<std::pair<Bits, Bits>> all;
    for (const Network& network : networks) {
      if (network.address.v4 != v4) continue;
      const Bytes bytes = bytes_of(network.address);
      all.emplace_back(bits_of(filled(bytes, network.bits, false).data()),
                       bits_of(filled(bytes, network.bits, true).data()));
    }
    std::sort(all.begin(), all.end());
    for (const auto& range : all) {
      if (!ranges_[v4].empty() && range.first <= ranges_[v4].back().second) {
        ranges_[v4].back().second = std::max(ranges_[v4].back().second, range.second);
      } else {
        ranges_[v4].push_back(range);
      }
    }
  }
}

bool NetworkSet::contains(const Address& address) const {
  const auto& ranges = ranges_[address.v4];
  const Bits bits = bits_of(address.bytes);
  const auto after = std::upper_bound(ranges.begin(), ranges.end(), bits,
                                      [](const Bits& value, const auto& range) { return value < range.first; });
  return after != ranges.begin() && bits <= std::prev(after)->second;
}

NumberSet::NumberSet(std::vector<double> numbers) : numbers_(std::move(numbers)) {
  std::sort(numbers_.begin(), numbers_.end());
}

bool NumberSet::contains(int64_t value) const {
  const auto it = std::partition_point(numbers_.begin(), numbers_.end(),
                                       [&](double number) { return compare(number, value) < 0; });
  return it != numbers_.end() && compare(*it, value) == 0;
}

bool NumberSet::contains(double value) const {
  return std::binary_search(numbers_.begin(), numbers_.end(), value);
}

void LookupTable::add(const Network& network, uint32_t row) {
  const NetworkKey key(network.address, network.bits);
  Rows& rows = networks_[std::min<size_t>(network.bits, networks_.size() - 1)];
  if (rows.empty()) {
    bits_.insert(std::upper_bound(bits_.begin(), bits_.end(), network.bits, std::greater<>()), network.bits);
  }
  rows.emplace(key.view(), row);
}

void LookupTable::add(std::string_view domain, uint32_t row) {
  domains_.emplace(normal(domain, TextRule{.cased = false, .domain = true}), row);
}

uint32_t LookupTable::find(const Address& address) const {
  for (const uint8_t bits : bits_) {
    const auto it = networks_[bits].find(NetworkKey(address, bits).view());
    if (it != networks_[bits].end()) return it->second;
  }
  return kNoRow;
}

uint32_t LookupTable::find_domain(std::string_view name) const {
  const std::string folded = normal(name, TextRule{.cased = false, .domain = true});
  std::string_view rest = folded;
  while (true) {
    const auto it = domains_.find(rest);
    if (it != domains_.end()) return it->second;
    const size_t dot = rest.find('.');
    if (dot == std::string_view::npos) return kNoRow;
    rest.remove_prefix(dot + 1);
  }
}

}  // namespace weir::match
