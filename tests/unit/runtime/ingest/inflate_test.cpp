// Compression: members, frames, layers, damage, bombs.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "collector.h"

namespace weir::ingest {
namespace {

using Texts = std::vector<std::string>;
const std::string kOne = "{\"a\":1}\n", kTwo = "{\"a\":2}\n";
const Texts kBoth = {"{\"a\":1}", "{\"a\":2}"};

TEST_CASE("gzip and zstd, by content") {
  CHECK(read(gzip(kOne + kTwo)).texts() == kBoth);
  CHECK(read(zstd(kOne + kTwo)).texts() == kBoth);
  CHECK(read(kOne + kTwo).texts() == kBoth);
}

TEST_CASE("many members and frames") {
  CHECK(read(gzip(kOne) + gzip(kTwo)).texts() == kBoth);
  CHECK(read(zstd(kOne) + zstd(kTwo)).texts() == kBoth);
  CHECK(read(gzip("{\"a\":1}") + gzip("") + gzip("{\"a\":2}")).texts() == kBoth);
  CHECK(read(gzip(kOne) + gzip(kTwo) + std::string(512, '\0')).problems.empty());
}

TEST_CASE("layers") {
  CHECK(read(gzip(gzip(kOne + kTwo))).texts() == kBoth);
  CHECK(read(gzip(gzip(kOne) + gzip(kTwo))).texts() == kBoth);
  CHECK(read(zstd(gzip(kOne + kTwo))).texts() == kBoth);
}

TEST_CASE("a gzip stream that ends early gives what it has, and one problem") {
  std::string lines;
  for (int i = 0; i < 5000; ++i) lines += fmt::format("{{\"n\":{},\"x\":\"{:x}\"}}\n", i, i * 2654435761u);
  std::string whole = gzip(lines);
  Collector got = read(whole.substr(0, whole.size() / 2));
  CHECK(got.records.size() > 1000);
  CHECK(got.records.size() < 4000);
  REQUIRE(got.problems.size() == 1);
  CHECK(got.problems[0].reason == "the gzip stream ends early");
  CHECK(got.problems[0].record == 0);
  std::string frames = zstd(lines);
  Collector cut = read(frames.substr(0, frames.size() - 3));
  REQUIRE(cut.problems.size() == 1);
  CHECK(cut.problems[0].reason == "the zstd stream ends early");
  CHECK(read(whole.substr(0, 5)).problems.size() == 1);
  CHECK(read(gzip(kOne) + whole.substr(0, 2)).problems.size() == 1);
}

TEST_CASE("damage is named") {
  std::string lines(100'000, 'x');
  std::string whole = gzip("{\"a\":1}\n" + lines);
  whole[whole.size() / 2] ^= 0x55;
  Collector got = read(whole);
  REQUIRE(got.problems.size() == 1);
  CHECK(got.problems[0].reason.starts_with("the gzip stream is damaged ("));
  Collector behind = read(gzip(kOne) + "garbage");
  CHECK(behind.texts() == Texts{"{\"a\":1}"});
  REQUIRE(behind.problems.size() == 1);
  CHECK(behind.problems[0].reason == "what follows the gzip stream is not gzip");
  Collector zstd_behind = read(zstd(kOne) + "garbage");
  CHECK(zstd_behind.texts() == Texts{"{\"a\":1}"});
  REQUIRE(zstd_behind.problems.size() == 1);
}

TEST_CASE("a bomb is stopped") {
  std::string zeros(1u << 20, ' ');
  std::string members;
  for (int i = 0; i < 100; ++i) members += gzip(zeros, 9);
  ReadLimits limits;
  limits.max_ratio = 100;
  Collector got = read(kOne + kTwo, limits);
  CHECK(got.problems.empty());
  got = read(members, limits);
  REQUIRE(got.problems.size() == 1);
  CHECK(got.problems[0].reason == "decompresses to more than 100 times its size");
  CHECK(got.total <= (80u << 20));
}

TEST_CASE("a bomb inside of records stops the file once") {
  std::string zeros(30u << 20, ' ');
  std::string data = base64(gzip(zeros, 9));
  std::string body = "{\"requestId\":\"r\",\"records\":[";
  for (int i = 0; i < 8; ++i) body += fmt::format("{}{{\"data\":\"{}\"}}", i ? "," : "", data);
  body += "]}\n";
  ReadLimits limits;
  limits.max_ratio = 100;
  Collector got = read(body + kOne, limits);
  CHECK(got.problems.size() >= 1);
  CHECK(got.problems.size() <= 8);
  CHECK(got.problems[0].reason == "decompresses to more than 100 times its size");
}

}  // namespace
}  // namespace weir::ingest
