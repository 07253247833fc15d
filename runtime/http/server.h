// An HTTP/1.1 server for machines that push: one address, one thread, bounded in everything a stranger can
// make large, long or many. HTTPS when it is given a certificate.
//
// A request is looked at when its head is there, before its body is read; it is handed over when it is whole;
// and it is answered later, by any thread. The status codes that the server itself gives are in docs/http.md.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "runtime/http/body.h"
#include "runtime/http/message.h"
#include "runtime/process/metrics.h"
#include "runtime/process/notice.h"

namespace weir::http {

struct Limits {
  size_t header_bytes = 16u << 10;                  // of the request line and all fields: else 431
  uint64_t body_bytes = 64u << 20;                  // as it is sent: else 400
  size_t connections = 512;                         // else 503, and the connection is closed
  std::chrono::milliseconds header_within{10'000};  // from the first byte, or from connecting: else 408
  std::chrono::milliseconds idle{75'000};           // between requests of a connection
  std::chrono::milliseconds body_stall{20'000};     // without a byte of the body: else 408
  std::chrono::milliseconds body_grace{10'000};     // for any body, and beyond that…
  uint64_t body_rate = 16u << 10;                   // …at least so many bytes a second: else 408
  std::chrono::milliseconds answer_within{
      150'000};                                    // for whoever answers: else 503 (Firehose waits for 180 s)
  std::chrono::milliseconds write_within{30'000};  // for the client to take the answer
  BodyLimits bodies;
};

struct Tls {
  std::string certificate, key;  // PEM files; the certificate with its chain
};

struct ServerOptions {
  std::string name;    // of the source: a label of metrics
  std::string listen;  // "127.0.0.1:8443"; port 0: any that is free
  std::optional<Tls> tls;
  Limits limits;
  process::Metrics* metrics = nullptr;  // outlives the server
  process::Notify notify;
};

class ConnectionBase;
struct Core;

// The duty to answer one request. Whoever drops it unanswered has answered 503.
class Exchange {
 public:
  Exchange() = default;
  Exchange(std::weak_ptr<ConnectionBase> connection, std::shared_ptr<Core> core, uint64_t request);
  ~Exchange();
  Exchange(Exchange&& other) noexcept;
  Exchange& operator=(Exchange&& other) noexcept;

  void answer(Answer answer);  // once; by any thread; nothing happens when the client is gone

 private:
  std::weak_ptr<ConnectionBase> connection_;
  std::shared_ptr<Core> core_;  // null: nothing is owed
  uint64_t request_ = 0;
};

// Called by the server's thread: nothing here may wait.
class Handler {
 public:
  virtual ~Handler() = default;
  // Something: the request is refused with it, and its body is not read.
  virtual std::optional<Answer> look(const Head& head) = 0;
  virtual void take(Head head, Body body, Exchange exchange) = 0;
  // What the server itself refuses after the head was read, in the words of the protocol.
  virtual Answer refusal(const Head& head, unsigned status, std::string_view sentence);
};

class Server {
 public:
  // Null, and a sentence, when the address cannot be had or the certificate not be read. `handler` outlives
  // it.
  static std::unique_ptr<Server> open(ServerOptions options, Handler& handler, std::string& problem);
  // Takes no more requests; what is answered within two seconds is still sent.
  ~Server();

  uint16_t port() const;
  // Reads certificate and key anew, for connections from now on. A sentence when they cannot be used: the old
  // ones are kept.
  std::string reload();

 private:
  explicit Server(std::shared_ptr<Core> core);
  std::shared_ptr<Core> core_;
};

}  // namespace weir::http
