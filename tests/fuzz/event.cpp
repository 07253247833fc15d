// The event decoder over any bytes, by a projection with every shape there is. What it accepts must be the
// same event after it was written and read again.
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
  static Decoder decoder(program);
  std::string record(reinterpret_cast<const char*>(data), size);
  if (decoder.decode_columns(record).status == DecodeStatus::ok) check(decoder, *program);
  record.append(kPadding, '\0');
  if (decoder.decode(std::string_view(record).substr(0, size)).status == DecodeStatus::ok)
    check(decoder, *program);
  return 0;
}
