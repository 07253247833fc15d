// LLJIT with everything off that would let generated code reach the process: its symbols, a platform's start-up code.
#include "compiler/llvm/engine.h"

#include <llvm/ExecutionEngine/Orc/LLJIT.h>
#include <llvm/ExecutionEngine/Orc/ObjectLinkingLayer.h>
#include <llvm/IR/LegacyPassManager.h>
#include <llvm/IR/Module.h>
#include <llvm/Support/TargetSelect.h>
#include <llvm/Target/TargetMachine.h>

#include "compiler/llvm/support.h"

namespace weir::compiler {
namespace {

namespace orc = llvm::orc;

std::string sentence(llvm::Error error) { return "LLVM: " + llvm::toString(std::move(error)); }

orc::SymbolMap support_symbols(orc::LLJIT& jit) {
  orc::SymbolMap symbols;
  const auto bind = [&](const char* name, auto* function) {
    symbols[jit.mangleAndIntern(name)] = {orc::ExecutorAddr::fromPtr(function),
                                          llvm::JITSymbolFlags::Exported | llvm::JITSymbolFlags::Callable};
  };
#define WEIR_SUPPORT(name, meaning) bind(#name, ::name);
#include "compiler/llvm/abi.def"
#undef WEIR_SUPPORT
  return symbols;
}

llvm::Expected<orc::JITTargetMachineBuilder> host() {
  static const bool ready = !llvm::InitializeNativeTarget() && !llvm::InitializeNativeTargetAsmPrinter();
  if (!ready) return llvm::createStringError("no code can be made for this processor");
  auto machine = orc::JITTargetMachineBuilder::detectHost();
  if (!machine) return machine;
  machine->setCodeGenOptLevel(llvm::CodeGenOptLevel::None);
  // What a just-in-time compiler has by default, the large model, is not for the fast instruction selector: each block
  // with a call would go the slow way. JITLink makes the stubs by which a call reaches any address.
  machine->setCodeModel(llvm::CodeModel::Small);
  machine->setRelocationModel(llvm::Reloc::PIC_);
  return machine;
}

class Session final : public JitSession {
 public:
  Session(std::unique_ptr<orc::LLJIT> jit, orc::JITTargetMachineBuilder machine)
      : jit_(std::move(jit)), machine_(std::move(machine)) {
    // The reason of a failure is only reported; what comes back says no more than which function is not there.
    jit_->getExecutionSession().setErrorReporter([this](llvm::Error error) { reported_ = sentence(std::move(error)); });
  }

  std::unique_ptr<llvm::LLVMContext> context() override { return std::make_unique<llvm::LLVMContext>(); }

  bool add(std::unique_ptr<llvm::Module> module, std::unique_ptr<llvm::LLVMContext> context,
           std::string& problem) override {
    module->setDataLayout(jit_->getDataLayout());
    module->setTargetTriple(jit_->getTargetTriple().str());
    if (llvm::Error error = jit_->addIRModule(orc::ThreadSafeModule(std::move(module), std::move(context)))) {
      problem = sentence(std::move(error));
      return false;
    }
    return true;
  }

  void* find(std::string_view name, std::string& problem) override {
    llvm::Expected<orc::ExecutorAddr> address = jit_->lookup(llvm::StringRef(name.data(), name.size()));
    if (address) return address->toPtr<void*>();
    problem = sentence(address.takeError());
    if (!reported_.empty()) problem = reported_;
    return nullptr;
  }

  std::string assembly(llvm::Module& module, std::string& problem) override {
    auto machine = machine_.createTargetMachine();
    if (!machine) {
      problem = sentence(machine.takeError());
      return {};
    }
    module.setDataLayout((*machine)->createDataLayout());
    module.setTargetTriple((*machine)->getTargetTriple().str());
    llvm::SmallString<0> text;
    llvm::raw_svector_ostream out(text);
    llvm::legacy::PassManager passes;
    if ((*machine)->addPassesToEmitFile(passes, out, nullptr, llvm::CodeGenFileType::AssemblyFile)) {
      problem = "LLVM: no assembly for this processor";
      return {};
    }
    passes.run(module);
    return text.str().str();
  }

 private:
  std::string reported_;
  std::unique_ptr<orc::LLJIT> jit_;
  orc::JITTargetMachineBuilder machine_;
};

}  // namespace

std::unique_ptr<JitSession> JitSession::create(std::string& problem) {
  auto machine = host();
  if (!machine) {
    problem = sentence(machine.takeError());
    return nullptr;
  }
  // JITLink writes code into pages that are not executable, and only then makes them executable and read-only.
  auto jit = orc::LLJITBuilder()
                 .setJITTargetMachineBuilder(*machine)
                 .setLinkProcessSymbolsByDefault(false)
                 .setPlatformSetUp(orc::setUpInactivePlatform)
                 .setObjectLinkingLayerCreator([](orc::ExecutionSession& session, const llvm::Triple&) {
                   return std::make_unique<orc::ObjectLinkingLayer>(session);
                 })
                 .create();
  if (!jit) {
    problem = sentence(jit.takeError());
    return nullptr;
  }
  if (llvm::Error error = (*jit)->getMainJITDylib().define(orc::absoluteSymbols(support_symbols(**jit)))) {
    problem = sentence(std::move(error));
    return nullptr;
  }
  return std::make_unique<Session>(std::move(*jit), std::move(*machine));
}

}  // namespace weir::compiler
