// The passes; their pictures stand above their definitions. Internal: passes.h has them as a list.
#pragma once

#include "compiler/ir.h"

namespace weir::ir {

Module fold(const Module& module);
Module share(const Module& module);
Module order(const Module& module);
Module sweep(const Module& module);

}  // namespace weir::ir
