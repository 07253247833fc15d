#include "runtime/deliver/network/curl_library.h"

#include <dlfcn.h>

namespace weir::deliver {
namespace {

// The name of libcurl's interface since 2006; the header this was built with promises no other.
constexpr const char* kSharedObject = "libcurl.so.4";

const CurlLibrary* load() {
  void* object = ::dlopen(kSharedObject, RTLD_NOW | RTLD_LOCAL);
  if (!object) return nullptr;
  static CurlLibrary library;
  bool whole = true;
#define X(name)                                                                            \
  library.name = reinterpret_cast<decltype(library.name)>(::dlsym(object, "curl_" #name)); \
  whole &= library.name != nullptr;
  WEIR_CURL_FUNCTIONS(X)
#undef X
  if (!whole || library.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) return nullptr;
  return &library;
}

}  // namespace

const CurlLibrary* curl_library() {
  static const CurlLibrary* const library = load();
  return library;
}

}  // namespace weir::deliver
