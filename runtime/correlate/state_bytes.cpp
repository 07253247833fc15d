// The frame of a part: "WRST", version, events, content, XXH3 of key and value.
#include "runtime/correlate/state_bytes.h"

#define XXH_STATIC_LINKING_ONLY  // a state of it on the stack
#include <xxhash.h>

#include "runtime/match/decode.h"

namespace weir::correlate {
namespace {

constexpr std::string_view kMagic = "WRST";
constexpr uint8_t kVersion = 2, kOldestVersion = 1;  // nothing that version 1 had has changed
constexpr size_t kChecksumBytes = 8;

// The record's padding is not written.
template <class Archive, class Event, class Record>
void event_content(Archive& archive, Event& event, Record& record) {
  archive(event.order.time, event.order.source, event.order.id, event.content, event.columns, record, event.where);
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
  StateWriter head;
  head(kVersion, static_cast<uint32_t>(content.events().size()));
  std::string buffer;
  for (const EventRef& event : content.events()) {
    const std::string_view record = event->read(buffer);
    event_content(head, *event, record);
  }
  std::string value;
  value.reserve(kMagic.size() + head.bytes().size() + content.bytes().size() + kChecksumBytes);
  value.append(kMagic).append(head.bytes()).append(content.bytes());
  StateWriter end;
  end(part_checksum(key, value));
  return value.append(end.bytes());
}

std::optional<std::string> unseal(std::string_view key, std::string_view value, const match::Program& program,
                                  StateReader& reader) {
  if (value.substr(0, kMagic.size()) != kMagic) return "it is not a part of Weir's state";
  if (value.size() < kMagic.size() + 1 + kChecksumBytes) return "it is cut off";
  const std::string_view body = value.substr(0, value.size() - kChecksumBytes);
  const auto version = static_cast<uint8_t>(value[kMagic.size()]);
  if (version < kOldestVersion || version > kVersion)
    return "it has version " + std::to_string(version) + ", and this Weir reads versions " +
           std::to_string(kOldestVersion) + " to " + std::to_string(kVersion);
  uint64_t sum = 0;
  StateReader end(value.substr(body.size()));
  end(sum);
  if (sum != part_checksum(key, body)) return "its checksum is wrong: it is cut off or damaged";
  reader = StateReader(body.substr(kMagic.size() + 1));
  uint32_t count = 0;
  reader(count);
  std::vector<EventRef> events;
  for (uint32_t i = 0; i < count && !reader.failed(); ++i) events.push_back(read_event(reader, program));
  if (reader.failed()) return "it refers to events that cannot be read";
  reader.events = std::move(events);
  return std::nullopt;
}

}  // namespace weir::correlate
