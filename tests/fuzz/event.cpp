// The event decoder over any bytes, by a projection with every shape there is. What it accepts must be the
// same event by the reference, and after it was written and read again.
#include <algorithm>
#include <cstdlib>
#include <string>

#include "runtime/match/decode.h"

using namespace weir::match;

namespace {

Step key(const char* name) { return {Step::Kind::key, name, 0}; }
Step at(int32_t index) { return {Step::Kind::index, "", index}; }

std::shared_ptr<const Program> make_program() {
  SourceInfo source;
  source.name = "events";
  source.required = {{{key("t")}, Want::time, "t"}};
  source.time_path = {key("t")};
  source.id_path = {key("i")};
  Projection& projection = source.projection;
  projection.axes.push_back({0, {key("a")}, false});
  projection.axes.push_back({1, {key("b")}, true});
  projection.axes.push_back({2, {}, false});
  for (const Want want :
       {Want::text, Want::integer, Want::real, Want::boolean, Want::time, Want::any, Want::raw}) {
    projection.slots.push_back({0, {key("a")}, want});
    projection.slots.push_back({0, {key("a"), key("b"), key("c")}, want});
    projection.slots.push_back({1, {key("b")}, want});
    projection.slots.push_back({3, {key("c")}, want});
  }
  projection.slots.push_back({0, {key("a"), at(0), key("b"), at(-1)}, Want::any});

  SourceInfo lines = source;
  lines.name = "lines";
  lines.columns = true;
  lines.column_names = {"t", "i", "a"};

  auto program = std::make_shared<Program>();
  program->sources = {source, lines};
  return program;
}

void expect(bool holds) {
  if (!holds) std::abort();
}

bool same(const rt_value& a, const rt_value& b) {
  return a.kind == b.kind && a.flags == b.flags && a.integer == b.integer && a.size == b.size &&
         std::string_view(a.data ? a.data : "", a.size) == std::string_view(b.data ? b.data : "", b.size);
}

bool same(const uint32_t* a, const uint32_t* b, uint32_t count) {
  return (a == nullptr) == (b == nullptr) && (a == nullptr || std::equal(a, a + count, b));
}

void expect_same_slots(const rt_event& a, const rt_event& b, const Projection& projection) {
  for (size_t axis = 0; axis < projection.axes.size(); ++axis) {
    expect(a.axes[axis].count == b.axes[axis].count);
    expect(same(a.axes[axis].offsets, b.axes[axis].offsets, a.axes[projection.axes[axis].parent].count + 1));
  }
  for (size_t number = 0; number < projection.slots.size(); ++number) {
    const rt_slot &left = a.slots[number], &right = b.slots[number];
    expect(left.count == right.count);
    for (uint32_t i = 0; i < left.count; ++i) expect(same(left.values[i], right.values[i]));
    expect(same(left.offsets, right.offsets, a.axes[projection.slots[number].axis].count + 1));
  }
}

void expect_same(const Decoder& fast, const Decoder& reference, const Program& program) {
  const rt_event &a = fast.event(), &b = reference.event();
  expect(a.source == b.source && a.time == b.time && fast.id() == reference.id());
  expect(fast.canonical_hash() == reference.canonical_hash());
  expect(fast.compact_json() == reference.compact_json());
  expect_same_slots(a, b, program.sources[a.source].projection);
}

void check(Decoder& decoder, const Program& program) {
  const rt_event& event = decoder.event();
  const Projection& projection = program.sources[event.source].projection;
  for (size_t slot = 0; slot < projection.slots.size(); ++slot) {
    const rt_slot& filled = event.slots[slot];
    const uint32_t axis = projection.slots[slot].axis;
    if (axis != 0) expect(filled.offsets[event.axes[axis].count] == filled.count);
    size_t bytes = 0;
    for (uint32_t value = 0; value < filled.count; ++value) {
      const rt_value& one = filled.values[value];
      if (one.data) bytes += std::string(one.data, one.size).size();  // readable to its end
    }
    expect(bytes < (size_t{1} << 32));
  }
  any_leaf(
      event.document, [](const void*, std::string_view text) { return text == "needle"; }, nullptr);

  const uint64_t hash = decoder.canonical_hash();
  const std::string id(decoder.id()), json = decoder.compact_json();
  const int64_t time = event.time;
  std::string padded = json;
  padded.append(kPadding, ' ');
  expect(decoder.decode(std::string_view(padded).substr(0, json.size()), event.source).status ==
         DecodeStatus::ok);
  expect(decoder.canonical_hash() == hash);
  expect(decoder.compact_json() == json);
  expect(decoder.id() == id);
  expect(decoder.event().time == time);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const auto program = make_program();
  static Decoder decoder(program), reference(program, Decoding::reference);
  std::string record(reinterpret_cast<const char*>(data), size);
  if (decoder.decode_columns(record).status == DecodeStatus::ok) check(decoder, *program);
  record.append(kPadding, '\0');
  const std::string_view bytes = std::string_view(record).substr(0, size);
  for (int before = 0; before < 2; ++before) decoder.decode(bytes);  // what is remembered of a record serves from the third on
  const Decoded decoded = decoder.decode(bytes), expected = reference.decode(bytes);
  expect(decoded.status == expected.status && decoded.detail == expected.detail);
  expect(std::string_view(decoded.reason) == expected.reason);
  expect(decoded.has_offset == expected.has_offset && decoded.offset == expected.offset);
  if (decoded.status == DecodeStatus::ok) {
    expect_same(decoder, reference, *program);
    check(decoder, *program);
  }
  return 0;
}
