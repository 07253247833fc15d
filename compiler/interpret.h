// The reference meaning of the IR: each condition evaluated when it is asked for, at most once an event.
#pragma once

#include <memory>

#include "compiler/ir.h"
#include "compiler/passes.h"
#include "compiler/plan.h"
#include "runtime/match/program.h"

namespace weir::compiler {

// A Program that runs the module by interpretation. Takes the module's sources and rules along.
std::shared_ptr<match::Program> interpret(ir::Module module, const ir::Dispatch& dispatch,
                                          size_t most_in_chain = ir::Plan::kMostInChain);

}  // namespace weir::compiler
