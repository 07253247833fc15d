// Listening, accepting, and the duty to answer.
#include "runtime/http/server.h"

#include <fmt/format.h>

#include <boost/asio/post.hpp>
#include <chrono>
#include <utility>

#include "runtime/http/core.h"

namespace weir::http {
namespace {

constexpr auto kStopWithin = std::chrono::seconds(2);
constexpr auto kAcceptAgain = std::chrono::milliseconds(100);
constexpr std::string_view kTooMany =
    "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

}  // namespace

// ---- exchange

Exchange::Exchange(std::weak_ptr<ConnectionBase> connection, std::shared_ptr<Core> core, uint64_t request)
    : connection_(std::move(connection)), core_(std::move(core)), request_(request) {}

Exchange::Exchange(Exchange&& other) noexcept { *this = std::move(other); }

Exchange& Exchange::operator=(Exchange&& other) noexcept {
  std::swap(connection_, other.connection_);
  std::swap(core_, other.core_);
  std::swap(request_, other.request_);
  return *this;
}

Exchange::~Exchange() {
  if (!core_) return;
  answer(plain_answer(503, "it was not taken; send it again"));
}

void Exchange::answer(Answer answer) {
  if (!core_) return;
  net::post(core_->io, [connection = connection_, request = request_, answer = std::move(answer)]() mutable {
    if (const auto alive = connection.lock()) alive->answer(request, std::move(answer));
  });
  core_.reset();
}

Answer Handler::refusal(const Head&, unsigned status, std::string_view sentence) {
  return plain_answer(status, sentence);
}

// ---- core

Instruments::Instruments(const ServerOptions& options)
    : metrics(*options.metrics),
      labels{{"source", options.name}},
      refused(metrics.counter("weir_http_connections_refused_total",
                              "Connections beyond the most that are served.", labels)),
      body_bytes(metrics.counter("weir_http_body_bytes_total",
                                 "Bytes of the bodies of requests, as they were sent.", labels)),
      spilled(
          metrics.counter("weir_http_bodies_spilled_total", "Bodies that were too long for memory.", labels)),
      connections(metrics.gauge("weir_http_connections", "Connections that are open.", labels)),
      held(metrics.gauge("weir_http_held_bytes",
                         "Bytes of bodies that wait for their answer, in memory and in files.", labels)),
      answered(metrics.histogram("weir_http_answer_seconds", "From a request that is whole to its answer.",
                                 process::time_bounds(), labels)) {}

void Instruments::count(unsigned status) {
  process::Labels with_code = labels;
  with_code.emplace_back("code", std::to_string(status));
  metrics.counter("weir_http_requests_total", "Requests that were answered, by status code.", with_code)
      .add();
}

Core::Core(ServerOptions given, Handler& handler)
    : options([&] {
        if (!given.metrics) given.metrics = &own_metrics;
        return std::move(given);
      }()),
      handler(handler),
      room(std::make_shared<BodyRoom>(options.limits.bodies)),
      instruments(options) {}

void Core::say(process::Severity severity, const std::string& text) const {
  if (options.notify) options.notify(severity, text);
}

std::shared_ptr<TlsContext> Core::tls() const {
  std::lock_guard lock(tls_mutex);
  return tls_context;
}

std::string Core::listen(const Address& address) {
  ErrorCode error;
  const tcp::endpoint endpoint(net::ip::make_address(address.host, error), address.port);
  if (!error) acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(tcp::acceptor::max_listen_connections, error);
  if (error) return fmt::format("{}: cannot be listened on: {}", options.listen, error.message());
  port = acceptor.local_endpoint(error).port();
  return {};
}

void Core::accept() {
  acceptor.async_accept([this](ErrorCode error, tcp::socket socket) {
    if (stopping) return;
    if (!error) {
      accepted(std::move(socket));
      accept();
      return;
    }
    // No descriptors left, most likely: those that wait are still there later.
    pause.expires_after(kAcceptAgain);
    pause.async_wait([this](ErrorCode cancelled) {
      if (!cancelled && !stopping) accept();
    });
  });
}

void Core::accepted(tcp::socket socket) {
  ErrorCode error;
  socket.set_option(tcp::no_delay(true), error);
  const std::shared_ptr<TlsContext> context = tls();
  if (connections.size() < options.limits.connections) {
    connect(*this, std::move(socket), context)->start();
    return;
  }
  instruments.refused.add();
  if (context) return;
  socket.non_blocking(true, error);
  socket.write_some(net::buffer(kTooMany.data(), kTooMany.size()), error);
  socket.shutdown(tcp::socket::shutdown_send, error);
}

void Core::run() {
  thread = std::thread([this] { io.run(); });
}

void Core::stop() {
  stopping = true;
  ErrorCode error;
  acceptor.close(error);
  const std::set<ConnectionBase*> all = connections;
  for (ConnectionBase* connection : all) connection->stop();
  pause.expires_after(kStopWithin);
  pause.async_wait([this](ErrorCode cancelled) {
    if (cancelled) return;
    const std::set<ConnectionBase*> left = connections;
    for (ConnectionBase* connection : left) connection->close();
  });
  if (connections.empty()) pause.cancel();
}

ConnectionBase::ConnectionBase(Core& core) : core_(core) {
  core_.connections.insert(this);
  core_.instruments.connections.set(static_cast<double>(core_.connections.size()));
}

ConnectionBase::~ConnectionBase() {
  core_.connections.erase(this);
  core_.instruments.connections.set(static_cast<double>(core_.connections.size()));
  if (core_.stopping && core_.connections.empty()) core_.pause.cancel();
}

// ---- server

std::unique_ptr<Server> Server::open(ServerOptions options, Handler& handler, std::string& problem) {
  const std::optional<Address> address = parse_address(options.listen, problem);
  if (!address) return nullptr;
  auto core = std::make_shared<Core>(std::move(options), handler);
  if (core->options.tls && !(core->tls_context = load_tls(*core->options.tls, problem))) return nullptr;
  if (problem = core->listen(*address); !problem.empty()) return nullptr;
  core->accept();
  core->run();
  return std::unique_ptr<Server>(new Server(std::move(core)));
}

Server::Server(std::shared_ptr<Core> core) : core_(std::move(core)) {}

Server::~Server() {
  net::post(core_->io, [core = core_.get()] { core->stop(); });
  core_->thread.join();
}

uint16_t Server::port() const { return core_->port; }

std::string Server::reload() {
  if (!core_->options.tls) return {};
  std::string problem;
  std::shared_ptr<TlsContext> fresh = load_tls(*core_->options.tls, problem);
  if (!fresh) return problem;
  std::lock_guard lock(core_->tls_mutex);
  core_->tls_context = std::move(fresh);
  return {};
}

}  // namespace weir::http
