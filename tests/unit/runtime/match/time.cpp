// Times and calendars.
#include <doctest/doctest.h>

#include <string>

#include "runtime/match/functions.h"

using namespace weir::match;

namespace {

constexpr int64_t kSecond = 1'000'000;

}  // namespace

TEST_CASE("parse_time") {
  CHECK(parse_time("1970-01-01T00:00:00Z") == 0);
  CHECK(parse_time("2023-07-10T12:11:15Z") == 1'688'991'075 * kSecond);
  CHECK(parse_time("2023-07-10t12:11:15z") == 1'688'991'075 * kSecond);
  CHECK(parse_time("2023-07-10T12: 11: 15Z") == 1'688'991'075 * kSecond);
  CHECK(parse_time("2023-07-10 12:11:15") == 1'688'991'075 * kSecond);
  CHECK(parse_time("2023-07-10T14:11:15+02:00") == 1'688'991'075 * kSecond);
  CHECK(parse_time("2023-07-10T06:41:15-0530") == 1'688'991'075 * kSecond);
  CHECK(parse_time("1970-01-01T00:00:00.000001Z") == 1);
  CHECK(parse_time("1970-01-01T00:00:00.5Z") == 500'000);
  CHECK(parse_time("1970-01-01T00:00:00.1234567891Z") == 123'456);
  CHECK(parse_time("1969-12-31T23:59:59.5Z") == -500'000);
  CHECK(parse_time("2000-02-29T00:00:00Z") == 951'782'400 * kSecond);
  CHECK(parse_time("2016-12-31T23:59:60Z") == parse_time("2017-01-01T00:00:00Z"));
  CHECK(parse_time("0000-01-01T00:00:00Z"));
  CHECK(parse_time("9999-12-31T23:59:59Z"));
  for (const char* text : {"",
                           "2023",
                           "2023-07-10",
                           "2023-07-10T12:11Z",
                           "2023-13-10T12:11:15Z",
                           "2023-02-29T12:11:15Z",
                           "1900-02-29T00:00:00Z",
                           "2023-00-10T12:11:15Z",
                           "2023-07-00T12:11:15Z",
                           "2023-07-10T24:00:00Z",
                           "2023-07-10T12:60:15Z",
                           "2023-07-10T12:11:61Z",
                           "2023-07-10T12:11:15.Z",
                           "2023-07-10T12:11:15Zx",
                           "2023-07-10T12:11:15+24:00",
                           "2023-07-10T12:11:15+1",
                           "23-07-10T12:11:15Z",
                           "+023-07-10T12:11:15Z",
                           "20131102T010628Z",
                           "Jul 10, 2023 12:11:15",
                           " 2023-07-10T12:11:15Z",
                           "2023-07-10X12:11:15Z"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_time(text));
  }
}

// With a fraction of seven digits it is not as times usually are, and read letter by letter.
TEST_CASE("the usual forms are read as any other") {
  const std::string usual = "2023-07-10T12:11:15";
  const auto same = [](const std::string& second, const std::string& fraction, const std::string& long_fraction) {
    CAPTURE(second + fraction);
    CHECK(parse_time(second + fraction + "Z") == parse_time(second + long_fraction + "Z"));
  };
  for (size_t at = 0; at < usual.size(); ++at) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string changed = usual;
      changed[at] = static_cast<char>(byte);
      same(changed, "", ".0000000");
      same(changed, ".07", ".0700000");
      same(changed, ".123456", ".1234560");
    }
  }
  for (int byte = 0; byte < 256; ++byte) {
    const char odd = static_cast<char>(byte);
    same(usual, std::string(".1") + odd + "2", std::string(".1") + odd + "200000");
    same(usual, odd + std::string("12"), odd + std::string("1200000"));
  }
}

TEST_CASE("format_time is read back") {
  CHECK(format_time(0) == "1970-01-01T00:00:00Z");
  CHECK(format_time(495 * kSecond) == "1970-01-01T00:08:15Z");
  CHECK(format_time(500'000) == "1970-01-01T00:00:00.5Z");
  CHECK(format_time(1) == "1970-01-01T00:00:00.000001Z");
  CHECK(format_time(-1) == "1969-12-31T23:59:59.999999Z");
  for (int64_t time = -62'167'219'200 * kSecond; time < 253'402'300'800 * kSecond;
       time += 31'556'952'123'457 * 7) {
    CHECK(parse_time(format_time(time)) == time);
  }
}

TEST_CASE("calendar") {
  struct Row {
    const char* time;
    int64_t year;
    int month, day, hour, minute, weekday, week;
  };
  const Row rows[] = {
      {"2026-01-01T00:08:15Z", 2026, 1, 1, 0, 8, 4, 1},
      {"2021-01-03T23:59:59Z", 2021, 1, 3, 23, 59, 7, 53},
      {"2024-12-30T12:30:00Z", 2024, 12, 30, 12, 30, 1, 1},
      {"1970-01-01T00:00:00Z", 1970, 1, 1, 0, 0, 4, 1},
      {"1969-12-31T23:00:00Z", 1969, 12, 31, 23, 0, 3, 1},
      {"2020-12-31T00:00:00Z", 2020, 12, 31, 0, 0, 4, 53},
      {"2000-02-29T00:00:00Z", 2000, 2, 29, 0, 0, 2, 9},
  };
  for (const Row& row : rows) {
    CAPTURE(row.time);
    const Calendar got = calendar(*parse_time(row.time));
    CHECK(got.year == row.year);
    CHECK(got.month == row.month);
    CHECK(got.day == row.day);
    CHECK(got.hour == row.hour);
    CHECK(got.minute == row.minute);
    CHECK(got.weekday == row.weekday);
    CHECK(got.week == row.week);
  }
  CHECK(days_from_civil(1970, 1, 1) == 0);
  CHECK(days_from_civil(2000, 3, 1) == 11'017);
  CHECK(days_from_civil(1969, 12, 31) == -1);
  calendar(INT64_MIN);  // total
  calendar(INT64_MAX);
}

// As nearly all times are written they are read a quick way; with an offset, letter by letter.
TEST_CASE("a fraction is read alike, however its zone is written") {
  const std::string second = "2026-01-15T06:00:00.";
  std::string fraction;
  for (const char* const digits : {"123456", "900000", "000001", "098765", "999999"}) {
    for (size_t size = 1; size <= 6; ++size) {
      fraction.assign(digits, size);
      const auto time = parse_time(second + fraction + "Z");
      REQUIRE(time);
      CHECK(time == parse_time(second + fraction + "+00:00"));
      for (size_t at = 0; at < size; ++at) {
        for (const char bad : {'/', ':', ' ', 'a', 'Z', '.', '\x00', '\x7f', '\x80', '\xb5', '\xff'}) {
          fraction[at] = bad;
          CHECK_FALSE(parse_time(second + fraction + "Z"));
        }
        fraction[at] = digits[at];
      }
    }
  }
}
