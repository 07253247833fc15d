// The outbox as a process has it: threads, a store, and somebody who commits. What a sink's trouble makes of
// itself, and what `weir outbox retry` does to a process that runs.
#include "runtime/deliver/outbox.h"

#include <stdlib.h>

#include <chrono>
#include <filesystem>
#include <mutex>
#include <thread>

#include "runtime/deliver/full_outbox.h"
#include "runtime/deliver/sink_trouble.h"
#include "runtime/process/clock.h"
#include "sample.h"

using namespace weir;
using namespace weir::deliver;
using namespace weir::deliver::testing;

namespace {

struct Folder {
  Folder() {
    char name[] = "/tmp/weir-outbox-XXXXXX";
    path = ::mkdtemp(name);
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string path;
};

// Answers by what a script says for the body, and remembers what was taken.
struct Double {
  std::mutex mutex;
  int status = 200;
  std::string refused_id;  // of which 400 is answered
  std::vector<std::string> taken;

  void set(int to, std::string id = {}) {
    std::lock_guard lock(mutex);
    status = to;
    refused_id = std::move(id);
  }
  std::vector<std::string> seen() {
    std::lock_guard lock(mutex);
    return taken;
  }
};

class DoubleTransport final : public Transport {
 public:
  explicit DoubleTransport(Double& at) : at_(at) {}
  HttpAnswer post(const HttpRequest& request) override {
    std::lock_guard lock(at_.mutex);
    if (!at_.refused_id.empty() && request.body.find(at_.refused_id) != std::string::npos)
      return answered(400, "odd");
    if (at_.status == 200) at_.taken.push_back(request.body);
    return answered(at_.status, "because");
  }

 private:
  Double& at_;
};

// Two webhooks, a store, and the commits of a process.
struct Process {
  explicit Process(const std::string& folder) {
    std::string problem;
    store = store::Store::open(folder, store::Access::run, problem);
    REQUIRE_MESSAGE(store, problem);
    store->seen(1000, [](std::string_view) {});
  }
  void start() {
    std::vector<NamedSink> sinks;
    for (auto& [name, at] : {std::pair<const char*, Double*>{"one", &one}, {"two", &two}}) {
      NetworkSinkConfig config = webhook_config();
      config.pace = Pace{0, 1};
      MadeSink made =
          make_sink(config, {std::make_unique<DoubleTransport>(*at), process::now_us, [] { return 0.0; }});
      sinks.push_back({name, nullptr, std::move(made.sink)});
    }
    outbox = std::make_unique<Outbox>(
        *store, std::move(sinks), [](process::Severity, const std::string&) {}, [] {},
        Routing({}, {"one", "two"}));
    REQUIRE(outbox->open() == "");
    commit();
    outbox->run();
  }
  void stop() {
    outbox->stop();
    commit();
  }
  void commit(std::vector<store::AlertRow> alerts = {}) {
    store::Commit all;
    all.now = process::now_us();
    Done done = outbox->take_done();
    all.deliveries = std::move(done.deliveries);
    all.alerts = std::move(alerts);
    std::move(done.alerts.begin(), done.alerts.end(), std::back_inserter(all.alerts));
    REQUIRE(store->commit(all) == "");
    outbox->committed(!all.alerts.empty());
  }
  void add(int number, std::vector<std::string> sinks) {
    Sample sample;
    sample.id = id_of(number);
    commit({{sample.id, "final", sample.line(), std::move(sinks)}});
  }
  template <class Condition>
  void until(const char* what, Condition condition) {
    for (int i = 0; i < 1000 && !condition(); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
      commit();
    }
    CHECK_MESSAGE(condition(), what);
  }

  std::unique_ptr<store::Store> store;
  Double one, two;
  std::unique_ptr<Outbox> outbox;
};

std::vector<std::string> rules_of(const std::vector<std::string>& bodies) {
  std::vector<std::string> out;
  for (const std::string& body : bodies)
    out.push_back(Json(body).text("/rule") + " " + Json(body).text("/state"));
  return out;
}

}  // namespace

TEST_CASE(
    "outbox: a refusal is an alert to the others, once, across restarts, and resolves when it is over") {
  Folder folder;
  {
    Process process(folder.path);
    process.one.set(401);
    process.start();
    process.add(1, {"one"});
    process.until("the other sink hears of it", [&] { return process.two.seen().size() == 1; });
    const Json alert(process.two.seen()[0]);
    CHECK(alert.text("/rule") == "weir.sink_refused");
    CHECK(alert.text("/state") == "open");
    CHECK(alert.text("/level") == "high");
    CHECK(alert.text("/key/sink") == "one");
    CHECK(alert.text("/message") == "one: answered 401: because. Its alerts wait, and none is lost");
    process.stop();
    REQUIRE(process.store->waiting("one", 0, 10).size() == 1);
    const store::OutboxRow row = process.store->waiting("one", 0, 10)[0];
    CHECK(row.attempts == 1);
    CHECK(row.error == "answered 401: because");
    CHECK(row.next_at > process::now_us() + 60 * kSecond);
  }
  {
    // A restart tries at once, and says nothing again.
    Process process(folder.path);
    process.one.set(401);
    process.start();
    process.until("tried at once", [&] { return process.store->waiting("one", 0, 10)[0].attempts == 2; });
    process.add(2, {"two"});
    process.until("the next alert", [&] { return process.two.seen().size() == 1; });
    CHECK(Json(process.two.seen()[0]).text("/rule") == "dns_tunnelling");
    process.stop();
  }
  Process process(folder.path);
  process.start();
  process.until("over", [&] { return process.two.seen().size() == 1; });
  CHECK(rules_of(process.two.seen()) == std::vector<std::string>{"weir.sink_refused withdrawn"});
  CHECK(rules_of(process.one.seen()) == std::vector<std::string>{"dns_tunnelling final"});
  process.stop();
  CHECK(process.store->outbox_size() == 0);
}

TEST_CASE("outbox: 503 with its pause is heeded by the next process") {
  Folder folder;
  int64_t next = 0;
  {
    Process process(folder.path);
    process.one.set(503);
    process.start();
    process.add(1, {"one"});
    process.until("tried", [&] { return process.store->waiting("one", 0, 10)[0].attempts >= 1; });
    process.stop();
    store::Commit commit;
    next = process::now_us() + 3'600 * kSecond;
    commit.deliveries.push_back({"one", {}, {}, {}, {{1, next, "answered 503"}}, {}});
    REQUIRE(process.store->commit(commit) == "");
  }
  Process process(folder.path);
  process.start();
  process.add(2, {"two"});
  process.until("the other goes on", [&] { return process.two.seen().size() == 1; });
  CHECK(process.one.seen().empty());
  // Until somebody asks for it.
  process.store->retry_outbox({});
  process.until("sent", [&] { return process.one.seen().size() == 1; });
  process.stop();
  CHECK(process.store->outbox_size() == 0);
}

TEST_CASE("outbox: what is dropped is not sent by a process that holds it") {
  Folder folder;
  Process process(folder.path);
  process.one.set(403);  // a long pause
  process.start();
  for (int i = 1; i <= 3; ++i) process.add(i, {"one"});
  process.until("tried", [&] { return process.store->waiting("one", 0, 10)[0].attempts >= 1; });
  process.one.set(200);
  const std::vector<store::OutboxRow> rows = process.store->waiting("one", 0, 10);
  REQUIRE(rows.size() == 3);
  CHECK(process.store->drop_outbox({rows[0].row, rows[1].row}, "one") == 2);
  process.until("the third is sent", [&] { return !process.one.seen().empty(); });
  process.stop();
  REQUIRE(process.one.seen().size() == 1);
  CHECK(Json(process.one.seen()[0]).text("/id") == id_of(3));
  CHECK(process.store->waiting("one", 0, 10).empty());
}

TEST_CASE("outbox: alerts for a sink that is not there any more are named, and count for nothing") {
  Folder folder;
  std::string problem;
  auto store = store::Store::open(folder.path, store::Access::run, problem);
  REQUIRE_MESSAGE(store, problem);
  store::Commit commit;
  for (const char* id : {"1", "2"}) commit.alerts.push_back({id, "final", "{}", {"gone"}});
  commit.alerts.push_back({"3", "final", "{}", {"lost"}});
  REQUIRE(store->commit(commit) == "");
  CHECK(store->outbox_size() == 3);
  std::vector<std::string> said;
  Outbox outbox(
      *store, {}, [&](process::Severity, const std::string& text) { said.push_back(text); }, [] {});
  CHECK(outbox.open() == "");
  CHECK(store->outbox_size() == 0);
  REQUIRE(said.size() == 2);
  CHECK(said[0].starts_with("2 alerts wait for the sink gone,"));
  CHECK(said[1].starts_with("1 alert waits for the sink lost,"));
}

TEST_CASE("outbox: a row that was set aside comes before those behind it when it is asked for") {
  Folder folder;
  Process process(folder.path);
  process.one.set(200, id_of(2));
  process.start();
  for (int i = 1; i <= 3; ++i) process.add(i, {"one"});
  process.until("one set aside", [&] { return process.one.seen().size() == 2; });
  process.one.set(403);
  for (int i = 4; i <= 6; ++i) process.add(i, {"one"});
  process.until("trouble", [&] { return process.two.seen().size() == 1; });
  std::vector<store::OutboxRow> rows = process.store->outbox(0, 10);
  std::erase_if(rows, [](const store::OutboxRow& row) { return row.sink != "one"; });
  REQUIRE(rows.size() == 4);
  CHECK(rows[0].id == id_of(2));
  CHECK(rows[0].error == "answered 400: odd");
  CHECK(rows[0].next_at == store::kNotByItself);
  process.one.set(200);
  CHECK(process.store->retry_outbox({rows[0].row}) == 1);
  process.until("all", [&] { return process.one.seen().size() == 6; });
  std::vector<std::string> ids;
  for (const std::string& body : process.one.seen()) ids.push_back(Json(body).text("/id"));
  CHECK(ids == std::vector<std::string>{id_of(1), id_of(3), id_of(2), id_of(4), id_of(5), id_of(6)});
  process.stop();
  CHECK(process.store->waiting("one", 0, 10).empty());
}

TEST_CASE("trouble: to the sinks that the routes say, to all others when they say only the one in trouble") {
  Route pager;
  pager.levels[0] = pager.levels[1] = pager.levels[2] = false;
  pager.to = {"pager"};
  const Routing routing({pager}, {"pager", "chat", "file"});
  const auto told = [&](const char* sink) {
    TroubleOfSink trouble(sink, &routing);
    return trouble.begin({SinkTrouble::Kind::refused, "answered 401"}, kStart).alerts.at(0).sinks;
  };
  CHECK(told("chat") == std::vector<std::string>{"pager"});
  CHECK(told("pager") == std::vector<std::string>{"chat", "file"});
}

TEST_CASE("trouble: another kind ends the first") {
  const Routing routing({}, {"a", "b"});
  TroubleOfSink trouble("a", &routing);
  CHECK(trouble.begin({SinkTrouble::Kind::unreachable, "down"}, kStart).alerts.size() == 1);
  CHECK(trouble.begin({SinkTrouble::Kind::unreachable, "down"}, kStart + 1).alerts.empty());
  const News news = trouble.begin({SinkTrouble::Kind::refused, "answered 401"}, kStart + 2);
  REQUIRE(news.alerts.size() == 2);
  CHECK(news.alerts[0].state == "withdrawn");
  CHECK(news.alerts[1].state == "open");
  CHECK(news.alerts[0].id != news.alerts[1].id);
  CHECK(trouble.end(kStart + 3).alerts.at(0).id == news.alerts[1].id);
  CHECK_FALSE(trouble.end(kStart + 4).note);
}

TEST_CASE("full outbox: told once when it is full, and once when half of it is free") {
  const Routing routing({}, {"a"});
  FullOutbox full(100, &routing);
  CHECK_FALSE(full.look(100, kStart).note);
  const News begins = full.look(101, kStart);
  REQUIRE(begins.alerts.size() == 1);
  CHECK(begins.alerts[0].state == "open");
  CHECK_FALSE(full.look(99, kStart + 1).note);
  CHECK_FALSE(full.look(150, kStart + 1).note);
  const News ends = full.look(50, kStart + 2);
  REQUIRE(ends.alerts.size() == 1);
  CHECK(ends.alerts[0].state == "withdrawn");
  CHECK(ends.alerts[0].id == begins.alerts[0].id);
  CHECK_FALSE(full.full());
}

TEST_CASE("own alerts are alerts that every sink can read") {
  OwnAlert own;
  own.rule = "weir.sink_refused";
  own.subject = "chat";
  own.title = "A sink refuses alerts";
  own.message = "because";
  own.since = kStart;
  const std::string line = own_alert_json(own);
  const std::optional<AlertFacts> facts = read_alert(line);
  REQUIRE(facts);
  CHECK(facts->id == own_alert_id(own));
  CHECK(facts->level == 3);
  CHECK(is_own_alert(line));
  CHECK_FALSE(is_own_alert(Sample().line()));
  Sample hostile;
  hostile.event = R"({"rule":"weir.x"})";
  CHECK_FALSE(is_own_alert(hostile.line()));
}
