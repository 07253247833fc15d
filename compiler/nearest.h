// "Did you mean": the names nearest to one that does not exist.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace weir::compiler {

// At most `most` candidates, nearest first: by edit distance with swaps, case counting little, a shared
// prefix or word counting for much. Empty when nothing is near enough to be meant.
std::vector<std::string> nearest(std::string_view name, const std::vector<std::string>& candidates,
                                 size_t most = 3);

// "did you mean `a`?" / "did you mean `a`, or `b`?" / "" for none.
std::string did_you_mean(const std::vector<std::string>& names);

}  // namespace weir::compiler
