// See serve.h. Nothing of a request but its path is looked at, and nothing of it is said back.
#include "runtime/serve/serve.h"

#include <fmt/format.h>

#include "runtime/http/server.h"
#include "runtime/serve/pages.h"

namespace weir::serve {

struct Serve::Impl final : http::Handler {
  explicit Impl(ServeOptions given) : options(std::move(given)) {}

  std::optional<http::Answer> look(const http::Head& head) override {
    return page(options, head.method, head.path);
  }
  // look() answers everything.
  void take(http::Head, http::Body, http::Exchange) override {}

  ServeOptions options;
  std::unique_ptr<http::Server> server;  // last: its thread calls look()
};

Serve::Serve(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Serve::~Serve() = default;

std::unique_ptr<Serve> Serve::open(ServeOptions options, std::string& problem) {
  auto impl = std::make_unique<Impl>(std::move(options));
  http::ServerOptions server;
  server.name = "serve";
  server.listen = impl->options.listen;
  server.limits.connections = 64;
  server.limits.body_bytes = 0;
  server.notify = impl->options.notify;
  impl->server = http::Server::open(std::move(server), *impl, problem);
  if (!impl->server) return nullptr;
  return std::unique_ptr<Serve>(new Serve(std::move(impl)));
}

uint16_t Serve::port() const { return impl_->server->port(); }

}  // namespace weir::serve
