// The total order of stored events and rows.
#include "runtime/correlate/row.h"

#include <tuple>

namespace weir::correlate {

std::string_view StoredEvent::read(std::string& buffer) const {
  if (!put_away) return {record.data(), size};
  buffer.resize(size + match::kPadding);
  return put_away->read(offset, buffer.data(), size) ? std::string_view(buffer.data(), size) : std::string_view();
}

bool comes_before(const StoredEvent& a, const StoredEvent& b) {
  return std::tie(a.order, a.content, a.where) < std::tie(b.order, b.content, b.where);
}

// By value: rows of one event may have been read back from two places, each with an event of its own.
bool comes_before(const Row& a, const Row& b) {
  const StoredEvent &of_a = *a.place.event, &of_b = *b.place.event;
  return std::tie(of_a.order, of_a.content, of_a.where, a.place.combination) <
         std::tie(of_b.order, of_b.content, of_b.where, b.place.combination);
}

}  // namespace weir::correlate
