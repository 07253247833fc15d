// The functions that look at characters and encodings.
#include "runtime/match/functions.h"

#include <doctest/doctest.h>

#include <string>

using namespace weir::match;

TEST_CASE("length counts characters") {
  CHECK(length("") == 0);
  CHECK(length("abc") == 3);
  CHECK(length("äöü") == 3);
  CHECK(length("日本語") == 3);
  CHECK(length("\U0001F600x") == 2);
}

TEST_CASE("lower") { CHECK(lower("ABC Äß ΣÉ") == "abc äß σé"); }

TEST_CASE("entropy, bits a character") {
  CHECK(entropy("") == 0);
  CHECK(entropy("aaaa") == 0);
  CHECK(entropy("ab") == 1);
  CHECK(entropy("abcd") == 2);
  CHECK(entropy("äöäö") == 1);
  CHECK(entropy("aab") == doctest::Approx(0.918295834).epsilon(1e-9));
  CHECK(entropy("aé日\U0001F600") == 2);
}

TEST_CASE("digit_ratio") {
  CHECK(digit_ratio("") == 0);
  CHECK(digit_ratio("a1") == 0.5);
  CHECK(digit_ratio("1234") == 1);
  CHECK(digit_ratio("é1é1") == 0.5);
  CHECK(digit_ratio("٣x") == 0);  // only 0 to 9
}

TEST_CASE("is_base64") {
  CHECK(is_base64("aHR0cDovL2V2aWw9"));
  CHECK(is_base64("eHhodHRwOi8vZXZpbA=="));
  CHECK(is_base64("eHhodHRwOi8vZXZpbA"));        // without padding
  CHECK(is_base64("eHhodHRwOi8vZXZpbD0x-_ab"));  // URL-safe
  CHECK(is_base64("eHhodHRwOi8vZXZpbD0x+/ab"));
  CHECK_FALSE(is_base64("eHhodHRwOi8vZXZpbD0x+_ab"));  // two alphabets
  CHECK_FALSE(is_base64("aHR0cDovL2V2aW"));            // 14
  CHECK_FALSE(is_base64("aHR0cDovL2V2aWw9a"));         // 17 % 4 == 1
  CHECK_FALSE(is_base64("eHhodHRwOi8vZXZpbA="));       // one padding of two
  CHECK_FALSE(is_base64("eHhodHRwOi8vZXZ="));          // 15: padding is not of the alphabet
  CHECK_FALSE(is_base64("eHhodHRwOi8v===="));
  CHECK_FALSE(is_base64("eHho=HRwOi8vZXZpbA=="));  // padding inside
  CHECK_FALSE(is_base64("abcdefghijklmnop"));      // no upper case, no digit
  CHECK_FALSE(is_base64("ABCDEFGHIJKLMN12"));      // no lower case
  CHECK_FALSE(is_base64("abcdefghIJKLMNOP"));      // no digit
  CHECK_FALSE(is_base64("a1B cdefghijklmnop12"));
  CHECK_FALSE(is_base64(""));
  CHECK_FALSE(is_base64("================"));
}

TEST_CASE("is_base32 and is_hex") {
  CHECK(is_base32("JBSWY3DPEBLW64TMMQ"));
  CHECK(is_base32("jbswy3dpeblw64tmmq======"));
  CHECK_FALSE(is_base32("jbswy3dpeblw64tmmq====="));
  CHECK_FALSE(is_base32("Jbswy3dpeblw64tmmq"));
  CHECK_FALSE(is_base32("JBSWYADPEBLWWATMMQ"));  // no digit
  CHECK_FALSE(is_base32("2345672345672345"));    // no letter
  CHECK_FALSE(is_base32("JBSWY3DPEBLW64TM1Q"));  // 1 is none of it
  CHECK_FALSE(is_base32("JBSWY3DPEBLW64TMM"));   // 17 % 8 == 1
  CHECK(is_hex("0123456789abcdef"));
  CHECK(is_hex("0123456789ABCDEF"));
  CHECK_FALSE(is_hex("0123456789ABCDef"));
  CHECK_FALSE(is_hex("0123456789abcdef0"));
  CHECK_FALSE(is_hex("0123456789012345"));
  CHECK_FALSE(is_hex("abcdefabcdefabcd"));
  CHECK_FALSE(is_hex("a1b2c3"));
}

TEST_CASE("part") {
  const std::string_view arn = "arn:aws:iam::1:user/dev/ann";
  CHECK(part(arn, "/", -1) == "ann");
  CHECK(part(arn, "/", -2) == "dev");
  CHECK(part(arn, "/", 0) == "arn:aws:iam::1:user");
  CHECK(part(arn, ":", 3) == "");
  CHECK(part(arn, "/", 3) == std::nullopt);
  CHECK(part(arn, "/", -4) == std::nullopt);
  CHECK(part("a--b--c", "--", 1) == "b");
  CHECK(part("a--b--c", "--", -3) == "a");
  CHECK(part("abc", "/", 0) == "abc");
  CHECK(part("abc", "/", -1) == "abc");
  CHECK(part("abc", "/", 1) == std::nullopt);
  CHECK(part("", "/", 0) == "");
  CHECK(part("abc", "", 0) == std::nullopt);
  CHECK(part("abc", "/", INT64_MIN) == std::nullopt);
  CHECK(part("abc", "/", INT64_MAX) == std::nullopt);
}

TEST_CASE("format_real and format_duration") {
  CHECK(format_real(38.0) == "38");
  CHECK(format_real(17.4) == "17.4");
  CHECK(format_real(0.1 + 0.2) == "0.30000000000000004");
  CHECK(format_real(-0.0) == "0");
  CHECK(format_real(1e300) == "1e+300");
  CHECK(format_duration(0) == "0s");
  CHECK(format_duration(600'000'000) == "10m");
  CHECK(format_duration(5'400'000'000) == "1h30m");
  CHECK(format_duration(250'000) == "250ms");
  CHECK(format_duration(90'061'001'000) == "1d1h1m1s1ms");
  CHECK(format_duration(-60'000'000) == "-1m");
  CHECK(format_duration(1'500) == "1.5ms");
}
