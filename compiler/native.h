// Native code for a pack, as the recipe asks for it. Made by compiler/llvm; a build without LLVM refuses with a
// sentence.
#pragma once

#include <memory>
#include <string>

namespace weir::compiler {

struct Machine;

bool native_available();  // whether this build can make native code at all

// What a background compilation has come to. Any thread may ask.
class NativeProgress {
 public:
  virtual ~NativeProgress() = default;
  virtual void wait() const = 0;            // until it has ended, one way or the other
  virtual std::string problem() const = 0;  // empty, or why not all is native: a sentence
};

struct NativeOptions {
  bool background = false;  // return at once; functions appear in machine.functions as they are made
  std::string failure;      // for tests: not empty, it fails with this sentence
};

// Fills machine.functions, and keeps in machine.native what they need, background thread included: it ends with the pack.
std::shared_ptr<const NativeProgress> make_native(Machine& machine, const NativeOptions& options);

// The code of a pack, as LLVM's IR or as the host's assembly; a sentence in `problem` when there is none.
std::string native_text(const Machine& machine, bool assembly, std::string& problem);

}  // namespace weir::compiler
