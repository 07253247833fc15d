// Lines to a file, or to standard output.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "runtime/correlate/identity.h"
#include "runtime/deliver/sink.h"
#include "runtime/deliver/unseen_mark.h"
#include "runtime/process/fault.h"

namespace weir::deliver {
namespace {

constexpr size_t kEnd = 4096;            // bytes by which what was committed is known
constexpr size_t kMostLooked = 100'000;  // names of a folder

std::string lines_of(const std::vector<store::OutboxRow>& rows) {
  std::string lines;
  for (const store::OutboxRow& row : rows) {
    lines += row.body;
    lines += '\n';
  }
  return lines;
}

// Empty, or why not everything was written.
std::string write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(descriptor, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return std::strerror(errno);
    bytes.remove_prefix(static_cast<size_t>(put));
  }
  return {};
}

// A new file is there after a power cut only when its folder says so.
void sync_folder_of(const std::string& path) {
  const size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  ::fsync(descriptor);
  ::close(descriptor);
}

class StandardOutput final : public Sink {
 public:
  std::optional<store::SinkPosition> open(const store::SinkPosition&, std::string&) override {
    return std::nullopt;
  }
  Result send(const std::vector<store::OutboxRow>& rows) override {
    const std::string lines = lines_of(rows);
    if (std::string problem = write_all(STDOUT_FILENO, terminal_ ? safe_on_terminal(lines) : lines);
        !problem.empty())
      return {0, std::nullopt, "standard output: " + problem};
    return {rows.size(), std::nullopt, {}};
  }

 private:
  bool terminal_ = ::isatty(STDOUT_FILENO) == 1;
};

// A file and its number, and a hash of the last bytes that were committed: a number is used again when a file
// is gone.
struct Identity {
  std::string place, end;  // "device:inode", 16 digits
};

std::string place_of(const struct stat& status) { return fmt::format("{}:{}", status.st_dev, status.st_ino); }

Identity identity_of(const std::string& text) {
  const size_t blank = text.find(' ');
  return blank == std::string::npos ? Identity{text, {}}
                                    : Identity{text.substr(0, blank), text.substr(blank + 1)};
}

std::string hash_of(std::string_view bytes) {
  return fmt::format("{:016x}", correlate::identity_of(bytes).high);
}

// The last kEnd bytes before `length`; nothing when they cannot be read.
std::optional<std::string> end_of(int descriptor, uint64_t length) {
  std::string out(std::min<uint64_t>(length, kEnd), '\0');
  for (size_t at = 0; at < out.size();) {
    const ssize_t got =
        ::pread(descriptor, out.data() + at, out.size() - at, static_cast<off_t>(length - out.size() + at));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return std::nullopt;
    at += static_cast<size_t>(got);
  }
  return out;
}

class Descriptor {
 public:
  explicit Descriptor(int descriptor) : descriptor_(descriptor) {}
  ~Descriptor() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  operator int() const { return descriptor_; }

 private:
  int descriptor_;
};

// Whether `descriptor` is the file that was committed, and longer than that.
bool is_longer_than(int descriptor, const store::SinkPosition& committed) {
  struct stat status;
  if (::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) return false;
  const Identity identity = identity_of(committed.identity);
  if (place_of(status) != identity.place || static_cast<uint64_t>(status.st_size) <= committed.length)
    return false;
  if (identity.end.empty()) return true;
  const std::optional<std::string> end = end_of(descriptor, committed.length);
  return end && hash_of(*end) == identity.end;
}

// Lines of a file that was moved away before the store knew of them (log rotation while no process ran) are
// cut off there: they are written again to the new one. It is looked for beside the path, under names that
// begin with it.
void cut_where_it_was_moved(const std::string& path, const store::SinkPosition& committed) {
  if (committed.identity.empty()) return;
  const std::filesystem::path at(path);
  std::error_code error;
  std::filesystem::directory_iterator entries(at.has_parent_path() ? at.parent_path() : ".", error), end;
  for (size_t looked = 0; !error && entries != end && looked < kMostLooked;
       entries.increment(error), ++looked) {
    if (!entries->path().filename().string().starts_with(at.stem().string())) continue;
    const Descriptor file(::open(entries->path().c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (file < 0 || !is_longer_than(file, committed)) continue;
    if (::ftruncate(file, static_cast<off_t>(committed.length)) == 0) ::fsync(file);
    return;
  }
}

class FileSink final : public Sink {
 public:
  explicit FileSink(std::string path) : path_(std::move(path)) {}
  ~FileSink() override { close(); }

  std::optional<store::SinkPosition> open(const store::SinkPosition& position,
                                          std::string& problem) override {
    close();
    descriptor_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
    struct stat status;
    if (descriptor_ < 0 || ::fstat(descriptor_, &status) != 0) return failed(problem);
    if (!S_ISREG(status.st_mode)) {
      problem = path_ + ": not a file; a sink of type file writes to a file";
      return std::nullopt;
    }
    if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
      close();
      problem = path_ + ": another process writes to it, or another sink";
      return std::nullopt;
    }
    sync_folder_of(path_);
    place_ = place_of(status);
    length_ = static_cast<uint64_t>(status.st_size);
    // Lines that no commit knows of are sent again; those of another file are not ours to cut.
    if (is_longer_than(descriptor_, position)) {
      length_ = position.length;
      if (::ftruncate(descriptor_, static_cast<off_t>(length_)) != 0) return failed(problem);
    } else if (place_ != identity_of(position.identity).place) {
      cut_where_it_was_moved(path_, position);
    }
    end_ = end_of(descriptor_, length_).value_or("");
    return here();
  }

  Result send(const std::vector<store::OutboxRow>& rows) override {
    const std::string lines = lines_of(rows);
    std::string problem = descriptor_ < 0 ? "it is not open" : find_end();
    if (problem.empty()) problem = write_all(descriptor_, lines);
    if (problem.empty()) {
      process::pass(process::Fault::before_fsync);
      if (::fdatasync(descriptor_) != 0) problem = std::strerror(errno);
      process::pass(process::Fault::after_fsync);
    }
    if (!problem.empty()) {
      // Half a line must not stay where the next attempt may not reach.
      torn_ = descriptor_ >= 0 && !cut();
      return {0, std::nullopt,
              fmt::format("{}: {}{}", path_, problem, torn_ ? "; it cannot be cut either" : "")};
    }
    length_ += lines.size();
    end_ += lines;
    if (end_.size() > kEnd) end_.erase(0, end_.size() - kEnd);
    return {rows.size(), here(), {}};
  }

  std::optional<store::SinkPosition> reopen(std::string& problem) override {
    struct stat status;
    if (descriptor_ < 0 || ::stat(path_.c_str(), &status) != 0 || place_of(status) != place_)
      return open({}, problem);
    if (static_cast<uint64_t>(status.st_size) >= length_) return std::nullopt;
    if (problem = find_end(); !problem.empty()) return std::nullopt;
    return here();
  }

 private:
  // Copied and truncated, or written to by somebody else: lines follow what is there now. Empty, or a sentence.
  std::string find_end() {
    struct stat status;
    if (torn_ && !cut()) return std::strerror(errno);
    torn_ = false;
    if (::fstat(descriptor_, &status) != 0) return std::strerror(errno);
    if (static_cast<uint64_t>(status.st_size) == length_) return {};
    length_ = static_cast<uint64_t>(status.st_size);
    end_ = end_of(descriptor_, length_).value_or("");
    return {};
  }

  // What is behind `length_`.
  bool cut() const {
    struct stat status;
    if (::fstat(descriptor_, &status) != 0) return false;
    return static_cast<uint64_t>(status.st_size) <= length_ ||
           ::ftruncate(descriptor_, static_cast<off_t>(length_)) == 0;
  }

  store::SinkPosition here() const { return {place_ + ' ' + hash_of(end_), length_}; }
  std::optional<store::SinkPosition> failed(std::string& problem) {
    problem = fmt::format("{}: {}", path_, std::strerror(errno));
    return std::nullopt;
  }
  void close() {
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = -1;
  }

  std::string path_, place_;
  std::string end_;  // the last bytes of the file
  int descriptor_ = -1;
  uint64_t length_ = 0;
  bool torn_ = false;  // half a line is behind that
};

}  // namespace

std::string safe_on_terminal(std::string_view json) {
  std::string out;
  while (!json.empty()) {
    const UnseenMark mark = unseen_mark(json);
    if (mark.size == 0) {
      out += json.front();
    } else {
      out += fmt::format("\\u{:04x}", mark.code);
    }
    json.remove_prefix(mark.size == 0 ? 1 : mark.size);
  }
  return out;
}

std::unique_ptr<Sink> standard_output() { return std::make_unique<StandardOutput>(); }
std::unique_ptr<Sink> file_sink(std::string path) { return std::make_unique<FileSink>(std::move(path)); }

}  // namespace weir::deliver
