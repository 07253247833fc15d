// See outbox.h.
#include "runtime/deliver/outbox.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "runtime/process/clock.h"
#include "runtime/process/fault.h"

namespace weir::deliver {
namespace {

constexpr size_t kBatch = 500;
constexpr auto kFirstPause = std::chrono::milliseconds(500);
constexpr auto kLongestPause = std::chrono::seconds(60);
constexpr auto kLook = std::chrono::seconds(1);  // for rows that another process made due

}  // namespace

// One sink and its thread.
struct Outbox::Line {
  Line(store::Store& store, NamedSink sink, process::Notify notify, std::function<void()> told)
      : store(store),
        name(std::move(sink.name)),
        sink(std::move(sink.sink)),
        paced(std::move(sink.paced)),
        notify(std::move(notify)),
        told(std::move(told)) {}

  store::Store& store;
  std::string name;
  std::unique_ptr<Sink> sink;
  std::unique_ptr<PacedSink> paced;
  process::Notify notify;
  std::function<void()> told;
  std::thread thread;

  std::mutex mutex;  // what follows
  std::condition_variable changed;
  store::Delivery done;
  bool has_done = false, stopping = false, reopening = false, woken = true, empty = false;
  uint64_t taken = 0, committed = 0;  // how often what was done was taken, and was committed

  void tell(std::vector<int64_t> rows, std::optional<store::SinkPosition> position,
            std::vector<store::SetAside> set_aside = {}) {
    {
      std::lock_guard lock(mutex);
      done.sink = name;
      done.rows.insert(done.rows.end(), rows.begin(), rows.end());
      done.set_aside.insert(done.set_aside.end(), set_aside.begin(), set_aside.end());
      if (position) done.position = std::move(position);
      has_done = true;
    }
    told();
  }

  void say(const Turn& turn) {
    for (const store::SetAside& aside : turn.set_aside)
      notify(process::Severity::error, fmt::format("sink {}: alert set aside: {}", name, aside.reason));
    if (turn.trouble)
      notify(turn.trouble->kind == SinkTrouble::Kind::over ? process::Severity::info : process::Severity::error,
             fmt::format("sink {}: {}", name, turn.trouble->text));
    if (!turn.problem.empty() && turn.set_aside.empty())
      notify(process::Severity::warning, fmt::format("sink {}: {}", name, turn.problem));
  }

  // Which rows are due, and when to come again, is the sink's own affair.
  void paced_loop() {
    int64_t last = 0;
    for (;;) {
      {
        std::lock_guard lock(mutex);
        if (stopping) return;
        woken = reopening = false;
      }
      std::vector<store::OutboxRow> rows;
      if (const size_t room = std::min(paced->room(), kBatch); room > 0)
        rows = store.waiting(name, last, process::now_us(), room);
      const bool fresh = !rows.empty();
      if (fresh) last = rows.back().row;
      process::pass(process::Fault::before_send);
      Turn turn = paced->turn(std::move(rows));
      process::pass(process::Fault::after_send);
      say(turn);
      if (!turn.delivered.empty() || !turn.set_aside.empty())
        tell(std::move(turn.delivered), std::move(turn.position), std::move(turn.set_aside));
      if (fresh) continue;
      const int64_t now = process::now_us();
      std::chrono::microseconds pause = kLook;
      if (turn.wake) pause = std::min(pause, std::chrono::microseconds(std::max<int64_t>(*turn.wake - now, 0)));
      std::unique_lock lock(mutex);
      empty = !woken && turn.due == 0;
      changed.wait_for(lock, pause, [&] { return stopping || woken; });
    }
  }

  void loop() {
    if (paced) return paced_loop();
    int64_t last = 0;
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
      const std::vector<store::OutboxRow> rows = store.waiting(name, last, process::now_us(), kBatch);
      if (rows.empty()) {
        std::unique_lock lock(mutex);
        empty = !woken;
        changed.wait_for(lock, kLook, [&] { return stopping || reopening || woken; });
        continue;
      }
      process::pass(process::Fault::before_send);
      Sink::Result result = sink->send(rows);
      process::pass(process::Fault::after_send);
      if (result.sent > 0) {
        std::vector<int64_t> sent;
        for (size_t i = 0; i < result.sent; ++i) sent.push_back(rows[i].row);
        last = sent.back();
        tell(std::move(sent), std::move(result.position));
      }
      if (result.problem.empty()) {
        pause = kFirstPause;
        continue;
      }
      notify(process::Severity::error, fmt::format("sink {}: {}; tried again in {} s", name, result.problem,
                                                   double(pause.count()) / 1000));
      std::unique_lock lock(mutex);
      changed.wait_for(lock, pause, [&] { return stopping || reopening; });
      pause = std::min<std::chrono::milliseconds>(2 * pause, kLongestPause);
    }
  }

  // Where the new file begins must be in the store before anything is written to it.
  void open_again() {
    std::string problem;
    std::optional<store::SinkPosition> position = sink->reopen(problem);
    if (!problem.empty()) notify(process::Severity::error, fmt::format("sink {}: {}", name, problem));
    uint64_t wanted = 0;
    if (position) {
      tell({}, std::move(position));
      std::lock_guard lock(mutex);
      wanted = taken + 1;
    }
    std::unique_lock lock(mutex);
    reopening = !problem.empty();
    if (reopening) {
      changed.wait_for(lock, kFirstPause, [&] { return stopping; });
    } else {
      changed.wait(lock, [&] { return stopping || committed >= wanted; });
    }
  }
};

Outbox::Outbox(store::Store& store, std::vector<NamedSink> sinks, process::Notify notify,
               std::function<void()> done) {
  for (NamedSink& sink : sinks)
    lines_.push_back(std::make_unique<Line>(store, std::move(sink), notify, done));
}

Outbox::~Outbox() { stop(); }

std::string Outbox::open() {
  for (auto& line : lines_) {
    if (line->paced) {
      line->paced->open(line->store.sink_position(line->name));
      continue;
    }
    std::string problem;
    std::optional<store::SinkPosition> position =
        line->sink->open(line->store.sink_position(line->name), problem);
    if (!problem.empty()) return fmt::format("sink {}: {}", line->name, problem);
    if (position) line->tell({}, std::move(position));
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

std::vector<store::Delivery> Outbox::take_done() {
  std::vector<store::Delivery> out;
  for (auto& line : lines_) {
    std::lock_guard lock(line->mutex);
    if (!line->has_done) continue;
    out.push_back(std::exchange(line->done, {}));
    line->has_done = false;
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
    return line->empty && !line->has_done;
  });
}

}  // namespace weir::deliver
