// Bodies of Firehose requests: whole, odd, broken, and in pieces of any size.
#include "runtime/ingest/http/firehose_reader.h"

#include <doctest/doctest.h>

#include "tests/unit/runtime/ingest/collector.h"

namespace weir::ingest {
namespace {

// So many bytes a read, at most.
class Trickle final : public ByteStream {
 public:
  Trickle(std::string_view bytes, size_t piece) : bytes_(bytes), piece_(piece) {}
  size_t read(char* out, size_t room) override {
    const size_t count = std::min({room, piece_, bytes_.size()});
    std::copy_n(bytes_.data(), count, out);
    bytes_.remove_prefix(count);
    return count;
  }

 private:
  std::string_view bytes_;
  size_t piece_;
};

struct Read {
  std::string refusal;
  Collector got;
};

Read read_pieces(const std::string& body, size_t piece) {
  Read read;
  ReadLimits limits;
  Budget budget{limits.max_ratio, body.size(), 0};
  Trickle stream(body, piece);
  Unwrapper unwrapper(limits, budget, 0, read.got);
  read.refusal = read_firehose(stream, unwrapper, Place{"request"});
  return read;
}

Read read_body(const std::string& body) {
  Read whole = read_pieces(body, body.size() + 1);
  for (size_t piece : {1u, 7u}) {
    const Read pieces = read_pieces(body, piece);
    CHECK(pieces.refusal == whole.refusal);
    CHECK(pieces.got.texts() == whole.got.texts());
    CHECK(pieces.got.problems.size() == whole.got.problems.size());
  }
  return whole;
}

std::string record_of(const std::string& text) { return "{\"data\":\"" + base64(text) + "\"}"; }

TEST_CASE("records, in order and numbered") {
  const Read read = read_body(R"({"requestId":"x","timestamp":1578090901599,"records":[)" +
                              record_of(R"({"a":1})") + " , " + record_of(R"({"b":2})") + "]}");
  CHECK(read.refusal.empty());
  CHECK(read.got.texts() == std::vector<std::string>{R"({"a":1})", R"({"b":2})"});
  REQUIRE(read.got.records.size() == 2);
  CHECK(read.got.records[1].record == 2);
  CHECK(read.got.records[1].offset > read.got.records[0].offset);
  CHECK(read.got.problems.empty());
}

TEST_CASE("several documents in one record, and gzip within it") {
  const Read read = read_body(R"({"records":[)" + record_of("{\"a\":1}{\"a\":2}\n{\"a\":3}") + "," +
                              record_of(gzip("{\"a\":4}\n")) + R"(],"timestamp":1})");
  CHECK(read.refusal.empty());
  CHECK(read.got.records.size() == 4);
}

TEST_CASE("members in any order, others passed over, blanks everywhere") {
  const Read read =
      read_body(" \n{ \"x\" : {\"records\":[1,\"]\"]} , \"y\":[true] ,\"z\":null,\n\"records\" : [ " +
                record_of("{\"a\":1}") + " ] , \"requestId\" : \"q\" } ");
  CHECK(read.refusal.empty());
  CHECK(read.got.records.size() == 1);
}

TEST_CASE("an empty list is a request with nothing in it") {
  const Read read = read_body(R"({"requestId":"x","records":[]})");
  CHECK(read.refusal.empty());
  CHECK(read.got.records.empty());
}

TEST_CASE("what is no Firehose request is refused, and nothing of it is told") {
  for (const char* body :
       {"", " ", "hello", "[]", "{}", "{\"records\":", "{\"records\":5}", "{\"records\":{}}", "{\"a\":1",
        "{\"a\" 1}", "{a:1}", "{\"a\":}", "\"records\"", "{\"records\"[]}"}) {
    CAPTURE(body);
    const Read read = read_body(body);
    CHECK_FALSE(read.refusal.empty());
    CHECK(read.got.records.empty());
    CHECK(read.got.problems.empty());
  }
}

TEST_CASE("a record that cannot be read costs nothing but itself") {
  const Read read =
      read_body(R"({"records":[{"data":"!!!"},{"other":1},5,{"data":7},)" + record_of("{\"a\":1}") + "]}");
  CHECK(read.refusal.empty());
  CHECK(read.got.problems.size() == 4);
  CHECK(read.got.texts() == std::vector<std::string>{R"({"a":1})"});
}

TEST_CASE("a body that breaks off after its first record gives what was there, and a problem") {
  const std::string whole = R"({"records":[)" + record_of("{\"a\":1}") + "," + record_of("{\"a\":2}") + "]}";
  for (size_t cut = whole.find(',') + 1; cut + 1 < whole.size(); ++cut) {
    CAPTURE(cut);
    const Read read = read_pieces(whole.substr(0, cut), 1000);
    CHECK(read.refusal.empty());
    CHECK(read.got.records.size() >= 1);
    CHECK(read.got.problems.size() == 1);
  }
}

TEST_CASE("a record of any length is not held") {
  const std::string body = R"({"records":[{"data":")" + std::string(kMostElement + 100'000, 'A') + "\"}]}";
  const Read read = read_pieces(body, 100'000);
  CHECK(read.refusal.empty());
  REQUIRE(read.got.problems.size() == 1);
  CHECK(read.got.problems[0].reason.find("longer than") != std::string::npos);
}

TEST_CASE("nesting without end is refused") {
  CHECK_FALSE(read_pieces("{\"x\":" + std::string(100'000, '['), 4096).refusal.empty());
}

}  // namespace
}  // namespace weir::ingest
