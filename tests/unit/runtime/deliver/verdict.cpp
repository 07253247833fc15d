// What each answer means, how long to wait, and that nothing secret or unprintable is shown.
#include "runtime/deliver/network/verdict.h"

#include "sample.h"

using namespace weir::deliver;
using namespace weir::deliver::testing;

TEST_CASE("verdict: every class of answers") {
  for (const int status : {200, 201, 202, 204})
    CHECK(judge(answered(status), kStart).verdict == Verdict::delivered);
  for (const int status : {408, 425, 429, 500, 502, 503, 504, 599})
    CHECK(judge(answered(status), kStart).verdict == Verdict::retry);
  for (const int status : {400, 413, 422})
    CHECK(judge(answered(status), kStart).verdict == Verdict::undeliverable);
  for (const int status : {301, 302, 307, 401, 403, 404, 405, 407, 409, 410, 415, 451})
    CHECK(judge(answered(status), kStart).verdict == Verdict::refused);
  CHECK(judge(lost(HttpAnswer::Kind::not_sent, "connection refused"), kStart).verdict == Verdict::retry);
  const Judgement unclear = judge(lost(HttpAnswer::Kind::unclear, "timed out"), kStart);
  CHECK(unclear.verdict == Verdict::retry);
  CHECK(unclear.reason == "timed out (it may have arrived)");
}

TEST_CASE("verdict: Retry-After as seconds and as a date") {
  CHECK(read_retry_after("30", kStart) == 30 * kSecond);
  CHECK(read_retry_after("0", kStart) == 0);
  CHECK(read_retry_after("Thu, 01 Jan 2026 00:02:00 GMT", kStart) == 120 * kSecond);
  CHECK(read_retry_after("Wed, 31 Dec 2025 23:00:00 GMT", kStart) == 0);
  CHECK(read_retry_after("999999999999", kStart) == 86'400 * kSecond);
  CHECK(read_retry_after("99999999999999999999999999", kStart) == 86'400 * kSecond);
  CHECK_FALSE(read_retry_after("soon", kStart));
  CHECK_FALSE(read_retry_after("", kStart));
  CHECK_FALSE(read_retry_after("-5", kStart));
  CHECK(judge(answered(429, "", "7"), kStart).wait == 7 * kSecond);
}

TEST_CASE("verdict: of an answer's body a short printable head") {
  CHECK(printable_head("invalid_payload\r\nmore") == "invalid_payload");
  CHECK(printable_head("a\x1b[31mred\xff") == "a?[31mred?");
  CHECK(printable_head(std::string(5'000, 'x')).size() == 120 + std::string("…").size());
  CHECK(judge(answered(404, "no_service"), kStart).reason == "answered 404: no_service");
  CHECK(judge(answered(302), kStart).reason == "answered with a redirect (302), which is not followed");
}

TEST_CASE("verdict: secrets are cut out of what is shown") {
  CHECK(without("POST /services/T0/secret failed, /services/T0/secret", {"/services/T0/secret", ""}) ==
        "POST *** failed, ***");
  CHECK(without("aaaa", {"a"}) == "************");
}

TEST_CASE("verdict: pauses grow with full jitter and are bounded") {
  double random = 0.999;
  Backoff backoff([&] { return random; });
  const Judgement busy{Verdict::retry, std::nullopt, "answered 503"};
  int64_t last = 0;
  for (int i = 0; i < 9; ++i) {
    const int64_t pause = backoff.after(busy);
    CHECK(pause > last);
    last = pause;
  }
  for (int i = 0; i < 60; ++i) CHECK(backoff.after(busy) <= 300 * kSecond);
  random = 0;
  CHECK(backoff.after(busy) == kSecond / 10);
  backoff.reset();
  random = 0.5;
  CHECK(backoff.after(busy) == kSecond / 2);
}

TEST_CASE("verdict: what the other side asks for is the least") {
  Backoff backoff([] { return 0.5; });
  CHECK(backoff.after({Verdict::retry, 90 * kSecond, ""}) == 90 * kSecond + kSecond / 2);
  CHECK(backoff.after({Verdict::retry, 0, ""}) == kSecond);
}

TEST_CASE("verdict: a refusal is tried again slowly, at most hourly") {
  Backoff backoff([] { return 0.0; });
  const Judgement refused{Verdict::refused, std::nullopt, "answered 401"};
  CHECK(backoff.after(refused) == 150 * kSecond);
  CHECK(backoff.after(refused) == 300 * kSecond);
  for (int i = 0; i < 50; ++i) CHECK(backoff.after(refused) <= 3600 * kSecond);
}

TEST_CASE("verdict: the bucket gives a burst and then its pace") {
  TokenBucket bucket(60, 3);
  int64_t now = kStart;
  for (int i = 0; i < 3; ++i) {
    CHECK(bucket.ready_at(now) == now);
    bucket.take(now);
  }
  CHECK(bucket.ready_at(now) == now + kSecond);
  now += kSecond;
  bucket.take(now);
  CHECK(bucket.ready_at(now) == now + kSecond);
  now += 3600 * kSecond;  // no more than the burst is saved up
  for (int i = 0; i < 3; ++i) bucket.take(now);
  CHECK(bucket.ready_at(now) == now + kSecond);
  CHECK(bucket.ready_at(now - kMinute) == now - kMinute + kSecond);  // the clock was set back
  CHECK(bucket.ready_at(now - kMinute + kSecond) == now - kMinute + kSecond);
  TokenBucket free(0, 1);
  for (int i = 0; i < 100; ++i) free.take(now);
  CHECK(free.ready_at(now) == now);
}

TEST_CASE("verdict: only https, or the machine itself") {
  CHECK(problem_of_url("https://hooks.slack.com/services/x") == "");
  CHECK(problem_of_url("http://127.0.0.1:8080/x") == "");
  CHECK(problem_of_url("http://localhost/x") == "");
  CHECK(problem_of_url("http://[::1]:80/x") == "");
  for (const char* bad :
       {"http://example.com/x", "http://127.0.0.1.example.com/", "http://localhost.example.com/",
        "http://127.evil.com/", "ftp://127.0.0.1/x", "file:///etc/passwd", "", "hooks.slack.com/x",
        "https://user:word@example.com/", "https://", "http://127.0.0.1@example.com/"})
    CHECK_MESSAGE(problem_of_url(bad) != "", bad);
  CHECK(problem_of_url("http://example.com/secret").find("secret") == std::string::npos);
}
