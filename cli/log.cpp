// spdlog writes; what is said stays a sentence, so that it can be read in either form.
#include "cli/log.h"

#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <map>
#include <memory>
#include <mutex>

#include "cli/load.h"
#include "cli/terminal.h"

namespace weir::cli {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kQuiet = std::chrono::seconds(10);
constexpr size_t kMostRemembered = 1000;

spdlog::level::level_enum level_of(process::Severity severity) {
  switch (severity) {
    case process::Severity::debug:
      return spdlog::level::debug;
    case process::Severity::info:
      return spdlog::level::info;
    case process::Severity::warning:
      return spdlog::level::warn;
    case process::Severity::error:
      break;
  }
  return spdlog::level::err;
}

class Log {
 public:
  explicit Log(const config::Log& options) : plain_(is_plain(options.format)), log_("weir", std::make_shared<spdlog::sinks::stderr_sink_mt>()) {
    log_.set_pattern(
        plain_ ? "%Y-%m-%dT%TZ %l: %v" : "{\"time\":\"%Y-%m-%dT%T.%eZ\",\"level\":\"%l\",\"message\":%v}",
        spdlog::pattern_time_type::utc);
    log_.set_level(level_of(options.level));
    log_.flush_on(spdlog::level::debug);
  }

  void write(process::Severity severity, const std::string& text) {
    std::string shown = text;
    {
      std::lock_guard lock(mutex_);
      if (said_.size() > kMostRemembered) said_.clear();
      auto [said, fresh] = said_.try_emplace(text);
      const Clock::time_point now = Clock::now();
      if (!fresh && now - said->second.at < kQuiet) {
        ++said->second.more;
        return;
      }
      if (said->second.more) shown += fmt::format(" ({} times more)", said->second.more);
      said->second = {now, 0};
    }
    log_.log(level_of(severity), plain_ ? shown : json_quoted(shown));
  }

 private:
  static bool is_plain(config::Log::Format format) {
    return format == config::Log::Format::automatic ? is_terminal(stderr) : format == config::Log::Format::text;
  }

  struct Said {
    Clock::time_point at;
    uint64_t more = 0;
  };
  bool plain_;
  spdlog::logger log_;
  std::mutex mutex_;
  std::map<std::string, Said> said_;
};

}  // namespace

process::Notify make_log(const config::Log& options) {
  auto log = std::make_shared<Log>(options);
  return [log](process::Severity severity, const std::string& text) { log->write(severity, text); };
}

}  // namespace weir::cli
