// See verdict.h.
#include "runtime/deliver/network/verdict.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace weir::deliver {
namespace {

constexpr int64_t kSecond = 1'000'000;
constexpr int64_t kLongestWait = 86'400 * kSecond;
constexpr int64_t kFirstRetry = 1 * kSecond, kLongestRetry = 300 * kSecond, kShortestRetry = kSecond / 10;
constexpr int64_t kFirstRefusal = 300 * kSecond, kLongestRefusal = 3600 * kSecond;
constexpr size_t kHead = 120;

Verdict verdict_of(int status) {
  if (status >= 200 && status < 300) return Verdict::delivered;
  if (status == 408 || status == 425 || status == 429 || status >= 500) return Verdict::retry;
  if (status == 400 || status == 413 || status == 422) return Verdict::undeliverable;
  return Verdict::refused;
}

int64_t doubled(int64_t first, int times, int64_t most) {
  return times > 20 ? most : std::min(first << times, most);
}

}  // namespace

Judgement judge(const HttpAnswer& answer, int64_t now) {
  if (answer.kind != HttpAnswer::Kind::answered) {
    const bool unclear = answer.kind == HttpAnswer::Kind::unclear;
    return {Verdict::retry, std::nullopt,
            printable_head(answer.problem) + (unclear ? " (it may have arrived)" : "")};
  }
  Judgement judgement;
  judgement.verdict = verdict_of(answer.status);
  if (judgement.verdict == Verdict::delivered) return judgement;
  judgement.wait = read_retry_after(answer.retry_after, now);
  if (answer.status >= 300 && answer.status < 400) {
    judgement.reason = fmt::format("answered with a redirect ({}), which is not followed", answer.status);
  } else {
    judgement.reason = fmt::format("answered {}", answer.status);
    if (std::string head = printable_head(answer.body); !head.empty()) judgement.reason += ": " + head;
  }
  return judgement;
}

std::optional<int64_t> read_retry_after(const std::string& text, int64_t now) {
  if (text.empty()) return std::nullopt;
  int64_t wait = 0;
  if (text.find_first_not_of("0123456789") == std::string::npos) {
    int64_t seconds = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (read.ec == std::errc::result_out_of_range) return kLongestWait;
    wait = std::min(seconds, kLongestWait / kSecond) * kSecond;
  } else {
    const std::optional<int64_t> date = read_http_date(text);
    if (!date) return std::nullopt;
    wait = *date - now;
  }
  return std::clamp<int64_t>(wait, 0, kLongestWait);
}

std::string printable_head(std::string_view body) {
  std::string out;
  for (const char c : body.substr(0, body.find_first_of("\r\n"))) {
    if (out.size() == kHead) return out + "…";
    out += c >= 0x20 && c < 0x7f ? c : '?';
  }
  return out;
}

std::string without(std::string text, const std::vector<std::string>& secrets) {
  for (const std::string& secret : secrets) {
    if (secret.empty()) continue;
    for (size_t at = 0; (at = text.find(secret, at)) != std::string::npos; at += 3)
      text.replace(at, secret.size(), "***");
  }
  return text;
}

int64_t Backoff::after(const Judgement& judgement) {
  int64_t pause = 0;
  if (judgement.verdict == Verdict::refused) {
    const int64_t bound = doubled(kFirstRefusal, refusals_++, kLongestRefusal);
    pause = bound / 2 + static_cast<int64_t>(random_() * static_cast<double>(bound / 2));
  } else {
    const int64_t bound = doubled(kFirstRetry, retries_++, kLongestRetry);
    pause = std::max(kShortestRetry, static_cast<int64_t>(random_() * static_cast<double>(bound)));
  }
  // Whoever was told the same moment should not come in the same moment.
  if (judgement.wait && *judgement.wait > pause)
    pause = *judgement.wait + static_cast<int64_t>(random_() * static_cast<double>(kSecond));
  return pause;
}

void Backoff::resume(int64_t attempts) {
  retries_ = refusals_ = static_cast<int>(std::clamp<int64_t>(attempts, 0, 1'000));
}

TokenBucket::TokenBucket(double per_minute, double burst)
    : per_minute_(per_minute), burst_(std::max(burst, 1.0)), tokens_(burst_) {}

void TokenBucket::fill(int64_t now) {
  // A clock that went back gives nothing, and takes nothing either.
  if (now > at_) tokens_ = std::min(burst_, tokens_ + static_cast<double>(now - at_) * per_minute_ / 60e6);
  at_ = now;
}

int64_t TokenBucket::ready_at(int64_t now) {
  if (per_minute_ <= 0) return now;
  fill(now);
  const double missing = 1.0 - tokens_;
  // Sums of fractions may fall short of a whole one by less than a microsecond's worth.
  return missing <= 1e-6 ? now : now + static_cast<int64_t>(std::ceil(missing * 60e6 / per_minute_));
}

void TokenBucket::take(int64_t now) {
  fill(now);
  tokens_ -= 1.0;
}

}  // namespace weir::deliver
