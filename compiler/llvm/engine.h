// LLVM's just-in-time compiler, set up for generated rules: the host's processor, the fastest code generation, a
// closed table of symbols. Nothing of LLVM is seen from outside, and no error of it ends the process.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace llvm {
class LLVMContext;
class Module;
}  // namespace llvm

namespace weir::compiler {

// One for each pack: what it made is gone with it. Of one thread at a time.
class JitSession {
 public:
  // Null, with a sentence in `problem`, where it cannot be.
  static std::unique_ptr<JitSession> create(std::string& problem);
  virtual ~JitSession() = default;

  virtual std::unique_ptr<llvm::LLVMContext> context() = 0;
  // Compiles the module, which it takes. False with a sentence.
  virtual bool add(std::unique_ptr<llvm::Module> module, std::unique_ptr<llvm::LLVMContext> context,
                   std::string& problem) = 0;
  // Where a function of a module that was added is; null with a sentence.
  virtual void* find(std::string_view name, std::string& problem) = 0;
  virtual std::string assembly(llvm::Module& module, std::string& problem) = 0;
};

}  // namespace weir::compiler
