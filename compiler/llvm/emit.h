// Verified IR → an LLVM module, which cannot fail. Each unit of a pack becomes the function `unit_N`.
//
// Conditions are control flow: what is decided branches at once. Comparisons of one plain ASCII text of a field
// with constants, and of one integer, are inline; whatever else there is, and whatever else a slot may hold (several
// values, none-ASCII, a number where a text is compared), is a call that decides as the interpreter does. The
// code holds no addresses of the process: only the names of abi.def.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "compiler/machine.h"

namespace llvm {
class LLVMContext;
class Module;
}  // namespace llvm

namespace weir::compiler {

std::string unit_name(uint32_t unit);
std::unique_ptr<llvm::Module> emit(llvm::LLVMContext& context, const Machine& machine, std::span<const uint32_t> units);

}  // namespace weir::compiler
