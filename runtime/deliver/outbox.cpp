// See outbox.h.
#include "runtime/deliver/outbox.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "runtime/deliver/sink_trouble.h"
#include "runtime/process/clock.h"
#include "runtime/process/fault.h"

namespace weir::deliver {
namespace {

using Steady = std::chrono::steady_clock;

constexpr size_t kBatch = 500;
constexpr size_t kMostAsked = 10'000;  // noticed at once
constexpr auto kFirstPause = std::chrono::milliseconds(500);
constexpr auto kLongestPause = std::chrono::seconds(60);
constexpr auto kLook = std::chrono::seconds(1);  // for what another process asked for

}  // namespace

// One sink and its thread.
struct Outbox::Line {
  Line(store::Store& store, NamedSink sink, process::Notify notify, std::function<void()> told,
       const Routing* routing)
      : store(store),
        name(std::move(sink.name)),
        sink(std::move(sink.sink)),
        paced(std::move(sink.paced)),
        final_only(sink.final_only),
        notify(std::move(notify)),
        told(std::move(told)),
        trouble(name, routing) {}

  store::Store& store;
  std::string name;
  std::unique_ptr<Sink> sink;
  std::unique_ptr<PacedSink> paced;
  bool final_only;
  process::Notify notify;
  std::function<void()> told;
  std::thread thread;

  // Of the thread, once it runs.
  TroubleOfSink trouble;
  int64_t last = 0;  // row that was handed to the sink
  std::optional<int64_t> failing_since;
  Steady::time_point looked;
  int64_t dropped = 0;  // rows, when it was looked last

  std::mutex mutex;  // what follows
  std::condition_variable changed;
  Done done;
  bool stopping = false, reopening = false, woken = true, empty = false;
  uint64_t taken = 0, committed = 0;  // how often what was done was taken, and was committed

  store::Delivery& delivery() {
    for (store::Delivery& one : done.deliveries)
      if (one.sink == name) return one;
    done.deliveries.push_back({name, {}, {}, std::nullopt, {}, {}});
    return done.deliveries.back();
  }

  // Puts something into what is done; the number of the commit that will have it.
  template <class Add>
  uint64_t tell(Add add) {
    uint64_t in = 0;
    {
      std::lock_guard lock(mutex);
      add(done);
      in = taken + 1;
    }
    told();
    return in;
  }
  uint64_t tell_position(store::SinkPosition position) {
    return tell([&](Done&) { delivery().position = std::move(position); });
  }
  // False when it is to stop.
  bool wait_for_commit(uint64_t number) {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return stopping || committed >= number; });
    return !stopping;
  }

  void tell_news(News news) {
    if (!news.note) return;
    tell([&](Done& all) {
      std::erase_if(all.deliveries, [&](const store::Delivery& one) { return one.sink == news.note->sink; });
      all.deliveries.push_back(std::move(*news.note));
      std::move(news.alerts.begin(), news.alerts.end(), std::back_inserter(all.alerts));
    });
  }
  void in_trouble(const SinkTrouble& begun) {
    notify(process::Severity::error, fmt::format("sink {}: {}", name, begun.text));
    tell_news(trouble.begin(begun, process::now_us()));
  }
  void works() {
    News news = trouble.end(process::now_us());
    if (!news.note) return;
    notify(process::Severity::info, fmt::format("sink {}: it takes alerts again", name));
    tell_news(std::move(news));
  }

  void say(const Turn& turn) {
    for (const store::SetAside& aside : turn.set_aside)
      notify(process::Severity::error, fmt::format("sink {}: alert set aside: {}", name, aside.reason));
    if (turn.works) works();
    if (turn.trouble) in_trouble(*turn.trouble);
    if (!turn.problem.empty() && turn.set_aside.empty())
      notify(process::Severity::warning, fmt::format("sink {}: {}", name, turn.problem));
  }

  void tell_turn(Turn turn) {
    if (turn.delivered.empty() && turn.set_aside.empty() && !turn.tried) return;
    tell([&](Done&) {
      store::Delivery& all = delivery();
      all.rows.insert(all.rows.end(), turn.delivered.begin(), turn.delivered.end());
      std::move(turn.set_aside.begin(), turn.set_aside.end(), std::back_inserter(all.set_aside));
      if (turn.tried) all.tried.push_back(std::move(*turn.tried));
      if (turn.position) all.position = std::move(turn.position);
    });
  }

  // Whether somebody asked for rows, or dropped some. Then everything begins anew from the store: a row that
  // was set aside comes before those after it again, one that was dropped is not held any more, and no pause
  // holds.
  bool asked() {
    if (Steady::now() - looked < kLook) return false;
    looked = Steady::now();
    std::vector<int64_t> rows = store.asked_for(name, kMostAsked);
    const int64_t dropped_now = store.outbox_dropped();
    if (rows.empty() && dropped_now == dropped) return false;
    dropped = dropped_now;
    const uint64_t number = tell([&](Done&) { delivery().noticed = std::move(rows); });
    if (!wait_for_commit(number)) return true;
    last = 0;
    if (paced) paced->open(store.sink_position(name));
    return true;
  }

  // Which rows are due, and when to come again, is the sink's own affair.
  void paced_loop() {
    for (;;) {
      {
        std::lock_guard lock(mutex);
        if (stopping) return;
        woken = reopening = false;
      }
      asked();
      std::vector<store::OutboxRow> rows;
      if (const size_t room = std::min(paced->room(), kBatch); room > 0)
        rows = store.waiting(name, last, room);
      const bool fresh = !rows.empty();
      if (fresh) last = rows.back().row;
      process::pass(process::Fault::before_send);
      Turn turn = paced->turn(std::move(rows));
      process::pass(process::Fault::after_send);
      say(turn);
      const std::optional<int64_t> wake = turn.wake;
      const bool due = turn.due > 0;
      tell_turn(std::move(turn));
      if (fresh) continue;
      std::chrono::microseconds pause = kLook;
      if (wake)
        pause = std::min(pause, std::chrono::microseconds(
                                    process::on_the_wall(std::max<int64_t>(*wake - process::now_us(), 0))));
      std::unique_lock lock(mutex);
      empty = !woken && !due;
      changed.wait_for(lock, pause, [&] { return stopping || woken; });
    }
  }

  void loop() {
    if (paced) return paced_loop();
    std::chrono::milliseconds pause = kFirstPause;
    for (;;) {
      {
        std::unique_lock lock(mutex);
        if (stopping) return;
        woken = false;
        if (reopening) {
          lock.unlock();
          open_again();
        }
      }
      const std::vector<store::OutboxRow> rows = store.waiting(name, last, kBatch);
      if (rows.empty()) {
        asked();
        std::unique_lock lock(mutex);
        empty = !woken;
        changed.wait_for(lock, kLook, [&] { return stopping || reopening || woken; });
        continue;
      }
      const std::string problem = write(rows);
      if (problem.empty()) {
        pause = kFirstPause;
        failing_since.reset();
        works();
        continue;
      }
      notify(process::Severity::error,
             fmt::format("sink {}: {}; tried again in {} s", name, problem, double(pause.count()) / 1000));
      failed(rows.front().row, problem, pause);
      rest(pause);
      pause = std::min<std::chrono::milliseconds>(2 * pause, kLongestPause);
    }
  }

  // Why not all of them; empty when they are written.
  std::string write(const std::vector<store::OutboxRow>& rows) {
    std::vector<store::OutboxRow> wanted;
    for (const store::OutboxRow& row : rows)
      if (!final_only || row.state == "final" || is_own_alert(row.body)) wanted.push_back(row);
    Sink::Result result;
    if (!wanted.empty()) {
      process::pass(process::Fault::before_send);
      result = sink->send(wanted);
      process::pass(process::Fault::after_send);
    }
    const int64_t until = result.problem.empty() ? rows.back().row
                          : result.sent > 0      ? wanted[result.sent - 1].row
                                                 : 0;
    if (until > 0) {
      tell([&](Done&) {
        store::Delivery& all = delivery();
        for (const store::OutboxRow& row : rows)
          if (row.row <= until) all.rows.push_back(row.row);
        if (result.position) all.position = std::move(result.position);
      });
      last = until;
    }
    return result.problem;
  }

  void failed(int64_t row, const std::string& problem, std::chrono::microseconds pause) {
    const int64_t now = process::now_us();
    tell([&](Done&) { delivery().tried.push_back({row, now + pause.count(), problem}); });
    if (!failing_since) failing_since = now;
    if (now - *failing_since >= kUnreachableAfter && !trouble.is(SinkTrouble::Kind::unreachable))
      in_trouble({SinkTrouble::Kind::unreachable, problem});
  }

  // Ends early when it is to stop or to open the file anew, or when somebody asks for rows.
  void rest(std::chrono::microseconds pause) {
    const Steady::time_point until = Steady::now() + pause;
    while (Steady::now() < until && !asked()) {
      std::unique_lock lock(mutex);
      const auto slice = std::min<Steady::duration>(kLook, until - Steady::now());
      if (changed.wait_for(lock, slice, [&] { return stopping || reopening; })) return;
    }
  }

  // Where the new file begins must be in the store before anything is written to it.
  void open_again() {
    std::string problem;
    std::optional<store::SinkPosition> position = sink->reopen(problem);
    if (!problem.empty()) notify(process::Severity::error, fmt::format("sink {}: {}", name, problem));
    const bool again = !problem.empty();
    if (position && !wait_for_commit(tell_position(std::move(*position)))) return;
    std::unique_lock lock(mutex);
    reopening = again;
    if (again) changed.wait_for(lock, kFirstPause, [&] { return stopping; });
  }
};

Outbox::Outbox(store::Store& store, std::vector<NamedSink> sinks, process::Notify notify,
               std::function<void()> done, std::optional<Routing> routing)
    : store_(store), notify_(notify), routing_(std::move(routing)) {
  for (NamedSink& sink : sinks)
    lines_.push_back(
        std::make_unique<Line>(store, std::move(sink), notify, done, routing_ ? &*routing_ : nullptr));
}

Outbox::~Outbox() { stop(); }

void Outbox::say_unclaimed() const {
  for (const store::WaitingRows& waiting : store_.outbox_by_sink())
    if (std::none_of(lines_.begin(), lines_.end(),
                     [&](const auto& line) { return line->name == waiting.sink; }))
      notify_(process::Severity::warning,
              fmt::format("{} for the sink {}, which is not configured: configure it again, or `weir outbox "
                          "drop --sink {}`",
                          waiting.rows == 1 ? "1 alert waits" : fmt::format("{} alerts wait", waiting.rows),
                          waiting.sink, waiting.sink));
}

std::string Outbox::open() {
  std::vector<std::string> names;
  for (const auto& line : lines_) names.push_back(line->name);
  store_.count_outbox_of(std::move(names));
  say_unclaimed();
  for (auto& line : lines_) {
    line->dropped = line->store.outbox_dropped();
    line->trouble.restore(line->store);
    if (line->paced) {
      line->paced->open(line->store.sink_position(line->name));
      const std::vector<store::OutboxRow> first = line->store.waiting(line->name, 0, 1);
      if (first.empty() || first[0].attempts == 0) continue;
      // Whoever starts again after a refusal has perhaps repaired what was wrong.
      const bool at_once =
          line->trouble.is(SinkTrouble::Kind::refused) || first[0].next_at == store::kAskedFor;
      line->paced->tried_before(first[0].attempts, at_once ? 0 : first[0].next_at);
      continue;
    }
    std::string problem;
    std::optional<store::SinkPosition> position =
        line->sink->open(line->store.sink_position(line->name), problem);
    if (!problem.empty()) return fmt::format("sink {}: {}", line->name, problem);
    if (position) line->tell_position(std::move(*position));
  }
  return {};
}

void Outbox::run() {
  for (auto& line : lines_) line->thread = std::thread([line = line.get()] { line->loop(); });
}

void Outbox::stop() {
  for (auto& line : lines_) {
    {
      std::lock_guard lock(line->mutex);
      line->stopping = true;
    }
    if (line->paced) line->paced->interrupt();
    line->changed.notify_all();
  }
  for (auto& line : lines_)
    if (line->thread.joinable()) line->thread.join();
}

void Outbox::reopen() {
  for (auto& line : lines_) {
    {
      std::lock_guard lock(line->mutex);
      line->reopening = line->sink != nullptr;
    }
    line->changed.notify_all();
  }
}

Done Outbox::take_done() {
  Done out;
  for (auto& line : lines_) {
    std::lock_guard lock(line->mutex);
    if (line->done.empty()) continue;
    Done done = std::exchange(line->done, {});
    std::move(done.deliveries.begin(), done.deliveries.end(), std::back_inserter(out.deliveries));
    std::move(done.alerts.begin(), done.alerts.end(), std::back_inserter(out.alerts));
    ++line->taken;
  }
  return out;
}

void Outbox::committed(bool more) {
  for (auto& line : lines_) {
    {
      std::lock_guard lock(line->mutex);
      line->committed = line->taken;
      line->woken |= more;
      line->empty &= !more;
    }
    line->changed.notify_all();
  }
}

bool Outbox::idle() const {
  return std::all_of(lines_.begin(), lines_.end(), [](const auto& line) {
    std::lock_guard lock(line->mutex);
    return line->empty && line->done.empty();
  });
}

}  // namespace weir::deliver
