// How near a group came to a chain of steps, or to something new.
#pragma once

#include "runtime/correlate/near.h"
#include "runtime/correlate/plan.h"

namespace weir::correlate {

// Fills told, closeness and lines. `rows`: of one group; `all`: of all groups, both in the total order.
// `key_of` names the group of a row.
void near_steps(const Plan& plan, const std::vector<const Row*>& rows, const std::vector<Row>& all,
                const NearOptions& options, const std::function<std::string(const Row&)>& key_of,
                NearGroup& group);

void near_first_seen(const Plan& plan, const std::vector<const Row*>& rows, const NearOptions& options,
                     NearGroup& group);

}  // namespace weir::correlate
