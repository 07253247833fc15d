// Units → functions, a module at a time, here or on a thread of the pack's own.
#include "compiler/native.h"

#include <llvm/IR/Module.h>
#include <llvm/Support/raw_ostream.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "compiler/llvm/emit.h"
#include "compiler/llvm/engine.h"
#include "compiler/machine.h"

namespace weir::compiler {
namespace {

// Rules a module: large enough that a module's fixed cost does not show, small enough that code comes soon, and that a
// pack which goes away has not long to wait for its compiler.
constexpr size_t kRulesInModule = 200;

class Compilation final : public NativeProgress {
 public:
  void wait() const override {
    std::unique_lock lock(mutex_);
    ended_changed_.wait(lock, [&] { return ended_; });
  }
  std::string problem() const override {
    std::lock_guard lock(mutex_);
    return problem_;
  }

  void end(std::string problem) {
    std::lock_guard lock(mutex_);
    problem_ = std::move(problem);
    ended_ = true;
    ended_changed_.notify_all();
  }

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable ended_changed_;
  bool ended_ = false;
  std::string problem_;
};

// What a pack's functions live in, with the thread that makes them.
class Native {
 public:
  Native(Machine& machine, std::shared_ptr<Compilation> compilation, std::string failure)
      : machine_(machine), compilation_(std::move(compilation)), failure_(std::move(failure)) {}
  Native(const Native&) = delete;
  Native& operator=(const Native&) = delete;
  ~Native() {
    stop_.store(true, std::memory_order_relaxed);
    if (thread_.joinable()) thread_.join();
  }

  void run() {
    std::string problem;
    compile(problem);
    compilation_->end(std::move(problem));
  }
  void run_in_background() {
    thread_ = std::thread([this] { run(); });
  }

 private:
  void compile(std::string& problem) {
    session_ = JitSession::create(problem);
    std::vector<uint32_t> units;
    size_t rules = 0;
    for (uint32_t unit = 0; session_ && problem.empty() && unit < machine_.units.size(); ++unit) {
      if (!machine_.units[unit].rules.empty()) units.push_back(unit);
      rules += machine_.units[unit].rules.size();
      if (rules < kRulesInModule && unit + 1 < machine_.units.size()) continue;
      if (stop_.load(std::memory_order_relaxed)) return;
      compile_module(units, problem);
      units.clear();
      rules = 0;
    }
  }

  void compile_module(const std::vector<uint32_t>& units, std::string& problem) {
    problem = failure_;
    if (!problem.empty() || units.empty()) return;
    std::unique_ptr<llvm::LLVMContext> context = session_->context();
    std::unique_ptr<llvm::Module> module = emit(*context, machine_, units);
    if (!session_->add(std::move(module), std::move(context), problem)) return;
    for (const uint32_t unit : units) {
      void* const found = session_->find(unit_name(unit), problem);
      if (found == nullptr) return;
      machine_.functions[unit].store(reinterpret_cast<NativeFunction>(found), std::memory_order_release);
    }
  }

  Machine& machine_;
  std::shared_ptr<Compilation> compilation_;
  std::string failure_;
  std::unique_ptr<JitSession> session_;
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

}  // namespace

bool native_available() { return true; }

std::shared_ptr<const NativeProgress> make_native(Machine& machine, const NativeOptions& options) {
  auto compilation = std::make_shared<Compilation>();
  auto native = std::make_shared<Native>(machine, compilation, options.failure);
  machine.native = native;
  if (options.background) {
    native->run_in_background();
  } else {
    native->run();
  }
  return compilation;
}

std::string native_text(const Machine& machine, bool assembly, std::string& problem) {
  std::vector<uint32_t> units;
  for (uint32_t unit = 0; unit < machine.units.size(); ++unit) {
    if (!machine.units[unit].rules.empty()) units.push_back(unit);
  }
  std::unique_ptr<JitSession> session = JitSession::create(problem);
  if (!session) return {};
  std::unique_ptr<llvm::LLVMContext> context = session->context();
  std::unique_ptr<llvm::Module> module = emit(*context, machine, units);
  if (assembly) return session->assembly(*module, problem);
  std::string text;
  llvm::raw_string_ostream out(text);
  module->print(out, nullptr);
  return text;
}

}  // namespace weir::compiler
