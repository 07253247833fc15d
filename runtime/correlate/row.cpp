// The total order of stored events and rows.
#include "runtime/correlate/row.h"

#include <tuple>

namespace weir::correlate {

bool comes_before(const StoredEvent& a, const StoredEvent& b) {
  return std::tie(a.order, a.content, a.where) < std::tie(b.order, b.content, b.where);
}

bool comes_before(const Row& a, const Row& b) {
  if (a.place.event == b.place.event) return a.place.combination < b.place.combination;
  return comes_before(*a.place.event, *b.place.event);
}

}  // namespace weir::correlate
