// See reloader.h.
#include "cli/live/reloader.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <filesystem>

#include "cli/files.h"
#include "cli/terminal.h"
#include "compiler/native.h"
#include "runtime/process/clock.h"
#include "runtime/process/heap.h"

namespace weir::cli {
namespace {

using std::chrono::milliseconds;
constexpr milliseconds kTurn{200};
constexpr int kTurnsToLook = 10;  // at every file, for what the kernel does not tell
constexpr milliseconds kQuiet{300};
constexpr int kMostUnquiet = 30;  // of those: who writes all the time is not waited for
constexpr size_t kMostSaid = 20;
constexpr const char* kFixedSections[] = {"sources", "sinks", "store", "serve", "log"};

std::vector<std::string> names_of(const match::Program& program) {
  std::vector<std::string> names;
  for (const match::RuleInfo& rule : program.rules) names.push_back(rule.name);
  std::sort(names.begin(), names.end());
  return names;
}

size_t missing_from(const std::vector<std::string>& all, const std::vector<std::string>& some) {
  return static_cast<size_t>(std::count_if(all.begin(), all.end(), [&](const std::string& name) {
    return !std::binary_search(some.begin(), some.end(), name);
  }));
}

uint64_t fingerprint(const config::Config& config, const std::string& section) {
  const auto found = config.fingerprints.find(section);
  return found == config.fingerprints.end() ? 0 : found->second;
}

}  // namespace

commit::Bounds bounds_of(const config::Limits& limits) {
  commit::Bounds out;
  out.commit_every_us = limits.commit_every_us;
  out.commit_bytes = limits.commit_bytes;
  out.in_flight_bytes = std::max(limits.in_flight_bytes, limits.commit_bytes);
  out.waiting_bytes = limits.waiting_bytes;
  out.outbox_rows = limits.outbox_rows;
  out.quarantine_bytes = limits.quarantine_bytes;
  out.quarantine_rows = limits.quarantine_rows;
  out.stop_within_us = limits.stop_within_us;
  return out;
}

uint32_t only_of(const config::Source& source, const match::Program& program) {
  for (uint32_t i = 0; source.events && i < program.sources.size(); ++i)
    if (program.sources[i].name == *source.events) return i;
  return match::kNone;
}

Reloader::Reloader(ReloaderOptions options, Pack running)
    : options_(std::move(options)),
      began_(running.config),
      running_(std::move(running)),
      read_(read_by(options_.config_path, running_)) {
  running_.project.reset();
  process::give_back_heap();
  set_state({});
}

Reloader::~Reloader() { stop(); }

void Reloader::start(commit::Pipeline& pipeline) {
  pipeline_ = &pipeline;
  thread_ = std::thread([this] { run(); });
}

void Reloader::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stopped_.notify_all();
  if (thread_.joinable()) thread_.join();
}

std::string Reloader::state() const {
  std::lock_guard lock(mutex_);
  return state_;
}

bool Reloader::pause(milliseconds time) {
  std::unique_lock lock(mutex_);
  return !stopped_.wait_for(lock, time, [&] { return stopping_; });
}

// ---- what changes

void Reloader::watch_folders() {
  watch_ = std::make_unique<ingest::FolderWatch>();
  std::error_code error;
  for (const std::string& path : read_.paths)
    if (const std::string problem = std::filesystem::is_directory(path, error) ? watch_->add(path) : ""; !problem.empty())
      options_.log(process::Severity::debug, problem + "; it is looked at every two seconds");
}

std::vector<Reloader::Seen> Reloader::look() const {
  std::vector<Seen> out;
  std::vector<std::string> missing, files = rule_files(read_.paths, missing);
  files.insert(files.end(), read_.others.begin(), read_.others.end());
  for (const std::string& path : files) {
    struct stat status = {};
    Seen one{path, -1, 0, 0};
    if (::stat(path.c_str(), &status) == 0)
      one = {path, status.st_size, status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec, status.st_ino};
    out.push_back(std::move(one));
  }
  return out;
}

// Until nobody has written for a moment.
void Reloader::settle(std::vector<Seen>& now) {
  for (int i = 0; i < kMostUnquiet && pause(kQuiet); ++i) {
    std::vector<Seen> next = look();
    if (next == now) return;
    now = std::move(next);
  }
}

void Reloader::run() {
  watch_folders();
  seen_ = look();
  for (int turn = 1; pause(kTurn); ++turn) {
    if (options_.each_turn) options_.each_turn();
    say_engine();
    if (hung_up_.exchange(false)) {
      if (options_.on_hangup) options_.on_hangup();
      reload(Why::asked);
      continue;
    }
    const ingest::FolderWatch::Heard heard = watch_->hear();
    if (heard.completed.empty() && !heard.look_again && turn % kTurnsToLook != 0) continue;
    std::vector<Seen> now = look();
    if (now == seen_) continue;
    settle(now);
    reload(Why::files_changed);
  }
}

// ---- the change itself

void Reloader::reload(Why why) {
  // The log says a sentence once in ten seconds; whoever asks again is answered again.
  const std::string asked = why == Why::asked && ++hangups_ > 1 ? fmt::format(" (SIGHUP number {})", hangups_) : "";
  Pack pack;
  // What was written to while it was read may be half of something.
  for (int i = 0; i < kMostUnquiet; ++i) {
    const std::vector<Seen> before = look();
    pack = read_pack(options_.config_path, options_.engine);
    seen_ = look();
    if (before == seen_ || !pause(kQuiet)) break;
  }
  if (pack.project) {  // else nobody knows what it would have named
    read_ = read_by(options_.config_path, pack);
    seen_ = look();
    watch_folders();
  }
  const std::vector<std::string> problems = problems_of(pack);
  if (!problems.empty()) {
    for (size_t i = 0; i < std::min(problems.size(), kMostSaid); ++i)
      options_.log(process::Severity::error, "reload: " + problems[i]);
    const std::string failure = counted(problems.size(), "problem") + ", the first: " + problems[0];
    options_.log(process::Severity::error, fmt::format("reload failed: {}; the rules that run stay{}", counted(problems.size(), "problem"), asked));
    set_state(failure);
    count("failed");
    return;
  }
  if (pack.hash == running_.hash && pack.config.fingerprints == running_.config.fingerprints) {
    if (failed_)
      options_.log(process::Severity::info, "reload: the rules are those that run" + asked);
    else if (why == Why::asked)
      options_.log(process::Severity::info, "reload: nothing has changed" + asked);
    set_state({});
    count("unchanged");
    return;
  }
  const std::string problem = apply(std::move(pack));
  if (!problem.empty()) options_.log(process::Severity::error, fmt::format("reload failed: {}; the rules that run stay{}", problem, asked));
  set_state(problem);
  count(problem.empty() ? "done" : "failed");
}

std::vector<uint32_t> Reloader::only_of(const match::Program& program) const {
  std::vector<uint32_t> out;
  for (const config::Source& source : began_.sources) out.push_back(cli::only_of(source, program));
  return out;
}

std::string Reloader::apply(Pack pack) {
  std::vector<uint32_t> only = only_of(*pack.program);
  for (size_t i = 0; i < only.size(); ++i)
    if (began_.sources[i].events && only[i] == match::kNone)
      return fmt::format("the source {} is of `{}`, which these rules do not have", began_.sources[i].name,
                         *began_.sources[i].events);
  bool routes_fit = true;
  for (const deliver::Route& route : pack.config.routes)
    for (const std::string& sink : route.to)
      routes_fit &= std::find(options_.sinks.begin(), options_.sinks.end(), sink) != options_.sinks.end();
  if (!routes_fit) {
    options_.log(process::Severity::warning,
                 "reload: `routes` names a sink that begins with the next start: the routes that run stay till then");
    pack.config.routes = running_.config.routes;
  }
  say_what_waits(pack.config);

  const std::vector<std::string> before = names_of(*running_.program), now = names_of(*pack.program);
  const auto began = std::chrono::steady_clock::now();
  const commit::Changed changed =
      pipeline_->change({pack.program, std::move(only), deliver::Routing(pack.config.routes, options_.sinks),
                         pack.config.silences, bounds_of(pack.config.limits)});
  if (!changed.problem.empty()) return changed.problem;
  const auto took = std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - began);
  running_ = std::move(pack);
  running_.project.reset();
  process::give_back_heap();
  options_.log(process::Severity::info,
               fmt::format("reloaded: {}, {} new, {} gone, {} begin without what they knew; rules {}, in place after {} ms",
                           counted(now.size(), "rule"), missing_from(now, before), missing_from(before, now),
                           changed.forgotten.size(), running_.hash, took.count()));
  return {};
}

void Reloader::say_engine() {
  const std::string problem = running_.native ? running_.native->problem() : std::string();
  if (problem.empty()) return;
  running_.native.reset();
  if (problem == engine_problem_) return;  // of a machine, not of these rules
  engine_problem_ = problem;
  options_.log(process::Severity::warning, "no native code, the interpreter runs: " + problem);
}

void Reloader::say_what_waits(const config::Config& now) const {
  const config::Config& then = began_;
  std::vector<std::string> waiting;
  for (const char* section : kFixedSections)
    if (fingerprint(now, section) != fingerprint(then, section)) waiting.push_back(fmt::format("`{}`", section));
  if (now.limits.threads != then.limits.threads) waiting.emplace_back("`limits: threads`");
  if (now.limits.remembered_ids != then.limits.remembered_ids) waiting.emplace_back("`limits: remembered_ids`");
  if (!waiting.empty())
    options_.log(process::Severity::warning,
                 fmt::format("reload: {} changed: only the next start takes that up", fmt::join(waiting, ", ")));
}

// ---- what is seen of it

void Reloader::count(const char* result) {
  if (options_.metrics)
    options_.metrics->counter("weir_reloads_total", "Attempts to take up changed rules, by what became of them.", {{"result", result}}).add();
}

std::string Reloader::rules_text() const {
  return fmt::format("{}, {}", counted(running_.program->rules.size(), "rule"), running_.hash);
}

void Reloader::set_state(std::string failure) {
  failed_ = !failure.empty();
  if (options_.metrics) {
    // 48 bits, which a number of Prometheus holds exactly.
    uint64_t hash = 0;
    std::from_chars(running_.hash.data(), running_.hash.data() + 12, hash, 16);
    options_.metrics->gauge("weir_rules", "Rules that run.").set(static_cast<double>(running_.program->rules.size()));
    options_.metrics->gauge("weir_rules_hash", "Of the texts of the rules that run: equal numbers, equal rules.").set(static_cast<double>(hash));
    options_.metrics->gauge("weir_reload_successful", "1 when the last attempt to take up changed rules worked, or there was none.")
        .set(failure.empty() ? 1 : 0);
    if (failure.empty())
      options_.metrics->gauge("weir_reload_success_timestamp_seconds", "When rules were last read without an error.")
          .set(static_cast<double>(process::now_us()) / 1e6);
  }
  std::string state = rules_text();
  if (!failure.empty()) state += "; the last reload failed: " + failure;
  std::lock_guard lock(mutex_);
  state_ = std::move(state);
}

}  // namespace weir::cli
