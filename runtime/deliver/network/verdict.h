// What an answer means for the rows that were sent, and when to come again.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/deliver/network/http.h"

namespace weir::deliver {

enum class Verdict : uint8_t {
  delivered,
  retry,          // the other side is down or busy: soon again, with growing pauses
  refused,        // the sink is set up wrongly or was taken away: slowly again, and somebody must hear of it
  undeliverable,  // this one message will never be taken; the others may
};

struct Judgement {
  Verdict verdict = Verdict::delivered;
  std::optional<int64_t> wait;  // microseconds, as the other side asked
  std::string reason;           // a sentence; empty when delivered
};

// 2xx delivered; 408, 425, 429, 5xx and what was not answered: retry; 400, 413, 422: undeliverable;
// everything else (401, 403, 404, 410, a redirect, …): refused. `now`: microseconds since 1970.
Judgement judge(const HttpAnswer& answer, int64_t now);

// Seconds, or a date of HTTP; microseconds from now, at most a day. Nothing when it is neither.
std::optional<int64_t> read_retry_after(const std::string& text, int64_t now);

// The first line's first 120 printable characters: bodies come from outside and go to a terminal.
std::string printable_head(std::string_view body);

// `text` with every one of `secrets` replaced: an error may quote what we sent.
std::string without(std::string text, const std::vector<std::string>& secrets);

// In [0, 1).
using Random = std::function<double()>;

// Pauses between attempts. After a retry: full jitter over a bound that doubles from 1 s to 5 min. After a
// refusal: between half and the whole of a bound that doubles from 5 min to 1 h.
class Backoff {
 public:
  explicit Backoff(Random random) : random_(std::move(random)) {}
  int64_t after(const Judgement& judgement);  // microseconds; never less than the other side asked for
  void reset() { retries_ = refusals_ = 0; }
  void resume(int64_t attempts);  // as many as an earlier process made; which of both kinds is not known

 private:
  Random random_;
  int retries_ = 0, refusals_ = 0;
};

// So many messages a minute, and so many at once after a silence.
class TokenBucket {
 public:
  TokenBucket(double per_minute, double burst);
  int64_t ready_at(int64_t now);  // when one may go
  void take(int64_t now);

 private:
  void fill(int64_t now);
  double per_minute_, burst_, tokens_;
  int64_t at_ = 0;
};

}  // namespace weir::deliver
