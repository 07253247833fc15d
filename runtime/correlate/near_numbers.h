// How near a group came to a condition over numbers.
#pragma once

#include "runtime/correlate/near.h"
#include "runtime/correlate/plan.h"

namespace weir::correlate {

// Fills told, closeness and lines. `rows`: of one group, in the total order.
void near_numbers(const Plan& plan, const std::vector<const Row*>& rows, const NearOptions& options,
                  NearGroup& group);

}  // namespace weir::correlate
