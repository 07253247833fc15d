// Lines of text in columns, as the JSON objects that they stand for.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/match/program.h"

namespace weir::match {

// The columns of a line: cut at every single space, line end left off. At most `most` + 1 are cut.
std::vector<std::string_view> split_columns(std::string_view line, size_t most);

// {"name":"value",…}; a column "-" is left out. As many columns as names.
std::string columns_to_json(const std::vector<std::string>& names,
                            const std::vector<std::string_view>& columns);

// The column that holds the event time, or nullopt.
std::optional<size_t> time_column(const SourceInfo& source);

}  // namespace weir::match
