// Which files there are, which of them was which, and where there is something to read.
#include "runtime/ingest/tail.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <xxhash.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <map>
#include <mutex>
#include <set>
#include <utility>

#include "runtime/ingest/folder_watch.h"
#include "runtime/ingest/tail_unit.h"
#include "runtime/process/clock.h"

namespace weir::ingest {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kPauseUs = 1'000'000;         // after what went wrong
constexpr int64_t kKeptOpenUs = 60'000'000;     // a file that has not grown is closed
constexpr int64_t kLookAgainUs = 50'000;
constexpr size_t kMostOpen = 256;
constexpr size_t kFirstBytes = 256;                   // of each file that is followed, in memory
constexpr int64_t kForgottenUs = 7 * 86'400'000'000;  // what a vanished file was

struct Stamp {
  uint64_t device = 0, inode = 0;
  off_t size = -1;
  int64_t changed_us = 0;
  bool operator==(const Stamp&) const = default;
};

Stamp stamp_of(const struct stat& status) {
  return {status.st_dev, status.st_ino, status.st_size,
          status.st_mtim.tv_sec * 1'000'000 + status.st_mtim.tv_nsec / 1000};
}

std::optional<Stamp> stamp_of(const std::string& path) {
  struct stat status;
  if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  return stamp_of(status);
}

// A file that is followed.
struct Followed {
  std::string key, path, from;
  std::string stem;           // beside which it is looked for
  std::string first;  // its first bytes, or none when they are not known: what it cannot be is told fast
  TailMark mark;              // `from` says the same, but for when it was caught up
  std::shared_ptr<Descriptor> file;
  Stamp proven;               // the file that was found to hold the mark
  Stamp tried;                // as it was when it was read last
  int64_t grown_at = 0, not_before = 0;
  bool there = false;         // some file holds it
  bool ready = false;         // and more than was read
  bool busy = false;          // a unit of it is out
  bool empty = false;         // it has never held a line: what comes may be a copy of something that is known
  bool doubted = false;       // what was taken for its copy is to be looked at again, once its unit is back
};

class Tail final : public Source {
 public:
  explicit Tail(TailOptions options) : options_(std::move(options)) {
    if (options_.once) return;
    for (const std::string& path : options_.paths) {
      std::error_code error;
      if (!fs::is_directory(path, error)) continue;  // its name is looked at with every poll
      if (std::string problem = watch_.add(path); !problem.empty())
        say(process::Severity::warning, problem + "; new files are found by looking");
    }
  }

  void recall(const std::string& key, const std::string& name, const std::string& mark) override {
    std::lock_guard lock(mutex_);
    const std::optional<TailMark> known = TailMark::of(mark);
    if (!known) return;
    Followed one;
    one.key = key;
    one.path = one.stem = name;
    one.from = mark;
    one.mark = *known;
    followed_.push_back(std::move(one));
  }

  std::unique_ptr<Unit> next() override {
    std::lock_guard lock(mutex_);
    listen();
    const int64_t now = process::now_us();
    if (look_is_due(now)) {
      look(now);
    } else if (now - polled_at_ >= options_.poll_us || now < polled_at_) {
      poll(now);
    }
    for (size_t tried = 0; tried < followed_.size(); ++tried) {
      Followed& one = followed_[turn_++ % followed_.size()];
      if (!one.ready || one.busy || one.empty || one.not_before > now) continue;
      if (auto unit = unit_of(one, now)) return unit;
    }
    return nullptr;
  }

  bool drained() const override {
    std::lock_guard lock(mutex_);
    return options_.once && looked_ && !look_again_ &&
           std::none_of(followed_.begin(), followed_.end(),
                        [](const Followed& one) { return one.ready || one.busy; });
  }

  int64_t waiting_since() const override {
    std::lock_guard lock(mutex_);
    if (!looked_) return INT64_MIN;
    int64_t oldest = INT64_MAX;
    for (const Followed& one : followed_)
      if (one.ready && !one.busy) oldest = std::min(oldest, one.mark.caught_up);
    return oldest;
  }

  void acknowledge(Unit& unit) override {
    std::lock_guard lock(mutex_);
    const auto& read = static_cast<const TailUnit&>(unit);
    Followed* one = with_key(unit.key);
    if (!one) return;
    one->busy = false;
    if (const std::optional<TailMark> mark = TailMark::of(unit.upto)) {
      one->mark = *mark;
      one->from = unit.upto;
    }
    one->ready = read.more();
    if (followed_.size() > kMostOpen) one->file = nullptr;
    look_again_ |= read.lost() || std::exchange(one->doubted, false);
  }

  void give_back(std::unique_ptr<Unit> unit) override {
    std::lock_guard lock(mutex_);
    if (Followed* one = with_key(unit->key)) {
      one->busy = false;
      one->ready = true;  // also when nothing is added
      one->not_before = process::now_us() + kPauseUs;
      look_again_ |= std::exchange(one->doubted, false);
    }
  }

  bool may_come_again(std::string_view key, int64_t age_us) const override {
    std::lock_guard lock(mutex_);
    return !looked_ || age_us < kForgottenUs || process::steady_us() - began_ < options_.absent_us ||
           std::any_of(followed_.begin(), followed_.end(),
                       [&](const Followed& one) { return one.key == key; });
  }
  bool is_there(std::string_view key) const override {
    std::lock_guard lock(mutex_);
    return looked_ && std::any_of(followed_.begin(), followed_.end(),
                                  [&](const Followed& one) { return one.there && one.key == key; });
  }

 private:
  void say(process::Severity severity, const std::string& text) const {
    if (options_.notify) options_.notify(severity, text);
  }
  void complain(const std::string& sentence) {
    if (complained_.insert(sentence).second) say(process::Severity::error, sentence);
  }

  Followed* with_key(std::string_view key) {
    const auto found =
        std::find_if(followed_.begin(), followed_.end(), [&](const Followed& one) { return one.key == key; });
    return found == followed_.end() ? nullptr : &*found;
  }

  void listen() {
    const FolderWatch::Heard heard = watch_.hear();
    look_again_ |= heard.look_again || heard.created;
    for (const std::string& path : heard.completed)
      look_again_ |= std::none_of(followed_.begin(), followed_.end(),
                                  [&](const Followed& one) { return one.there && one.path == path; });
  }

  bool look_is_due(int64_t now) const {
    if (options_.once) return !looked_ || look_again_;
    const int64_t wait = complained_.empty() ? options_.look_us : std::min(options_.look_us, kPauseUs);
    return now - looked_at_ >= (look_again_ ? kLookAgainUs : wait) || now < looked_at_;
  }

  // ---- files that are known
  void poll(int64_t now) {
    polled_at_ = now;
    for (Followed& one : followed_) {
      if (one.busy || !one.there) continue;
      const std::optional<Stamp> stamp = stamp_of(one.path);
      if (!stamp || stamp->inode != one.proven.inode || stamp->device != one.proven.device ||
          stamp->size < one.tried.size) {
        look_again_ = true;
      } else {
        judge(one, *stamp, now);
      }
    }
  }

  // Whether there is something to read, now that the file is as `stamp` says.
  void judge(Followed& one, const Stamp& stamp, int64_t now) {
    if (stamp == one.tried) {
      if (!one.ready) {
        one.mark.caught_up = now;
        if (now - one.grown_at > kKeptOpenUs) one.file = nullptr;
      }
      return;
    }
    if (options_.once && one.tried.size >= 0) return;
    look_again_ |= one.empty;
    one.ready = !one.mark.damaged;
    one.grown_at = now;
  }

  // ---- the whole tree
  struct Found {
    std::string path;
    Stamp stamp;
    bool held = false;
    int64_t empty_until = 0;  // microseconds since 1970: it was there, and held no line
  };
  enum class Held : uint8_t { no, yes, unknown };

  void look(int64_t now) {
    const int64_t came_after = looked_ ? looked_at_ : 1;
    looked_ = whole_ = true;
    look_again_ = false;
    looked_at_ = polled_at_ = now;
    std::vector<Found> all = list();
    for (Followed& one : followed_) one.there = one.busy;
    for (Found& found : all) find_by_inode(found);
    for (Found& found : all)
      if (!found.held) find_by_content(found, came_after);
    for (Followed& one : followed_)
      if (!one.there) look_beside(one);
    std::erase_if(followed_, [&](const Followed& one) { return !one.there && !one.busy && !is_kept(one); });
    // Of what is away: nothing to wait for, and to be looked at anew when it is back.
    for (Followed& one : followed_)
      if (whole_ && !one.there && !one.busy && std::exchange(one.ready, false)) one.tried = {};
    for (Followed& one : followed_)
      if (!one.busy && one.there) judge(one, one.proven, now);
  }

  // Of what was not found. Where its folder is away (it is not mounted, now or not yet) it waits for that:
  // else the file would be another one when it is back, and be read again.
  bool is_kept(const Followed& one) const {
    return !one.empty && (!whole_ || folder_is_away(one.stem, options_.paths));
  }

  std::vector<Found> list() {
    InputList inputs = list_inputs(options_.paths);
    for (const std::string& sentence : inputs.unreadable) complain(sentence);
    if (inputs.unreadable.empty()) complained_.clear();
    // What is not there is no reason to doubt the rest.
    whole_ = std::all_of(inputs.unreadable.begin(), inputs.unreadable.end(), [](const std::string& sentence) {
      return sentence.ends_with(std::strerror(ENOENT));
    });
    std::vector<Found> all;
    for (const InputFile& file : inputs.files)
      if (const std::optional<Stamp> stamp = stamp_of(file.path)) all.push_back({file.path, *stamp});
    return all;
  }

  // What cannot be looked at now is taken for what it was.
  Held holds(const std::string& path, const Followed& one) {
    const std::shared_ptr<Descriptor> file = open_file(path);
    if (file) {
      Content content(file);
      const bool held = content.holds(one.mark);
      if (!content.failed()) return held ? Held::yes : Held::no;
    }
    whole_ = false;
    look_again_ = true;
    return Held::unknown;
  }

  void find_by_inode(Found& found) {
    for (Followed& one : followed_) {
      if (one.mark.inode != found.stamp.inode || one.mark.device != found.stamp.device) continue;
      if (one.empty && found.stamp != one.proven) {
        found.empty_until = one.mark.caught_up;
        continue;
      }
      if (one.busy) {
        one.path = found.path;  // it is proven when it is read
        found.held = true;
      } else if (found.stamp == one.proven || holds(found.path, one) != Held::no) {
        take_up(one, found);
      }
      if (found.held) return;
    }
  }

  // A file of another inode: what was copied or compressed, the copy of something that is there still, or new.
  void find_by_content(Found& found, int64_t came_after) {
    if (const auto known = copies_.find(found.path); known != copies_.end()) {
      const Copy& copy = known->second;
      const Followed* original = with_key(copy.key);
      const bool stands = copy.stamp == found.stamp && original && original->there;
      if (stands && (copy.proven || original->busy)) return;
      copies_.erase(known);
    }
    const std::optional<Opened> opened = open(found);
    if (!opened) return;
    for (Followed& one : followed_) {
      if (opened->empty || one.mark.head_bytes == 0) continue;
      const size_t both = std::min(opened->head.size(), one.first.size());
      if (opened->head.compare(0, both, one.first, 0, both) != 0) continue;
      const Likeness likeness = compare(found.path, one);
      if (likeness == Likeness::none) continue;
      if (likeness == Likeness::unknown) return;
      if (!one.there) return take_up(one, found);
      one.doubted |= likeness == Likeness::perhaps;
      copies_[found.path] = {one.key, found.stamp, likeness == Likeness::copy};
      return;
    }
    begin(found, *opened, came_after);
  }

  // What a file is to one that is followed. Of what has not been read only the first bytes are known: while a
  // unit is out they are all there is to go by.
  enum class Likeness : uint8_t { none, perhaps, copy, unknown };
  Likeness compare(const std::string& path, const Followed& one) {
    const bool unread = one.mark.offset == 0;
    if (one.there && !one.busy) {
      const std::optional<bool> beginning = is_beginning_of(path, one);
      if (beginning && *beginning) return Likeness::copy;
      if (beginning && unread) return Likeness::none;
    }
    switch (holds(path, one)) {
      case Held::no:
        return Likeness::none;
      case Held::unknown:
        return Likeness::unknown;
      case Held::yes:
        break;
    }
    return unread && one.there ? Likeness::perhaps : Likeness::copy;
  }

  // Whether the file at `path` is no more than a beginning of the other one; nothing when they cannot be laid
  // beside each other.
  static std::optional<bool> is_beginning_of(const std::string& path, const Followed& one) {
    const std::shared_ptr<Descriptor> shorter = open_file(path), longer = open_file(one.path);
    struct stat status;
    if (!shorter || !longer || ::fstat(shorter->number(), &status) != 0) return std::nullopt;
    Content a(shorter), b(longer);
    if (a.compressed() || b.compressed()) return std::nullopt;
    const auto size = static_cast<uint64_t>(status.st_size);
    for (const uint64_t at : {uint64_t{0}, size - std::min<uint64_t>(size, kTailProof)}) {
      char of_a[kTailProof], of_b[kTailProof];
      const size_t room = std::min<uint64_t>(kTailProof, size - at);
      if (a.read(at, of_a, room) != room || b.read(at, of_b, room) != room) return false;
      if (std::memcmp(of_a, of_b, room) != 0) return false;
    }
    return true;
  }

  static std::string first_bytes(const std::string& path) {
    const std::shared_ptr<Descriptor> file = open_file(path);
    std::string first(file ? kFirstBytes : 0, '\0');
    if (file) first.resize(Content(file).read(0, first.data(), first.size()));
    return first;
  }

  void take_up(Followed& one, Found& found) {
    if (found.stamp.inode != one.mark.inode || found.stamp.device != one.mark.device) one.file = nullptr;
    one.mark.inode = found.stamp.inode;
    one.mark.device = found.stamp.device;
    one.path = found.path;
    one.proven = found.stamp;
    one.there = true;
    if (one.first.empty() && !one.empty) one.first = first_bytes(one.path);
    found.held = true;
  }

  // A file that nothing is known of.
  struct Opened {
    std::shared_ptr<Descriptor> file;
    std::string head;
    bool empty = false;  // not a line yet: half of one tells little apart
  };
  std::optional<Opened> open(Found& found) {
    Opened out;
    out.file = open_file(found.path);
    struct stat status;
    if (!out.file || ::fstat(out.file->number(), &status) != 0) {
      look_again_ = true;
      complain(fmt::format("{}: {}", found.path, std::strerror(errno)));
      return std::nullopt;
    }
    const Stamp stamp = stamp_of(status);
    if (stamp.inode != found.stamp.inode || stamp.device != found.stamp.device) {  // replaced meanwhile
      look_again_ = true;
      return std::nullopt;
    }
    found.stamp = stamp;
    Content content(out.file);
    out.head.resize(kTailProof);
    out.head.resize(content.read(0, out.head.data(), out.head.size()));
    out.empty = stamp.size == 0 || (!content.compressed() && out.head.size() < kTailProof &&
                                    out.head.find('\n') == std::string::npos);
    return out;
  }

  void begin(Found& found, const Opened& opened, int64_t came_after) {
    Followed one;
    one.empty = opened.empty;
    one.mark.caught_up = std::max(came_after, found.empty_until);
    if (one.empty) {
      one.tried = found.stamp;
    } else {
      one.first = opened.head.substr(0, kFirstBytes);
      one.mark.head = hash_of(opened.head);
      one.mark.head_bytes = static_cast<uint32_t>(opened.head.size());
      one.key = new_key(opened.head, found.stamp);
      one.file = opened.file;
    }
    take_up(one, found);
    one.stem = one.path;
    one.from = one.mark.bytes();
    followed_.push_back(std::move(one));
  }

  // The same after a crash before the first commit, so that what crashed is known.
  std::string new_key(std::string facts, const Stamp& stamp) {
    facts.append(reinterpret_cast<const char*>(&stamp.device), sizeof stamp.device);
    facts.append(reinterpret_cast<const char*>(&stamp.inode), sizeof stamp.inode);
    for (;; facts += '\0') {
      const XXH128_hash_t hash = XXH3_128bits(facts.data(), facts.size());
      std::string key(reinterpret_cast<const char*>(&hash), sizeof hash);
      if (!with_key(key)) return key;
    }
  }

  // What is not under its name: beside it, under a longer one; or nowhere, and open still.
  void look_beside(Followed& one) {
    if (one.mark.head_bytes == 0) return;
    const fs::path folder = fs::path(one.stem).parent_path(), name = fs::path(one.stem).filename();
    std::error_code error;
    for (fs::directory_iterator entry(folder.empty() ? "." : folder, error), end; !error && entry != end;
         entry.increment(error)) {
      if (!entry->path().filename().string().starts_with(name.string())) continue;
      Found found{entry->path().string(), {}};
      const std::optional<Stamp> stamp = stamp_of(found.path);
      if (!stamp || held_by_another(one, *stamp)) continue;
      found.stamp = *stamp;
      if (*stamp == one.proven || holds(found.path, one) == Held::yes) return take_up(one, found);
    }
    struct stat status;
    if (!one.file || ::fstat(one.file->number(), &status) != 0) return;
    if (stamp_of(status) == one.tried || !Content(one.file).holds(one.mark)) return;
    one.proven = stamp_of(status);
    one.there = true;
  }

  bool held_by_another(const Followed& one, const Stamp& stamp) const {
    return std::any_of(followed_.begin(), followed_.end(), [&](const Followed& other) {
      const TailMark& mark = other.mark;
      return &other != &one && other.there && mark.inode == stamp.inode && mark.device == stamp.device;
    });
  }

  std::unique_ptr<Unit> unit_of(Followed& one, int64_t now) {
    if (!one.file) one.file = open_file(one.path);
    struct stat status;
    if (!one.file || ::fstat(one.file->number(), &status) != 0) {
      complain(fmt::format("{}: {}", one.path, std::strerror(errno)));
      one.not_before = now + kPauseUs;
      look_again_ = true;
      return nullptr;
    }
    one.tried = stamp_of(status);
    one.ready = false;
    one.busy = true;
    auto unit = std::make_unique<TailUnit>(one.file, one.mark);
    unit->key = one.key;
    unit->name = one.path;
    unit->from = one.from;
    unit->delivered = std::max<int64_t>(one.mark.caught_up, 1);
    unit->gathered = unit->of_file = true;
    unit->awaited = static_cast<uint64_t>(status.st_size) > one.mark.offset + kTailBytes;
    return unit;
  }

  TailOptions options_;
  FolderWatch watch_;
  mutable std::mutex mutex_;
  std::vector<Followed> followed_;
  std::set<std::string> complained_;
  size_t turn_ = 0;
  struct Copy {
    std::string key;  // of what it is a copy of
    Stamp stamp;
    bool proven = false;
  };
  std::map<std::string, Copy> copies_;  // by path
  bool looked_ = false, look_again_ = false;
  bool whole_ = true;  // the last look saw everything
  int64_t looked_at_ = 0, polled_at_ = 0;
  const int64_t began_ = process::steady_us();
};

}  // namespace

std::unique_ptr<Source> tail(TailOptions options) { return std::make_unique<Tail>(std::move(options)); }

}  // namespace weir::ingest
