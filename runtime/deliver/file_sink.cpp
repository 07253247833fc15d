// Lines to a file, or to standard output.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "runtime/deliver/sink.h"
#include "runtime/process/fault.h"

namespace weir::deliver {
namespace {

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
    if (std::string problem = write_all(STDOUT_FILENO, lines_of(rows)); !problem.empty())
      return {0, std::nullopt, "standard output: " + problem};
    return {rows.size(), std::nullopt, {}};
  }
};

class FileSink final : public Sink {
 public:
  explicit FileSink(std::string path) : path_(std::move(path)) {}
  ~FileSink() override { close(); }

  std::optional<store::SinkPosition> open(const store::SinkPosition& position,
                                          std::string& problem) override {
    close();
    descriptor_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0640);
    struct stat status;
    if (descriptor_ < 0 || ::fstat(descriptor_, &status) != 0) return failed(problem);
    if (!S_ISREG(status.st_mode)) {
      problem = path_ + ": not a file; a sink of type file writes to a file";
      return std::nullopt;
    }
    sync_folder_of(path_);
    identity_ = fmt::format("{}:{}", status.st_dev, status.st_ino);
    length_ = static_cast<uint64_t>(status.st_size);
    // Lines that no commit knows of are sent again; those of another file are not ours to cut.
    if (identity_ == position.identity && length_ > position.length) {
      length_ = position.length;
      if (::ftruncate(descriptor_, static_cast<off_t>(length_)) != 0) return failed(problem);
    }
    return here();
  }

  Result send(const std::vector<store::OutboxRow>& rows) override {
    const std::string lines = lines_of(rows);
    std::string problem;
    if (descriptor_ < 0 || ::lseek(descriptor_, static_cast<off_t>(length_), SEEK_SET) < 0) {
      problem = std::strerror(errno);
    } else {
      problem = write_all(descriptor_, lines);
    }
    if (problem.empty()) {
      process::pass(process::Fault::before_fsync);
      if (::fdatasync(descriptor_) != 0) problem = std::strerror(errno);
      process::pass(process::Fault::after_fsync);
    }
    if (!problem.empty()) {
      // Half a line must not stay where the next attempt may not reach.
      const bool cut = descriptor_ >= 0 && ::ftruncate(descriptor_, static_cast<off_t>(length_)) == 0;
      return {0, std::nullopt,
              fmt::format("{}: {}{}", path_, problem, cut ? "" : "; it cannot be cut either")};
    }
    length_ += lines.size();
    return {rows.size(), here(), {}};
  }

  std::optional<store::SinkPosition> reopen(std::string& problem) override {
    struct stat status;
    if (::stat(path_.c_str(), &status) == 0 &&
        fmt::format("{}:{}", status.st_dev, status.st_ino) == identity_)
      return std::nullopt;
    return open({}, problem);
  }

 private:
  store::SinkPosition here() const { return {identity_, length_}; }
  std::optional<store::SinkPosition> failed(std::string& problem) {
    problem = fmt::format("{}: {}", path_, std::strerror(errno));
    return std::nullopt;
  }
  void close() {
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = -1;
  }

  std::string path_, identity_;
  int descriptor_ = -1;
  uint64_t length_ = 0;
};

}  // namespace

std::unique_ptr<Sink> standard_output() { return std::make_unique<StandardOutput>(); }
std::unique_ptr<Sink> file_sink(std::string path) { return std::make_unique<FileSink>(std::move(path)); }

}  // namespace weir::deliver
