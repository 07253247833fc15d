// Bodies in memory and in files, and their common budget.
#include "runtime/http/body.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <span>
#include <string>
#include <string_view>

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

Body::Added append(Body& body, std::string_view bytes) {
  while (!bytes.empty()) {
    const std::span<char> into = body.space(bytes.size());
    std::copy_n(bytes.begin(), into.size(), into.begin());
    if (const Body::Added added = body.added(into.size()); added != Body::Added::yes) return added;
    bytes.remove_prefix(into.size());
  }
  return Body::Added::yes;
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
      REQUIRE(append(body, std::string_view(bytes).substr(at, 777)) == Body::Added::yes);
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
  REQUIRE(append(first, bytes_of(10'000)) == Body::Added::yes);
  REQUIRE(append(second, bytes_of(9'000)) == Body::Added::yes);
  CHECK_FALSE(first.in_file());
  CHECK(second.in_file());
  CHECK(room->in_memory() <= 18'500);
  CHECK(all_of(second, 4096) == bytes_of(9'000));
}

TEST_CASE("beyond all room nothing is taken, and what was held is given back") {
  auto room = std::make_shared<BodyRoom>(small());
  {
    Body first(room), second(room);
    REQUIRE(append(first, bytes_of(90'000)) == Body::Added::yes);
    CHECK_FALSE(room->has_room(10'001));
    CHECK(room->has_room(10'000));
    CHECK(append(second, bytes_of(10'001)) == Body::Added::no_room);
    CHECK(room->held() == 90'000);
  }
  CHECK(room->held() == 0);
  Body empty;
  CHECK(append(empty, "x") == Body::Added::no_room);
}

TEST_CASE("a folder that cannot be written") {
  BodyLimits limits = small();
  limits.folder = "/nowhere/at/all";
  auto room = std::make_shared<BodyRoom>(limits);
  Body body(room);
  CHECK(append(body, bytes_of(10'001)) == Body::Added::no_file);
}

TEST_CASE("a body whose length is announced lies in one piece, and has little memory before it comes") {
  BodyLimits limits;
  limits.folder = "/tmp";
  auto room = std::make_shared<BodyRoom>(limits);
  const std::string bytes = bytes_of((1u << 20) + 300);
  for (int again = 0; again < 3; ++again) {  // in memory that was another's
    Body body(room, bytes.size());
    REQUIRE(append(body, bytes.substr(0, 10)) == Body::Added::yes);
    if (again == 0) CHECK(room->in_memory() <= 128u << 10);
    REQUIRE(append(body, bytes.substr(10)) == Body::Added::yes);
    CHECK(body.in_memory() == bytes);
    CHECK(room->in_memory() >= bytes.size());
    Body moved = std::move(body);
    CHECK(moved.in_memory() == bytes);
  }
  CHECK(room->in_memory() == 0);

  Body announced(room, 40u << 20);
  REQUIRE(append(announced, bytes_of(17u << 20)) == Body::Added::yes);
  CHECK(announced.in_memory().empty());
  CHECK(announced.in_file());
}

TEST_CASE("a body that is moved from is empty") {
  auto room = std::make_shared<BodyRoom>(small());
  Body body(room);
  REQUIRE(append(body, "abc") == Body::Added::yes);
  Body moved = std::move(body);
  CHECK(all_of(moved, 10) == "abc");
  CHECK(body.size() == 0);
  moved = {};
  CHECK(room->held() == 0);
}

}  // namespace
}  // namespace weir::http
