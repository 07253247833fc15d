// The grammar of RFC 8259 over the tokens. What the first stage has settled by then: the text is UTF-8, every
// string is closed and holds no control character, only white space stands between the end of a string and
// the next token.
#include "runtime/match/structure.h"

#include <charconv>
#include <cmath>
#include <cstring>
#include <optional>

#include "runtime/match/ascii.h"
#include "runtime/match/json_unescape.h"

namespace weir::match {
namespace {

constexpr size_t kFirstBytes = 64u << 10;
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

// What follows the spelling is readable, and is no digit, point or letter of a number.
bool is_number(std::string_view spelling) {
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
  if (record.size() > kMaxBytes || !find_tokens(record)) return false;
  const Bytes bytes = look_over(record);
  is_ascii_ = bytes.ascii;
  if (bytes.first_escape == nullptr) {
    first_escape_ = record.data() + record.size();
    last_escape_ = record.data();
  } else {
    first_escape_ = bytes.first_escape;
    last_escape_ = bytes.last_escape;
    if (!escapes_are_clean(record.substr(size_t(first_escape_ - bytes_)))) return false;
  }
  return check(record.size());
}

bool Structure::find_tokens(std::string_view record) {
  if (!stage_ || stage_->capacity() < record.size()) {
    size_t capacity = kFirstBytes;
    while (capacity < record.size()) capacity *= 2;
    const auto error =
        simdjson::get_active_implementation()->create_dom_parser_implementation(capacity, kMaxOpen, stage_);
    if (error != simdjson::SUCCESS) {
      stage_.reset();
      return false;
    }
  }
  const auto* const bytes = reinterpret_cast<const uint8_t*>(record.data());
  if (stage_->stage1(bytes, record.size(), simdjson::stage1_mode::regular) != simdjson::SUCCESS) return false;
  bytes_ = record.data();
  tokens_ = stage_->structural_indexes.get();
  count_ = stage_->n_structural_indexes;
  if (closes_.size() < count_) closes_.resize(stage_->capacity());
  return true;
}

// A loop with a stack rather than recursion; its labels are the states of the grammar. On the way it asks for the next
// record, which mostly lies behind this one and is about as large, to be brought from memory: where nothing is, nothing
// happens.
bool Structure::check(size_t size) {
  uint32_t open[kMaxOpen];
  uint32_t depth = 0, token = 0;
  const uint32_t count = count_;
  char c;
  if (*at(0) != '{') return false;

begin:
  if (depth == kMaxOpen || token + 1 >= count) return false;
  open[depth++] = token;
  c = *at(token++);
  if (c == '[') {
    if (*at(token) == ']') goto end;
    goto item;
  }
  if (*at(token) == '}') goto end;

member:
  __builtin_prefetch(reinterpret_cast<const void*>(reinterpret_cast<uintptr_t>(at(token)) + size));
  if (count - token < 4 || *at(token) != '"' || *at(token + 1) != ':')
    return false;  // key, colon, value, bracket
  token += 2;
  c = *at(token);
  if (c != '"') {
    if (c == '{' || c == '[') goto begin;
    if (!check_scalar(token)) return false;
  }
  ++token;

after_member:
  c = *at(token);
  if (c == ',') {
    if (++token >= count) return false;
    goto member;
  }
  if (c == '}') goto end;
  return false;

item:
  if (count - token < 2) return false;
  c = *at(token);
  if (c != '"') {
    if (c == '{' || c == '[') goto begin;
    if (!check_scalar(token)) return false;
  }
  ++token;

after_item:
  c = *at(token);
  if (c == ',') {
    if (++token >= count) return false;
    goto item;
  }
  if (c != ']') return false;

end:
  closes_[open[--depth]] = token++;
  if (depth == 0) return token == count;
  if (token >= count) return false;
  if (*at(open[depth - 1]) == '{') goto after_member;
  goto after_item;
}

bool Structure::check_scalar(uint32_t token) const {
  switch (*at(token)) {
    case 't':
      return scalar(token) == "true";
    case 'f':
      return scalar(token) == "false";
    case 'n':
      return scalar(token) == "null";
    default:
      return is_number(scalar(token));
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
