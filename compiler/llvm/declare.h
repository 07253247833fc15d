// LLVM's function types from C function types: a signature is written once, in C. An unknown kind of parameter does
// not compile.
#pragma once

#include <llvm/IR/DerivedTypes.h>
#include <llvm/IR/Module.h>

#include <cstdint>

#include "compiler/llvm/support.h"

namespace weir::compiler {

template <class T>
struct LlvmType;
template <>
struct LlvmType<void> {
  static llvm::Type* get(llvm::LLVMContext& context) { return llvm::Type::getVoidTy(context); }
};
template <>
struct LlvmType<uint32_t> {
  static llvm::Type* get(llvm::LLVMContext& context) { return llvm::Type::getInt32Ty(context); }
};
template <class T>
struct LlvmType<T*> {
  static llvm::Type* get(llvm::LLVMContext& context) { return llvm::PointerType::getUnqual(context); }
};

template <class Result, class... Parameters>
llvm::FunctionType* function_type(llvm::LLVMContext& context, Result (*)(Parameters...) noexcept) {
  return llvm::FunctionType::get(LlvmType<Result>::get(context), {LlvmType<Parameters>::get(context)...}, false);
}

template <class Result, class... Parameters>
llvm::FunctionCallee declared(llvm::Module& module, const char* name, Result (*function)(Parameters...) noexcept) {
  llvm::FunctionCallee callee = module.getOrInsertFunction(name, function_type(module.getContext(), function));
  llvm::cast<llvm::Function>(callee.getCallee())->setDoesNotThrow();
  return callee;
}

}  // namespace weir::compiler
