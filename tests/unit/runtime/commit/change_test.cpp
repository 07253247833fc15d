// Other rules while units are being read: which unit is decided by which, and what a change waits for.
#include <doctest/doctest.h>

#include <deque>
#include <future>
#include <thread>

#include "runtime/commit/pipeline.h"
#include "tests/unit/runtime/commit/sample.h"

using namespace weir;

namespace {

std::shared_ptr<const match::Program> program(const std::string& word) {
  return program_of(R"(
rule any_call {  # allow: W805 the test is outside
  title: "A call"
  level: high
  source: cloudtrail
  detection {
    selection { eventSource: "route53.amazonaws.com" }
    condition: selection
  }
  message: ")" + word + R"( {eventID}"
}
)");
}

// Two events, and between them somebody waits.
struct Pause {
  std::promise<void> reached, released;
};

class Unit final : public ingest::Unit {
 public:
  Unit(std::string id, Pause* pause) : id_(std::move(id)), pause_(pause) {
    key = "0123456789abcde" + id_;
    name = id_;
  }
  std::string read(ingest::FileReader&, const ingest::ReadLimits& limits, ingest::Receiver& receiver,
                   const std::atomic<bool>&) override {
    ingest::read_bytes(name, event(id_ + ".1"), limits, receiver);
    if (pause_) {
      pause_->reached.set_value();
      pause_->released.get_future().wait();
    }
    ingest::read_bytes(name, event(id_ + ".2"), limits, receiver);
    return {};
  }

 private:
  std::string id_;
  Pause* pause_;
};

class Source final : public ingest::Source {
 public:
  explicit Source(Pause& pause) {
    units_.push_back(std::make_unique<Unit>("a", &pause));
    units_.push_back(std::make_unique<Unit>("b", nullptr));
  }
  std::unique_ptr<ingest::Unit> next() override {
    if (units_.empty()) return nullptr;
    auto unit = std::move(units_.front());
    units_.pop_front();
    return unit;
  }
  bool drained() const override { return units_.empty(); }

 private:
  std::deque<std::unique_ptr<ingest::Unit>> units_;
};

struct Running {
  explicit Running(int64_t patience_us, bool once = false) {
    std::string problem;
    store = store::Store::open(folder.path, store::Access::run, problem);
    REQUIRE_MESSAGE(store, problem);
    outbox = std::make_unique<deliver::Outbox>(*store, std::vector<deliver::NamedSink>(),
                                               [](process::Severity, const std::string&) {}, [] {});
    std::vector<commit::FeedSource> sources;
    sources.push_back({"feed", std::make_unique<Source>(pause), match::kNone});
    commit::PipelineOptions options;
    options.threads = 1;
    options.commit_every_us = 5'000;
    options.unit_patience_us = patience_us;
    options.stop_within_us = 0;
    options.once = once;
    pipeline = std::make_unique<commit::Pipeline>(program("old"), *store, std::move(sources),
                                                  deliver::Routing({}, {"out"}), *outbox, options);
    REQUIRE(pipeline->restore() == "");
    thread = std::thread([this] { ended = pipeline->run(requests); });
    pause.reached.get_future().wait();
  }
  ~Running() {
    end();
    pipeline.reset();
    outbox.reset();
    store.reset();
  }
  void end() {
    if (thread.joinable()) thread.join();
    CHECK(ended == "");
  }
  std::future<commit::Changed> change() {
    std::promise<void> about_to;
    std::future<void> asked = about_to.get_future();
    auto changed = std::async(std::launch::async, [this, other = program("new"), about_to = std::move(about_to)]() mutable {
      about_to.set_value();
      return pipeline->change({other, {match::kNone}, deliver::Routing({}, {"out"}), {}, {}});
    });
    asked.wait();
    return changed;
  }
  // What the alerts say, in the order of the outbox.
  std::string messages() {
    std::string out;
    for (const store::OutboxRow& row : store->outbox(0, 100)) {
      const size_t at = row.body.find("\"message\":\"") + 11;
      out += row.body.substr(at, row.body.find('"', at) - at) + "; ";
    }
    return out;
  }

  Folder folder;  // outlives the rest
  std::string ended;
  Pause pause;
  std::unique_ptr<store::Store> store;
  std::unique_ptr<deliver::Outbox> outbox;
  std::unique_ptr<commit::Pipeline> pipeline;
  commit::Requests requests;
  std::thread thread;
};

}  // namespace

TEST_CASE("a change waits for the end of the unit that is being read, and begins with the next") {
  Running running(60'000'000);
  std::future<commit::Changed> changed = running.change();
  CHECK(changed.wait_for(std::chrono::milliseconds(500)) == std::future_status::timeout);
  running.pause.released.set_value();
  const commit::Changed result = changed.get();
  CHECK(result.problem == "");
  running.end();
  CHECK(running.messages() == "old a.1; old a.2; new b.1; new b.2; ");
}

TEST_CASE("a unit that lasts too long is not waited for: it sees the change from some record on") {
  Running running(0);
  std::future<commit::Changed> changed = running.change();
  CHECK(changed.get().problem == "");
  running.pause.released.set_value();
  running.end();
  CHECK(running.messages() == "old a.1; new a.2; new b.1; new b.2; ");
  CHECK(running.store->audit().evaluated == 4);
}

TEST_CASE("who stops changes nothing") {
  Running running(60'000'000);
  std::future<commit::Changed> changed = running.change();
  running.requests.stop = true;
  while (!running.pipeline->health().stopping) std::this_thread::yield();
  running.pause.released.set_value();
  CHECK(changed.get().problem == "it stops");
  running.end();
  CHECK(running.messages() == "old a.1; ");
  CHECK(running.pipeline->health().stopping);
}

TEST_CASE("a replay keeps its rules") {
  Running running(0, true);
  CHECK(running.change().get().problem == "a replay keeps its rules");
  running.pause.released.set_value();
  running.end();
}
