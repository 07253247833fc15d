// The functions that generated code calls: C, plain data, never throwing. What they mean is in runtime/match.
#pragma once

#include <cstdint>

#include "runtime/match/abi.h"

extern "C" {
uint32_t rt_holds(uint32_t value, const rt_event* event, rt_scratch* scratch) noexcept;
uint32_t rt_any_text(uint32_t set, const char* data, uint32_t size, rt_scratch* scratch) noexcept;
}
