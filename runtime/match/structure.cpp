// The grammar of RFC 8259 over the tokens, then how scalars and escapes are spelled.
#include "runtime/match/structure.h"

#include <charconv>
#include <cmath>
#include <cstring>
#include <numeric>
#include <optional>

#include "runtime/match/json_unescape.h"

namespace weir::match {
namespace {

constexpr std::ptrdiff_t kSurelyIntegerDigits = 18;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

const char* skip_digits(const char* at) {
  while (is_digit(*at)) ++at;
  return at;
}

template <class Number>
bool reads_as(std::string_view spelling, Number& number) {
  const char* const end = spelling.data() + spelling.size();
  const auto [stop, error] = std::from_chars(spelling.data(), end, number);
  return error == std::errc() && stop == end;
}

// `spelling` is a number by the grammar. Nullopt for what neither 64 bits nor a double hold.
std::optional<JsonNumber> number_of(std::string_view spelling) {
  JsonNumber number;
  if (reads_as(spelling, number.integer)) return number;
  number.kind = JsonNumber::Kind::natural;
  if (spelling.front() != '-' && reads_as(spelling, number.natural)) return number;
  number.kind = JsonNumber::Kind::real;
  const bool is_real = spelling.find_first_of(".eE") != spelling.npos;
  if (is_real && reads_as(spelling, number.real) && std::isfinite(number.real)) return number;
  return std::nullopt;
}

// Four bytes each, at least: compared without a call.
bool begins_with(std::string_view text, const char* four) {
  uint32_t bytes, expected;
  std::memcpy(&bytes, text.data(), sizeof bytes);
  std::memcpy(&expected, four, sizeof expected);
  return bytes == expected;
}

// Eight digits at most, the common case: seen at once. Eight readable bytes begin there.
bool is_short_natural(std::string_view spelling) {
  if (spelling.size() > sizeof(uint64_t) || (spelling.front() == '0' && spelling.size() > 1)) return false;
  uint64_t bytes;
  std::memcpy(&bytes, spelling.data(), sizeof bytes);
  const uint64_t mask = ~uint64_t{0} >> 8 * (sizeof bytes - spelling.size());
  bytes = (bytes & mask) | (0x3030303030303030u & ~mask);
  constexpr uint64_t kHalves = 0xf0f0f0f0f0f0f0f0u, kDigits = 0x3030303030303030u;
  return (((bytes & kHalves) ^ kDigits) | (((bytes + 0x0606060606060606u) & kHalves) ^ kDigits)) == 0;
}

// What follows the spelling is readable, and is no digit, point or letter of a number.
bool is_number(std::string_view spelling) {
  if (is_short_natural(spelling)) return true;
  const char* const end = spelling.data() + spelling.size();
  const char* const digits = spelling.data() + (spelling.front() == '-');
  const char* at = skip_digits(digits);
  if (at == digits || (*digits == '0' && at - digits > 1)) return false;
  if (at == end && at - digits <= kSurelyIntegerDigits) return true;
  if (*at == '.') {
    const char* const fraction = at + 1;
    at = skip_digits(fraction);
    if (at == fraction) return false;
  }
  if (*at == 'e' || *at == 'E') {
    at += at[1] == '+' || at[1] == '-' ? 2 : 1;
    const char* const exponent = at;
    at = skip_digits(exponent);
    if (at == exponent) return false;
  }
  return at == end && number_of(spelling).has_value();
}

}  // namespace

bool Structure::read(std::string_view record) {
  if (record.size() > kMaxBytes || !tokens_.find(record)) return false;
  bytes_ = record.data();
  places_ = tokens_.places();
  kinds_ = tokens_.kinds();
  form_number_ = Forms::kMost;
  const size_t shape_number = shapes_.find(tokens_);
  const Shape* const shape = shape_number == Shapes::kMost ? nullptr : &shapes_[shape_number];
  if (!shape) {
    if (!check()) return false;
    shapes_.note(tokens_, found_closes_, found_scalars_);
  }
  closes_ = shape ? shape->closes.data() : found_closes_.data();
  for (const uint32_t token : shape ? shape->scalars : found_scalars_) {
    if (!check_scalar(token)) return false;
  }
  const size_t clean = static_cast<size_t>(tokens_.first_escape() - bytes_);
  if (clean != record.size() && !escapes_are_clean(record.substr(clean))) return false;
  if (shape) form_number_ = forms_.find(*shape, shape_number, {bytes_, places_});
  return true;
}

// A loop with a stack rather than recursion; its labels are the states of the grammar.
bool Structure::check() {
  uint32_t open[kMaxOpen];
  uint32_t depth = 0, token = 0;
  const uint32_t count = tokens_.count();
  char c;
  if (kind(0) != '{') return false;
  found_scalars_.clear();
  found_closes_.resize(count);
  std::iota(found_closes_.begin(), found_closes_.end(), 0u);

begin:
  if (depth == kMaxOpen || token + 1 >= count) return false;
  open[depth++] = token;
  c = kind(token++);
  if (c == '[') {
    if (kind(token) == ']') goto end;
    goto item;
  }
  if (kind(token) == '}') goto end;

member:
  if (count - token < 4 || kind(token) != '"' || kind(token + 1) != ':')
    return false;  // key, colon, value, bracket
  token += 2;
  c = kind(token);
  if (c != '"') {
    if (c == '{' || c == '[') goto begin;
    found_scalars_.push_back(token);
  }
  ++token;

after_member:
  c = kind(token);
  if (c == ',') {
    if (++token >= count) return false;
    goto member;
  }
  if (c == '}') goto end;
  return false;

item:
  if (count - token < 2) return false;
  c = kind(token);
  if (c != '"') {
    if (c == '{' || c == '[') goto begin;
    found_scalars_.push_back(token);
  }
  ++token;

after_item:
  c = kind(token);
  if (c == ',') {
    if (++token >= count) return false;
    goto item;
  }
  if (c != ']') return false;

end:
  found_closes_[open[--depth]] = token++;
  if (depth == 0) return token == count;
  if (token >= count) return false;
  if (kind(open[depth - 1]) == '{') goto after_member;
  goto after_item;
}

bool Structure::check_scalar(uint32_t token) const {
  const std::string_view spelling = scalar(token);
  switch (kind(token)) {
    case 't':
      return spelling.size() == 4 && begins_with(spelling, "true");
    case 'f':
      return spelling.size() == 5 && begins_with(spelling, "fals") && spelling[4] == 'e';
    case 'n':
      return spelling.size() == 4 && begins_with(spelling, "null");
    default:
      return is_number(spelling);
  }
}

std::string_view Structure::unescaped(std::string_view raw, Arena* arena) const {
  if (std::memchr(raw.data(), '\\', raw.size()) == nullptr) return raw;
  char* text;
  if (arena) {
    text = static_cast<char*>(arena->allocate(raw.size(), 1));
  } else {
    if (unescaped_.size() < raw.size() + simdjson::SIMDJSON_PADDING)
      unescaped_.resize(raw.size() + simdjson::SIMDJSON_PADDING);
    text = unescaped_.data();
  }
  return {text, unescape_text(raw, text)};
}

JsonNumber Cursor::number() const { return number_of(structure_->scalar(token_)).value_or(JsonNumber()); }

}  // namespace weir::match
