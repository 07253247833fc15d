// The list of passes, in the order in which they run.
#include "compiler/passes.h"

#include <utility>

#include "compiler/pass_list.h"

namespace weir::ir {

const std::vector<Pass>& passes() {
  static const std::vector<Pass> kPasses = {
      {"fold", "what constants decide; conditions flattened", fold},
      {"share", "several sets that look at one value become one", share},
      {"order", "what is cheap and decides much is asked first", order},
      {"sweep", "what no rule asks for is dropped, slots of events included", sweep},
  };
  return kPasses;
}

Module run_passes(Module module, std::string_view last) {
  // No pass looks at the rules, and to copy them for each would be half of what passes cost.
  std::vector<match::RuleInfo> rules = std::exchange(module.rules, {});
  for (const Pass& pass : passes()) {
    module = pass.run(module);
    if (pass.name == last) break;
  }
  module.rules = std::move(rules);
  return module;
}

}  // namespace weir::ir
