// See http_unit.h.
#include "runtime/ingest/http/http_unit.h"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/ingest/http/firehose_reader.h"
#include "runtime/ingest/inflate.h"
#include "runtime/ingest/splitter.h"
#include "runtime/ingest/unwrapper.h"
#include "runtime/match/decode.h"
#include "runtime/process/clock.h"
#include "runtime/process/fault.h"

namespace weir::ingest {
namespace {

// The body from its beginning; ends once `stop` is set.
class BodyStream final : public ByteStream {
 public:
  BodyStream(const http::Body& body, Budget& budget, const std::atomic<bool>& stop)
      : body_(body), budget_(budget), stop_(stop) {}
  size_t read(char* out, size_t room) override {
    if (stop_.load(std::memory_order_relaxed) || failed_) return 0;
    const size_t got = body_.read(offset_, out, room, failed_);
    offset_ += got;
    budget_.taken += got;
    budget_.failed = failed_;
    return got;
  }
  bool failed() const { return failed_; }

 private:
  const http::Body& body_;
  Budget& budget_;
  const std::atomic<bool>& stop_;
  uint64_t offset_ = 0;
  bool failed_ = false;
};

static_assert(http::Body::kPadding >= match::kPadding);

// A body in memory that is not compressed: it is read where it lies.
class HeldStream final : public ByteStream {
 public:
  HeldStream(std::string_view bytes, Budget& budget) : bytes_(bytes), budget_(budget) {}
  size_t read(char*, size_t) override { return 0; }
  std::string_view held() override {
    budget_.taken += bytes_.size();
    return bytes_;
  }

 private:
  std::string_view bytes_;
  Budget& budget_;
};

// No more than so many bytes of a stream.
class BoundedStream final : public ByteStream {
 public:
  BoundedStream(ByteStream& stream, uint64_t most) : stream_(stream), most_(most) {}
  size_t read(char* out, size_t room) override {
    if (!error_.empty()) return 0;
    const size_t got = stream_.read(out, room);
    given_ += got;
    error_ = stream_.error();
    if (given_ <= most_) return got;
    error_ = fmt::format("decompresses to more than {} bytes", most_);
    return 0;
  }

 private:
  ByteStream& stream_;
  uint64_t most_, given_ = 0;
};

class Tallying final : public Receiver {
 public:
  Tallying(Receiver& receiver, HttpTally& tally) : receiver_(receiver), tally_(tally) {}
  void record(const Record& record) override {
    ++tally_.records;
    receiver_.record(record);
  }
  void unreadable(const Problem& problem) override {
    ++tally_.unreadable;
    receiver_.unreadable(problem);
  }
  void skipped(Skip why, const Place& place, uint64_t records) override {
    tally_.skipped += records;
    receiver_.skipped(why, place, records);
  }
  void progress(uint64_t bytes) override { receiver_.progress(bytes); }

 private:
  Receiver& receiver_;
  HttpTally& tally_;
};

}  // namespace

// ---- queue

HttpQueue::Added HttpQueue::add(std::unique_ptr<HttpUnit> unit) {
  std::unique_lock lock(mutex_);
  if (!unit->key.empty()) {
    const auto [found, is_new] = unanswered_.try_emplace(unit->key, unit.get());
    if (!is_new && found->second->from != unit->from) {
      lock.unlock();
      unit->refuse();
      return Added::other;
    }
    if (!is_new) {
      auto& waiting = found->second->exchanges_;
      std::move(unit->exchanges_.begin(), unit->exchanges_.end(), std::back_inserter(waiting));
      unit->exchanges_.clear();
      unit->answered_ = true;
      return Added::repeated;
    }
  }
  unit->delivered = process::now_us();  // under the lock: oldest() never says a moment that is still to come
  waiting_.push_back(std::move(unit));
  return Added::yes;
}

std::unique_ptr<HttpUnit> HttpQueue::next() {
  std::lock_guard lock(mutex_);
  if (waiting_.empty()) return nullptr;
  std::unique_ptr<HttpUnit> unit = std::move(waiting_.front());
  waiting_.pop_front();
  return unit;
}

void HttpQueue::clear() {
  std::deque<std::unique_ptr<HttpUnit>> waiting;
  std::lock_guard lock(mutex_);
  waiting.swap(waiting_);
}

size_t HttpQueue::size() const {
  std::lock_guard lock(mutex_);
  return waiting_.size();
}

int64_t HttpQueue::oldest() const {
  std::lock_guard lock(mutex_);
  return waiting_.empty() ? INT64_MAX : waiting_.front()->delivered;
}

std::vector<http::Exchange> HttpQueue::leave(HttpUnit& unit) {
  std::lock_guard lock(mutex_);
  if (const auto found = unanswered_.find(unit.key); found != unanswered_.end() && found->second == &unit)
    unanswered_.erase(found);
  return std::move(unit.exchanges_);
}

// ---- unit

HttpUnit::HttpUnit(std::shared_ptr<HttpQueue> queue, HttpProtocol protocol, Limits limits, http::Head head,
                   http::Body body, http::Exchange exchange)
    : queue_(std::move(queue)),
      protocol_(protocol),
      limits_(limits),
      head_(std::move(head)),
      body_(std::move(body)) {
  exchanges_.push_back(std::move(exchange));
}

template <class Make>
void HttpUnit::answer(const Make& make) {
  answered_ = true;
  body_ = {};
  for (http::Exchange& exchange : queue_->leave(*this)) exchange.answer(make());
}

HttpUnit::~HttpUnit() {
  if (answered_) return;
  const unsigned status = refusal_.empty() ? 503 : 400;
  const std::string sentence = refusal_.empty() ? "it was not committed; send it again" : refusal_;
  answer([&] { return refused(protocol_, head_, status, sentence, process::now_us()); });
}

void HttpUnit::committed() {
  answer([&] { return ingest::committed(protocol_, head_, tally_, process::now_us()); });
}

void HttpUnit::refuse() {
  answer([&] { return refused(protocol_, head_, 422, kOtherContent, process::now_us()); });
}

std::string HttpUnit::read(FileReader&, const ReadLimits& limits, Receiver& receiver,
                           const std::atomic<bool>& stop) {
  tally_ = {true};
  refusal_.clear();
  ReadLimits own = limits;
  own.max_ratio = std::min(limits.max_ratio, limits_.max_ratio);
  Budget budget{own.max_ratio};
  BodyStream stream(body_, budget, stop);
  Tallying tallying(receiver, tally_);
  Unwrapper unwrapper(own, budget, 0, tallying);
  std::string refusal;
  process::pass(process::Fault::before_inflate);
  const auto read_from = [&](ByteStream& plain) {
    if (protocol_ == HttpProtocol::firehose) {
      refusal = read_firehose(plain, unwrapper, Place{name});
    } else {
      Splitter(plain, unwrapper, Place{name}, 0).run();
    }
  };
  const std::string_view body = held();
  if (!body.empty() && body.size() <= limits_.decoded_bytes && !looks_compressed(body)) {
    HeldStream whole(body, budget);
    read_from(whole);
  } else {
    const std::unique_ptr<ByteStream> plain = decompressed(stream, budget);
    BoundedStream bounded(*plain, limits_.decoded_bytes);
    read_from(bounded);
  }
  process::pass(process::Fault::after_inflate);
  if (stop) return {};
  if (stream.failed()) return fmt::format("{}: its body cannot be read back from its file", name);
  if (refusal.empty()) return {};
  refusal_ = "it cannot be read as a Firehose request: " + refusal;
  return fmt::format("{} is refused: {}", name, refusal_);
}

}  // namespace weir::ingest
