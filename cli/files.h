// Rule files that a verb rewrites.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::cli {

// Every .weir file among the paths, folders walked, sorted. Sentences about what is not there go to `problems`.
std::vector<std::string> rule_files(const std::vector<std::string>& paths, std::vector<std::string>& problems);

std::optional<std::string> read_whole(const std::string& path, std::string& problem);

// Beside the file first, then renamed over it: a crash leaves the old file or the new one, never half of one.
// Empty when it worked, else what went wrong.
std::string replace_whole(const std::string& path, std::string_view text);

}  // namespace weir::cli
