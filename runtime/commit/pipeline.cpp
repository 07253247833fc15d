// See pipeline.h.
#include "runtime/commit/pipeline.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <thread>

#include "runtime/commit/feed.h"
#include "runtime/commit/forgetting.h"
#include "runtime/commit/worker.h"
#include "runtime/commit/working.h"
#include "runtime/process/clock.h"

namespace weir::commit {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kIdle = std::chrono::milliseconds(50);  // between looks at sources that had nothing and call nobody
constexpr auto kLookAtLoad = std::chrono::milliseconds(20);
constexpr auto kRetryCommit = std::chrono::milliseconds(500);
constexpr int kMostFailedCommits = 10;  // once it is to stop

}  // namespace

struct Pipeline::Impl {
  Impl(std::shared_ptr<const match::Program> program, store::Store& store, std::vector<FeedSource> sources,
       deliver::Routing routing, deliver::Outbox& outbox, PipelineOptions options)
      : program(program),
        store(store),
        feed(std::move(sources), store),
        forgetting(store, feed),
        routing(std::move(routing)),
        outbox(outbox),
        options(std::move(options)),
        correlations(program, this->options.once),
        duplicates({this->options.remembered_ids}),
        load(this->options.in_flight_bytes) {}

  std::mutex arrivals_mutex;  // these outlive the sources, whose threads call arrived()
  std::condition_variable arrival;
  uint64_t arrivals = 0;

  std::shared_ptr<const match::Program> program;
  store::Store& store;
  Feed feed;
  Forgetting forgetting;
  deliver::Routing routing;
  deliver::Outbox& outbox;
  PipelineOptions options;
  Correlations correlations;
  correlate::Duplicates duplicates;
  Load load;
  Working working;
  std::vector<std::unique_ptr<Worker>> workers;
  std::vector<std::thread> threads;
  std::atomic<bool> stopping{false};  // workers leave at the next record
  std::atomic<size_t> running{0};
  std::atomic<size_t> unread{0};  // units that could not be read

  std::mutex mutex;
  std::condition_variable woken;
  bool wake = false;
  std::atomic<bool> draining{false};

  void say(process::Severity severity, const std::string& text) const {
    if (options.notify) options.notify(severity, text);
  }

  // ---- start
  std::string restore() {
    for (const store::UnitPosition& position : store.units()) feed.know(position);
    store.seen(options.remembered_ids, [&](std::string_view batch) {
      correlate::Duplicates::Remembered event;
      for (size_t at = 0; at + sizeof event <= batch.size(); at += sizeof event) {
        std::memcpy(&event, batch.data() + at, sizeof event);
        duplicates.recall(event);
      }
    });
    std::vector<std::string> forgotten;
    std::string problem = correlations.restore(store, forgotten);
    if (!problem.empty()) return problem;
    for (const std::string& rule : forgotten)
      say(process::Severity::warning,
          fmt::format("rule {} has changed: it starts without what it knew", rule));
    if (problem = working.open(store.folder(), options.threads); !problem.empty()) return problem;
    for (const store::Death& death : store.note_deaths(working.left())) suspect(death);
    working.clear();
    return store.problem();
  }

  void suspect(const store::Death& death) {
    if (death.crashes < kMostCrashes && death.deaths < kMostDeaths) return;
    say(process::Severity::error,
        fmt::format(
            "source {}: the process ended {} times {} record {} of one unit: it goes to the quarantine",
            death.source, death.deaths, death.deciding ? "at" : "after", death.record));
    feed.suspect(death);
  }

  // ---- workers
  void work(Worker& worker) {
    while (!stopping) {
      load.wait_for_room(stopping);
      Task task;
      if (stopping) break;
      const uint64_t known = arrivals_so_far();
      if (!feed.next(task)) {
        if (feed.drained()) break;
        wait_for_arrival(known);
        continue;
      }
      const bool awaited = task.unit && task.unit->awaited;
      const std::string problem = worker.work(task);
      if (awaited) wake_up();  // whoever waits for the commit need not wait for its time
      if (!task.unit) continue;
      if (!problem.empty()) {
        ++unread;
        say(process::Severity::error, problem);
      }
      feed.give_back(task, !options.once);
    }
    --running;
    wake_up();
  }

  uint64_t arrivals_so_far() {
    std::lock_guard lock(arrivals_mutex);
    return arrivals;
  }
  void wait_for_arrival(uint64_t known) {
    std::unique_lock lock(arrivals_mutex);
    arrival.wait_for(lock, kIdle, [&] { return stopping || arrivals != known; });
  }
  void arrived() {
    {
      std::lock_guard lock(arrivals_mutex);
      ++arrivals;
    }
    arrival.notify_one();
  }

  void wake_up() {
    {
      std::lock_guard lock(mutex);
      wake = true;
    }
    woken.notify_all();
  }

  // ---- commit
  // Everything that is decided, with all that it caused.
  store::Commit cut(std::vector<Finished>& finished, std::vector<correlate::Alert>& alerts) {
    store::Commit commit;
    const int64_t now = process::now_us();
    commit.now = now;
    const std::vector<int64_t> until = decided_until(now);  // of what was committed: a cut can only add
    std::vector<std::unique_lock<std::mutex>> locks;
    for (auto& worker : workers) locks.emplace_back(worker->lock());
    for (auto& worker : workers) take(*worker, commit, finished);
    correlations.advance(until);
    alerts = correlations.take_alerts();
    commit.parts = correlations.take_saved();
    load.taken();
    return commit;
  }

  void take(Worker& worker, store::Commit& commit, std::vector<Finished>& finished) {
    Desk desk = worker.take_desk(commit.units);
    commit.counts.add(desk.counts);
    commit.seen += desk.seen;
    correlations.saw(desk.unmatched);
    std::move(desk.quarantine.begin(), desk.quarantine.end(), std::back_inserter(commit.quarantine));
    std::move(desk.positions.begin(), desk.positions.end(), std::back_inserter(commit.units));
    std::move(desk.finished.begin(), desk.finished.end(), std::back_inserter(finished));
    commit.retried.insert(commit.retried.end(), desk.retried.begin(), desk.retried.end());
  }

  // By source of the program: what arrived before has been decided.
  std::vector<int64_t> decided_until(int64_t now) const {
    std::vector<int64_t> until(program->sources.size(), now);
    for (size_t source = 0; source < feed.size(); ++source) {
      const int64_t undecided = feed.undecided_since(source);
      const int64_t moment = undecided == INT64_MIN ? undecided : undecided - 1;
      for (size_t i = 0; i < until.size(); ++i)
        if (feed.only(source) == match::kNone || feed.only(source) == i)
          until[i] = std::min(until[i], moment);
    }
    return until;
  }

  std::vector<store::AlertRow> rows_of(const std::vector<correlate::Alert>& alerts) const {
    std::vector<store::AlertRow> rows;
    for (const correlate::Alert& alert : alerts) {
      if (program->rules[alert.rule].building_block) continue;
      if (options.once && alert.state != "final") continue;  // nobody waits for the answers of a replay
      rows.push_back(
          {alert.id, alert.state, correlate::to_json(*program, alert), routing.sinks_of(*program, alert)});
    }
    return rows;
  }

  // False when the store cannot be written and it is time to give up.
  bool commit(const std::atomic<bool>& stop) {
    std::vector<Finished> finished;
    std::vector<correlate::Alert> alerts;
    store::Commit all = cut(finished, alerts);
    all.alerts = rows_of(alerts);
    all.deliveries = outbox.take_done();
    forgetting.add_to(all);
    if (!all.empty() && !write(all, stop)) return false;
    for (const Finished& unit : finished) feed.committed(unit);
    load.hold(store.outbox_size() > options.outbox_rows);
    if (!all.alerts.empty() || !all.deliveries.empty()) outbox.committed(!all.alerts.empty());
    return true;
  }

  bool write(const store::Commit& all, const std::atomic<bool>& stop) {
    for (int failed = 0;;) {
      const std::string problem = store.commit(all);
      if (problem.empty()) return true;
      if (failed++ == 0)
        say(process::Severity::error,
            fmt::format("the store cannot be written: {}; nothing is acknowledged", problem));
      load.hold(true);
      if (stop && failed > kMostFailedCommits) return false;
      std::this_thread::sleep_for(kRetryCommit);
    }
  }

  bool commit_is_due() const { return load.bytes() >= options.commit_bytes; }

  // Waits until a commit is due; false when there will be nothing more to decide.
  bool wait(Requests& requests) {
    std::unique_lock lock(mutex);
    const auto until = Clock::now() + std::chrono::microseconds(options.commit_every_us);
    while (Clock::now() < until && !requests.stop && !wake && !commit_is_due())
      woken.wait_for(lock, std::min<Clock::duration>(kLookAtLoad, until - Clock::now()));
    wake = false;
    return running > 0;
  }

  std::string run(Requests& requests) {
    if (!commit(requests.stop)) return "the store cannot be written";
    outbox.run();
    running = options.threads;
    for (unsigned i = 0; i < options.threads; ++i)
      workers.push_back(
          std::make_unique<Worker>(program, correlations, duplicates, load, working.place(i), stopping));
    for (auto& worker : workers) threads.emplace_back([this, worker = worker.get()] { work(*worker); });
    bool well = true;
    while (well && wait(requests)) {
      if (requests.stop) stopping = true;
      if (requests.reopen.exchange(false)) outbox.reopen();
      well = commit(requests.stop);
    }
    stopping = true;
    load.hold(false);
    for (std::thread& thread : threads) thread.join();
    if (well && !requests.stop) correlations.end();
    well = well && commit(requests.stop) && drain_outbox(requests);
    outbox.stop();
    if (well) well = commit(requests.stop);
    if (!well) return "the store cannot be written: what was not committed will be read again";
    if (options.once && unread > 0)
      return fmt::format("{} could not be read", unread == 1 ? "a file" : "some files");
    return {};
  }

  // What is in the outbox when the time is over stays there.
  bool drain_outbox(Requests& requests) {
    draining = true;
    auto until = Clock::now() + std::chrono::microseconds(options.stop_within_us);
    while (!outbox.idle() && Clock::now() < until) {
      {
        std::unique_lock lock(mutex);
        woken.wait_for(lock, std::chrono::milliseconds(5), [&] { return wake; });
        wake = false;
      }
      std::vector<store::Delivery> done = outbox.take_done();
      if (done.empty()) continue;
      store::Commit commit;
      commit.now = process::now_us();
      commit.deliveries = std::move(done);
      if (!write(commit, requests.stop)) return false;
      outbox.committed(false);
      if (options.once && !requests.stop)
        until = Clock::now() + std::chrono::microseconds(options.stop_within_us);
    }
    if (!outbox.idle())
      say(process::Severity::warning, "alerts are left in the outbox: they are sent by the next run");
    return true;
  }
};

Pipeline::Pipeline(std::shared_ptr<const match::Program> program, store::Store& store,
                   std::vector<FeedSource> sources, deliver::Routing routing, deliver::Outbox& outbox,
                   PipelineOptions options)
    : impl_(std::make_unique<Impl>(std::move(program), store, std::move(sources), std::move(routing), outbox,
                                   std::move(options))) {}

Pipeline::~Pipeline() = default;

std::string Pipeline::restore() { return impl_->restore(); }
std::string Pipeline::run(Requests& requests) { return impl_->run(requests); }
void Pipeline::delivered() {
  if (impl_->draining) impl_->wake_up();
}
void Pipeline::arrived() { impl_->arrived(); }

}  // namespace weir::commit
