// What is written is of this process and this moment: numbers as memory holds them.
#include "runtime/correlate/spill_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace weir::correlate {
namespace {

constexpr size_t kWriteBytes = 1 << 20;
constexpr size_t kReadBytes = 16 << 10;

struct EventHead {
  int64_t time = 0;
  uint64_t content = 0;
  uint64_t offset = 0, size = 0;  // of the record
  uint64_t id_bytes = 0, where_bytes = 0;
  uint16_t source = 0;
  bool columns = false;
};

}  // namespace

SpillFile::SpillFile(const std::string& folder) {
  std::string name = (folder.empty() ? "/tmp" : folder) + "/weir-rows-XXXXXX";
  file_ = mkstemp(name.data());
  if (file_ < 0) {
    failure_ = fmt::format("cannot create {}: {}", name, std::strerror(errno));
  } else {
    unlink(name.c_str());
  }
}

SpillFile::~SpillFile() {
  if (file_ >= 0) close(file_);
}

bool SpillFile::append(std::string_view bytes) {
  while (file_ >= 0 && !bytes.empty()) {
    const ssize_t written = ::write(file_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      failure_ = fmt::format("cannot write a temporary file: {}", std::strerror(errno));
      return false;
    }
    bytes.remove_prefix(static_cast<size_t>(written));
    size_ += static_cast<uint64_t>(written);
  }
  return file_ >= 0;
}

bool SpillFile::read(uint64_t offset, char* into, size_t bytes) const {
  while (bytes > 0) {
    const ssize_t got = ::pread(file_, into, bytes, static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    into += got;
    offset += static_cast<uint64_t>(got);
    bytes -= static_cast<size_t>(got);
  }
  return true;
}

std::vector<uint64_t> put_away(const std::vector<const StoredEvent*>& events, SpillFile& file) {
  std::vector<uint64_t> offsets;
  offsets.reserve(events.size());
  std::string bytes;
  bool good = true;
  const auto write = [&](size_t least) {
    if (!good || bytes.size() < least) return;
    good = file.append(bytes);
    bytes.clear();
  };
  for (const StoredEvent* event : events) {
    offsets.push_back(file.size() + bytes.size());
    bytes.append(event->record, 0, event->size);
    write(kWriteBytes);
    if (!good) return {};
  }
  for (size_t i = 0; i < events.size(); ++i) {
    const StoredEvent& event = *events[i];
    EventHead head;
    head.time = event.order.time;
    head.content = event.content;
    head.offset = offsets[i];
    head.size = event.size;
    head.id_bytes = event.order.id.size();
    head.where_bytes = event.where.size();
    head.source = event.source;
    head.columns = event.columns;
    offsets[i] = file.size() + bytes.size();
    bytes.append(reinterpret_cast<const char*>(&head), sizeof head);
    bytes += event.order.id;
    bytes += event.where;
    write(kWriteBytes);
    if (!good) return {};
  }
  write(0);
  return good ? offsets : std::vector<uint64_t>();
}

const char* SpilledEvents::bytes_at(uint64_t offset, size_t bytes) {
  if (offset < begin_ || offset + bytes > begin_ + buffer_.size()) {
    const uint64_t left = file_->size() - std::min(offset, file_->size());
    if (left < bytes) return nullptr;
    buffer_.resize(std::min<uint64_t>(left, std::max(bytes, kReadBytes)));
    begin_ = offset;
    if (!file_->read(offset, buffer_.data(), buffer_.size())) {
      buffer_.clear();
      return nullptr;
    }
  }
  return buffer_.data() + (offset - begin_);
}

EventRef SpilledEvents::at(uint64_t offset) {
  EventHead head;
  const char* bytes = bytes_at(offset, sizeof head);
  if (!bytes) return nullptr;
  std::memcpy(&head, bytes, sizeof head);
  bytes = bytes_at(offset + sizeof head, head.id_bytes + head.where_bytes);
  if (!bytes) return nullptr;
  auto event = std::make_shared<StoredEvent>();
  event->order.time = head.time;
  event->order.source = program_.sources[head.source].name;
  event->order.id.assign(bytes, head.id_bytes);
  event->content = head.content;
  event->source = head.source;
  event->columns = head.columns;
  event->size = head.size;
  event->where.assign(bytes + head.id_bytes, head.where_bytes);
  event->put_away = file_;
  event->offset = head.offset;
  return event;
}

}  // namespace weir::correlate
