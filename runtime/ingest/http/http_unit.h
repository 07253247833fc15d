// One request, from the moment it is whole to its answer.
#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "runtime/http/server.h"
#include "runtime/ingest/http/http_source.h"
#include "runtime/ingest/http/protocol.h"
#include "runtime/ingest/source.h"

namespace weir::ingest {

class HttpUnit;

// Requests that wait to be read, and those whose repetitions are to wait with them. Outlives the source when
// a unit does.
class HttpQueue {
 public:
  // `repeated`: of one that is not answered: its exchange waits with it. `other`: it has the key of one that is not
  // answered, and other content: it is refused.
  enum class Added : uint8_t { yes, repeated, other };
  Added add(std::unique_ptr<HttpUnit> unit);
  std::unique_ptr<HttpUnit> next();
  void clear();  // what nobody has read is given up
  size_t size() const;
  int64_t oldest() const;  // as Source::waiting_since

  // The unit is done: who waits for its answer.
  std::vector<http::Exchange> leave(HttpUnit& unit);

 private:
  mutable std::mutex mutex_;
  std::deque<std::unique_ptr<HttpUnit>> waiting_;
  std::unordered_map<std::string, HttpUnit*> unanswered_;  // by key
};

class HttpUnit final : public Unit {
 public:
  struct Limits {
    uint64_t decoded_bytes, max_ratio;
  };
  HttpUnit(std::shared_ptr<HttpQueue> queue, HttpProtocol protocol, Limits limits, http::Head head,
           http::Body body, http::Exchange exchange);
  // Not committed: whoever sent it is told to send it again, or why it is of no use.
  ~HttpUnit() override;

  std::string read(FileReader& reader, const ReadLimits& limits, Receiver& receiver,
                   const std::atomic<bool>& stop) override;
  std::string_view held() const override { return body_.in_memory(); }
  void committed();
  void refuse();  // its key came with other content before

 private:
  friend class HttpQueue;
  template <class Make>
  void answer(const Make& make);

  std::shared_ptr<HttpQueue> queue_;
  HttpProtocol protocol_;
  Limits limits_;
  http::Head head_;
  http::Body body_;
  HttpTally tally_;
  std::string refusal_;  // why nothing of it can be read
  bool answered_ = false;
  std::vector<http::Exchange> exchanges_;  // the queue's mutex
};

}  // namespace weir::ingest
