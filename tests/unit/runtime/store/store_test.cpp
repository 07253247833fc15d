// One transaction or nothing, each alert once, what a restart finds, and one process a store.
#include "runtime/store/store.h"

#include <doctest/doctest.h>
#include <stdlib.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "runtime/store/lock.h"
#include "runtime/store/schema.h"
#include "runtime/store/sqlite.h"

using namespace weir::store;

namespace {

struct Folder {
  Folder() {
    char name[] = "/tmp/weir-store-XXXXXX";
    path = ::mkdtemp(name);
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string path;
};

std::unique_ptr<Store> open(const std::string& folder, Access access = Access::run) {
  std::string problem;
  auto store = Store::open(folder, access, problem);
  REQUIRE_MESSAGE(store, problem);
  if (access == Access::run) store->seen(1000, [](std::string_view) {});
  return store;
}

AlertRow alert(std::string id, std::string state, std::vector<std::string> sinks = {"a"}) {
  return {id, state, "{\"id\":\"" + id + "\"}", std::move(sinks)};
}

}  // namespace

TEST_CASE("what was committed is there after a restart") {
  Folder folder;
  {
    auto store = open(folder.path);
    Commit commit;
    commit.units.push_back({"trail", std::string("\0unit", 5), "a.json", 7, false});
    commit.parts.push_back({"key", std::string("\0value", 6)});
    commit.parts.push_back({"kin", "2"});
    commit.parts.push_back({"other", "3"});
    commit.seen.assign(64, 'x');
    commit.alerts.push_back(alert("1", "final", {"a", "b"}));
    commit.counts.received = 9;
    commit.counts.evaluated = 8;
    commit.counts.quarantined = 1;
    commit.quarantine.push_back({0, 5, "trail", "unit", "a.json", 3, 0, 99, 1, "why", "bytes", true, false});
    CHECK(store->commit(commit) == "");
    CHECK(store->outbox_size() == 2);
  }
  auto store = open(folder.path);
  REQUIRE(store->units().size() == 1);
  CHECK(store->units()[0].unit == std::string("\0unit", 5));
  CHECK(store->units()[0].done == 7);
  REQUIRE(store->parts_but('k').size() == 1);
  CHECK(store->parts_but('k')[0].key == "other");
  CHECK(store->parts_but('x').size() == 3);
  std::vector<weir::correlate::SavedPart> one_by_one;
  store->each_part('k', [&](const weir::correlate::SavedPart& part) { one_by_one.push_back(part); });
  REQUIRE(one_by_one.size() == 2);
  CHECK(*one_by_one[0].value == std::string("\0value", 6));
  CHECK(one_by_one[1].key == "kin");
  std::string seen;
  store->seen(1000, [&](std::string_view batch) { seen += batch; });
  CHECK(seen == std::string(64, 'x'));
  const Audit audit = store->audit();
  CHECK(audit.received == 9);
  CHECK(audit.in_flight == 0);
  CHECK(audit.alerts_committed == 1);
  CHECK(store->outbox_size() == 2);
  REQUIRE(store->quarantine(0, 10, true).size() == 1);
  CHECK(store->quarantine(0, 10, true)[0].offset == 99);
  CHECK(store->quarantine(0, 10, true)[0].bytes == "bytes");
}

TEST_CASE("a store of version 1 is brought up to date, with its parts") {
  Folder folder;
  open(folder.path);
  {
    Database database;
    REQUIRE(database.open(folder.path + "/weir.db", true));
    REQUIRE(database.run("DROP TABLE state; CREATE TABLE parts (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;"
                         "INSERT INTO parts VALUES (x'62', x'01'), (x'63', x'02');"
                         "UPDATE meta SET value = 1 WHERE name = 'version'"));
  }
  open(folder.path, Access::look);
  for (int time = 0; time < 2; ++time) {
    auto store = open(folder.path);
    const auto parts = store->parts_but('b');
    REQUIRE(parts.size() == 1);
    CHECK(parts[0].key == "c");
    CHECK(parts[0].value == "\2");
    size_t others = 0;
    store->each_part('b', [&](const weir::correlate::SavedPart& part) { others += part.value == "\1"; });
    CHECK(others == 1);
  }
}

TEST_CASE("an alert id is committed once in each state, and nothing comes after it was final") {
  Folder folder;
  auto store = open(folder.path);
  const auto tell = [&](const char* id, const char* state) {
    Commit commit;
    commit.alerts.push_back(alert(id, state));
    CHECK(store->commit(commit) == "");
    return store->outbox_size();
  };
  CHECK(tell("1", "open") == 1);
  CHECK(tell("1", "open") == 1);
  CHECK(tell("1", "final") == 2);
  CHECK(tell("1", "final") == 2);
  CHECK(tell("1", "withdrawn") == 2);
  CHECK(tell("2", "amended") == 3);
  CHECK(tell("2", "withdrawn") == 4);
  CHECK(tell("2", "withdrawn") == 4);
  CHECK(tell("2", "open") == 5);  // another event shows that it holds after all
  CHECK(tell("2", "withdrawn") == 6);
  CHECK(tell("2", "final") == 7);
  CHECK(tell("2", "open") == 7);
  CHECK(store->audit().alerts_committed == 2);
}

TEST_CASE("what was delivered is gone; a message goes with the last sink that waits for it") {
  Folder folder;
  auto store = open(folder.path);
  Commit commit;
  commit.alerts = {alert("1", "final", {"a", "b"}), alert("2", "final", {"b"})};
  CHECK(store->commit(commit) == "");
  CHECK(store->waiting("a", 0, 10).size() == 1);
  const auto rows = store->waiting("b", 0, 10);
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].body == "{\"id\":\"1\"}");
  CHECK(store->waiting("b", rows[0].row, 10).size() == 1);
  CHECK(store->waiting("b", 0, 1).size() == 1);
  Commit done;
  done.deliveries.push_back({"b", {rows[0].row, rows[1].row}, {}, SinkPosition{"file", 42}});
  CHECK(store->commit(done) == "");
  CHECK(store->outbox_size() == 1);
  CHECK(store->waiting("b", 0, 10).empty());
  CHECK(store->waiting("a", 0, 10).size() == 1);
  CHECK(store->sink_position("b").length == 42);
  CHECK(store->sink_position("c").length == 0);
}

TEST_CASE("attempts and their reasons are kept; what waits keeps its place, what is set aside is asked for") {
  Folder folder;
  auto store = open(folder.path);
  Commit commit;
  commit.alerts = {alert("1", "final"), alert("2", "final"), alert("3", "final")};
  CHECK(store->commit(commit) == "");
  auto rows = store->waiting("a", 0, 10);
  REQUIRE(rows.size() == 3);
  Commit after;
  after.deliveries.push_back(
      {"a", {}, {{rows[1].row, "answered 400: no"}}, {}, {{rows[0].row, 5'000, "answered 503"}}, {}});
  CHECK(store->commit(after) == "");
  CHECK(store->commit(after) == "");
  rows = store->waiting("a", 0, 10);
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].attempts == 2);
  CHECK(rows[0].next_at == 5'000);
  CHECK(rows[0].error == "answered 503");
  CHECK(store->outbox(0, 10)[1].next_at == kNotByItself);
  CHECK(store->asked_for("a", 10).empty());

  auto other = open(folder.path, Access::look);
  CHECK(other->retry_outbox({}) == 3);
  CHECK(store->asked_for("a", 10).size() == 3);
  CHECK(store->asked_for("b", 10).empty());
  CHECK(store->waiting("a", 0, 10).size() == 3);
  after.deliveries[0].set_aside.clear();
  CHECK(store->commit(after) == "");  // an attempt that was under way does not undo it
  CHECK(store->asked_for("a", 10).size() == 3);
  Commit noticed;
  noticed.deliveries.push_back({"a", {}, {}, {}, {}, store->asked_for("a", 10)});
  CHECK(store->commit(noticed) == "");
  CHECK(store->asked_for("a", 10).empty());
  CHECK(store->waiting("a", 0, 10).size() == 3);
}

TEST_CASE("remembered ids are limited, the oldest batches go") {
  Folder folder;
  auto store = open(folder.path);
  store->seen(4, [](std::string_view) {});
  for (char c = 'a'; c < 'k'; ++c) {
    Commit commit;
    commit.seen.assign(64, c);
    CHECK(store->commit(commit) == "");
  }
  std::string seen;
  store->seen(4, [&](std::string_view batch) { seen += batch; });
  CHECK(seen == std::string(64, 'i') + std::string(64, 'j'));
}

TEST_CASE("a commit that was undone has not dropped any id, and has looked at no alert") {
  Folder folder;
  auto store = open(folder.path);
  store->seen(8, [](std::string_view) {});
  const auto remember = [&](char c) {
    Commit commit;
    commit.seen.assign(64, c);
    commit.counts.received = 1;
    return store->commit(commit);
  };
  CHECK(remember('a') == "");
  CHECK(remember('b') == "");
  Database other;
  REQUIRE(other.open(folder.path + "/weir.db", false));
  // What is written after the ids fails.
  REQUIRE(other.run(
      "CREATE TRIGGER full BEFORE INSERT ON counters BEGIN SELECT RAISE(ABORT, 'it is full'); END"));
  for (int i = 0; i < 20; ++i) CHECK(remember('x') == "it is full");
  REQUIRE(other.run("DROP TRIGGER full"));
  CHECK(remember('c') == "");
  CHECK(remember('d') == "");
  std::string seen;
  store->seen(8, [&](std::string_view batch) { seen += batch; });
  CHECK(seen == std::string(64, 'a') + std::string(64, 'b') + std::string(64, 'c') + std::string(64, 'd'));
}

TEST_CASE("ids of alerts that ended are forgotten, those that an amendment replaced, too") {
  Folder folder;
  auto store = open(folder.path);
  const auto tell = [&](const char* id, const char* state, const char* replaces = "") {
    Commit commit;
    commit.now = 1000;
    commit.alerts.push_back(alert(id, state));
    commit.alerts.back().replaces = replaces;
    CHECK(store->commit(commit) == "");
  };
  tell("1", "open");
  tell("2", "amended", "1");
  tell("3", "amended", "2");
  tell("4", "open");
  tell("3", "final");
  CHECK(store->alert_state("1") == "replaced");
  CHECK(store->alert_state("2") == "replaced");
  CHECK(store->alert_state("3") == "final");
  tell("5", "open");
  tell("6", "amended", "5");
  tell("5", "amended", "6");  // as it was before
  CHECK(store->alert_state("5") == "amended");
  Commit commit;
  commit.now = 2000;
  commit.forget_alerts = 1500;
  CHECK(store->commit(commit) == "");
  for (const char* gone : {"1", "2", "3", "6"}) CHECK(store->alert_state(gone).empty());
  CHECK(store->alert_state("4") == "open");
  CHECK(store->alert_state("5") == "amended");
}

TEST_CASE("deaths that were noted are not added again when the process ended before it could say so") {
  Folder folder;
  auto store = open(folder.path);
  const std::vector<Death> left = {{"trail", "unit", 5, true, 1, 1}};
  for (int start = 0; start < 3; ++start) {
    const auto all = store->note_deaths(left, 77);
    REQUIRE(all.size() == 1);
    CHECK(all[0].crashes == 1);
  }
  CHECK(store->note_deaths(left, 78)[0].crashes == 2);
  CHECK(store->note_deaths(left, 0)[0].crashes == 3);  // of a version that had no stamps
  CHECK(store->note_deaths(left, 0)[0].crashes == 4);
}

TEST_CASE("rows of sinks that are gone do not count; they are named, and can be dropped") {
  Folder folder;
  auto store = open(folder.path);
  Commit commit;
  for (int i = 0; i < 3; ++i) commit.alerts.push_back(alert(std::to_string(i), "final", {"here", "gone"}));
  commit.alerts.push_back(alert("9", "final", {"gone"}));
  CHECK(store->commit(commit) == "");
  CHECK(store->outbox_size() == 7);
  store->count_outbox_of({"here", "new"});
  CHECK(store->outbox_size() == 3);
  REQUIRE(store->outbox_by_sink().size() == 2);
  CHECK(store->outbox_by_sink()[0].sink == "gone");
  CHECK(store->outbox_by_sink()[0].rows == 4);
  store->count_outbox_of({});
  CHECK(store->outbox_size() == 0);
  store->count_outbox_of({"here"});

  auto other = open(folder.path, Access::look);
  CHECK(other->drop_outbox({}, "nobody") == 0);
  const int64_t first = store->waiting("here", 0, 10)[0].row;
  CHECK(other->drop_outbox({first, 4711}, "") == 1);
  CHECK(other->drop_outbox({first + 2}, "gone") == 0);  // another sink's
  CHECK(store->outbox_size() == 2);
  CHECK(other->drop_outbox({}, "gone") == 4);
  CHECK(other->problem() == "");
  CHECK(store->outbox_size() == 2);
  CHECK(store->waiting("here", 0, 10).size() == 2);
  CHECK(store->outbox_dropped() == 5);
  Database database;
  REQUIRE(database.open(folder.path + "/weir.db", false));
  Statement messages(database, "SELECT count(*) FROM messages");
  REQUIRE(messages.step());
  CHECK(messages.integer(0) == 2);
  CHECK(other->drop_outbox({}, "") == 2);
  CHECK(store->outbox_size() == 0);
}

TEST_CASE("more rows than one transaction drops are all dropped") {
  Folder folder;
  auto store = open(folder.path);
  Commit commit;
  for (int i = 0; i < 6'000; ++i) commit.alerts.push_back(alert(std::to_string(i), "final", {"a", "b"}));
  CHECK(store->commit(commit) == "");
  CHECK(store->drop_outbox({}, "a") == 6'000);
  CHECK(store->outbox_size() == 6'000);
  CHECK(store->drop_outbox({}, "") == 6'000);
  CHECK(store->outbox_size() == 0);
}

TEST_CASE("deaths add up at the same place until the unit is finished") {
  Folder folder;
  auto store = open(folder.path);
  CHECK(store->note_deaths({{"trail", "unit", 5, true, 1, 1}}).size() == 1);
  const auto all = store->note_deaths({{"trail", "unit", 5, true, 0, 1}, {"trail", "unit", 6, true, 0, 1}});
  REQUIRE(all.size() == 2);
  CHECK(all[0].crashes == 1);
  CHECK(all[0].deaths == 2);
  Commit commit;
  commit.units.push_back({"trail", "unit", "a", 9, true});
  CHECK(store->commit(commit) == "");
  CHECK(store->note_deaths({}).empty());
}

TEST_CASE("quarantined records are retried when they are whole, and dropped when that is asked") {
  Folder folder;
  auto store = open(folder.path);
  Commit commit;
  commit.quarantine.push_back({0, 5, "trail", "unit", "a.json", 3, 0, 99, 1, "why", "bytes", true, false});
  commit.quarantine.push_back({0, 5, "trail", "unit", "a.json", 4, 0, 99, 1, "why", "byt", false, false});
  CHECK(store->commit(commit) == "");
  CHECK(store->to_retry(0, 10, {"trail"}).empty());
  store->retry_quarantine({});
  REQUIRE(store->to_retry(0, 10, {"feed", "trail"}).size() == 1);
  CHECK(store->to_retry(0, 10, {"trail"})[0].line == 3);
  CHECK(store->to_retry(0, 10, {"feed"}).empty());
  CHECK(store->to_retry(0, 10, {}).empty());
  CHECK(store->drop_quarantine({2, 77}) == 1);
  CHECK(store->quarantine(0, 10, false).size() == 1);
}

TEST_CASE("a second process is refused, one that looks is not") {
  Folder folder;
  std::string problem;
  CHECK(!Store::open(folder.path, Access::look, problem));
  CHECK(problem.find("there is no store") != std::string::npos);
  auto store = open(folder.path);
  CHECK(!Store::open(folder.path, Access::run, problem));
  CHECK(problem.find("one store, one process") != std::string::npos);
  open(folder.path, Access::look);
}

TEST_CASE("what is no store is refused with a sentence, by who looks and by who would run on it") {
  Folder folder;
  const std::string path = folder.path + "/weir.db";
  std::string problem;
  std::ofstream(path).close();
  CHECK(!Store::open(folder.path, Access::look, problem));
  CHECK(problem == path + ": it is empty; `weir run` makes the store");
  {
    Database foreign;
    REQUIRE(foreign.open(path, true));
    REQUIRE(foreign.run("CREATE TABLE songs (title TEXT)"));
  }
  for (const Access access : {Access::look, Access::run}) {
    CHECK(!Store::open(folder.path, access, problem));
    CHECK(problem == path + ": it is no store: another program's tables are in it");
  }
  std::ofstream(path) << std::string(5000, 'x');
  for (const Access access : {Access::look, Access::run}) {
    CHECK(!Store::open(folder.path, access, problem));
    CHECK(problem == path + ": file is not a database");
  }
}

TEST_CASE("who looks waits while a process makes the store") {
  Folder folder;
  Lock lock;
  REQUIRE(lock.take(folder.path) == "");
  Database database;
  REQUIRE(database.open(folder.path + "/weir.db", true));
  std::thread made([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    CHECK(prepare_tables(database) == "");
  });
  std::string problem;
  CHECK_MESSAGE(Store::open(folder.path, Access::look, problem), problem);
  made.join();
}

TEST_CASE("whoever asks whether a store is taken does not keep it from a process that starts") {
  Folder folder;
  CHECK(!Lock::is_taken(folder.path));
  {
    Lock lock;
    REQUIRE(lock.take(folder.path) == "");
    CHECK(Lock::is_taken(folder.path));
  }
  std::atomic<bool> over = false;
  std::thread asks([&] {
    for (; !over; std::this_thread::sleep_for(std::chrono::milliseconds(1))) Lock::is_taken(folder.path);
  });
  for (int i = 0; i < 100; ++i) {
    Lock lock;
    CHECK(lock.take(folder.path) == "");
  }
  over = true;
  asks.join();
}

TEST_CASE("a statement that cannot be prepared has no rows and says why; a read that failed is no zero") {
  Folder folder;
  auto store = open(folder.path);
  auto looks = open(folder.path, Access::look);
  CHECK(looks->audit().received == 0);
  CHECK(looks->problem() == "");
  Database database;
  REQUIRE(database.open(folder.path + "/weir.db", false));
  Statement nothing(database, "SELECT 1 FROM nothing WHERE a = ? AND b = ?");
  for (int i = 0; i < 2; ++i) {
    CHECK(!nothing.bind(1).bind_text("b").step());
    CHECK(!nothing.bind_bytes("a").bind_kept_bytes("b").run());
    nothing.reset();
    CHECK(database.problem() != "");
    database.clear();
  }
  REQUIRE(database.run("ALTER TABLE counters RENAME TO lost"));
  looks->audit();
  CHECK(looks->problem().find("no such table: counters") != std::string::npos);
  std::string problem;
  CHECK(!Store::open(folder.path, Access::look, problem));
}

namespace {

Commit garbage(int from, int count, size_t bytes, const std::string& reason = "why") {
  Commit commit;
  for (int i = from; i < from + count; ++i)
    commit.quarantine.push_back({0, 1000 + i, "trail", "unit", "a.json", 3, 0, 99, 1, reason, std::string(bytes, 'x'), true, false});
  commit.counts.received = commit.counts.quarantined = count;
  return commit;
}

int64_t sum(const std::vector<DroppedRecords>& all) {
  int64_t events = 0;
  for (const DroppedRecords& one : all) events += one.events;
  return events;
}

}  // namespace

TEST_CASE("beyond its rows the quarantine drops the oldest, and keeps how many and why") {
  Folder folder;
  auto store = open(folder.path);
  store->limit_quarantine(1u << 30, 80);
  CHECK(store->commit(garbage(0, 80, 10)) == "");
  CHECK(store->quarantine(0, 1000, false).size() == 80);
  CHECK(store->quarantine_dropped() == 0);
  CHECK(store->commit(garbage(80, 1, 10, "else")) == "");
  const std::vector<QuarantineRow> left = store->quarantine(0, 1000, false);
  CHECK(left.size() == 70);
  CHECK(left.front().at == 1011);
  CHECK(left.back().reason == "else");
  CHECK(store->quarantine_dropped() == 11);
  const std::vector<DroppedRecords> gone = store->dropped_records();
  REQUIRE(gone.size() == 1);
  CHECK(gone[0].source == "trail");
  CHECK(gone[0].reason == "why");
  CHECK(gone[0].events == 11);
  CHECK(gone[0].first_at == 1000);
  CHECK(gone[0].last_at == 1010);
  const Audit audit = store->audit();
  CHECK(audit.quarantined == 81);
  CHECK(audit.quarantine_dropped == 11);
  CHECK(audit.in_flight == 0);
}

TEST_CASE("beyond its bytes the quarantine drops the oldest, however much comes, and after a restart, too") {
  Folder folder;
  {
    auto store = open(folder.path);
    store->limit_quarantine(100'000, 1000);
    for (int i = 0; i < 20; ++i) CHECK(store->commit(garbage(10 * i, 10, 1000)) == "");
  }
  auto store = open(folder.path);
  store->limit_quarantine(100'000, 1000);
  for (int i = 20; i < 40; ++i) {
    CHECK(store->commit(garbage(10 * i, 10, 1000)) == "");
    CHECK(store->quarantine(0, 1000, false).size() <= 100);
  }
  const int64_t left = static_cast<int64_t>(store->quarantine(0, 1000, false).size());
  CHECK(left >= 80);
  CHECK(sum(store->dropped_records()) + left == 400);
  CHECK(store->quarantine_dropped() + left == 400);
  // One commit that is larger than all there may be.
  CHECK(store->commit(garbage(400, 300, 1000)) == "");
  CHECK(store->quarantine(0, 1000, false).size() == 87);
  CHECK(store->audit().quarantined == 700);
}

TEST_CASE("rows that somebody dropped make room, and reasons are not kept without end") {
  Folder folder;
  auto store = open(folder.path);
  store->limit_quarantine(1u << 30, 8);
  CHECK(store->commit(garbage(0, 8, 1)) == "");
  CHECK(store->drop_quarantine({1, 2, 3}) == 3);
  CHECK(store->commit(garbage(8, 3, 1)) == "");
  CHECK(store->quarantine_dropped() == 0);
  for (int i = 0; i < 1100; ++i) CHECK(store->commit(garbage(20 + i, 1, 1, "reason " + std::to_string(i))) == "");
  CHECK(store->dropped_records().size() <= 1001);
  CHECK(store->dropped_records()[0].reason == "other reasons");
  CHECK(sum(store->dropped_records()) == store->quarantine_dropped());
  CHECK(store->quarantine(0, 100, false).size() <= 8);
  store->drop_quarantine({});
  CHECK(store->dropped_records().empty());
  CHECK(store->quarantine(0, 100, false).empty());
}

TEST_CASE("what is committed lies in the log until it is tidied away, and is there either way") {
  Folder folder;
  const auto size = [&] { return std::filesystem::file_size(folder.path + "/weir.db"); };
  constexpr size_t kMuch = 10u << 20;
  {
    auto store = open(folder.path);
    Commit commit;
    commit.parts.push_back({"g", std::string(kMuch, 'x')});
    REQUIRE(store->commit(commit) == "");
    CHECK(size() < kMuch);
    store->tidy();
    CHECK(size() > kMuch);
    store->tidy();
    CHECK(store->problem() == "");
  }
  auto store = open(folder.path);
  const auto parts = store->parts_but('b');
  REQUIRE(parts.size() == 1);
  CHECK(parts[0].value->size() == kMuch);
}
