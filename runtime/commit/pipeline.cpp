// See pipeline.h.
#include "runtime/commit/pipeline.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <optional>
#include <thread>

#include "runtime/commit/commit_metrics.h"
#include "runtime/commit/crowding.h"
#include "runtime/commit/feed.h"
#include "runtime/commit/forgetting.h"
#include "runtime/commit/gate.h"
#include "runtime/commit/strangers.h"
#include "runtime/commit/worker.h"
#include "runtime/commit/working.h"
#include "runtime/deliver/full_outbox.h"
#include "runtime/deliver/full_quarantine.h"
#include "runtime/deliver/silencer.h"
#include "runtime/process/clock.h"

namespace weir::commit {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kIdle =
    std::chrono::milliseconds(50);  // between looks at sources that had nothing and call nobody
constexpr auto kLookAtLoad = std::chrono::milliseconds(20);
constexpr auto kRetryCommit = std::chrono::milliseconds(500);
constexpr int kMostFailedCommits = 10;  // once it is to stop

}  // namespace

struct Pipeline::Impl {
  Impl(std::shared_ptr<const match::Program> program, store::Store& store, std::vector<FeedSource> sources,
       deliver::Routing routing, deliver::Outbox& outbox, PipelineOptions options)
      : store(store),
        feed(std::move(sources), store),
        forgetting(store, feed),
        routing(std::move(routing)),
        outbox(outbox),
        options(std::move(options)),
        full(this->options.outbox_rows, this->options.once ? nullptr : &this->routing),
        full_quarantine(this->options.once ? nullptr : &this->routing),
        silencer(store, this->options.silences, this->options.notify),
        duplicates({this->options.remembered_ids}),
        load(this->options.in_flight_bytes),
        metrics(this->options.metrics, feed) {
    rules = {program, {}, correlations_of(program, this->options)};
    for (size_t source = 0; source < feed.size(); ++source) rules.only.push_back(feed.only(source));
  }

  Blocks blocks;  // outlives the sources, whose threads call arrived()

  store::Store& store;
  Feed feed;
  Forgetting forgetting;
  deliver::Routing routing;
  deliver::Outbox& outbox;
  PipelineOptions options;
  deliver::FullOutbox full;
  deliver::FullQuarantine full_quarantine;
  deliver::Silencer silencer;
  Rules rules;  // changed while all workers are held
  correlate::Duplicates duplicates;
  Load load;
  CommitMetrics metrics;
  Strangers strangers;
  Crowding crowding;
  Working working;
  std::vector<std::unique_ptr<Worker>> workers;
  std::vector<std::thread> threads;
  std::atomic<bool> stopping{false};  // workers leave at the next record
  std::atomic<size_t> running{0};
  std::atomic<size_t> busy{0};    // workers that read a unit
  std::atomic<size_t> unread{0};  // units that could not be read

  std::mutex mutex;
  std::condition_variable woken;
  bool wake = false;
  std::atomic<bool> draining{false};

  Gate gate;  // of units
  std::mutex change_mutex;  // what follows
  std::condition_variable answered;
  Change* asked = nullptr;  // null: it is answered
  Changed answer;
  bool over = false;  // run() has ended, or is about to
  Clock::time_point asked_at;

  std::atomic<int64_t> turned_us{process::steady_us()};
  mutable std::mutex health_mutex;
  std::string store_problem;
  std::atomic<bool> ending{false};

  void say(process::Severity severity, const std::string& text) const {
    if (options.notify) options.notify(severity, text);
  }

  std::unique_ptr<Correlations> correlations_of(std::shared_ptr<const match::Program> program,
                                                const Bounds& bounds) const {
    return std::make_unique<Correlations>(std::move(program), options.once, store.folder(), options.threads,
                                          bounds.waiting_bytes);
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
    full.restore(store);
    full_quarantine.restore(store);
    silencer.restore();
    store.limit_quarantine(options.quarantine_bytes, options.quarantine_rows);
    std::vector<std::string> forgotten;
    std::string problem = rules.correlations->restore(store, forgotten);
    if (!problem.empty()) return problem;
    say_forgotten(forgotten);
    if (problem = working.open(store.folder(), options.threads); !problem.empty()) return problem;
    for (const store::Death& death : store.note_deaths(working.left(), working.stamp())) suspect(death);
    working.clear();
    return store.problem();
  }

  void say_forgotten(const std::vector<std::string>& forgotten) const {
    for (const std::string& name : forgotten) {
      const bool is_there = std::any_of(rules.program->rules.begin(), rules.program->rules.end(),
                                        [&](const match::RuleInfo& rule) { return rule.name == name; });
      say(process::Severity::warning, is_there ? fmt::format("rule {} has changed: it starts without what it knew", name)
                                               : fmt::format("rule {} is gone, and with it what it knew", name));
    }
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
      const uint64_t known = blocks.arrivals();
      if (!gate.enter(stopping)) break;
      if (!feed.next(task)) {
        leave_gate();
        if (feed.drained()) break;
        if (options.once && busy == 0 && load.bytes() > 0) wake_up();  // this commit may be what drains it
        help(worker, known);
        continue;
      }
      const bool awaited = task.unit->awaited, endless = task.unit->endless;
      if (endless) leave_gate();
      ++busy;
      const std::string problem = worker.work(task);
      --busy;
      if (!endless) leave_gate();
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

  void leave_gate() {
    if (gate.leave()) wake_up();
  }

  // Till a unit arrived, or it is time to look for one.
  void help(Worker& worker, uint64_t known) {
    const auto until = Clock::now() + kIdle;
    blocks.help();
    while (std::unique_ptr<Block> block = blocks.wait(known, stopping, kIdle)) {
      worker.decide(std::move(block));
      if (Clock::now() >= until) break;
    }
    while (std::unique_ptr<Block> block = blocks.leave()) worker.decide(std::move(block));
  }

  void wake_up() {
    {
      std::lock_guard lock(mutex);
      wake = true;
    }
    woken.notify_all();
  }

  // ---- commit
  struct Held {
    std::optional<Blocks::Closed> closed;
    std::vector<std::unique_lock<std::mutex>> locks;
    void release() {
      locks.clear();
      closed.reset();
    }
  };
  void hold_workers(Held& held) {
    held.closed.emplace(blocks);
    for (auto& worker : workers) held.locks.emplace_back(worker->lock());
  }

  // Everything that is decided, with all that it caused.
  struct Cut {
    store::Commit commit;
    std::vector<Finished> finished;
    std::vector<correlate::Alert> alerts;
  };
  Cut cut(Held& held) {
    Cut out;
    out.commit.now = process::now_us();
    const std::vector<int64_t> until = decided_until(out.commit.now);  // of what was committed: a cut can only add
    if (!held.closed) hold_workers(held);
    for (auto& worker : workers) take(*worker, out.commit, out.finished);
    rules.correlations->advance(until);
    rules.correlations->take_untimely(out.commit.counts);
    out.alerts = rules.correlations->take_alerts();
    out.commit.parts = rules.correlations->take_saved();
    load.taken();
    return out;
  }

  void take(Worker& worker, store::Commit& commit, std::vector<Finished>& finished) {
    Desk desk = worker.take_desk(commit.units);
    commit.counts.add(desk.counts);
    commit.seen += desk.seen;
    rules.correlations->saw(desk.unmatched);
    std::move(desk.quarantine.begin(), desk.quarantine.end(), std::back_inserter(commit.quarantine));
    std::move(desk.positions.begin(), desk.positions.end(), std::back_inserter(commit.units));
    std::move(desk.finished.begin(), desk.finished.end(), std::back_inserter(finished));
    commit.retried.insert(commit.retried.end(), desk.retried.begin(), desk.retried.end());
  }

  // By source of the program: what arrived before has been decided.
  std::vector<int64_t> decided_until(int64_t now) const {
    std::vector<int64_t> until(rules.program->sources.size(), now);
    for (size_t source = 0; source < feed.size(); ++source) {
      const int64_t undecided = feed.undecided_since(source);
      const int64_t moment = undecided == INT64_MIN ? undecided : undecided - 1;
      for (size_t i = 0; i < until.size(); ++i)
        if (rules.only[source] == match::kNone || rules.only[source] == i)
          until[i] = std::min(until[i], moment);
    }
    return until;
  }

  std::vector<store::AlertRow> rows_of(const std::vector<correlate::Alert>& alerts) {
    const match::Program& program = *rules.program;
    std::vector<store::AlertRow> rows;
    for (const correlate::Alert& alert : alerts) {
      if (program.rules[alert.rule].building_block) continue;
      if (options.once && alert.state != "final") continue;  // nobody waits for the answers of a replay
      metrics.alert(alert.level, alert.state);
      rows.push_back({alert.id, alert.state, correlate::to_json(program, alert),
                      routing.sinks_of(program, alert), alert.replaces.value_or("")});
    }
    return rows;
  }

  // False when the store cannot be written and it is time to give up.
  bool commit(const std::atomic<bool>& stop) {
    Held held;
    Cut decided = cut(held);
    held.release();
    return commit(std::move(decided), stop);
  }

  bool commit(Cut decided, const std::atomic<bool>& stop) {
    store::Commit& all = decided.commit;
    all.alerts = rows_of(decided.alerts);
    take_delivered(all);
    forgetting.add_to(all);
    const Clock::time_point before = Clock::now();
    if (!all.empty()) {
      if (!write(all, stop)) return false;
      metrics.committed(all, decided.finished.size(), std::chrono::duration<double>(Clock::now() - before).count());
    }
    for (const Finished& unit : decided.finished) {
      if (const std::string text = strangers.look_at(unit); !text.empty())
        say(process::Severity::warning, text);
      feed.committed(unit);
    }
    load.hold(store.outbox_size() > options.outbox_rows);
    if (has_news(all) || !all.deliveries.empty()) outbox.committed(has_news(all));
    store.tidy();
    return true;
  }

  static bool has_news(const store::Commit& commit) { return !commit.alerts.empty() || !commit.released.empty(); }

  // What the sinks did meanwhile, what is to be said of them, and who is to be told.
  void take_delivered(store::Commit& all) {
    deliver::Done done = outbox.take_done();
    all.deliveries = std::move(done.deliveries);
    std::move(done.alerts.begin(), done.alerts.end(), std::back_inserter(all.alerts));
    if (deliver::News news = full.look(store.outbox_size(), all.now); news.note)
      add_news(all, std::move(news), full.full(),
               full.full() ? "the outbox is full: sources wait until the sinks take alerts"
                           : "there is room in the outbox again");
    if (deliver::News news = full_quarantine.look(store.quarantine_dropped(), all.now); news.note)
      add_news(all, std::move(news), full_quarantine.full(),
               full_quarantine.full() ? "the quarantine is full: the oldest records go, and stay counted"
                                      : "nothing has been dropped from the quarantine for an hour");
    silencer.apply(all, routing);
  }

  void add_news(store::Commit& all, deliver::News news, bool bad, const char* text) const {
    say(bad ? process::Severity::error : process::Severity::info, text);
    all.deliveries.push_back(std::move(*news.note));
    std::move(news.alerts.begin(), news.alerts.end(), std::back_inserter(all.alerts));
  }

  bool write(const store::Commit& all, const std::atomic<bool>& stop) {
    for (int failed = 0;;) {
      const std::string problem = store.commit(all);
      turned_us = process::steady_us();
      {
        std::lock_guard lock(health_mutex);
        store_problem = problem;
      }
      if (problem.empty()) {
        if (failed > 0) say(process::Severity::info, "the store can be written again");
        return true;
      }
      metrics.failed();
      if (failed++ == 0)
        say(process::Severity::error,
            fmt::format("the store cannot be written: {}; nothing is acknowledged", problem));
      load.hold(true);
      if (stop && failed > kMostFailedCommits) return false;
      std::this_thread::sleep_for(kRetryCommit);
    }
  }

  // ---- other rules
  Changed change(Change change) {
    if (options.once) return {"a replay keeps its rules", {}};
    std::unique_lock lock(change_mutex);
    if (over) return {"it stops", {}};
    asked = &change;
    asked_at = Clock::now();
    gate.close();
    wake_up();
    answered.wait(lock, [&] { return asked == nullptr; });
    return std::move(answer);
  }

  bool change_is_due() {
    std::lock_guard lock(change_mutex);
    return asked && (gate.empty() || Clock::now() - asked_at >= std::chrono::microseconds(options.unit_patience_us));
  }

  void answer_change(Changed with) {
    {
      std::lock_guard lock(change_mutex);
      if (!asked) return;
      asked = nullptr;
      answer = std::move(with);
    }
    gate.open();
    answered.notify_all();
  }

  // Everything that the old rules decided is committed by them; the new ones take up the state from the store, as
  // after a restart. False as commit().
  bool change_rules(const std::atomic<bool>& stop) {
    Held held;
    hold_workers(held);
    if (!commit(cut(held), stop)) return false;
    Changed changed;
    Change& change = *asked;
    auto correlations = correlations_of(change.program, change.bounds);
    changed.problem = correlations->restore(store, changed.forgotten);
    if (changed.problem.empty()) {
      correlations->go_on_from(*rules.correlations);
      rules = {std::move(change.program), std::move(change.only), std::move(correlations)};
      routing = std::move(change.routing);
      silencer.configured(std::move(change.silences));
      static_cast<Bounds&>(options) = change.bounds;
      load.limit(options.in_flight_bytes);
      store.limit_quarantine(options.quarantine_bytes, options.quarantine_rows);
      for (auto& worker : workers) worker->rules_changed();
      metrics.rules_changed();
      crowding.rules_changed();
      say_forgotten(changed.forgotten);
    }
    answer_change(std::move(changed));
    return true;
  }

  bool commit_is_due() const { return load.bytes() >= options.commit_bytes; }

  // Waits until a commit is due; false when there will be nothing more to decide.
  bool wait(Requests& requests) {
    std::unique_lock lock(mutex);
    const auto until = Clock::now() + std::chrono::microseconds(options.commit_every_us);
    turned_us = process::steady_us();
    while (Clock::now() < until && !requests.stop && !wake && !commit_is_due())
      woken.wait_for(lock, std::min<Clock::duration>(kLookAtLoad, until - Clock::now()));
    if (requests.stop && !wake) woken.wait_for(lock, kLookAtLoad);  // for the workers, who are leaving
    wake = false;
    return running > 0;
  }

  std::string run(Requests& requests) {
    if (!commit(requests.stop)) return "the store cannot be written";
    outbox.run();
    running = options.threads;
    for (unsigned i = 0; i < options.threads; ++i)
      workers.push_back(
          std::make_unique<Worker>(rules, duplicates, load, blocks, working.place(i), stopping));
    for (auto& worker : workers) threads.emplace_back([this, worker = worker.get()] { work(*worker); });
    bool well = true;
    while (well && wait(requests)) {
      if (requests.stop) stopping = ending = true;
      if (requests.reopen.exchange(false)) outbox.reopen();
      well = change_is_due() && !requests.stop ? change_rules(requests.stop) : commit(requests.stop);
      if (options.once) blocks.arrived();
      metrics.turned(load.bytes(), feed, process::now_us());
      metrics.silences(silencer.on(), silencer.held());
      const correlate::LiveCounts counts = rules.correlations->counts();
      metrics.correlations(*rules.program, counts);
      if (const std::string crowded = crowding.look_at(*rules.program, counts, process::now_us()); !crowded.empty())
        say(process::Severity::warning, crowded);
    }
    stopping = ending = true;
    {
      std::lock_guard lock(change_mutex);
      over = true;
    }
    answer_change({"it stops", {}});
    load.hold(false);
    for (std::thread& thread : threads) thread.join();
    rules.correlations->rest_no_more();
    if (well && !requests.stop)
      if (const std::string problem = rules.correlations->end(); !problem.empty()) {
        outbox.stop();
        return "what was read cannot be correlated, the next run does it: " + problem;
      }
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
      store::Commit commit;
      commit.now = process::now_us();
      take_delivered(commit);
      if (commit.empty()) continue;
      if (!write(commit, requests.stop)) return false;
      outbox.committed(has_news(commit));
      store.tidy();
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
void Pipeline::arrived() { impl_->blocks.arrived(); }
Changed Pipeline::change(Change change) { return impl_->change(std::move(change)); }
Health Pipeline::health() const {
  std::lock_guard lock(impl_->health_mutex);
  return {impl_->turned_us, impl_->store_problem, impl_->ending};
}

}  // namespace weir::commit
