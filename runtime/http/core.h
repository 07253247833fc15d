// What the server and its connections share. Inside runtime/http only: it knows Asio.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include "runtime/http/server.h"

namespace weir::http {

namespace net = boost::asio;
using tcp = net::ip::tcp;
using ErrorCode = boost::system::error_code;
using TlsContext = net::ssl::context;

// Null, and a sentence.
std::shared_ptr<TlsContext> load_tls(const Tls& tls, std::string& problem);

// Every call on the server's thread.
class ConnectionBase {
 public:
  explicit ConnectionBase(Core& core);
  virtual ~ConnectionBase();
  virtual void start() = 0;
  virtual void answer(uint64_t request, Answer answer) = 0;
  virtual void stop() = 0;  // what was handed over is still answered
  virtual void close() = 0;

 protected:
  Core& core_;
};

struct Instruments {
  explicit Instruments(const ServerOptions& options);
  process::Metrics& metrics;
  process::Labels labels;
  process::Counter& refused;
  process::Counter& body_bytes;
  process::Counter& spilled;
  process::Gauge& connections;
  process::Gauge& held;
  process::Histogram& answered;
  void count(unsigned status);
};

struct Core : std::enable_shared_from_this<Core> {
  Core(ServerOptions given, Handler& handler);

  void say(process::Severity severity, const std::string& text) const;
  std::shared_ptr<TlsContext> tls() const;
  std::string listen(const Address& address);
  void accept();
  void accepted(tcp::socket socket);
  void run();
  void stop();

  ServerOptions options;
  Handler& handler;
  std::shared_ptr<BodyRoom> room;
  process::Metrics own_metrics;  // for a server that was given none
  Instruments instruments;

  mutable std::mutex tls_mutex;
  std::shared_ptr<TlsContext> tls_context;

  // The server's thread, from here on.
  std::set<ConnectionBase*> connections;
  bool stopping = false;
  uint64_t told_spilled = 0;

  uint16_t port = 0;
  std::thread thread;
  net::io_context io{1};  // last: what waits in it is destroyed first
  tcp::acceptor acceptor{io};
  net::steady_timer pause{io};
};

// A connection that lives as long as it has something to wait for.
std::shared_ptr<ConnectionBase> connect(Core& core, tcp::socket socket, std::shared_ptr<TlsContext> tls);

}  // namespace weir::http
