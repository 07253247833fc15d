// Open addressing.
#include "compiler/network_table.h"

#include <algorithm>
#include <utility>

namespace weir::compiler {

NetworkTable::Bits NetworkTable::bits_of(const match::Address& address) {
  const auto number = [&](size_t begin) {
    uint64_t bits = 0;
    for (size_t i = begin; i < begin + sizeof bits; ++i) bits = bits << 8 | address.bytes[i];
    return bits;
  };
  return {number(0), number(sizeof(uint64_t))};
}

uint32_t NetworkTable::add(const match::Network& network) {
  if (2 * (count_ + 1) > entries_.size()) grow();
  const bool v4 = network.address.v4;
  const Key key = key_of(bits_of(network.address), network.bits, v4);
  Entry& entry = entries_[place(key)];
  if (entry.number != kFree) return entry.number;
  entry = {key, count_};
  std::vector<uint8_t>& lengths = lengths_[v4];
  if (std::find(lengths.begin(), lengths.end(), network.bits) == lengths.end()) lengths.push_back(network.bits);
  return count_++;
}

void NetworkTable::grow() {
  std::vector<Entry> old(std::max<size_t>(8, 2 * entries_.size()));
  old.swap(entries_);
  for (const Entry& entry : old) {
    if (entry.number != kFree) entries_[place(entry.key)] = entry;
  }
}

}  // namespace weir::compiler
