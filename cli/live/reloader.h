// Other rules while events flow: on SIGHUP, and when a file has changed that was read. All files or none, compiled
// aside; what is wrong is said, counted, and the rules that run stay.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "cli/live/pack.h"
#include "runtime/commit/pipeline.h"
#include "runtime/ingest/folder_watch.h"
#include "runtime/process/metrics.h"
#include "runtime/process/notice.h"

namespace weir::cli {

struct ReloaderOptions {
  std::string config_path;
  compiler::Engine engine = compiler::Engine::automatic;
  std::vector<std::string> sinks;  // that run
  process::Notify log;
  process::Metrics* metrics = nullptr;
  std::function<void()> on_hangup;  // what else SIGHUP asks for: certificates
  std::function<void()> each_turn;  // a few times a second
};

class Reloader {
 public:
  // `running` is what the pipeline was made of.
  Reloader(ReloaderOptions options, Pack running);
  ~Reloader();

  void start(commit::Pipeline& pipeline);
  void stop();                                       // before the pipeline goes; a reload that is under way ends first
  void hang_up() { hung_up_.store(true); }           // by a signal handler
  std::string state() const;                         // a sentence for the pages

 private:
  struct Seen {  // of a file: whether it is another now
    std::string path;
    int64_t size = 0, modified_ns = 0;
    uint64_t inode = 0;
    bool operator==(const Seen&) const = default;
  };
  enum class Why : uint8_t { asked, files_changed };

  void run();
  void watch_folders();
  std::vector<Seen> look() const;
  bool pause(std::chrono::milliseconds time);  // false: it is to stop
  void settle(std::vector<Seen>& now);
  void reload(Why why);
  std::string apply(Pack pack);
  void say_engine();
  void say_what_waits(const config::Config& now) const;
  std::vector<uint32_t> only_of(const match::Program& program) const;
  void count(const char* result);
  void set_state(std::string failure);
  std::string rules_text() const;

  ReloaderOptions options_;
  const config::Config began_;  // what only a start takes up is as it was then
  Pack running_;
  Read read_;
  std::string engine_problem_;  // that was said
  commit::Pipeline* pipeline_ = nullptr;
  std::unique_ptr<ingest::FolderWatch> watch_;
  std::vector<Seen> seen_;
  uint64_t hangups_ = 0;
  bool failed_ = false;  // the last attempt
  std::thread thread_;
  std::atomic<bool> hung_up_{false};
  mutable std::mutex mutex_;  // what follows
  std::condition_variable stopped_;
  bool stopping_ = false;
  std::string state_;
};

// What the pipeline's bounds are by this configuration.
commit::Bounds bounds_of(const config::Limits& limits);
// Which of the program's sources all records of `source` are; kNone: each is recognised.
uint32_t only_of(const config::Source& source, const match::Program& program);

}  // namespace weir::cli
