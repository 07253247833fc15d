// How texts are compared: case, dots, labels, and sets that must agree with the single comparisons.
#include "runtime/match/text.h"

#include <doctest/doctest.h>

#include <algorithm>

using namespace weir::match;

namespace {

constexpr TextRule kPlain{}, kCased{true, false}, kDomain{false, true}, kCasedDomain{true, true};

}  // namespace

TEST_CASE("simple case folding") {
  CHECK(fold("Hello, World [1]") == "hello, world [1]");
  CHECK(fold("ÄÖÜ ΣΑΣ ЖЁ") == "äöü σασ жё");
  CHECK(fold("\u1E9E") == "ß");       // status S: one code point
  CHECK(fold("ß") == "ß");            // full folding would be "ss"
  CHECK(fold("\u212A") == "k");       // the Kelvin sign
  CHECK(fold("\u0130") == "\u0130");  // status T and F only
  CHECK(fold("ſ") == "s");
  CHECK(fold("\U00010400") == "\U00010428");
  CHECK(fold("A\xFFZ\xC3") == "a\xFFz\xC3");  // not UTF-8: as it is
  CHECK(fold("") == "");
}

TEST_CASE("equal") {
  CHECK(equal("PutUserPolicy", "putuserPOLICY", kPlain));
  CHECK_FALSE(equal("PutUserPolicy", "putuserpolicy", kCased));
  CHECK(equal("STRASSE", "strasse", kPlain));
  CHECK_FALSE(equal("STRASSE", "straße", kPlain));
  CHECK(equal("\u212Aey", "KEY", kPlain));
  CHECK(equal("ÉCOLE", "école", kPlain));
  CHECK_FALSE(equal("abc", "abcd", kPlain));
  CHECK(equal("", "", kPlain));
  CHECK_FALSE(equal("a.", "a", kPlain));
  CHECK(equal("Example.COM.", "example.com", kDomain));
  CHECK(equal("example.com", "example.com.", kDomain));
  CHECK_FALSE(equal("example.com..", "example.com", kDomain));
  CHECK(equal(".", ".", kDomain));
  CHECK_FALSE(equal("Example.com.", "example.com", kCasedDomain));
  CHECK(equal("a\xFF", "A\xFF", kPlain));
  CHECK_FALSE(equal("\xFF", "\xFE", kPlain));
}

TEST_CASE("contains, starts, ends") {
  CHECK(contains("run Wget/1.2", "WGET", kPlain));
  CHECK_FALSE(contains("run Wget/1.2", "wget", kCased));
  CHECK(contains("abc", "", kPlain));
  CHECK_FALSE(contains("", "a", kPlain));
  CHECK(contains("xÄRGERx", "ärger", kPlain));
  CHECK(starts_with("Describe", "desc", kPlain));
  CHECK_FALSE(starts_with("www2.x", "www.", kDomain));  // the dot of a beginning is no final dot
  CHECK(starts_with("www.x.", "www.", kDomain));
  CHECK(ends_with("notEvil.com.", "evil.com", kDomain));
  CHECK(ends_with("evil.com", "evil.com.", kDomain));
  CHECK_FALSE(ends_with("evil.com.", "evil.com", kPlain));
  const std::string longer(5000, 'A');
  CHECK(contains(longer + "b", "aB", kPlain));
  CHECK(ends_with(longer, longer, kPlain));
}

TEST_CASE("below: at a label boundary") {
  CHECK(below("Example.COM.", "example.com"));
  CHECK(below("a.b.example.com", "example.com."));
  CHECK_FALSE(below("notexample.com", "example.com"));
  CHECK_FALSE(below("example.com.evil", "example.com"));
  CHECK_FALSE(below("com", "example.com"));
  CHECK_FALSE(below("a.EXAMPLE.com", "example.com", true));
  CHECK_FALSE(below("example.com", ""));
}

namespace {

// A pattern as one writes it: every * and ? is a wildcard, but for those after a backslash.
bool like(std::string_view value, std::string_view written, TextRule rule = {}) {
  std::string text;
  std::vector<uint32_t> wildcards;
  for (size_t at = 0; at < written.size(); ++at) {
    if (written[at] == '\\') {
      ++at;
    } else if (written[at] == '*' || written[at] == '?') {
      wildcards.push_back(static_cast<uint32_t>(text.size()));
    }
    text.push_back(written[at]);
  }
  return Pattern(text, wildcards, rule).matches(value);
}

}  // namespace

TEST_CASE("patterns") {
  CHECK(like("PutUserPolicy", "Put?ser*"));
  CHECK_FALSE(like("XPutUserPolicy", "Put?ser*"));
  CHECK(like("", "*"));
  CHECK(like("anything", "**"));
  CHECK_FALSE(like("", "?"));
  CHECK(like("é", "?"));
  CHECK_FALSE(like("é", "??"));
  CHECK(like("日本", "??"));
  CHECK(like("日本語", "?*語"));
  CHECK(like("abc", "a*c"));
  CHECK(like("ac", "a*c"));
  CHECK_FALSE(like("acx", "a*c"));
  CHECK(like("abcabc", "*abc"));
  CHECK(like("aab", "*ab"));
  CHECK_FALSE(like("a", "a*a"));  // the two ends may not share a character
  CHECK(like("aa", "a*a"));
  CHECK(like("xaybzc", "*a?b*c"));
  CHECK(like("aaaab", "*a?b"));
  CHECK(like("a*c", "a\\*c"));
  CHECK_FALSE(like("abc", "a\\*c"));
  CHECK(like("ABC", "a?c"));
  CHECK_FALSE(like("ABC", "a?c", kCased));
  CHECK(like("Mine.Pool.com.", "*.pool.com", kDomain));
  CHECK(like("a.pool.com", "*.pool.com.", kDomain));
  CHECK_FALSE(like("€b", "*??b"));  // one character, though three bytes
  CHECK(like("x€b", "*??b"));
  CHECK(like("x€b", "??b"));
  CHECK(like("abXcdYef", "ab*cd*ef"));
  CHECK_FALSE(like("abXcdYe", "ab*cd*ef"));
  CHECK(like("\xFF\xFE", "??"));
  CHECK(like("", ""));
  CHECK_FALSE(like("a", ""));
}

TEST_CASE("a pattern of many stars is not slow") {
  std::string pattern, value(20000, 'a');
  for (int i = 0; i < 200; ++i) pattern += "*a";
  CHECK_FALSE(like(value, pattern + "*b"));
  CHECK(like(value, pattern + "*"));
}

TEST_CASE("a set agrees with the single comparisons, few needles or many") {
  const std::vector<std::string> values = {"",           "a",       "Evil.com",  "x.evil.com.", "notevil.com",
                                           "evil.com.x", "N17.Net", "a.n17.net", "bn17.net",    "n170.net",
                                           "ÄÖ",         "xäöx",    "n3.net.",   ".",           "com",
                                           "www.n5.net", "N5",      "n1"};
  for (const size_t count : {0u, 3u, 8u, 9u, 200u}) {
    std::vector<std::string> needles = {"EVIL.com", "äö", "net."};
    for (size_t i = 0; needles.size() < count; ++i) needles.push_back("N" + std::to_string(i) + ".net");
    needles.resize(count);
    for (const TextRule rule : {kPlain, kCased, kDomain, kCasedDomain}) {
      for (const auto how : {TextSet::How::equal, TextSet::How::contains, TextSet::How::starts,
                             TextSet::How::ends, TextSet::How::below}) {
        const TextSet set(how, rule, needles);
        for (const std::string& value : values) {
          const bool expected = std::any_of(needles.begin(), needles.end(), [&](const std::string& needle) {
            switch (how) {
              case TextSet::How::equal:
                return weir::match::equal(value, needle, rule);  // not std::equal
              case TextSet::How::contains:
                return contains(value, needle, rule);
              case TextSet::How::starts:
                return starts_with(value, needle, rule);
              case TextSet::How::ends:
                return ends_with(value, needle, rule);
              case TextSet::How::below:
                return below(value, needle, rule.cased);
            }
            return false;
          });
          CAPTURE(value);
          CAPTURE(count);
          CAPTURE(static_cast<int>(how));
          CHECK(set.matches(value) == expected);
        }
      }
    }
  }
}

TEST_CASE("a set: needles are normalised, sorted, once each; copies live on their own") {
  TextSet copy(TextSet::How::equal, {}, {});
  {
    const TextSet set(TextSet::How::equal, kDomain, {"B.", "b", "A", "c", "d", "e", "f", "g", "h", "i", "j"});
    CHECK(set.needles().size() == 10);
    CHECK(set.needles().front() == "a");
    copy = set;
  }
  CHECK(copy.matches("J."));
  CHECK_FALSE(copy.matches("k"));
}

TEST_CASE("a set of one-character and empty needles") {
  std::vector<std::string> needles;
  for (char c = 'a'; c < 'm'; ++c) needles.push_back(std::string(1, c));
  const TextSet single(TextSet::How::contains, {}, needles);
  CHECK(single.matches("XXL"));
  CHECK_FALSE(single.matches("xyz"));
  needles.push_back("");
  CHECK(TextSet(TextSet::How::contains, {}, needles).matches("xyz"));
  CHECK(TextSet(TextSet::How::starts, {}, needles).matches(""));
}
