// External merge sort. The file is of this process and this moment, so rows are written as memory holds them.
#include "runtime/correlate/rule_rows.h"

#include <fmt/format.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "runtime/match/projection.h"

namespace weir::correlate {

class SpillFile final : public RecordStore {
 public:
  explicit SpillFile(const std::string& folder) {
    std::string name = (folder.empty() ? "/tmp" : folder) + "/weir-rows-XXXXXX";
    file_ = mkstemp(name.data());
    if (file_ < 0) {
      failure = fmt::format("cannot create {}: {}", name, std::strerror(errno));
    } else {
      unlink(name.c_str());
    }
  }
  ~SpillFile() override {
    if (file_ >= 0) close(file_);
  }
  SpillFile(const SpillFile&) = delete;
  SpillFile& operator=(const SpillFile&) = delete;

  uint64_t size() const { return size_; }
  bool append(std::string_view bytes) {
    while (file_ >= 0 && !bytes.empty()) {
      const ssize_t written = ::write(file_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) {
        failure = fmt::format("cannot write a temporary file: {}", std::strerror(errno));
        return false;
      }
      bytes.remove_prefix(static_cast<size_t>(written));
      size_ += static_cast<uint64_t>(written);
    }
    return file_ >= 0;
  }
  bool read(uint64_t offset, char* into, size_t bytes) const override {
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

  std::string failure;

 private:
  int file_ = -1;
  uint64_t size_ = 0;
};

namespace {

constexpr size_t kWriteBytes = 1 << 20;
constexpr size_t kReadBytes = 1 << 16;
constexpr size_t kBytesOfPointers = 64;  // control blocks and allocator, for each shared part

using Offsets = std::unordered_map<const StoredEvent*, uint64_t>;  // of their records in the file

class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}
  template <class T>
  void plain(const T& value) {
    static_assert(std::is_trivially_copyable_v<T>);
    out_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  void text(std::string_view text) {
    plain(static_cast<uint64_t>(text.size()));
    out_.append(text);
  }

 private:
  std::string& out_;
};

class Reader {
 public:
  explicit Reader(const std::string& bytes) : at_(bytes.data()) {}
  template <class T>
  T plain() {
    T value;
    std::memcpy(&value, at_, sizeof value);
    at_ += sizeof value;
    return value;
  }
  std::string_view text() {
    const auto size = plain<uint64_t>();
    const std::string_view text(at_, size);
    at_ += size;
    return text;
  }

 private:
  const char* at_;
};

// The record itself is written once for all rows of all rules: here stands where.
void write_event(const StoredEvent& event, uint64_t offset, Writer& out) {
  out.plain(event.order.time);
  out.text(event.order.id);
  out.plain(event.content);
  out.plain(event.source);
  out.plain(event.columns);
  out.plain(offset);
  out.plain(static_cast<uint64_t>(event.size));
  out.text(event.where);
}

EventRef read_event(const match::Program& program, const std::shared_ptr<const SpillFile>& file, Reader& in) {
  auto event = std::make_shared<StoredEvent>();
  event->order.time = in.plain<int64_t>();
  event->order.id = in.text();
  event->content = in.plain<uint64_t>();
  event->source = in.plain<uint16_t>();
  event->order.source = program.sources[event->source].name;
  event->columns = in.plain<bool>();
  event->put_away = file;
  event->offset = in.plain<uint64_t>();
  event->size = in.plain<uint64_t>();
  event->where = in.text();
  return event;
}

// `before`: the row that stands before it in the run; what both share is written once.
void write_row(const Row& row, const Row* before, const Offsets& offsets, std::string& bytes) {
  Writer out(bytes);
  const bool same_event = before && before->place.event == row.place.event && before->seen == row.seen;
  out.plain(same_event);
  out.plain(row.group);
  out.plain(row.place.combination);
  out.plain(row.place.silence);
  if (same_event) return;
  write_event(*row.place.event, offsets.at(row.place.event.get()), out);
  out.plain(row.seen->conditions);
  out.plain(row.seen->counted);
  out.plain(static_cast<uint64_t>(row.seen->values.size()));
  for (const std::vector<RowValue>& values : row.seen->values) {
    out.plain(static_cast<uint64_t>(values.size()));
    for (const RowValue& value : values) out.plain(value);
  }
}

Row row_of(const match::Program& program, const std::shared_ptr<const SpillFile>& file, const std::string& bytes,
           const Row& before) {
  Reader in(bytes);
  Row row;
  const bool same_event = in.plain<bool>();
  row.group = in.plain<Identity128>();
  row.place.combination = in.plain<uint32_t>();
  row.place.silence = in.plain<Identity128>();
  if (same_event) {
    row.place.event = before.place.event;
    row.seen = before.seen;
    return row;
  }
  row.place.event = read_event(program, file, in);
  auto seen = std::make_shared<Observation>();
  seen->conditions = in.plain<uint64_t>();
  seen->counted = in.plain<bool>();
  seen->values.resize(in.plain<uint64_t>());
  for (std::vector<RowValue>& values : seen->values) {
    values.resize(in.plain<uint64_t>());
    for (RowValue& value : values) value = in.plain<RowValue>();
  }
  row.seen = std::move(seen);
  return row;
}

void sort_rows(std::vector<Row>& rows) {
  std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return comes_before(a, b); });
}

uint64_t bytes_of(const Row& row) {
  uint64_t bytes = sizeof(Row) + sizeof(Observation) + kBytesOfPointers;
  for (const auto& values : row.seen->values) bytes += sizeof values + values.capacity() * sizeof(RowValue);
  return bytes;
}

}  // namespace

// ---- reading

// Either the rows in memory, or a run.
struct RowReader::Cursor {
  std::vector<Row>* rows = nullptr;
  size_t next_row = 0;
  SpilledRun run;
  std::string buffer;
  size_t used = 0;  // of the buffer
  std::string bytes;  // of the current row
  Row row;

  // False when there are not so many.
  bool take(char* into, size_t bytes) {
    while (bytes > 0) {
      if (used == buffer.size()) {
        const size_t some = std::min<uint64_t>(kReadBytes, run.bytes);
        buffer.resize(some);
        used = 0;
        if (some == 0 || !run.file->read(run.offset, buffer.data(), some)) return false;
        run.offset += some;
        run.bytes -= some;
      }
      const size_t part = std::min(bytes, buffer.size() - used);
      std::memcpy(into, buffer.data() + used, part);
      used += part;
      into += part;
      bytes -= part;
    }
    return true;
  }
  bool at_end() const { return run.bytes == 0 && used == buffer.size(); }
};

namespace {

// The least on top of the heap.
const auto kComesAfter = [](const auto& a, const auto& b) { return comes_before(b->row, a->row); };

}  // namespace

RowReader::RowReader(const match::Program& program, std::vector<Row>& rows,
                     const std::vector<SpilledRun>& runs)
    : program_(program) {
  sort_rows(rows);
  auto memory = std::make_unique<Cursor>();
  memory->rows = &rows;
  if (advance(*memory)) cursors_.push_back(std::move(memory));
  for (const SpilledRun& run : runs) {
    auto cursor = std::make_unique<Cursor>();
    cursor->run = run;
    if (advance(*cursor)) cursors_.push_back(std::move(cursor));
  }
  std::make_heap(cursors_.begin(), cursors_.end(), kComesAfter);
}
RowReader::~RowReader() = default;

bool RowReader::advance(Cursor& cursor) {
  if (cursor.rows) {
    if (cursor.next_row == cursor.rows->size()) return false;
    cursor.row = (*cursor.rows)[cursor.next_row++];
    return true;
  }
  if (cursor.at_end()) return false;
  uint64_t size = 0;
  bool good = cursor.take(reinterpret_cast<char*>(&size), sizeof size);
  if (good) {
    cursor.bytes.resize(size);
    good = cursor.take(cursor.bytes.data(), size);
  }
  if (!good) {
    failure_ = "cannot read back a temporary file";
    return false;
  }
  cursor.row = row_of(program_, cursor.run.file, cursor.bytes, cursor.row);
  return true;
}

bool RowReader::next(Row& row) {
  if (cursors_.empty()) return false;
  std::pop_heap(cursors_.begin(), cursors_.end(), kComesAfter);
  row = cursors_.back()->row;
  if (advance(*cursors_.back())) {
    std::push_heap(cursors_.begin(), cursors_.end(), kComesAfter);
  } else {
    cursors_.pop_back();
  }
  return true;
}

// ---- collecting

RuleRows::RuleRows(size_t rules, SpillOptions options)
    : options_(std::move(options)), rows_(rules), runs_(rules) {}

void RuleRows::add(uint32_t rule, Row row) {
  bytes_ += bytes_of(row);
  if (row.place.event.get() != last_event_) bytes_ += row.place.event->bytes() + kBytesOfPointers;
  last_event_ = row.place.event.get();
  rows_[rule].push_back(std::move(row));
  if (bytes_ > options_.budget_bytes) spill();
}

Offsets RuleRows::put_records_away() {
  Offsets offsets;
  std::string bytes;
  const auto write = [&] {
    if (!file_->append(bytes)) failure_ = file_->failure;
    bytes.clear();
  };
  for (const std::vector<Row>& rows : rows_)
    for (const Row& row : rows) {
      const StoredEvent& event = *row.place.event;
      if (!offsets.try_emplace(&event, file_->size() + bytes.size()).second) continue;
      bytes.append(event.record, 0, event.size);
      if (bytes.size() >= kWriteBytes) write();
    }
  write();
  return offsets;
}

void RuleRows::spill() {
  if (!file_) file_ = std::make_shared<SpillFile>(options_.folder);
  const Offsets offsets = put_records_away();
  for (uint32_t rule = 0; rule < rows_.size(); ++rule) {
    std::vector<Row>& rows = rows_[rule];
    if (rows.empty()) continue;
    sort_rows(rows);
    SpilledRun run{file_, file_->size(), 0};
    std::string bytes;
    bool good = true;
    for (size_t i = 0; good && i < rows.size(); ++i) {
      const size_t head = bytes.size();
      uint64_t size = 0;
      bytes.append(reinterpret_cast<const char*>(&size), sizeof size);
      write_row(rows[i], i > 0 ? &rows[i - 1] : nullptr, offsets, bytes);
      size = bytes.size() - head - sizeof size;
      std::memcpy(bytes.data() + head, &size, sizeof size);
      if (bytes.size() < kWriteBytes && i + 1 < rows.size()) continue;
      good = file_->append(bytes);
      bytes.clear();
    }
    run.bytes = file_->size() - run.offset;
    if (good) {
      runs_[rule].push_back(run);
    } else {
      failure_ = file_->failure;
    }
    rows = {};
  }
  bytes_ = 0;
  last_event_ = nullptr;
}

void RuleRows::forget(uint32_t rule) {
  rows_[rule] = {};
  runs_[rule] = {};
}

void RuleRows::merge(RuleRows&& other) {
  for (size_t rule = 0; rule < rows_.size(); ++rule) {
    std::move(other.rows_[rule].begin(), other.rows_[rule].end(), std::back_inserter(rows_[rule]));
    std::move(other.runs_[rule].begin(), other.runs_[rule].end(), std::back_inserter(runs_[rule]));
  }
  bytes_ += other.bytes_;
  if (!file_) file_ = other.file_;
  if (failure_.empty()) failure_ = other.failure_;
}

}  // namespace weir::correlate
