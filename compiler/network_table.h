// Networks → small numbers, and the numbers of those that hold an address: a look-up for each length of prefix that
// occurs among them.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "runtime/match/functions.h"

namespace weir::compiler {

class NetworkTable {
 public:
  // The network's number, from 0 on; equal networks have one.
  uint32_t add(const match::Network& network);

  // Calls see(number) for each network that holds the address.
  template <class See>
  void each(const match::Address& address, See see) const {
    const Bits bits = bits_of(address);
    for (const uint8_t length : lengths_[address.v4]) {
      const Entry& found = entries_[place(key_of(bits, length, address.v4))];
      if (found.number != kFree) see(found.number);
    }
  }

 private:
  static constexpr uint32_t kFree = UINT32_MAX;
  struct Bits {
    uint64_t high = 0, low = 0;
  };
  struct Key {
    Bits bits;             // those of the prefix, the others 0
    uint32_t kind = 0;     // its length, and the version of its addresses
    bool operator==(const Key& other) const {
      return bits.low == other.bits.low && bits.high == other.bits.high && kind == other.kind;
    }
  };
  struct Entry {
    Key key;
    uint32_t number = kFree;
  };

  static Bits bits_of(const match::Address& address);
  static Key key_of(Bits bits, uint8_t length, bool v4) {
    const auto kept = [](uint64_t of, int bits_kept) {
      return bits_kept <= 0 ? 0 : bits_kept >= 64 ? of : of & ~uint64_t{0} << (64 - bits_kept);
    };
    return {{kept(bits.high, length), kept(bits.low, length - 64)}, uint32_t{length} << 1 | (v4 ? 1 : 0)};
  }
  // Where the key is, or the free place where it would be.
  size_t place(const Key& key) const {
    const uint64_t mixed = (key.bits.high * 0xc2b2ae3d27d4eb4fu ^ key.bits.low ^ key.kind) * 0x9e3779b97f4a7c15u;
    size_t i = (mixed >> 32) & (entries_.size() - 1);
    while (entries_[i].number != kFree && !(entries_[i].key == key)) i = (i + 1) & (entries_.size() - 1);
    return i;
  }
  void grow();

  std::array<std::vector<uint8_t>, 2> lengths_;  // of version 6 and 4, of 128 bits
  std::vector<Entry> entries_;                   // a power of two, open addressing, at most half full
  uint32_t count_ = 0;
};

}  // namespace weir::compiler
