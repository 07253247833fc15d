// weir.yaml for editors: a JSON Schema, made of the tables that the reader refuses unknown keys by.
#pragma once

#include <string>

namespace weir::config {

// Draft 7, indented, ending in a newline. It refuses what the reader does as far as one value or one map can be told
// wrong by itself: names of sinks in routes, variables and files are the reader's alone.
std::string json_schema();

}  // namespace weir::config
