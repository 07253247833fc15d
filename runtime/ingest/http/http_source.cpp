// The server's handler on one side, the queue of units on the other.
#include "runtime/ingest/http/http_source.h"

#include "runtime/http/message.h"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/ingest/file_identity.h"
#include "runtime/ingest/http/http_unit.h"
#include "runtime/ingest/http/protocol.h"
#include "runtime/process/clock.h"

namespace weir::ingest {
namespace {

// Firehose tries for two hours at most; others may take longer.
constexpr int64_t kRepeatedUs = 86'400'000'000;

// Eight bytes by which a body is told from another one. One that cannot be read back cannot be evaluated either.
std::string content_of(const http::Body& body) {
  constexpr size_t kBlock = 256u << 10;
  const auto block = std::make_unique_for_overwrite<char[]>(kBlock);
  ContentHash hash;
  bool failed = false;
  for (uint64_t at = 0; const size_t got = body.read(at, block.get(), kBlock, failed); at += got)
    hash.add({block.get(), got});
  const uint64_t value = hash.value();
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

class Listening final : public HttpSource, private http::Handler {
 public:
  explicit Listening(HttpOptions options)
      : options_(std::move(options)), queue_(std::make_shared<HttpQueue>()) {
    if (!options_.metrics) return;
    repeated_ = &options_.metrics->counter("weir_http_repeated_requests_total",
                                           "Requests that came again while the first was not answered.",
                                           {{"source", options_.name}});
  }

  // Units that nobody took are answered by their end, while the server can still send.
  ~Listening() override { queue_->clear(); }

  std::string open() {
    http::ServerOptions server;
    server.name = options_.name;
    server.listen = options_.listen;
    server.tls = options_.tls;
    server.limits = options_.limits;
    server.metrics = options_.metrics;
    server.notify = options_.notify;
    std::string problem;
    server_ = http::Server::open(std::move(server), *this, problem);
    return problem;
  }

  // ---- the core's side

  std::unique_ptr<Unit> next() override { return queue_->next(); }
  bool drained() const override { return false; }
  int64_t waiting_since() const override { return queue_->oldest(); }
  bool may_come_again(std::string_view, int64_t age_us) const override { return age_us < kRepeatedUs; }
  void acknowledge(Unit& unit) override { static_cast<HttpUnit&>(unit).committed(); }
  void refuse(std::unique_ptr<Unit> unit) override { static_cast<HttpUnit&>(*unit).refuse(); }
  uint16_t port() const override { return server_->port(); }
  std::string reload() override { return server_->reload(); }

 private:
  // ---- the server's side

  std::optional<http::Answer> look(const http::Head& head) override {
    const HttpEndpoint* endpoint = endpoint_at(options_.endpoints, head.path);
    if (!endpoint) return http::plain_answer(404, "nothing is here");
    if (std::optional<http::Answer> answer = refused_by_head(*endpoint, head, process::now_us())) return answer;
    if (queue_->size() >= options_.waiting_requests)
      return refused(endpoint->protocol, head, 503, "too many requests wait; send it again", process::now_us());
    return std::nullopt;
  }

  void take(http::Head head, http::Body body, http::Exchange exchange) override {
    const HttpEndpoint& endpoint = *endpoint_at(options_.endpoints, head.path);
    const bool firehose = endpoint.protocol == HttpProtocol::firehose;
    std::string key = key_of(endpoint, head), name = name_of(endpoint, head, ++number_), content;
    if (!firehose && !key.empty()) content = content_of(body);
    const HttpUnit::Limits limits{firehose ? options_.limits.body_bytes : options_.decoded_bytes,
                                  options_.max_ratio};
    auto unit = std::make_unique<HttpUnit>(queue_, endpoint.protocol, limits, std::move(head),
                                           std::move(body), std::move(exchange));
    unit->key = std::move(key);
    unit->from = std::move(content);
    unit->awaited = unit->divisible = true;
    unit->name = std::move(name);
    const HttpQueue::Added added = queue_->add(std::move(unit));
    if (added == HttpQueue::Added::repeated && repeated_) repeated_->add();
    if (added == HttpQueue::Added::yes && options_.arrived) options_.arrived();
  }

  http::Answer refusal(const http::Head& head, unsigned status, std::string_view sentence) override {
    const HttpEndpoint* endpoint = endpoint_at(options_.endpoints, head.path);
    if (!endpoint) return http::plain_answer(status, sentence);
    return refused(endpoint->protocol, head, status, sentence, process::now_us());
  }

  HttpOptions options_;
  std::shared_ptr<HttpQueue> queue_;
  process::Counter* repeated_ = nullptr;
  uint64_t number_ = 0;
  std::unique_ptr<http::Server> server_;
};

}  // namespace

std::string problem_of(const HttpOptions& options) {
  std::string problem;
  const std::optional<http::Address> address = http::parse_address(options.listen, problem);
  if (!address) return problem;
  if (http::is_loopback(*address)) return {};
  for (const HttpEndpoint& endpoint : options.endpoints)
    if (endpoint.secrets.empty()) return "others can reach this address: a source there needs a secret";
  return {};
}

std::unique_ptr<HttpSource> HttpSource::open(HttpOptions options, std::string& problem) {
  auto source = std::make_unique<Listening>(std::move(options));
  problem = source->open();
  if (!problem.empty()) return nullptr;
  return source;
}

}  // namespace weir::ingest
