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

constexpr int64_t kForgottenUs = 7 * 86'400'000'000;  // a file that is gone
constexpr int64_t kLookAtSettlingUs = 50'000;         // while there is something to give out
constexpr int64_t kLongestPauseUs = 300'000'000;      // before what could not be read is tried again
constexpr int64_t kPatienceUs = 60'000'000;           // decisions wait no longer for it

// As the file was when it was given out: cheap to compare at each look.
struct Stamp {
  dev_t device = 0;
  ino_t inode = 0;
  off_t size = 0;
  int64_t changed_us = INT64_MIN, arrived_us = 0;
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
    if (!trouble.empty()) return trouble;
    if (before && (content = content_of_file(name)) == before) return {};  // only its time is another
    const int descriptor = ::open(name.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return fmt::format("{}: {}", name, std::strerror(errno));
    content.reset();
    const std::string failure = reader.read_open(descriptor, name, limits, receiver, &stop, &content);
    return failure.empty() ? std::string() : fmt::format("{}: {}", name, failure);
  }

  std::string trouble;             // why it cannot be read now
  std::optional<uint64_t> before;  // of the same name, size, beginning and end: what was read
  std::optional<uint64_t> content;
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
    look_at_settling();
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
    return options_.once && looked_ && queue_.empty() && settling_.empty();
  }

  int64_t waiting_since() const override {
    std::lock_guard lock(mutex_);
    if (!looked_) return INT64_MIN;  // who knows what has come while nobody looked
    int64_t oldest = waiting_.empty() ? INT64_MAX : *waiting_.begin();
    for (const auto& [path, file] : settling_)
      if (file.pause <= kPatienceUs) oldest = std::min(oldest, file.stamp.arrived_us);
    return oldest;
  }

  // A file that is there is known for ever. Where nothing is, something may have been before this process began
  // to look, and be again: a folder that is not mounted yet.
  bool may_come_again(std::string_view key, int64_t age_us) const override {
    std::lock_guard lock(mutex_);
    const bool all_known = looked_ && queue_.empty() && settling_.empty();
    return !all_known || age_us < kForgottenUs || process::steady_us() - began_ < options_.absent_us ||
           keys_.contains(std::string(key));
  }
  bool is_there(std::string_view key) const override {
    std::lock_guard lock(mutex_);
    return keys_.contains(std::string(key));
  }

  void acknowledge(Unit& unit) override {
    std::lock_guard lock(mutex_);
    pauses_.erase(unit.name);
    const auto given = given_.find(unit.name);
    const std::optional<uint64_t>& content = static_cast<FileUnit&>(unit).content;
    if (given != given_.end() && given->second.key == unit.key && content) given->second.content = content;
  }

  void give_back(std::unique_ptr<Unit> unit) override {
    std::lock_guard lock(mutex_);
    int64_t& pause = pauses_[unit->name];
    pause = std::clamp(2 * pause, options_.again_us, std::max(options_.again_us, kLongestPauseUs));
    Stamp stamp;
    stamp.arrived_us = unit->delivered;
    settling_[unit->name] = {stamp, process::steady_us() + pause, 0, pause};
    if (const auto given = given_.find(unit->name); given != given_.end()) given->second.stamp = {};
  }

 private:
  void say(process::Severity severity, const std::string& text) const {
    if (options_.notify) options_.notify(severity, text);
  }

  void listen() {
    const FolderWatch::Heard heard = watch_.hear();
    for (const std::string& path : heard.completed)
      if (const std::optional<Stamp> stamp = stamp_of(path)) settle(path, *stamp, options_.closed_us);
    for (const std::string& path : heard.moved) {
      settling_.erase(path);
      if (const std::optional<Stamp> stamp = stamp_of(path)) enqueue(path, *stamp);
    }
    look_again_ |= heard.look_again;
  }

  void settle(const std::string& path, const Stamp& stamp, int64_t quiet) {
    settling_[path] = {stamp, process::steady_us() + quiet, quiet, 0};
  }

  // Those whose time has come.
  void look_at_settling() {
    const int64_t now = process::steady_us();
    if (!queue_.empty() && now - settling_looked_at_ < kLookAtSettlingUs) return;
    settling_looked_at_ = now;
    for (auto it = settling_.begin(); it != settling_.end();) {
      auto& [path, file] = *it;
      if (file.due > now) {
        ++it;
        continue;
      }
      const std::optional<Stamp> stamp = stamp_of(path);
      if (stamp && file.quiet > 0 && !stamp->same(file.stamp)) {
        file.stamp = *stamp;
        file.due = now + file.quiet;
        ++it;
        continue;
      }
      if (stamp) {
        enqueue(path, *stamp);
      } else {
        pauses_.erase(path);
      }
      it = settling_.erase(it);
    }
  }

  void enqueue(const std::string& path, const Stamp& stamp) {
    queue_.push_back({path, stamp.arrived_us});
    waiting_.insert(stamp.arrived_us);
  }

  bool look_is_due() const {
    if (options_.once) return !looked_;
    const int64_t since = process::now_us() - looked_at_;
    return look_again_ || since >= options_.look_us || since < 0;
  }

  void look() {
    looked_ = true;
    look_again_ = false;
    looked_at_ = process::now_us();
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
      if (settling_.contains(file.path)) continue;
      // By the time of the inode: that of the content is what the writer likes.
      const int64_t age = process::wall_us() - stamp->arrived_us;
      if (options_.once || age >= options_.settle_us) {
        enqueue(file.path, *stamp);
      } else {
        settle(file.path, *stamp, options_.settle_us);
      }
    }
    if (!list.unreadable.empty()) return;
    given_ = std::move(still_there);
    keys_.clear();
    for (const auto& [path, given] : given_) {
      keys_.insert(given.identity);
      keys_.insert(given.key);
    }
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
    const auto given = given_.find(path);
    if (given != given_.end() && given->second.stamp.same(*stamp)) return nullptr;
    auto unit = std::make_unique<FileUnit>();
    unit->name = path;
    unit->delivered = stamp->arrived_us;
    const std::optional<FileFacts> facts = facts_of_file(path, name_of(path));
    if (!facts) {
      std::string why = fmt::format("{}: {}", path, std::strerror(errno));
      if (options_.once) {  // nobody will look again
        unit->trouble = std::move(why);
        return unit;
      }
      if (complained_.insert(why).second) say(process::Severity::error, why);
      return nullptr;
    }
    unit->key = facts->identity;
    unit->delivered = facts->arrived;
    unit->divisible = unit->of_file = true;
    if (given != given_.end() && given->second.content && given->second.identity == facts->identity) {
      if (given->second.stamp.changed_us == stamp->changed_us) {  // the same file elsewhere on the disk
        given->second.stamp = *stamp;
        return nullptr;
      }
      unit->before = given->second.content;
      unit->key = identity_of_change(facts->identity, stamp->changed_us);
    }
    given_[path] = {*stamp, facts->identity, unit->key, unit->before};
    keys_.insert(facts->identity);
    keys_.insert(unit->key);
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
    Stamp stamp;                      // none when it was given back
    std::string identity, key;        // of the file, and of its unit
    std::optional<uint64_t> content;  // that was read last, when it is known
  };
  std::unordered_map<std::string, Given> given_;  // by path
  std::unordered_set<std::string> keys_;          // of those in given_
  struct Settling {
    Stamp stamp;
    int64_t due;    // by the steady clock: then it is looked at
    int64_t quiet;  // and given out if it is as `stamp` says, else waited for as long again; 0: given out
    int64_t pause;  // it was given back, to be tried again after so long
  };
  std::map<std::string, Settling> settling_;           // by path
  std::unordered_map<std::string, int64_t> pauses_;    // by path, of what was given back and not read since
  std::set<std::string> complained_;
  bool looked_ = false, look_again_ = true;
  int64_t looked_at_ = 0, settling_looked_at_ = 0;
  const int64_t began_ = process::steady_us();
};

}  // namespace

std::unique_ptr<Source> spool(SpoolOptions options) { return std::make_unique<Spool>(std::move(options)); }

}  // namespace weir::ingest
