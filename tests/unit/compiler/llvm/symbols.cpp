// Generated code reaches the functions of abi.def, and no others of the process.
#include <doctest/doctest.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/Module.h>

#include "compiler/llvm/engine.h"

namespace weir::compiler {
namespace {

// A function `f` that gives what `callee` does with nothing.
bool add_caller(JitSession& session, const char* callee, std::string& problem) {
  std::unique_ptr<llvm::LLVMContext> context = session.context();
  auto module = std::make_unique<llvm::Module>("asks", *context);
  llvm::IRBuilder<> build(*context);
  llvm::FunctionType* const type = llvm::FunctionType::get(build.getInt32Ty(), {build.getPtrTy()}, false);
  llvm::Function* const caller = llvm::Function::Create(type, llvm::GlobalValue::ExternalLinkage, "f", *module);
  build.SetInsertPoint(llvm::BasicBlock::Create(*context, "", caller));
  build.CreateRet(build.CreateCall(module->getOrInsertFunction(callee, type), {caller->getArg(0)}));
  return session.add(std::move(module), std::move(context), problem);
}

TEST_CASE("code that asks for another function of the process is refused") {
  for (const char* callee : {"system", "execve", "memcpy", "malloc", "dlsym", "printf"}) {
    CAPTURE(callee);
    std::string problem;
    const std::unique_ptr<JitSession> session = JitSession::create(problem);
    REQUIRE(session != nullptr);
    REQUIRE(add_caller(*session, callee, problem));
    CHECK(session->find("f", problem) == nullptr);
    CHECK(problem.find(callee) != problem.npos);
  }
  std::string problem;
  const std::unique_ptr<JitSession> session = JitSession::create(problem);
  REQUIRE(add_caller(*session, "rt_holds", problem));
  CHECK(session->find("f", problem) != nullptr);
  CHECK(problem == "");
}

}  // namespace
}  // namespace weir::compiler
