// Taking rows out of the outbox that nobody is to be told: of a sink that is gone, or that an operator names.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/store/sqlite.h"

namespace weir::store {

// Those rows, of that sink; without rows all that are there now, without a sink of all sinks. In transactions
// that are short, for a process may run on the store; when one fails (Database::problem) those before it
// hold. How many went; the counter `outbox_dropped` grows by it.
int64_t drop_outbox(Database& database, const std::vector<int64_t>& rows, const std::string& sink);

}  // namespace weir::store
