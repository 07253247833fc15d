// The decoder: parse, recognise, walk, and read the time.
#include "runtime/match/decode.h"

#include <fmt/format.h>

#include <array>
#include <optional>
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

// What is read of a source, in up to three walks: what recognises it (and any other), its time, its id, what decides
// which rules can match, and what rules look at that may match any event; of the events that other rules may match,
// what matching looks at; of those that match, all that the pack names. Slots have the numbers of the pack in each of
// them.
struct SourceReader {
  SourceReader(const SourceInfo& source, const Recogniser& recogniser)
      : has_axes(source.has_generic),
        reads_at_once(slots_of(source, source.matching_slots) == slots_of(source, source.generic_slots)),
        time_slot(static_cast<uint32_t>(source.projection.slots.size())),
        id_slot(source.id_path.empty() ? kNone : time_slot + 1),
        first(first_of(source), recogniser.paths(), slots_of(source, source.generic_slots)),
        matching(source.projection, {}, slots_of(source, source.matching_slots)),
        whole(source.projection),
        no_axes(source.projection.axes.size()) {}

  // With the slots of the time and the id at their end.
  static Projection first_of(const SourceInfo& source) {
    Projection projection = source.projection;
    if (!source.has_generic) projection.axes.resize(1);
    projection.slots.push_back({0, source.time_path, Want::time});
    if (!source.id_path.empty()) projection.slots.push_back({0, source.id_path, Want::text});
    return projection;
  }
  // These and the deciding ones, as Walk wants them.
  static std::vector<bool> slots_of(const SourceInfo& source, const std::vector<uint32_t>& slots) {
    std::vector<bool> active(source.projection.slots.size(), false);
    for (const uint32_t slot : slots) active[slot] = true;
    for (const uint32_t slot : source.deciding_slots) active[slot] = true;
    return active;
  }

  bool has_axes;                // of the first walk
  bool reads_at_once;           // the first walk is the second, too
  uint32_t time_slot, id_slot;  // of the first walk
  Walk first, matching, whole;
  std::vector<rt_axis> no_axes;
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
  bool complete(rt_reach reach);
  bool complete_rest();
  bool read_by(Walk& walk);
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
  std::optional<uint64_t> hash;  // of the record, once it was asked for
  std::array<std::byte, kArenaBytes> first_bytes;
  Arena arena{first_bytes.data(), first_bytes.size()};
  std::string line_record;  // what the event's line stands for
  rt_event event{};
  uint64_t serial = first_serial();
  std::string_view id;
};

Decoded Decoder::Impl::decode(std::string_view bytes, uint32_t only) {
  arena.release();
  hash.reset();
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
  const rt_axis* const axes = to_fill.has_axes ? to_fill.first.axes() : to_fill.no_axes.data();
  event = {slots, axes, &document, time.values[0].integer, static_cast<uint16_t>(source), ++serial};
  return {};
}

bool Decoder::Impl::read_by(Walk& walk) {
  const bool is_read = is_clean ? walk.run(by_structure(), readers, arena) : walk.run(by_document(), readers, arena);
  if (!is_read) return false;
  event.slots = walk.slots();
  event.axes = walk.axes();
  return true;
}

bool Decoder::Impl::complete(rt_reach reach) {
  SourceReader& source = sources[event.source];
  return reach == RT_GENERIC_RULES || source.reads_at_once || read_by(source.matching);
}

// What is remembered of the event may lie in the slots of the walk before: it is another event from here on.
bool Decoder::Impl::complete_rest() {
  event.serial = ++serial;
  return read_by(sources[event.source].whole);
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

bool Decoder::complete(rt_reach reach) { return impl_->complete(reach); }

bool Decoder::complete_rest() { return impl_->complete_rest(); }

Decoded Decoder::decode(std::string_view record, uint32_t only) {
  Decoded decoded = recognise(record, only);
  if (decoded.status == DecodeStatus::ok && !complete_rest()) return unreadable(kTooManyValues);
  return decoded;
}

Decoded Decoder::decode_columns(std::string_view line, uint32_t only) {
  Decoded best = foreign();
  if (line.size() > kMaxRecordBytes) return unreadable(kTooLarge);
  for (uint32_t source = 0; source < impl_->program->sources.size(); ++source) {
    if (!impl_->program->sources[source].columns || (only != kNone && only != source)) continue;
    Decoded decoded = impl_->decode_line_of(source, line, only == source);
    if (decoded.status == DecodeStatus::ok) return complete_rest() ? decoded : unreadable(kTooManyValues);
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
  Impl& impl = *impl_;
  if (!impl.hash)
    impl.hash = impl.is_clean ? impl.hasher.hash(impl.by_structure()) : impl.hasher.hash(impl.by_document());
  return *impl.hash;
}

std::string_view Decoder::id() const { return impl_->id; }

}  // namespace weir::match
