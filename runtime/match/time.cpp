// Times and calendars, in whole arithmetic: no locale, no zone of the machine, no clock.
#include <fmt/format.h>

#include <cstring>

#include "runtime/match/functions.h"

namespace weir::match {
namespace {

constexpr int64_t kMicro = 1'000'000, kDay = 86'400;

int64_t floor_divide(int64_t a, int64_t b) { return a / b - (a % b != 0 && (a < 0) != (b < 0)); }

bool is_leap(int64_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

int days_of_month(int64_t year, int month) {
  static constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return kDays[month - 1] + (month == 2 && is_leap(year));
}

struct Date {
  int64_t year;
  int month, day;
};

// H. Hinnant, chrono-compatible low-level date algorithms: years begin in March, so that leap days come last.
Date civil_from_days(int64_t days) {
  days += 719'468;
  const int64_t era = floor_divide(days, 146'097);
  const int64_t of_era = days - era * 146'097;
  const int64_t year = (of_era - of_era / 1460 + of_era / 36'524 - of_era / 146'096) / 365;
  const int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
  const int64_t month = (5 * of_year + 2) / 153;
  const int day = static_cast<int>(of_year - (153 * month + 2) / 5 + 1);
  const int civil_month = static_cast<int>(month < 10 ? month + 3 : month - 9);
  return {year + era * 400 + (civil_month <= 2), civil_month, day};
}

int iso_weekday(int64_t days) { return static_cast<int>(days + 3 - floor_divide(days + 3, 7) * 7) + 1; }

// ISO 8601: the week of the Thursday, counted in the year of that Thursday.
int iso_week(int64_t days) {
  const int64_t thursday = days - iso_weekday(days) + 4;
  return static_cast<int>((thursday - days_from_civil(civil_from_days(thursday).year, 1, 1)) / 7) + 1;
}

// Reads a text from the left; `ok` turns false at the first thing that is not there.
struct Reader {
  std::string_view rest;
  bool ok = true;

  bool take(char c) {
    if (rest.empty() || rest.front() != c) return false;
    rest.remove_prefix(1);
    return true;
  }
  void need(char c) { ok = take(c) && ok; }
  // A blank behind the colon is no part of RFC 3339, but stands in samples that were printed once.
  void colon() {
    need(':');
    take(' ');
  }
  bool at_digit() const { return !rest.empty() && rest.front() >= '0' && rest.front() <= '9'; }
  int digit() {
    const int value = rest.front() - '0';
    rest.remove_prefix(1);
    return value;
  }
  int number(int digits) {
    int value = 0;
    for (; digits > 0; --digits) {
      if (!at_digit()) {
        ok = false;
        return 0;
      }
      value = value * 10 + digit();
    }
    return value;
  }
  int64_t fraction() {
    int64_t micros = 0, unit = kMicro / 10;
    ok = at_digit() && ok;
    for (; at_digit(); unit /= 10) micros += digit() * unit;
    return micros;
  }
};

}  // namespace

int64_t days_from_civil(int64_t year, int month, int day) {
  year -= month <= 2;
  const int64_t era = floor_divide(year, 400);
  const int64_t of_era = year - era * 400;
  const int64_t of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  return era * 146'097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719'468;
}

namespace {

// Nullopt when there is no such moment.
std::optional<int64_t> moment(int year, int month, int day, int hour, int minute, int second) {
  if (month < 1 || month > 12 || day < 1 || day > days_of_month(year, month) || hour > 23 || minute > 59 || second > 60)
    return std::nullopt;
  return (days_from_civil(year, month, day) * kDay + (hour * 60 + minute) * 60 + second) * kMicro;
}

constexpr std::string_view kUsual = "0000-00-00T00:00:00Z";  // as nearly every time is written

uint64_t eight(const char* at) {
  uint64_t bytes;
  std::memcpy(&bytes, at, sizeof bytes);
  return bytes;
}

// Whether the eight bytes at `at` are as those of kUsual: any digit for a digit. A byte that is the same but for a digit
// differs from it by at most 9, and only 10 or more carries into the highest bit.
bool is_usual(std::string_view text, size_t at) {
  uint64_t room = 0;
  for (size_t i = 0; i < 8; ++i) room |= uint64_t{kUsual[at + i] == '0' ? 0x76u : 0x7fu} << 8 * i;
  const uint64_t difference = eight(text.data() + at) ^ eight(kUsual.data() + at);
  return (((difference + room) | difference) & 0x8080808080808080u) == 0;
}

bool is_usual(std::string_view text) {
  return text.size() == kUsual.size() && is_usual(text, 0) && is_usual(text, 8) && is_usual(text, 12);
}

std::optional<int64_t> usual_time(std::string_view text) {
  // Byte n: the number that the digits n and n + 1 are.
  const auto pairs = [&](size_t at) {
    const uint64_t digits = eight(text.data() + at) & 0x0f0f0f0f0f0f0f0fu;
    return digits * 10 + (digits >> 8);
  };
  const auto pair = [](uint64_t of, size_t at) { return static_cast<int>(of >> 8 * at & 0xff); };
  const uint64_t date = pairs(0), time = pairs(11);
  return moment(pair(date, 0) * 100 + pair(date, 2), pair(date, 5), pair(pairs(8), 0), pair(time, 0),
                pair(time, 3), pair(time, 6));
}

// And with a fraction, of up to six digits: microseconds. Negative: it is not written so.
int64_t usual_fraction(std::string_view text) {
  constexpr size_t kPoint = kUsual.size() - 1, kMostDigits = 6;
  if (text.size() < kPoint + 3 || text.size() > kPoint + 2 + kMostDigits || text[kPoint] != '.' || text.back() != 'Z' ||
      !is_usual(text, 0) || !is_usual(text, 8) || !is_usual(text, kPoint - 8))
    return -1;
  // The digits as the lowest bytes, the first one lowest; zeros, which do not count behind a point, are the
  // others.
  const size_t others = 8 * (sizeof(uint64_t) - (text.size() - kPoint - 2));
  const uint64_t digits =
      (eight(text.data() + text.size() - 1 - sizeof(uint64_t)) ^ 0x3030303030303030u) >> others;
  if ((((digits + 0x7676767676767676u) | digits) & 0x8080808080808080u) != 0) return -1;
  // Two and two make one, three times: no loop, whose end is hard to foresee.
  const uint64_t pairs = digits * 10 + (digits >> 8);
  constexpr uint64_t kFirst = 0x000000ff000000ffu;
  const uint64_t eight_digits = ((pairs & kFirst) * (100 + (uint64_t{1'000'000} << 32)) +
                                 (pairs >> 16 & kFirst) * (1 + (uint64_t{10'000} << 32))) >>
                                32;
  return static_cast<int64_t>(eight_digits / 100);
}

}  // namespace

std::optional<int64_t> parse_time(std::string_view text) {
  if (is_usual(text)) return usual_time(text);
  if (const int64_t micros = usual_fraction(text); micros >= 0) {
    const auto second = usual_time(text);
    return second ? std::optional(*second + micros) : std::nullopt;
  }
  Reader in{text};
  const int year = in.number(4);
  in.need('-');
  const int month = in.number(2);
  in.need('-');
  const int day = in.number(2);
  in.ok = (in.take('T') || in.take('t') || in.take(' ')) && in.ok;
  const int hour = in.number(2);
  in.colon();
  const int minute = in.number(2);
  in.colon();
  const int second = in.number(2);
  const int64_t micros = in.take('.') ? in.fraction() : 0;

  int offset = 0;  // minutes east of UTC
  if (!in.rest.empty() && !in.take('Z') && !in.take('z')) {
    const bool west = in.take('-');
    in.ok = (west || in.take('+')) && in.ok;
    const int hours = in.number(2);
    in.take(':');
    const int minutes = in.number(2);
    in.ok = in.ok && hours < 24 && minutes < 60;
    offset = (hours * 60 + minutes) * (west ? -1 : 1);
  }
  if (!in.ok || !in.rest.empty()) return std::nullopt;
  const auto local = moment(year, month, day, hour, minute, second);
  if (!local) return std::nullopt;
  return *local - int64_t{offset} * 60 * kMicro + micros;
}

std::string format_time(int64_t microseconds) {
  const int64_t seconds = floor_divide(microseconds, kMicro);
  const int64_t micros = microseconds - seconds * kMicro;
  const int64_t days = floor_divide(seconds, kDay);
  const int64_t of_day = seconds - days * kDay;
  const Date date = civil_from_days(days);
  std::string out = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", date.year, date.month, date.day,
                                of_day / 3600, of_day / 60 % 60, of_day % 60);
  if (micros != 0) {
    out += fmt::format(".{:06}", micros);
    out.erase(out.find_last_not_of('0') + 1);
  }
  return out + 'Z';
}

Calendar calendar(int64_t microseconds) {
  const int64_t seconds = floor_divide(microseconds, kMicro);
  const int64_t days = floor_divide(seconds, kDay);
  const int64_t of_day = seconds - days * kDay;
  const Date date = civil_from_days(days);
  return {date.year,
          date.month,
          date.day,
          static_cast<int>(of_day / 3600),
          static_cast<int>(of_day / 60 % 60),
          iso_weekday(days),
          iso_week(days)};
}

std::string format_real(double value) {
  if (value == 0) return "0";  // -0 as well
  return fmt::format("{}", value);
}

std::string format_duration(int64_t microseconds) {
  if (microseconds == 0) return "0s";
  std::string out = microseconds < 0 ? "-" : "";
  uint64_t rest =
      microseconds < 0 ? 0 - static_cast<uint64_t>(microseconds) : static_cast<uint64_t>(microseconds);
  constexpr struct {
    const char* name;
    uint64_t micros;
  } kUnits[] = {{"d", 86'400'000'000}, {"h", 3'600'000'000}, {"m", 60'000'000}, {"s", 1'000'000}};
  for (const auto& unit : kUnits) {
    if (rest >= unit.micros) out += fmt::format("{}{}", rest / unit.micros, unit.name);
    rest %= unit.micros;
  }
  if (rest != 0) out += format_real(static_cast<double>(rest) / 1000) + "ms";
  return out;
}

}  // namespace weir::match
