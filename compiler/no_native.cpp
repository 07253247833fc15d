// Native code in a build without LLVM: there is none.
#include "compiler/native.h"

namespace weir::compiler {
namespace {

constexpr const char* kNone = "this build has no native engine (WEIR_JIT=OFF)";

class None final : public NativeProgress {
 public:
  void wait() const override {}
  std::string problem() const override { return kNone; }
};

}  // namespace

bool native_available() { return false; }

std::shared_ptr<const NativeProgress> make_native(Machine&, const NativeOptions&) {
  return std::make_shared<const None>();
}

std::string native_text(const Machine&, bool, std::string& problem) {
  problem = kNone;
  return {};
}

}  // namespace weir::compiler
