// Each is one call of what the interpreter calls too, so that the engines cannot disagree.
#include "compiler/llvm/support.h"

#include "compiler/interpret_code.h"

uint32_t rt_holds(uint32_t value, const rt_event* event, rt_scratch* opaque) noexcept {
  using namespace weir::compiler;
  Scratch& scratch = *reinterpret_cast<Scratch*>(opaque);
  return Evaluation(scratch.code, *event, scratch).holds(value, 0) ? 1 : 0;
}

uint32_t rt_any_text(uint32_t set, const char* data, uint32_t size, rt_scratch* opaque) noexcept {
  using namespace weir::compiler;
  return reinterpret_cast<Scratch*>(opaque)->code.texts[set].matches({data, size}, true) ? 1 : 0;
}
