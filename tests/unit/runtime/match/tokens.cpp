// Both ways to find tokens give the same ones, whatever the text; and what is remembered of shapes is what was so.
#include "runtime/match/tokens.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "runtime/match/decode.h"
#include "runtime/match/shapes.h"
#include "runtime/match/structure.h"

using namespace weir::match;

namespace {

// Tokens end where the text does: what stands behind it must not matter.
struct Padded {
  explicit Padded(std::string of, char padding = '"') : size(of.size()), bytes(std::move(of)) { bytes.append(kPadding, padding); }
  std::string_view text() const { return std::string_view(bytes).substr(0, size); }
  size_t size;
  std::string bytes;
};

std::string random_text(std::mt19937_64& random) {
  static const std::vector<std::string> kPieces = {"{", "}", "[", "]", ":", ",", "\"", "\"", "\"", "\\", "\\\\", "\\\"", " ", "\n",
                                                   "\t", "a", "name", "0", "17", "-1.5", "true", "null", "é", "\x1a", "\x0c",
                                                   "sixteen bytes of ", "\xff"};
  std::string text;
  const size_t usual = random() % 2 == 0 ? kPieces.size() - 4 : kPieces.size();
  for (size_t pieces = random() % 120; pieces > 0; --pieces) text += kPieces[random() % usual];
  if (random() % 4 != 0 && std::count(text.begin(), text.end(), '"') % 2 != 0) text += '"';
  return text;
}

}  // namespace

TEST_CASE("both ways to find tokens find the same") {
  if (!Tokens::runs_here(Tokens::Kernel::avx512)) return;
  Tokens plain(Tokens::Kernel::simdjson), wide(Tokens::Kernel::avx512);
  std::mt19937_64 random(7);
  size_t found = 0, refused = 0;
  for (int round = 0; round < 70'000; ++round) {
    const Padded padded(random_text(random), round % 2 == 0 ? '"' : '\\');
    const std::string_view text = padded.text();
    CAPTURE(text);
    const bool is_found = wide.find(text), has_control = text.find_first_of("\x1a\x0c") != text.npos;
    REQUIRE((plain.find(text) == is_found || (has_control && !is_found)));
    ++(is_found ? found : refused);
    if (!is_found) continue;
    REQUIRE(wide.count() == plain.count());
    for (uint32_t token = 0; token < plain.count(); ++token) {
      REQUIRE(wide.places()[token] == plain.places()[token]);
      REQUIRE(wide.kinds()[token] == plain.kinds()[token]);
    }
    CHECK(wide.places()[wide.count()] == text.size());
    CHECK(plain.places()[plain.count()] == text.size());
    CHECK(wide.kinds()[wide.count()] == '\0');
    CHECK(wide.is_ascii() == plain.is_ascii());
    CHECK(wide.first_escape() == plain.first_escape());
    CHECK(wide.last_escape() == plain.last_escape());
  }
  CHECK(found > 5000);
  CHECK(refused > 5000);
}

TEST_CASE("either way, the same records are clean") {
  if (!Tokens::runs_here(Tokens::Kernel::avx512)) return;
  Structure plain(Tokens::Kernel::simdjson), wide(Tokens::Kernel::avx512);
  std::mt19937_64 random(8);
  size_t clean = 0, refused = 0;
  const std::string record = R"({"a":[17,{"b\n":true}],"c":null, "name":{"x":"\u00e9é","y":[-1.5,"",[]]}})";
  for (int round = 0; round < 50'000; ++round) {
    std::string text = record;
    for (uint64_t changes = random() % 3; changes > 0; --changes)
      text[random() % text.size()] = "{}[]:,\"\\ 0-.en\x1a\x0c\x01\xff"[random() % 19];
    const Padded padded(std::move(text), round % 2 == 0 ? '"' : '}');
    CAPTURE(padded.text());
    const bool is_clean = plain.read(padded.text());
    REQUIRE(wide.read(padded.text()) == is_clean);
    ++(is_clean ? clean : refused);
  }
  CHECK(clean > 5000);
  CHECK(refused > 5000);
}

TEST_CASE("either way, a text may be empty, and as long as any record") {
  for (const Tokens::Kernel kernel : {Tokens::Kernel::simdjson, Tokens::Kernel::avx512}) {
    if (!Tokens::runs_here(kernel)) continue;
    Structure structure(kernel);
    CHECK_FALSE(structure.read(Padded("").text()));
    std::string text = "{\"a\":[";
    while (text.size() < 500'000) text += "1,";
    text += "1]}";
    const Padded padded(std::move(text));
    CHECK(structure.read(padded.text()));
    CHECK(structure.kind(structure.last_of(0)) == '}');
    CHECK(structure.read(Padded(R"({"a":1})").text()));
    CHECK_FALSE(structure.read(Padded("").text()));
    CHECK_FALSE(structure.read(Padded("  ").text()));
  }
}

TEST_CASE("a shape that came twice is remembered, whatever stands in it") {
  Tokens tokens;
  Shapes shapes;
  const auto find = [&](std::string text) {
    const Padded padded(std::move(text));
    REQUIRE(tokens.find(padded.text()));
    return shapes.find(tokens);
  };
  const std::vector<uint32_t> closes = {4, 1, 2, 3, 4}, scalars = {3};
  for (int time = 0; time < 2; ++time) {
    CHECK(find(R"({"a":1})") == Shapes::kMost);
    shapes.note(tokens, closes, scalars);
  }
  const size_t number = find(R"({"another" : 20 })");
  REQUIRE(number != Shapes::kMost);
  CHECK(shapes[number].closes == closes);
  CHECK(shapes[number].scalars == scalars);
  CHECK(find(R"({"a":true})") == Shapes::kMost);
  CHECK(find(R"([{"a":1}])") == Shapes::kMost);
}

TEST_CASE("a shape is known from its third time on, and says nothing of how scalars are spelled") {
  Structure structure;
  const auto read = [&](std::string text) { return structure.read(Padded(std::move(text)).text()); };
  CHECK(read(R"({"a":[1,{"b":true}],"c":null})"));
  CHECK(read(R"({"a":[2,{"b":true}],"c":null})"));
  CHECK(read(R"({"name":[345, {"":true}],"\u0061":null})"));
  CHECK(structure.last_of(3) == 11);
  CHECK(structure.last_of(4) == 4);
  CHECK(structure.last_of(6) == 10);
  for (const char* const bad : {R"({"a":[1.,{"b":true}],"c":null})", R"({"a":[1,{"b":tru}],"c":null})",
                                R"({"a":[1,{"b":true}],"c":nul})", R"({"a":[01,{"b":true}],"c":null})",
                                R"({"a":[1,{"b":truE}],"c":null})", R"({"a":[1/2,{"b":true}],"c":null})",
                                R"({"a":[1,{"b":true}],"c":nulll})", R"({"a":[1 2,{"b":true}],"c":null})",
                                R"({"a":[2:,{"b":true}],"c":null})", R"({"\x":[1,{"b":true}],"c":null})"}) {
    CAPTURE(bad);
    CHECK_FALSE(read(bad));
  }
  CHECK(read(R"({"a":[7,{"b":true}],"c":null})"));
}

TEST_CASE("shapes that give way to others are found out again") {
  Structure structure;
  for (int round = 0; round < 3; ++round) {
    for (int items = 0; items < 900; ++items) {
      std::string text = "{\"a\":[1";
      for (int i = 0; i < items; ++i) text += i % 3 == 0 ? ",1" : ",\"\"";
      const Padded good(text + "]}"), bad(text + "}}");
      for (int again = 0; again < 3; ++again) {
        REQUIRE(structure.read(good.text()));
        REQUIRE(structure.last_of(3) == structure.last_of(0) - 1);
        REQUIRE_FALSE(structure.read(bad.text()));
      }
    }
  }
}
