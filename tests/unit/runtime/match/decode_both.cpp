// The fast way to decode and the reference one over random records, most of them odd, many broken: whatever
// is asked of a decoder, both give the same answer.
#include <doctest/doctest.h>

#include <numeric>
#include <random>
#include <string>

#include "runtime/match/decode.h"

using namespace weir::match;

namespace {

Step key(const char* name) { return {Step::Kind::key, name, 0}; }
Step at(int32_t index) { return {Step::Kind::index, "", index}; }

// Sources that compete for records, and projections of every kind.
std::shared_ptr<const Program> make_program() {
  SourceInfo small;
  small.name = "small";
  small.required = {{{key("t")}, Want::time, "t"}};
  small.time_path = {key("t")};
  small.id_path = {key("i")};
  Projection& projection = small.projection;
  projection.axes.push_back({0, {key("a")}, false});
  projection.axes.push_back({1, {key("b")}, true});
  projection.axes.push_back({2, {}, false});
  projection.axes.push_back({0, {key("c"), key("a")}, true});
  for (const Want want :
       {Want::text, Want::integer, Want::real, Want::boolean, Want::time, Want::any, Want::raw}) {
    projection.slots.push_back({0, {}, want});
    projection.slots.push_back({0, {key("a")}, want});
    projection.slots.push_back({0, {key("é")}, want});
    projection.slots.push_back({0, {key("a"), key("b"), key("c")}, want});
    projection.slots.push_back({1, {key("b")}, want});
    projection.slots.push_back({3, {key("c")}, want});
    projection.slots.push_back({4, {key("b")}, want});
  }
  projection.slots.push_back({0, {key("a"), at(0), key("b"), at(-1)}, Want::any});
  projection.slots.push_back({0, {key("b"), at(1), at(0)}, Want::raw});
  small.deciding_slots = {5 * 7 + 1, 5 * 7 + 3};
  for (uint32_t slot = 0; slot < small.projection.slots.size(); slot += 2) small.matching_slots.push_back(slot);

  SourceInfo large = small;
  large.name = "large";
  large.required.push_back({{key("a")}, Want::any, "a"});
  large.required.push_back({{key("b"), key("c")}, Want::any, "b.c"});
  large.time_path = {key("c"), key("t")};
  large.id_path = {};
  large.has_generic = true;
  for (uint32_t slot = 0; slot < small.projection.slots.size(); slot += 3) large.generic_slots.push_back(slot);

  auto program = std::make_shared<Program>();
  program->sources = {small, large};
  return program;
}

class Records {
 public:
  explicit Records(uint64_t seed) : random_(seed) {}

  std::string next() {
    out_ = space();
    object(0, true);
    out_ += space();
    for (uint64_t changes = pick(8) < 3 ? 1 + pick(3) : 0; changes > 0; --changes) mutate();
    return out_;
  }

 private:
  uint64_t pick(uint64_t many) { return random_() % many; }
  const char* one_of(std::initializer_list<const char*> texts) { return texts.begin()[pick(texts.size())]; }

  const char* space() { return one_of({"", "", "", "", " ", "\t", "\r", " \n  "}); }

  void text(int depth) {
    if (depth < 4 && pick(12) == 0) return embedded(depth);
    out_ += '"';
    for (uint64_t pieces = pick(5); pieces > 0; --pieces) {
      out_ += one_of({"a",
                      "b",
                      "xyz",
                      "é",
                      "\xF0\x9F\x98\x80",
                      "\\\"",
                      "\\\\",
                      "\\/",
                      "\\b",
                      "\\f",
                      "\\n",
                      "\\r",
                      "\\t",
                      "\\u0061",
                      "\\u00e9",
                      "\\u20AC",
                      "\\u0000",
                      "{",
                      "}",
                      "[",
                      "]",
                      ":",
                      ",",
                      "'",
                      " ",
                      "/",
                      "0",
                      "sixteen bytes of ",
                      "more than thirty-two bytes of a text "});
      if (pick(150) == 0)
        out_ += one_of({"\\ud83d\\ude00", "\\ud800", "\\udc00", "\\uD83Dx", "\\x", "\\u12g4", "\x01"});
      if (pick(400) == 0) out_ += std::string(pick(400), 'l');
    }
    out_ += '"';
  }

  // JSON in a text, escaped.
  void embedded(int depth) {
    std::string outer;
    outer.swap(out_);
    value(depth + 1);
    outer.swap(out_);
    out_ += '"';
    for (const char c : outer) {
      if (c == '"' || c == '\\') out_ += '\\';
      if (static_cast<unsigned char>(c) >= 0x20) out_ += c;
    }
    out_ += '"';
  }

  void number() {
    out_ += one_of({"0",
                    "-0",
                    "1",
                    "-1",
                    "17",
                    "1.0",
                    "1.5",
                    "-2.50",
                    "1e3",
                    "1E-3",
                    "12e+2",
                    "0.1",
                    "-0.0",
                    "1e0",
                    "100",
                    "999999999999999999",
                    "9223372036854775807",
                    "-9223372036854775808",
                    "1688991075",
                    "1688991075000"});
    if (pick(40) == 0) {
      out_.resize(out_.find_last_not_of("0123456789.eE+-") + 1);
      out_ += one_of({"9223372036854775808",
                      "18446744073709551615",
                      "18446744073709551616",
                      "-9223372036854775809",
                      "1e400",
                      "1e-400",
                      "5e-324",
                      "2.2250738585072011e-308",
                      "1e22",
                      "1e23",
                      "9007199254740993.0",
                      "0.30000000000000004",
                      "123456789012345678901234567890",
                      "12345678901234567890.5",
                      "01",
                      "-",
                      "1.",
                      ".5",
                      "+1",
                      "1e",
                      "0x1",
                      "00",
                      "-01",
                      "1 2",
                      "12\"a\"",
                      "NaN",
                      "-Infinity",
                      "1_0"});
    }
  }

  void value(int depth) {
    switch (pick(depth > 5 ? 6 : 10)) {
      case 0:
        out_ += one_of({"true", "false", "null"});
        if (pick(200) == 0) out_ += one_of({"e", "\"", "x", "\x0c", "\x1a", " true"});
        break;
      case 1:
      case 2:
        number();
        break;
      case 6:
      case 7:
        object(depth + 1, false);
        break;
      case 8:
      case 9:
        array(depth + 1);
        break;
      default:
        text(depth);
    }
  }

  void array(int depth) {
    out_ += '[';
    const uint64_t items = pick(4);
    for (uint64_t item = 0; item < items; ++item) {
      if (item > 0) out_ += ',';
      out_ += space();
      value(depth);
      out_ += space();
    }
    out_ += ']';
  }

  void member(const char* name) {
    if (out_.back() != '{') out_ += ',';
    out_ += space();
    out_ += name;
    out_ += space();
    out_ += ':';
    out_ += space();
  }

  void object(int depth, bool root) {
    out_ += '{';
    if (root && pick(8) != 0) {
      member("\"t\"");
      out_ += one_of({"\"2026-01-15T06:00:00Z\"", "\"2026-01-15 06:00:00.25\"", "1688991075", "1688991075000",
                      "\"17\"", "null", "\"soon\"", "[]", "[1,2]"});
    }
    if (root && pick(2) == 0) {
      member("\"i\"");
      value(5);
    }
    for (uint64_t members = pick(6); members > 0; --members) {
      member(one_of({"\"a\"", "\"a\"", "\"b\"", "\"b\"", "\"c\"", "\"c\"", "\"t\"", "\"\\u0061\"",
                     "\"\xC3\xA9\"", "\"\\u00e9\"", "\"\"", "\"another key, a long one\"", "\"\\n\""}));
      value(depth);
    }
    if (pick(100) == 0) {
      for (int extra = 0; extra < 200; ++extra) {
        member(("\"k" + std::to_string(pick(300)) + "\"").c_str());
        out_ += std::to_string(extra);
      }
    }
    out_ += space();
    out_ += '}';
  }

  void mutate() {
    if (out_.empty()) return;
    const size_t where = pick(out_.size());
    const char byte =
        pick(2) == 0 ? "{}[]:,\"\\0-.e \n\x00\x0c\x1a\x80\xff"[pick(20)] : static_cast<char>(pick(256));
    switch (pick(4)) {
      case 0:
        out_[where] = byte;
        break;
      case 1:
        out_.erase(where, 1 + pick(3));
        break;
      case 2:
        out_.insert(where, 1, byte);
        break;
      default:
        out_.resize(where);
    }
  }

  std::mt19937_64 random_;
  std::string out_;
};

std::string show(const rt_value& value) {
  std::string text = std::to_string(value.kind) + "/" + std::to_string(value.flags) + "/";
  if (value.kind == RT_REAL) {
    text += std::to_string(value.real);
  } else {
    text += std::to_string(value.integer);
  }
  return text + "'" + std::string(value.data ? value.data : "", value.size) + "'";
}

std::string show_slots(const rt_event& event, const Projection& projection, const std::vector<uint32_t>& numbers) {
  std::string out;
  for (size_t axis = 1; axis < projection.axes.size(); ++axis) {
    out += " axis " + std::to_string(event.axes[axis].count);
    const uint32_t parents = event.axes[projection.axes[axis].parent].count;
    for (uint32_t i = 0; event.axes[axis].offsets && i <= parents; ++i)
      out += " " + std::to_string(event.axes[axis].offsets[i]);
  }
  for (const uint32_t number : numbers) {
    const rt_slot& slot = event.slots[number];
    out += "\n" + std::to_string(number) + ":";
    for (uint32_t i = 0; i < slot.count; ++i) out += " " + show(slot.values[i]);
    const uint32_t axis = projection.slots[number].axis;
    for (uint32_t i = 0; slot.offsets && axis != 0 && i <= event.axes[axis].count; ++i)
      out += " @" + std::to_string(slot.offsets[i]);
  }
  return out;
}

std::string show(const Decoded& decoded) {
  return std::to_string(static_cast<int>(decoded.status)) + " " + decoded.reason + " (" + decoded.detail +
         ") " + (decoded.has_offset ? std::to_string(decoded.offset) : "-");
}

// All that a decoder tells of a record.
std::string account(Decoder& decoder, const Program& program, std::string_view record, uint32_t only) {
  const Decoded decoded = decoder.recognise(record, only);
  std::string out = show(decoded);
  if (decoded.status != DecodeStatus::ok) return out;
  const rt_event& event = decoder.event();
  out += "\nsource " + std::to_string(event.source) + " time " + std::to_string(event.time) + " id " +
         std::string(decoder.id()) + " hash " + std::to_string(decoder.canonical_hash());
  const SourceInfo& source = program.sources[event.source];
  for (const uint32_t slot : source.deciding_slots) {
    for (uint32_t i = 0; i < event.slots[slot].count; ++i) out += " " + show(event.slots[slot].values[i]);
  }
  if (!decoder.complete()) return out + "\ntoo many values";
  const std::string matching = show_slots(event, source.projection, source.matching_slots);
  if (!decoder.complete_rest()) return out + matching + "\ntoo many values";
  CHECK(show_slots(event, source.projection, source.matching_slots) == matching);
  std::vector<uint32_t> every(source.projection.slots.size());
  std::iota(every.begin(), every.end(), 0u);
  out += show_slots(event, source.projection, every);
  std::string leaves;
  any_leaf(
      event.document,
      [](const void* to, std::string_view text) {
        static_cast<std::string*>(const_cast<void*>(to))->append(text).push_back('|');
        return false;
      },
      &leaves);
  return out + "\n" + leaves + "\n" + decoder.compact_json();
}

}  // namespace

TEST_CASE("the fast decoder and the reference tell the same of every record") {
  const auto program = make_program();
  Decoder fast(program), reference(program, Decoding::reference);
  Records records(20260115);
  size_t accepted = 0, refused = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string record = records.next();
    const size_t size = record.size();
    record.append(kPadding, round % 2 == 0 ? '"' : '0');
    const std::string_view view = std::string_view(record).substr(0, size);
    const uint32_t only = round % 5 == 0 ? static_cast<uint32_t>(round / 5 % 2) : kNone;
    const std::string expected = account(reference, *program, view, only);
    CAPTURE(view);
    REQUIRE(account(fast, *program, view, only) == expected);
    ++(expected[0] == '0' ? accepted : refused);
  }
  CHECK(accepted > 5000);
  CHECK(refused > 5000);
}

// What is remembered of records is used by others of their kind, and only by these.
TEST_CASE("so they do of records that came before, with other names, values and mistakes") {
  const auto program = make_program();
  Decoder fast(program), reference(program, Decoding::reference);
  Records records(20260116);
  std::vector<std::string> kinds;
  while (kinds.size() < 60) {
    std::string record = records.next();
    const bool is_clean = reference.recognise(record + std::string(kPadding, ' ')).status == DecodeStatus::ok;
    if (is_clean && record.size() < 2000) kinds.push_back(std::move(record));
  }
  std::mt19937_64 random(20260117);
  size_t accepted = 0, refused = 0;
  for (int round = 0; round < 40'000; ++round) {
    std::string record = kinds[random() % kinds.size()];
    const size_t size = record.size();
    for (uint64_t changes = random() % 4; changes > 0; --changes) {
      char& byte = record[random() % size];
      // Mostly such as leave the tokens where they are.
      if (std::string_view("abcti019").find(byte) != std::string_view::npos) byte = "abctibac01.9-\""[random() % 14];
    }
    record.append(kPadding, round % 2 == 0 ? '"' : '0');
    const std::string_view view = std::string_view(record).substr(0, size);
    const std::string expected = account(reference, *program, view, kNone);
    CAPTURE(view);
    REQUIRE(account(fast, *program, view, kNone) == expected);
    ++(expected[0] == '0' ? accepted : refused);
  }
  CHECK(accepted > 10'000);
  CHECK(refused > 5000);
}

TEST_CASE("texts of clean records lie in the record, and are known to be ASCII or not") {
  const auto program = make_program();
  Decoder decoder(program);
  std::string record = R"({"t":1,"a":"plain","é":"é","b":"\u0061"})";
  const size_t size = record.size();
  record.append(kPadding, ' ');
  REQUIRE(decoder.decode(std::string_view(record).substr(0, size)).status == DecodeStatus::ok);
  const rt_value& plain = decoder.event().slots[1].values[0];
  CHECK(plain.data == record.data() + record.find("plain"));
  CHECK(plain.flags == RT_ASCII);
  CHECK(decoder.event().slots[2].values[0].flags == 0);
}

TEST_CASE("what the last record was does not matter for the next") {
  const auto program = make_program();
  std::string many = R"({"t":1,"i":[0)";
  for (int i = 0; i < 70'000; ++i) many += ",0";
  many += R"(],"a":1,"b":{"c":2},"c":{"t":3}})";  // too many ids for `small`, but a good record of `large`
  const size_t size = many.size();
  many.append(kPadding, ' ');
  const std::string small = R"({"t":1})" + std::string(kPadding, ' ');
  for (const Decoding decoding : {Decoding::fast, Decoding::reference}) {
    Decoder decoder(program, decoding);
    for (int round = 0; round < 3; ++round) {
      REQUIRE(decoder.recognise(std::string_view(small).substr(0, 7)).status == DecodeStatus::ok);
      CHECK(decoder.event().source == 0);
      REQUIRE(decoder.recognise(std::string_view(many).substr(0, size)).status == DecodeStatus::ok);
      CHECK(decoder.event().source == 1);
      CHECK(decoder.event().time == 3'000'000);
    }
  }
}
