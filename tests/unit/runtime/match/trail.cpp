// Forms and trails: of records that have one shape, each is read, and hashed, by its own keys, whatever keys
// the records before it had. The reference decoder, which remembers nothing, says what is right.
#include <doctest/doctest.h>

#include <random>
#include <string>
#include <vector>

#include "runtime/match/decode.h"

using namespace weir::match;

namespace {

const std::string kLong(60, 'k');

// Names that are alike where one might forget to look: at their ends, around 32 bytes, beyond 62.
const std::vector<std::string> kNames = {"",
                                         "a",
                                         "ab",
                                         "b",
                                         "bb",
                                         "a",
                                         "name",
                                         "names",
                                         "namf",
                                         "name",
                                         kLong.substr(0, 30),
                                         kLong.substr(0, 31),
                                         kLong.substr(0, 32),
                                         kLong.substr(0, 33),
                                         kLong.substr(0, 32) + "x",
                                         kLong.substr(0, 32) + "xx",
                                         kLong + "k",
                                         kLong + "kk",
                                         kLong + "kx",
                                         kLong + "kkk",
                                         kLong + "kkx",
                                         "\xC3\xA9",
                                         "\xC3\xA8",
                                         "a",
                                         "\\u0061",
                                         "a\\\"",
                                         "name\\\\"};

// Slots for half of the names, at the top and below others; `deep` and `list` lead further.
std::shared_ptr<const Program> make_program() {
  const auto key = [](std::string name) { return Step{Step::Kind::key, std::move(name), 0}; };
  SourceInfo source;
  source.name = "events";
  source.required = {{{key("t")}, Want::time, "t"}, {{key("deep"), key("a")}, Want::any, "deep.a"}};
  source.time_path = {key("t")};
  source.projection.axes.push_back({0, {key("list")}, true});
  std::vector<SlotSpec>& slots = source.projection.slots;
  for (size_t i = 0; i + 1 < kNames.size(); i += 2) {
    slots.push_back({0, {key(kNames[i])}, i % 4 == 0 ? Want::text : Want::integer});
    slots.push_back({0, {key("deep"), key(kNames[i])}, Want::any});
    slots.push_back({0, {key("deep"), key("deep"), key(kNames[i + 1])}, Want::text});
    slots.push_back({1, {key(kNames[i + 1])}, Want::any});
  }
  slots.push_back({0, {key("deep")}, Want::raw});
  for (uint32_t slot = 0; slot < slots.size(); slot += 3) source.matching_slots.push_back(slot);
  source.deciding_slots = {0, 1};
  auto program = std::make_shared<Program>();
  program->sources = {source};
  return program;
}

// Records of a few shapes. Of a shape most have the same names, others one that is much alike. Values differ,
// so that one never stands for another.
class Records {
 public:
  std::string next() {
    const uint64_t shape = pick(12);
    usual_.seed(shape);
    changed_ = pick(2) == 0 ? pick(12) : kNone;
    members_ = last_ = 0;
    out_ = R"({"t":"2026-01-15T06:00:00Z")";
    for (uint64_t i = 0; i < 2 + shape % 3; ++i) member(pick(8) == 0 ? "\\n" : "");
    out_ += pick(16) == 0 ? R"(,"more":{)" : R"(,"deep":{)";
    out_ += pick(16) == 0 ? R"("b":)" : R"("a":)";
    out_ += std::to_string(pick(10));
    member("");
    if (shape % 2 != 0) {
      out_ += R"(,"deep":{"a":"x")";
      member(pick(8) == 0 ? "\xC3\xA9" : "");
      out_ += '}';
    }
    out_ += pick(16) == 0 ? R"(},"lists":[{"a":1)" : R"(},"list":[{"a":1)";
    member("");
    out_ += R"(},2],"last":0)";
    for (uint64_t i = 0; i < shape / 3; ++i) member("");
    return out_ + '}';
  }

 private:
  uint64_t pick(uint64_t many) { return random_() % many; }
  void member(const char* more) {
    size_t name = usual_() % kNames.size();
    if (usual_() % 4 == 0) name = last_;  // twice in one object, mostly
    last_ = name;
    if (members_++ == changed_) name = (name + 1) % kNames.size();
    out_ += ",\"" + kNames[name] + "\":\"" + std::to_string(pick(1000)) + more + '"';
  }

  std::mt19937_64 random_{20260122}, usual_;
  uint64_t members_ = 0, changed_ = kNone;
  size_t last_ = 0;
  std::string out_;
};

std::string show(const rt_event& event, const Projection& projection) {
  std::string out;
  for (size_t number = 0; number < projection.slots.size(); ++number) {
    const rt_slot& slot = event.slots[number];
    out += "\n" + std::to_string(number) + ":";
    for (uint32_t i = 0; i < slot.count; ++i) {
      const rt_value& value = slot.values[i];
      out += " " + std::to_string(value.kind) + "/" + std::to_string(value.flags) + "/" +
             std::to_string(value.integer) + "'" + std::string(value.data ? value.data : "", value.size) +
             "'";
    }
    const uint32_t axis = projection.slots[number].axis;
    for (uint32_t i = 0; axis != 0 && i <= event.axes[axis].count; ++i)
      out += " @" + std::to_string(slot.offsets[i]);
  }
  return out;
}

std::string account(Decoder& decoder, const Program& program, std::string_view record) {
  const Decoded decoded = decoder.recognise(record);
  if (decoded.status != DecodeStatus::ok) return std::string("refused: ") + decoded.reason + decoded.detail;
  std::string out = std::to_string(decoder.event().time);
  for (const uint32_t slot : program.sources[0].deciding_slots)
    out += " " + std::to_string(decoder.event().slots[slot].count);
  out += " #" + std::to_string(decoder.canonical_hash());
  CHECK(decoder.complete());
  for (const uint32_t slot : program.sources[0].matching_slots)
    out += " " + std::to_string(decoder.event().slots[slot].count);
  CHECK(decoder.complete_rest());
  return out + show(decoder.event(), program.sources[0].projection);
}

}  // namespace

TEST_CASE("a record is read by its own keys, whatever keys others of its shape had") {
  const auto program = make_program();
  Decoder fast(program), reference(program, Decoding::reference);
  Records records;
  size_t accepted = 0;
  for (int round = 0; round < 20'000; ++round) {
    const std::string record = records.next();
    // On the heap, and not a byte longer than what may be read.
    std::vector<char> bytes(record.begin(), record.end());
    bytes.insert(bytes.end(), kPadding, round % 2 == 0 ? '"' : 'k');
    const std::string_view view(bytes.data(), record.size());
    const std::string expected = account(reference, *program, view);
    CAPTURE(record);
    REQUIRE(account(fast, *program, view) == expected);
    accepted += !expected.starts_with("refused");
  }
  CHECK(accepted > 10'000);
  CHECK(accepted < 20'000);
}
