// Which files there are, which of them are new, and when they are ready.
#include "runtime/ingest/spool.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <deque>
#include <filesystem>
#include <map>
#include <mutex>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "runtime/ingest/file_identity.h"
#include "runtime/ingest/folder_watch.h"
#include "runtime/process/clock.h"

namespace weir::ingest {
namespace {

constexpr int64_t kLookForSettledUs = 500'000;
constexpr int64_t kForgottenUs = 7 * 86'400'000'000;  // a file that is gone

// As the file was when it was given out: cheap to compare at each look.
struct Stamp {
  dev_t device = 0;
  ino_t inode = 0;
  off_t size = 0;
  int64_t changed_us = 0, arrived_us = 0;
  bool same(const Stamp& other) const {
    return device == other.device && inode == other.inode && size == other.size &&
           changed_us == other.changed_us;
  }
};

int64_t microseconds(const timespec& time) { return time.tv_sec * 1'000'000 + time.tv_nsec / 1000; }

class FileUnit final : public Unit {
 public:
  std::string read(FileReader& reader, const ReadLimits& limits, Receiver& receiver,
                   const std::atomic<bool>& stop) override {
    const int descriptor = ::open(name.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return fmt::format("{}: {}", name, std::strerror(errno));
    reader.read_open(descriptor, name, limits, receiver, &stop);
    return {};
  }
};

class Spool final : public Source {
 public:
  explicit Spool(SpoolOptions options) : options_(std::move(options)) {
    if (options_.once) return;
    for (const std::string& path : options_.paths) {
      std::error_code error;
      if (!std::filesystem::is_directory(path, error)) continue;
      if (std::string problem = watch_.add(path); !problem.empty())
        say(process::Severity::warning, problem + "; new files are found by looking");
    }
  }

  std::unique_ptr<Unit> next() override {
    std::lock_guard lock(mutex_);
    listen();
    if (queue_.empty() && look_is_due()) look();
    while (!queue_.empty()) {
      const Waiting waiting = std::move(queue_.front());
      queue_.pop_front();
      waiting_.erase(waiting_.find(waiting.arrived));
      if (auto unit = unit_of(waiting.path)) return unit;
    }
    return nullptr;
  }

  bool drained() const override {
    std::lock_guard lock(mutex_);
    return options_.once && looked_ && queue_.empty();
  }

  int64_t waiting_since() const override {
    std::lock_guard lock(mutex_);
    if (!looked_) return INT64_MIN;  // who knows what has come while nobody looked
    int64_t oldest = waiting_.empty() ? INT64_MAX : *waiting_.begin();
    for (const auto& [path, arrived] : unsettled_) oldest = std::min(oldest, arrived);
    return oldest;
  }

  // A file that is there is known for ever.
  bool may_come_again(std::string_view key, int64_t age_us) const override {
    std::lock_guard lock(mutex_);
    const bool all_known = looked_ && queue_.empty() && unsettled_.empty();
    return !all_known || age_us < kForgottenUs || keys_.contains(std::string(key));
  }

  // It will be found again.
  void give_back(std::unique_ptr<Unit> unit) override {
    std::lock_guard lock(mutex_);
    given_.erase(unit->name);
  }

 private:
  void say(process::Severity severity, const std::string& text) const {
    if (options_.notify) options_.notify(severity, text);
  }

  void listen() {
    FolderWatch::Heard heard = watch_.hear();
    for (const std::string& path : heard.completed) {
      unsettled_.erase(path);
      if (const std::optional<Stamp> stamp = stamp_of(path)) enqueue(path, *stamp);
    }
    look_again_ |= heard.look_again;
  }

  void enqueue(const std::string& path, const Stamp& stamp) {
    queue_.push_back({path, stamp.arrived_us});
    waiting_.insert(stamp.arrived_us);
  }

  bool look_is_due() const {
    if (options_.once) return !looked_;
    const int64_t since = process::now_us() - looked_at_;
    return look_again_ || since >= options_.look_us || since < 0 ||
           (!unsettled_.empty() && since >= kLookForSettledUs);
  }

  void look() {
    looked_ = true;
    look_again_ = false;
    looked_at_ = process::now_us();
    unsettled_.clear();
    InputList list = list_inputs(options_.paths);
    for (const std::string& sentence : list.unreadable)
      if (complained_.insert(sentence).second) say(process::Severity::error, sentence);
    if (list.unreadable.empty()) complained_.clear();
    std::unordered_map<std::string, Given> still_there;
    for (const InputFile& file : list.files) {
      const std::optional<Stamp> stamp = stamp_of(file.path);
      if (!stamp) continue;
      if (const auto given = given_.find(file.path); given != given_.end()) {
        still_there.insert(*given);
        if (given->second.stamp.same(*stamp)) continue;
      }
      const int64_t age = looked_at_ - stamp->changed_us;
      if (options_.once || age >= options_.settle_us || age < 0) {
        enqueue(file.path, *stamp);
      } else {
        unsettled_[file.path] = stamp->arrived_us;
      }
    }
    if (!list.unreadable.empty()) return;
    given_ = std::move(still_there);
    keys_.clear();
    for (const auto& [path, given] : given_) keys_.insert(given.key);
  }

  static std::optional<Stamp> stamp_of(const std::string& path) {
    struct stat status;
    if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
    return Stamp{status.st_dev, status.st_ino, status.st_size, microseconds(status.st_mtim),
                 microseconds(status.st_ctim)};
  }

  // Below the folder that it was found in, so that the folder may be mounted elsewhere.
  std::string_view name_of(const std::string& path) const {
    for (const std::string& folder : options_.paths)
      if (path.size() > folder.size() + 1 && path.starts_with(folder)) {
        std::string_view rest = std::string_view(path).substr(folder.size());
        while (rest.starts_with('/')) rest.remove_prefix(1);
        return rest;
      }
    return std::string_view(path).substr(path.rfind('/') + 1);
  }

  std::unique_ptr<Unit> unit_of(const std::string& path) {
    const std::optional<Stamp> stamp = stamp_of(path);
    if (!stamp || stamp->size == 0) return nullptr;
    if (const auto given = given_.find(path); given != given_.end() && given->second.stamp.same(*stamp))
      return nullptr;
    std::optional<FileFacts> facts = facts_of_file(path, name_of(path));
    if (!facts) {
      if (std::string why = fmt::format("{}: {}", path, std::strerror(errno)); complained_.insert(why).second)
        say(process::Severity::error, why);
      return nullptr;
    }
    given_[path] = {*stamp, facts->identity};
    keys_.insert(facts->identity);
    auto unit = std::make_unique<FileUnit>();
    unit->key = std::move(facts->identity);
    unit->name = path;
    unit->delivered = facts->arrived;
    unit->divisible = true;
    return unit;
  }

  SpoolOptions options_;
  FolderWatch watch_;
  mutable std::mutex mutex_;
  struct Waiting {
    std::string path;
    int64_t arrived;
  };
  std::deque<Waiting> queue_;
  std::multiset<int64_t> waiting_;  // arrivals of what is in the queue
  struct Given {
    Stamp stamp;
    std::string key;
  };
  std::unordered_map<std::string, Given> given_;  // by path
  std::unordered_set<std::string> keys_;          // of those in given_
  std::map<std::string, int64_t> unsettled_;  // path → arrival
  std::set<std::string> complained_;
  bool looked_ = false, look_again_ = true;
  int64_t looked_at_ = 0;
};

}  // namespace

std::unique_ptr<Source> spool(SpoolOptions options) { return std::make_unique<Spool>(std::move(options)); }

}  // namespace weir::ingest
