// What stands at which path, without a network.
#pragma once

#include <string_view>

#include "runtime/http/message.h"
#include "runtime/serve/serve.h"

namespace weir::serve {

http::Answer page(const ServeOptions& options, std::string_view method, std::string_view path);

}  // namespace weir::serve
