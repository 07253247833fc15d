// The frame of a part: "WRST", version, events, content, XXH3 of key and value. In version 3 events and
// content are compressed; all else is as in version 2.
#include "runtime/correlate/state_bytes.h"

#define XXH_STATIC_LINKING_ONLY  // a state of it on the stack
#include <xxhash.h>
#include <zstd.h>

#include <memory>
#include <new>

#include "runtime/match/decode.h"

namespace weir::correlate {
namespace {

constexpr std::string_view kMagic = "WRST";
constexpr uint8_t kVersion = 2, kPackedVersion = 3,
                  kOldestVersion = 1;  // nothing that version 1 had has changed
constexpr int kPackingLevel = 1;       // written once and mostly never read
constexpr uint64_t kMostUnpacked = 1u << 30;
constexpr size_t kChecksumBytes = 8;
// For what is made in one piece, about: of an event what is beside its record, of a part what is beside its
// content.
constexpr size_t kBesideRecord = 160, kBesideContent = 64;

// The record's padding is not written.
template <class Archive, class Event, class Record>
void event_content(Archive& archive, Event& event, Record& record) {
  archive(event.order.time, event.order.source, event.order.id, event.content, event.columns, record, event.where);
}

std::string beginning(uint8_t version) {
  std::string bytes(kMagic);
  return bytes += static_cast<char>(version);
}

// A save compresses many parts, and what zstd works in is large.
std::string compressed(std::string_view bytes) {
  struct Freed {
    void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  };
  thread_local const std::unique_ptr<ZSTD_CCtx, Freed> context(ZSTD_createCCtx());
  if (!context) throw std::bad_alloc();
  thread_local std::string room;
  if (const size_t bound = ZSTD_compressBound(bytes.size()); room.size() < bound) room.resize(bound);
  const size_t size =
      ZSTD_compressCCtx(context.get(), room.data(), room.size(), bytes.data(), bytes.size(), kPackingLevel);
  if (ZSTD_isError(size)) throw std::bad_alloc();  // there is room: nothing else can be wrong
  return room.substr(0, size);
}

// Null when nothing in the program is called as its source; rules that looked at it have changed then.
EventRef read_event(StateReader& reader, const match::Program& program) {
  auto event = std::make_shared<StoredEvent>();
  std::string record;
  event_content(reader, *event, record);
  size_t source = 0;
  while (source < program.sources.size() && program.sources[source].name != event->order.source) ++source;
  if (source == program.sources.size()) return nullptr;
  event->source = static_cast<uint16_t>(source);
  event->size = record.size();
  event->record = std::move(record);
  event->record.resize(event->size + match::kPadding);
  return event;
}

}  // namespace

uint64_t part_checksum(std::string_view key, std::string_view value) {
  XXH3_state_t state;
  XXH3_64bits_reset(&state);
  XXH3_64bits_update(&state, key.data(), key.size());
  XXH3_64bits_update(&state, "", 1);
  XXH3_64bits_update(&state, value.data(), value.size());
  return XXH3_64bits_digest(&state);
}

std::string sealed(std::string_view key, const StateWriter& content) {
  return sealed(key, framed(content, Framing::plain));
}

std::string framed(const StateWriter& content, Framing framing) {
  const bool packed = framing == Framing::packed;
  StateWriter frame;
  frame.reserve(content.size() + content.events().size() * kBesideRecord + kBesideContent);
  if (!packed) frame.append_bytes(beginning(kVersion));
  frame(static_cast<uint32_t>(content.events().size()));
  std::string buffer;
  for (const EventRef& event : content.events()) {
    const std::string_view record = event->read(buffer);
    event_content(frame, *event, record);
  }
  frame.append_bytes(content.bytes());
  return packed ? beginning(kPackedVersion) + compressed(frame.bytes()) : frame.take_bytes();
}

std::string sealed(std::string_view key, std::string frame) {
  StateWriter end;
  end(part_checksum(key, frame));
  return frame.append(end.bytes());
}

namespace {

bool unpack(std::string_view frame, std::string& unpacked) {
  const unsigned long long size = ZSTD_getFrameContentSize(frame.data(), frame.size());
  if (size > kMostUnpacked) return false;  // what is no frame, or does not say, is more than that
  unpacked.resize(size);
  return ZSTD_decompress(unpacked.data(), unpacked.size(), frame.data(), frame.size()) == size;
}

}  // namespace

std::optional<std::string> unseal(std::string_view key, std::string_view value, const match::Program& program,
                                  StateReader& reader, std::string& unpacked) {
  if (value.substr(0, kMagic.size()) != kMagic) return "it is not a part of Weir's state";
  if (value.size() < kMagic.size() + 1 + kChecksumBytes) return "it is cut off";
  const std::string_view body = value.substr(0, value.size() - kChecksumBytes);
  const auto version = static_cast<uint8_t>(value[kMagic.size()]);
  if (version < kOldestVersion || version > kPackedVersion)
    return "it has version " + std::to_string(version) + ", and this Weir reads versions " +
           std::to_string(kOldestVersion) + " to " + std::to_string(kPackedVersion);
  uint64_t sum = 0;
  StateReader end(value.substr(body.size()));
  end(sum);
  if (sum != part_checksum(key, body)) return "its checksum is wrong: it is cut off or damaged";
  std::string_view content = body.substr(kMagic.size() + 1);
  if (version == kPackedVersion) {
    if (!unpack(content, unpacked)) return "it cannot be decompressed";
    content = unpacked;
  }
  reader = StateReader(content);
  uint32_t count = 0;
  reader(count);
  std::vector<EventRef> events;
  for (uint32_t i = 0; i < count && !reader.failed(); ++i) events.push_back(read_event(reader, program));
  if (reader.failed()) return "it refers to events that cannot be read";
  reader.events = std::move(events);
  return std::nullopt;
}

}  // namespace weir::correlate
