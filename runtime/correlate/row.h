// An event that a rule over many events let in, as one of its groups sees it.
//
// Rows stay small: they carry what the correlation counts and compares, and the texts of samples; messages,
// fields and keys are evaluated when an alert is made, from the stored record. One stored event is shared by
// all rows of all rules.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/correlate/alert.h"
#include "runtime/correlate/identity.h"
#include "runtime/correlate/number.h"

namespace weir::correlate {

// Where records are that memory had no room for. Safe to read by several threads.
class RecordStore {
 public:
  virtual ~RecordStore() = default;
  virtual bool read(uint64_t offset, char* into, size_t bytes) const = 0;
};

struct StoredEvent {
  OrderKey order;
  uint64_t content = 0;  // hash of the canonical record: events of one id may differ
  uint16_t source = 0;   // index in the program
  bool columns = false;  // a text line, to be decoded as such
  std::string record;    // and match::kPadding bytes behind it; empty when it was put away
  size_t size = 0;       // of the record without those
  std::string where;
  std::shared_ptr<const RecordStore> put_away;  // the record is there, at `offset`
  uint64_t offset = 0;

  // The record, with match::kPadding bytes behind it; `buffer` holds it when it was put away. Empty when it cannot be
  // read back.
  std::string_view read(std::string& buffer) const;
  // With the record, wherever it is: what a group may hold does not depend on that.
  size_t bytes() const { return sizeof *this + size + match::kPadding + where.size(); }
};
using EventRef = std::shared_ptr<const StoredEvent>;

// The total order (language.md, 7). Equal only for records that are equal, wherever they stand.
bool comes_before(const StoredEvent& a, const StoredEvent& b);

// Where a row stands: its event, and which of the groups of that event it is in.
struct Place {
  EventRef event;
  uint32_t combination = 0;  // of elements of the key parts, counted as `combinations` does
  Identity128 silence;       // the key of `suppress`

  int64_t time() const { return event->order.time; }
};

struct RowValue {
  Identity128 identity;
  Number number;
  uint32_t text = 0, text_bytes = 0;  // in Observation::texts, of values that samples show
};

// What a rule asks of an event, the same in each group.
struct Observation {
  uint64_t conditions = 0;  // bit i: Correlation::conditions[i] holds
  bool counted = true;      // false: exempt; only its absence counts, and `new` remembers it
  std::vector<std::vector<RowValue>> values;  // by Correlation::values; missing values are left out
  std::string texts;

  void add_text(RowValue& of, std::string_view text) {
    of.text = static_cast<uint32_t>(texts.size());
    of.text_bytes = static_cast<uint32_t>(text.size());
    texts += text;
  }
  std::string_view text_of(const RowValue& value) const {
    return std::string_view(texts).substr(value.text, value.text_bytes);
  }
};

struct Row {
  Identity128 group;
  Place place;
  std::shared_ptr<const Observation> seen;

  int64_t time() const { return place.time(); }
  bool holds(uint32_t condition) const { return seen->conditions >> condition & 1; }
};

// In the total order; of one event by its combinations.
bool comes_before(const Row& a, const Row& b);

// An event is in no more groups, and gives no more combinations of values, than this: the rest is left out.
inline constexpr uint32_t kMaxCombinations = 1024;

// Calls `use(positions, number)` for each way to take one of `sizes[i]` things at every i, the last position
// running fastest; up to kMaxCombinations. Nothing when a size is 0; once, with nothing taken, of no sizes.
template <class Use>
void combinations(const std::vector<uint32_t>& sizes, Use use) {
  for (uint32_t size : sizes)
    if (size == 0) return;
  std::vector<uint32_t> positions(sizes.size());
  for (uint32_t number = 0; number < kMaxCombinations; ++number) {
    use(positions, number);
    size_t i = sizes.size();
    while (i > 0 && ++positions[i - 1] == sizes[i - 1]) positions[--i] = 0;
    if (i == 0) return;
  }
}

// Calls `use(identity)` for each combination of the values that `which` names.
template <class Use>
void each_combination(const Observation& seen, const std::vector<uint32_t>& which, Use use) {
  if (which.size() == 1) {
    for (const RowValue& value : seen.values[which[0]]) use(value.identity);
    return;
  }
  Identity128 single;
  const bool one_of_each = std::all_of(which.begin(), which.end(), [&](uint32_t value) {
    if (seen.values[value].size() == 1) single = combined(single, seen.values[value][0].identity);
    return seen.values[value].size() == 1;
  });
  if (one_of_each) {
    use(single);
    return;
  }
  std::vector<uint32_t> sizes;
  for (uint32_t value : which) sizes.push_back(static_cast<uint32_t>(seen.values[value].size()));
  combinations(sizes, [&](const std::vector<uint32_t>& positions, uint32_t) {
    Identity128 all;
    for (size_t i = 0; i < which.size(); ++i)
      all = combined(all, seen.values[which[i]][positions[i]].identity);
    use(all);
  });
}

}  // namespace weir::correlate
