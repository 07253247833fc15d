// SIGKILL, not exit: nothing may run after it.
#include "runtime/process/fault.h"

#ifdef WEIR_FAULTS

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <string>

namespace weir::process {
namespace {

constexpr const char* kNames[] = {"before_inflate",     "after_inflate",     "before_decide", "after_decide",
                                  "before_commit",      "after_commit",      "before_fsync",  "after_fsync",
                                  "before_acknowledge", "after_acknowledge", "before_send",   "after_send"};

int armed = -1;  // the fault that is waited for; set before any thread starts
std::atomic<long> left{0};
std::string poison;

}  // namespace

const char* read_faults() {
  const char* set = std::getenv("WEIR_FAULT");
  if (!set || !*set) return nullptr;
  const std::string_view text(set);
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon + 1 == text.size()) return "WEIR_FAULT is not point:n";
  if (text.substr(0, colon) == "poison") {
    poison = text.substr(colon + 1);
    return nullptr;
  }
  for (size_t i = 0; i < std::size(kNames); ++i)
    if (text.substr(0, colon) == kNames[i]) armed = static_cast<int>(i);
  left = std::atol(set + colon + 1);
  return armed < 0 || left <= 0 ? "WEIR_FAULT names no fault point" : nullptr;
}

void pass(Fault fault) {
  if (static_cast<int>(fault) == armed && left.fetch_sub(1) == 1) std::raise(SIGKILL);
}

void taste(std::string_view record) {
  if (!poison.empty() && record.find(poison) != std::string_view::npos) std::abort();
}

}  // namespace weir::process

#endif
