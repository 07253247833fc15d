// What a text says: the short way for plain ones gives what the long way does.
#include "dsl/literal.h"

#include <doctest/doctest.h>

using namespace weir;

TEST_CASE("a plain text is what stands between its quotes") {
  for (const char* literal : {R"("")", R"("a")", R"("Zürich, 10:00")", R"('')", R"('*')", R"('a\b')", R"("it's")"}) {
    CAPTURE(literal);
    const auto plain = dsl::plain_inside(literal);
    REQUIRE(plain);
    const dsl::Decoded decoded = dsl::decode_literal(literal);
    CHECK(*plain == decoded.value);
    CHECK(decoded.wildcards.empty());
  }
}

TEST_CASE("escapes, wildcards and prose are decoded") {
  for (const char* literal : {R"("a*")", R"("?")", R"("\"")", R"("\u{41}")", R"("a\\b")", R"("""a""")", R"("""""")"}) {
    CAPTURE(literal);
    CHECK_FALSE(dsl::plain_inside(literal));
  }
}

TEST_CASE("a name in JSON: with escapes and without") {
  CHECK(dsl::decode_json_string(R"("")").empty());
  CHECK(dsl::decode_json_string(R"("plain ü")") == "plain ü");
  CHECK(dsl::decode_json_string(R"("a\nb\u0041\\")") == "a\nbA\\");
  CHECK(dsl::decode_json_string(R"("\ud83d\ude00 \ud83d")") == "\xF0\x9F\x98\x80 \xEF\xBF\xBD");
}
