// Finding files, and reading one from open to end.
#include "runtime/ingest/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <set>
#include <system_error>

#include "runtime/ingest/file_identity.h"
#include "runtime/ingest/inflate.h"
#include "runtime/ingest/splitter.h"
#include "runtime/ingest/unwrapper.h"
#include "runtime/ingest/whole_gzip.h"
#include "runtime/process/fault.h"

namespace weir::ingest {
namespace {

namespace fs = std::filesystem;

struct Identity {  // of a file, whatever the names that lead to it
  dev_t device;
  ino_t inode;
  auto operator<=>(const Identity&) const = default;
};

class Lister {
 public:
  void add(const std::string& path) {
    if (path == "-") {
      list_.files.push_back({path, 0});
      return;
    }
    struct stat status;
    if (::stat(path.c_str(), &status) != 0) {
      fail(path, errno);
    } else if (S_ISDIR(status.st_mode)) {
      folders_.push_back(path);
      while (!folders_.empty()) walk();
    } else {
      add_file(path, status);
    }
  }

  InputList finish() {
    std::sort(files_.begin(), files_.end(),
              [](const auto& a, const auto& b) { return a.first.path < b.first.path; });
    std::set<Identity> seen;
    for (auto& [file, identity] : files_) {
      if (seen.insert(identity).second) list_.files.push_back(std::move(file));
    }
    std::stable_sort(list_.files.begin(), list_.files.end(),
                     [](const InputFile& a, const InputFile& b) { return a.path < b.path; });
    auto same = [](const InputFile& a, const InputFile& b) { return a.path == b.path; };
    list_.files.erase(std::unique(list_.files.begin(), list_.files.end(), same), list_.files.end());
    return std::move(list_);
  }

 private:
  void walk() {
    const std::string folder = std::move(folders_.back());
    folders_.pop_back();
    std::error_code error;
    fs::directory_iterator entry(folder, error), end;
    for (; !error && entry != end; entry.increment(error)) look_at(*entry);
    if (error) fail(folder, error.value());
  }

  void look_at(const fs::directory_entry& entry) {
    const std::string path = entry.path().string();
    if (entry.path().filename().string().starts_with('.')) return;
    struct stat link, status;
    if (::lstat(path.c_str(), &link) != 0 || ::stat(path.c_str(), &status) != 0) {
      fail(path, errno);
    } else if (S_ISDIR(link.st_mode)) {
      folders_.push_back(path);
    } else if (S_ISREG(status.st_mode)) {
      add_file(path, status);
    }
  }

  void add_file(const std::string& path, const struct stat& status) {
    uint64_t bytes = S_ISREG(status.st_mode) ? static_cast<uint64_t>(status.st_size) : 0;
    files_.push_back({{path, bytes}, {status.st_dev, status.st_ino}});
  }

  void fail(const std::string& path, int error) {
    list_.unreadable.push_back(fmt::format("{}: {}", path, std::strerror(error)));
  }

  InputList list_;
  std::vector<std::string> folders_;
  std::vector<std::pair<InputFile, Identity>> files_;
};

void read_plain(std::string_view name, ByteStream& plain, Budget& budget, const ReadLimits& limits,
                Receiver& receiver) {
  Unwrapper unwrapper(limits, budget, 0, receiver);
  Splitter(plain, unwrapper, Place{name}, 0).run();
}

void read_stream(std::string_view name, ByteStream& stream, Budget& budget, const ReadLimits& limits,
                 Receiver& receiver) {
  std::unique_ptr<ByteStream> plain = decompressed(stream, budget);
  read_plain(name, *plain, budget, limits, receiver);
}

}  // namespace

InputList list_inputs(const std::vector<std::string>& paths) {
  Lister lister;
  for (const std::string& path : paths) lister.add(path);
  return lister.finish();
}

bool folder_is_away(const std::string& file, const std::vector<std::string>& paths) {
  std::error_code error;
  const auto has_nothing = [&](const fs::path& folder) {
    return !fs::exists(folder, error) || fs::is_empty(folder, error);
  };
  const fs::path parent = fs::path(file).parent_path(), folder = parent.empty() ? "." : parent;
  if (fs::exists(folder, error)) return has_nothing(folder);
  return std::any_of(paths.begin(), paths.end(), [&](const std::string& path) {
    return path == file || (file.starts_with(path) && has_nothing(path));
  });
}

FileReader::FileReader() : gzip_(std::make_unique<WholeGzip>()) {}
FileReader::~FileReader() = default;

bool FileReader::read(const InputFile& file, const ReadLimits& limits, Receiver& receiver) {
  int descriptor = file.path == "-" ? STDIN_FILENO : ::open(file.path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    receiver.unreadable({Place{file.path}, fmt::format("cannot be opened: {}", std::strerror(errno)), {}});
    return false;
  }
  const std::string failure = read_open(descriptor, file.path, limits, receiver, nullptr);
  if (failure.empty()) return true;
  receiver.unreadable({Place{file.path, 0, 0, taken_}, failure, {}});
  return false;
}

std::string FileReader::read_open(int descriptor, const std::string& name, const ReadLimits& limits,
                                  Receiver& receiver, const std::atomic<bool>* stop,
                                  std::optional<uint64_t>* content) {
  Budget budget{limits.max_ratio};
  FileStream stream(descriptor, budget, stop);
  ContentHash hash;
  if (content) stream.note(hash);
  process::pass(process::Fault::before_inflate);
  if (auto whole = descriptor == STDIN_FILENO ? std::nullopt : gzip_->read(descriptor)) {
    process::pass(process::Fault::after_inflate);
    budget.taken = whole->packed.size();
    budget.given = whole->plain.size();
    if (content) {
      hash.add(whole->packed);
      *content = hash.value();
    }
    MemoryStream plain(whole->plain);
    read_plain(name, plain, budget, limits, receiver);
  } else {
    read_stream(name, stream, budget, limits, receiver);
    if (content && stream.ended()) *content = hash.value();
    process::pass(process::Fault::after_inflate);
  }
  taken_ = budget.taken;
  return budget.failed ? stream.error() : std::string();
}

bool read_file(const InputFile& file, const ReadLimits& limits, Receiver& receiver) {
  return FileReader().read(file, limits, receiver);
}

void read_bytes(std::string_view name, std::string_view bytes, const ReadLimits& limits, Receiver& receiver) {
  Budget budget{limits.max_ratio, bytes.size(), 0};
  MemoryStream stream(bytes);
  read_stream(name, stream, budget, limits, receiver);
}

}  // namespace weir::ingest
