// The two ways to the Public Suffix List, apart, so that a test can hold them together.
#pragma once

#include <cstdint>
#include <string_view>

namespace weir::match {

// How many labels of the name its public suffix has. `name` is folded, without a final dot, not empty.
int64_t suffix_labels_by_libpsl(std::string_view name);
int64_t suffix_labels_by_rules(std::string_view name);  // ASCII without international labels

}  // namespace weir::match
