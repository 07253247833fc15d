// One pack by several engines, event by event.
//
// The reference is the interpreter over the module as it was lowered: no pass, no dispatch, no guards, a scratch of its
// own for each event, everything decoded at once. Against it run the others, each with a scratch that is kept
// from event to event and the two-step decoder, and each once more with a fresh scratch and nothing
// remembered.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/compile.h"

namespace weir::differential {

struct Engines {
  bool interpreter = true, native = true;  // native where there is native code
};

struct Tally {  // of (rule, event) pairs where the event is of a source of the rule
  uint64_t events = 0, foreign = 0, unreadable = 0, pairs = 0, matches = 0;
};

class Comparison {
 public:
  // Compiles the project in every way; `project` is not needed afterwards.
  Comparison(const compiler::Project& project, const Engines& engines, dsl::Diagnostics& diagnostics);
  ~Comparison();

  // What two engines disagree about; nullopt: nothing. A `line` is of a source with columns.
  std::optional<std::string> difference(std::string_view record, bool line);

  const Tally& tally() const { return tally_; }
  // How often each operation stands in the module as lowered.
  const std::array<uint32_t, ir::kOpCount>& operations() const { return operations_; }
  const std::vector<std::string>& names() const { return names_; }  // of the engines that are compared

 private:
  class Runner;
  void add(std::string name, std::shared_ptr<const match::Program> program);

  std::unique_ptr<Runner> reference_;
  std::vector<std::unique_ptr<Runner>> runners_;
  std::vector<std::string> names_;
  std::array<uint32_t, ir::kOpCount> operations_ = {};
  Tally tally_;
};

}  // namespace weir::differential
