// What heads are refused, what answers say, and which requests are the same.
#include "runtime/ingest/http/protocol.h"

#include <doctest/doctest.h>

namespace weir::ingest {
namespace {

const HttpEndpoint kFirehose{"/firehose", HttpProtocol::firehose, {"old-key", "new-key"}};
const HttpEndpoint kPlain{"/ingest", HttpProtocol::plain, {"token"}};

http::Head firehose_head() {
  http::Head head;
  head.method = "POST";
  head.path = "/firehose";
  head.peer = "192.0.2.1:5000";
  head.fields = {{"X-Amz-Firehose-Protocol-Version", "1.0"},
                 {"X-Amz-Firehose-Request-Id", "ed4acda5-034f-9f42-bba1-f29aea6d7d8f"},
                 {"X-Amz-Firehose-Access-Key", "new-key"},
                 {"Content-Encoding", "gzip"}};
  return head;
}

http::Head plain_head() {
  http::Head head;
  head.method = "POST";
  head.path = "/ingest";
  head.peer = "192.0.2.1:5000";
  head.fields = {{"Authorization", "Bearer token"}};
  return head;
}

unsigned status_of(const HttpEndpoint& endpoint, const http::Head& head) {
  const auto answer = refused_by_head(endpoint, head, 0);
  return answer ? answer->status : 0;
}

TEST_CASE("paths") {
  const std::vector<HttpEndpoint> endpoints = {kFirehose, kPlain};
  CHECK(endpoint_at(endpoints, "/ingest") == &endpoints[1]);
  CHECK(endpoint_at(endpoints, "/ingest/") == nullptr);
  CHECK(endpoint_at(endpoints, "/") == nullptr);
}

TEST_CASE("a Firehose request") {
  CHECK(status_of(kFirehose, firehose_head()) == 0);
  http::Head head = firehose_head();
  head.method = "GET";
  CHECK(status_of(kFirehose, head) == 405);
  for (const char* wrong : {"", "new-kez", "new-key2", "new-ke"}) {
    head = firehose_head();
    head.fields[2].value = wrong;
    CHECK(status_of(kFirehose, head) == 401);
  }
  head = firehose_head();
  head.fields[2].value = "old-key";
  CHECK(status_of(kFirehose, head) == 0);
  head.fields[0].value = "2.0";
  CHECK(status_of(kFirehose, head) == 400);
  head = firehose_head();
  head.fields[3].value = "br";
  CHECK(status_of(kFirehose, head) == 415);
  for (const std::string& wrong :
       {std::string(), std::string("a b"), std::string("a\"b"), std::string(500, 'x')}) {
    head = firehose_head();
    head.fields[1].value = wrong;
    CHECK(status_of(kFirehose, head) == 400);
  }
}

TEST_CASE("a plain request") {
  CHECK(status_of(kPlain, plain_head()) == 0);
  http::Head head = plain_head();
  head.fields[0].value = "bEARER token";
  CHECK(status_of(kPlain, head) == 0);
  for (const char* wrong : {"Bearer", "Bearer ", "Bearer token2", "Basic token", "token", ""}) {
    head.fields[0].value = wrong;
    CHECK(status_of(kPlain, head) == 401);
  }
  CHECK(status_of({"/ingest", HttpProtocol::plain, {}}, head) == 0);
  head = plain_head();
  head.fields.push_back({"Idempotency-Key", "a\tb"});
  CHECK(status_of(kPlain, head) == 400);
}

TEST_CASE("a wrong key is told in the form that Firehose reads") {
  http::Head head = firehose_head();
  head.fields[2].value = "x";
  const auto answer = refused_by_head(kFirehose, head, 1'578'090'903'599'000);
  REQUIRE(answer);
  CHECK(answer->type == "application/json");
  CHECK(
      answer->body ==
      R"({"requestId":"ed4acda5-034f-9f42-bba1-f29aea6d7d8f","timestamp":1578090903599,"errorMessage":"the access key is wrong"})");
  head.fields[1].value = "<\"x";
  CHECK(refused_by_head(kFirehose, head, 0)->body ==
        R"({"requestId":"","timestamp":0,"errorMessage":"the access key is wrong"})");
}

TEST_CASE("committed") {
  CHECK(committed(HttpProtocol::firehose, firehose_head(), {true, 3, 0, 0}, 1'578'090'903'599'000).body ==
        R"({"requestId":"ed4acda5-034f-9f42-bba1-f29aea6d7d8f","timestamp":1578090903599})");
  CHECK(committed(HttpProtocol::plain, plain_head(), {true, 3, 1, 2}, 0).body ==
        "{\"committed\":true,\"records\":3,\"unreadable\":1,\"skipped\":2}\n");
  CHECK(committed(HttpProtocol::plain, plain_head(), {}, 0).body ==
        "{\"committed\":true,\"repeated\":true}\n");
}

TEST_CASE("503 says when to come again; no refusal is a 413") {
  const http::Answer busy = refused(HttpProtocol::firehose, firehose_head(), 503, "busy", 0);
  REQUIRE(busy.fields.size() == 1);
  CHECK(busy.fields[0].name == "Retry-After");
}

TEST_CASE("which requests are the same") {
  const std::string key = key_of(kFirehose, firehose_head());
  CHECK(key.size() == 16);
  CHECK(key == key_of(kFirehose, firehose_head()));
  http::Head other = firehose_head();
  other.fields[1].value = "ed4acda5-034f-9f42-bba1-f29aea6d7d90";
  CHECK(key != key_of(kFirehose, other));
  CHECK(key_of(kPlain, plain_head()).empty());
  other = plain_head();
  other.fields.push_back({"Idempotency-Key", "ed4acda5-034f-9f42-bba1-f29aea6d7d8f"});
  CHECK(key_of(kPlain, other).size() == 16);
  CHECK(key_of(kPlain, other) != key);
}

TEST_CASE("names, for people") {
  CHECK(name_of(kFirehose, firehose_head(), 7) == "firehose request ed4acda5-034f-9f42-bba1-f29aea6d7d8f");
  CHECK(name_of(kPlain, plain_head(), 7) == "request 7 from 192.0.2.1:5000");
}

}  // namespace
}  // namespace weir::ingest
