// What a golden runs its inputs through, by the name in its `stage:` line.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "tests/golden/golden_file.h"

namespace weir::golden {

using Stage = std::function<Blocks(const Blocks& inputs)>;
const std::map<std::string, Stage>& stages();

}  // namespace weir::golden
