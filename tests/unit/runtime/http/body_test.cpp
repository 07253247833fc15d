// Bodies in memory and in files, and their common budget.
#include "runtime/http/body.h"

#include <doctest/doctest.h>

#include <string>

namespace weir::http {
namespace {

std::string all_of(const Body& body, size_t piece) {
  std::string out, buffer(piece, '\0');
  bool failed = false;
  while (const size_t got = body.read(out.size(), buffer.data(), piece, failed)) out.append(buffer, 0, got);
  CHECK_FALSE(failed);
  return out;
}

std::string bytes_of(size_t size) {
  std::string bytes(size, '\0');
  for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 31 + i / 251);
  return bytes;
}

BodyLimits small() {
  return {.memory_each = 10'000, .memory_all = 18'500, .held_all = 100'000, .folder = "/tmp"};
}

TEST_CASE("a short body is in memory, a long one in a file, and both are what was sent") {
  auto room = std::make_shared<BodyRoom>(small());
  for (size_t size : {1u, 9'999u, 10'000u, 10'001u, 60'000u}) {
    CAPTURE(size);
    const std::string bytes = bytes_of(size);
    Body body(room);
    for (size_t at = 0; at < size; at += 777)
      REQUIRE(body.append(std::string_view(bytes).substr(at, 777)) == Body::Added::yes);
    CHECK(body.size() == size);
    CHECK(body.in_file() == (size > 10'000));
    CHECK(all_of(body, 1000) == bytes);
    CHECK(all_of(body, 100'000) == bytes);
    CHECK(room->held() == size);
  }
  CHECK(room->held() == 0);
  CHECK(room->in_memory() == 0);
  CHECK(room->spilled() == 2);
}

TEST_CASE("where memory is taken, bodies go to files") {
  auto room = std::make_shared<BodyRoom>(small());
  Body first(room), second(room);
  REQUIRE(first.append(bytes_of(10'000)) == Body::Added::yes);
  REQUIRE(second.append(bytes_of(9'000)) == Body::Added::yes);
  CHECK_FALSE(first.in_file());
  CHECK(second.in_file());
  CHECK(room->in_memory() <= 18'500);
  CHECK(all_of(second, 4096) == bytes_of(9'000));
}

TEST_CASE("beyond all room nothing is taken, and what was held is given back") {
  auto room = std::make_shared<BodyRoom>(small());
  {
    Body first(room), second(room);
    REQUIRE(first.append(bytes_of(90'000)) == Body::Added::yes);
    CHECK_FALSE(room->has_room(10'001));
    CHECK(room->has_room(10'000));
    CHECK(second.append(bytes_of(10'001)) == Body::Added::no_room);
    CHECK(room->held() == 90'000);
  }
  CHECK(room->held() == 0);
  CHECK(Body().append("x") == Body::Added::no_room);
}

TEST_CASE("a folder that cannot be written") {
  BodyLimits limits = small();
  limits.folder = "/nowhere/at/all";
  auto room = std::make_shared<BodyRoom>(limits);
  Body body(room);
  CHECK(body.append(bytes_of(10'001)) == Body::Added::no_file);
}

TEST_CASE("a body that is moved from is empty") {
  auto room = std::make_shared<BodyRoom>(small());
  Body body(room);
  REQUIRE(body.append("abc") == Body::Added::yes);
  Body moved = std::move(body);
  CHECK(all_of(moved, 10) == "abc");
  CHECK(body.size() == 0);
  moved = {};
  CHECK(room->held() == 0);
}

}  // namespace
}  // namespace weir::http
