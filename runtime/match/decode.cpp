// The decoder: parse, recognise, walk, and read the time.
#include "runtime/match/decode.h"

#include <fmt/format.h>

#include <array>
#include <atomic>

#include "runtime/match/canonical_hash.h"
#include "runtime/match/columns.h"
#include "runtime/match/decode_walk.h"
#include "runtime/match/document.h"
#include "runtime/match/lazy_document.h"
#include "runtime/match/recognise.h"
#include "runtime/match/structure.h"

namespace weir::match {
namespace {

constexpr size_t kArenaBytes = 16 << 10;  // what most records need is never allocated again

Decoded foreign() { return {DecodeStatus::foreign, "", {}, 0, false}; }

Decoded unreadable(const char* reason, std::string detail = {}) {
  return {DecodeStatus::unreadable, reason, std::move(detail), 0, false};
}

constexpr int64_t kEarliestTelling = 100'000'000'000'000;  // microseconds: 1973

constexpr const char* kTooManyValues = "more than 65536 values at one path";
constexpr const char* kNoTime = "the event time cannot be read";

// What is read of a source, in two walks: what recognises it (and any other), its time, its id and what
// decides whether any rule can match; then, of the few events that are left, everything that the pack names.
struct SourceReader {
  SourceReader(const SourceInfo& source, const Recogniser& recogniser)
      : deciding(source.deciding_slots),
        first(first_of(source), recogniser.paths()),
        whole(source.projection),
        first_slots(source.projection.slots.size()),
        first_axes(source.projection.axes.size()),
        time_slot(static_cast<uint32_t>(source.deciding_slots.size())),
        id_slot(source.id_path.empty() ? kNone : time_slot + 1) {}

  static Projection first_of(const SourceInfo& source) {
    Projection projection;
    for (uint32_t slot : source.deciding_slots) projection.slots.push_back(source.projection.slots[slot]);
    projection.slots.push_back({0, source.time_path, Want::time});
    if (!source.id_path.empty()) projection.slots.push_back({0, source.id_path, Want::text});
    return projection;
  }

  std::vector<uint32_t> deciding;
  Walk first, whole;
  std::vector<rt_slot> first_slots;  // by the pack's numbers; empty but for the deciding ones
  std::vector<rt_axis> first_axes;
  uint32_t time_slot, id_slot;       // of the first walk
};

}  // namespace

struct Decoder::Impl {
  // Decoders number their events apart: the upper half is the decoder's, so that no two threads share a counter.
  static uint64_t first_serial() {
    static std::atomic<uint64_t> decoders{0};
    return (decoders.fetch_add(1, std::memory_order_relaxed) + 1) << 40;
  }

  Impl(std::shared_ptr<const Program> made_of, Decoding decoding)
      : program(std::move(made_of)),
        decoding(decoding),
        recogniser(*program),
        required({}, recogniser.paths()) {
    for (const SourceInfo& source : program->sources) sources.emplace_back(source, recogniser);
  }

  Decoded decode(std::string_view record, uint32_t only);
  template <class Value>
  Decoded decode_root(Value root, uint32_t only);
  template <class Value>
  Recognised recognise(Value root, uint32_t only);
  Decoded read_first(uint32_t source);
  bool complete();
  Decoded decode_line_of(uint32_t source, std::string_view line, bool asked_for);

  Cursor by_structure() const { return {structure, 0}; }
  DomValue by_document() const { return *document.root(); }

  std::shared_ptr<const Program> program;
  Decoding decoding;
  Recogniser recogniser;
  Walk required;  // what recognises, and nothing else
  std::vector<SourceReader> sources;
  uint32_t last_source = 0;  // of the last event: the next one is likely of the same
  Structure structure;
  bool is_clean = false;  // the event is read by its structure
  LazyDocument document;
  InnerReaders readers;
  CanonicalHasher hasher;
  std::array<std::byte, kArenaBytes> first_bytes;
  Arena arena{first_bytes.data(), first_bytes.size()};
  std::string line_record;  // what the event's line stands for
  rt_event event{};
  uint64_t serial = first_serial();
  std::string_view id;
};

Decoded Decoder::Impl::decode(std::string_view bytes, uint32_t only) {
  arena.release();
  is_clean = decoding == Decoding::fast && structure.read(bytes);
  if (is_clean) {
    document.set(bytes);
    return decode_root(by_structure(), only);
  }
  const auto root = document.read(bytes);
  if (!root) {
    const JsonReader& reader = document.reader();
    Decoded failed = unreadable(reader.reason());
    failed.has_offset = reader.offset().has_value();
    failed.offset = static_cast<uint32_t>(reader.offset().value_or(0));
    return failed;
  }
  if (!root->is_object()) return unreadable("not a JSON object");
  return decode_root(DomValue(*root), only);
}

template <class Value>
Decoded Decoder::Impl::decode_root(Value root, uint32_t only) {
  const Recognised recognised = recognise(root, only);
  if (!recognised.complete) {
    if (!recognised.plausible) return foreign();
    return unreadable("a required field is missing", fmt::format("no `{}`", recognised.missing));
  }
  if (recognised.source != last_source) {
    if (!sources[recognised.source].first.run(root, readers, arena)) return unreadable(kTooManyValues);
    last_source = recognised.source;
  }
  return read_first(recognised.source);
}

// With the walk of the last event's source, which then has read what that source needs. Where the record
// holds too much for it, what was last must not matter: only what is required is looked for, which is never
// too much.
template <class Value>
Recognised Decoder::Impl::recognise(Value root, uint32_t only) {
  if (last_source < sources.size()) {
    Walk& first = sources[last_source].first;
    if (first.run(root, readers, arena)) return recogniser.best(first.marked(), only);
    last_source = kNone;
  }
  required.run(root, readers, arena);
  return recogniser.best(required.marked(), only);
}

Decoded Decoder::Impl::read_first(uint32_t source) {
  SourceReader& to_fill = sources[source];
  const rt_slot* const slots = to_fill.first.slots();
  const rt_slot& time = slots[to_fill.time_slot];
  if (time.count == 0 || time.values[0].kind != RT_TIME) {
    const std::string name = path_text(program->sources[source].time_path);
    return unreadable(kNoTime, fmt::format("{}`{}`", time.count == 0 ? "no " : "", name));
  }

  id = {};
  if (to_fill.id_slot != kNone && slots[to_fill.id_slot].count != 0) {
    const rt_value& value = slots[to_fill.id_slot].values[0];
    if (value.kind == RT_TEXT) id = {value.data, value.size};
  }
  for (size_t i = 0; i < to_fill.deciding.size(); ++i) to_fill.first_slots[to_fill.deciding[i]] = slots[i];
  event = {to_fill.first_slots.data(), to_fill.first_axes.data(),     &document,
           time.values[0].integer,     static_cast<uint16_t>(source), ++serial};
  return {};
}

bool Decoder::Impl::complete() {
  Walk& whole = sources[event.source].whole;
  const bool is_read =
      is_clean ? whole.run(by_structure(), readers, arena) : whole.run(by_document(), readers, arena);
  if (!is_read) return false;
  event.slots = whole.slots();
  event.axes = whole.axes();
  return true;
}

Decoded Decoder::Impl::decode_line_of(uint32_t source, std::string_view line, bool asked_for) {
  const SourceInfo& info = program->sources[source];
  const auto columns = split_columns(line, info.column_names.size());
  const auto time = time_column(info);
  const auto read = time && *time < columns.size() ? read_time(columns[*time]) : std::nullopt;
  const bool has_time = !time || read;
  if (columns.size() != info.column_names.size()) {
    // A small number where the time belongs is any text's: only a time of this half-century speaks for a cut line.
    if (!read || *read < kEarliestTelling) return foreign();
    const bool more = columns.size() > info.column_names.size();
    return unreadable("the line has another number of columns",
                      fmt::format("{} than {}", more ? "more" : "fewer", info.column_names.size()));
  }
  if (!has_time && !asked_for) return foreign();

  line_record = columns_to_json(info.column_names, columns);
  const size_t size = line_record.size();
  line_record.append(kPadding, '\0');
  Decoded decoded = decode(std::string_view(line_record).substr(0, size), source);
  decoded.has_offset = false;  // it would count in the object, not in the line
  return decoded;
}

Decoder::Decoder(std::shared_ptr<const Program> program, Decoding decoding)
    : impl_(std::make_unique<Impl>(std::move(program), decoding)) {}
Decoder::~Decoder() = default;

Decoded Decoder::recognise(std::string_view record, uint32_t only) { return impl_->decode(record, only); }

bool Decoder::complete() { return impl_->complete(); }

Decoded Decoder::decode(std::string_view record, uint32_t only) {
  Decoded decoded = recognise(record, only);
  if (decoded.status == DecodeStatus::ok && !complete()) return unreadable(kTooManyValues);
  return decoded;
}

Decoded Decoder::decode_columns(std::string_view line, uint32_t only) {
  Decoded best = foreign();
  if (line.size() > kMaxRecordBytes) return unreadable(kTooLarge);
  for (uint32_t source = 0; source < impl_->program->sources.size(); ++source) {
    if (!impl_->program->sources[source].columns || (only != kNone && only != source)) continue;
    Decoded decoded = impl_->decode_line_of(source, line, only == source);
    if (decoded.status == DecodeStatus::ok) return complete() ? decoded : unreadable(kTooManyValues);
    if (best.status == DecodeStatus::foreign) best = std::move(decoded);
  }
  return best;
}

const rt_event& Decoder::event() const { return impl_->event; }

std::string Decoder::compact_json() const {
  std::string json;
  if (const auto root = impl_->document.root()) append_compact(json, *root);
  return json;
}

uint64_t Decoder::canonical_hash() const {
  CanonicalHasher& hasher = impl_->hasher;
  return impl_->is_clean ? hasher.hash(impl_->by_structure()) : hasher.hash(impl_->by_document());
}

std::string_view Decoder::id() const { return impl_->id; }

}  // namespace weir::match
