// What is not told while a silence lasts, what is told when it is over, and what is told all the same.
#include "runtime/deliver/silencer.h"

#include <doctest/doctest.h>
#include <stdlib.h>

#include <filesystem>

#include "runtime/deliver/full_quarantine.h"
#include "tests/unit/runtime/deliver/sample.h"

using namespace weir;
using namespace weir::deliver;
using deliver::testing::kMinute;
using deliver::testing::kStart;
using deliver::testing::Sample;

namespace {

using Texts = std::vector<std::string>;

// A store, a silencer on it, and commits a minute apart.
struct House {
  House() {
    char name[] = "/tmp/weir-silencer-XXXXXX";
    folder = ::mkdtemp(name);
    open();
  }
  ~House() {
    store.reset();
    std::filesystem::remove_all(folder);
  }
  void open() {
    silencer.reset();
    store.reset();
    std::string problem;
    store = store::Store::open(folder, store::Access::run, problem);
    REQUIRE_MESSAGE(store, problem);
    silencer = std::make_unique<Silencer>(*store, configured, nullptr);
    silencer->restore();
  }

  void configure(std::vector<Silence> silences) {
    configured = std::move(silences);
    silencer->configured(configured);
  }

  // What the sinks are told by this commit, "sink id state" each.
  Texts commit(const std::vector<Sample>& alerts = {}, Texts sinks = {"pager", "file"}) {
    store::Commit all;
    all.now = now;
    for (const Sample& one : alerts) all.alerts.push_back({one.id, one.state, one.line(), sinks});
    silencer->apply(all, Routing({}, {"pager", "file"}));
    REQUIRE(store->commit(all) == "");
    Texts told;
    for (const store::OutboxRow& row : store->outbox(last, 1000)) {
      told.push_back(row.sink + " " + row.id + " " + row.state);
      last = row.row;
    }
    now += kMinute;
    return told;
  }

  std::string folder;
  std::unique_ptr<store::Store> store;
  std::unique_ptr<Silencer> silencer;
  std::vector<Silence> configured;
  int64_t now = kStart, last = 0;
};

Sample alert(std::string id, std::string state, std::string replaces = {}) {
  Sample out;
  out.id = std::move(id);
  out.state = std::move(state);
  out.replaces = std::move(replaces);
  return out;
}

Silence silence(int64_t from, int64_t until, Texts to = {}, const char* rule = "dns_*") {
  Silence out;
  out.name = "weir.yaml:7";
  out.which.rules = {rule};
  out.to = std::move(to);
  out.from = from;
  out.until = until;
  return out;
}

const Texts kNothing;

}  // namespace

TEST_CASE("without a silence everything is told") {
  House house;
  CHECK(house.commit({alert("1", "final")}) == Texts{"pager 1 final", "file 1 final"});
  CHECK(house.store->audit().alerts_silenced == 0);
}

TEST_CASE("a final alert that a silence meets is committed, counted, and never told") {
  House house;
  house.configure({silence(0, kStart + 10 * kMinute)});
  CHECK(house.commit({alert("1", "final")}) == kNothing);
  CHECK(house.store->audit().alerts_committed == 1);
  CHECK(house.store->audit().alerts_silenced == 1);
  CHECK(house.store->alert_state("1") == "final");
  house.now = kStart + 11 * kMinute;
  CHECK(house.commit() == kNothing);
  CHECK(house.commit({alert("2", "final")}) == Texts{"pager 2 final", "file 2 final"});
  CHECK(house.store->audit().alerts_silenced == 1);
}

TEST_CASE("an alert that comes again is not counted again") {
  House house;
  house.configure({silence(0, kStart + 10 * kMinute)});
  house.commit({alert("1", "final")});
  CHECK(house.commit({alert("1", "final")}) == kNothing);
  CHECK(house.store->audit().alerts_silenced == 1);
  CHECK(house.store->audit().alerts_committed == 1);
}

TEST_CASE("what was told before is told to its end") {
  House house;
  house.configure({silence(kStart + kMinute, kStart + 10 * kMinute)});
  CHECK(house.commit({alert("1", "open"), alert("2", "open"), alert("3", "open")}).size() == 6);
  CHECK(house.silencer->on() == 0);
  CHECK(house.commit({alert("1", "withdrawn")}) == Texts{"pager 1 withdrawn", "file 1 withdrawn"});
  CHECK(house.silencer->on() == 1);
  CHECK(house.commit({alert("2", "final")}) == Texts{"pager 2 final", "file 2 final"});
  CHECK(house.commit({alert("4", "amended", "3")}) == Texts{"pager 4 amended", "file 4 amended"});
  CHECK(house.commit({alert("4", "final")}) == Texts{"pager 4 final", "file 4 final"});
  CHECK(house.store->audit().alerts_silenced == 0);
}

TEST_CASE("an alert that is open when the silence ends is told then, as it is by then") {
  House house;
  house.configure({silence(0, kStart + 5 * kMinute)});
  CHECK(house.commit({alert("1", "open"), alert("2", "open"), alert("3", "open"), alert("4", "open")}) == kNothing);
  CHECK(house.silencer->held() == 4);
  CHECK(house.commit({alert("2", "final")}) == kNothing);
  CHECK(house.commit({alert("3", "withdrawn")}) == kNothing);
  CHECK(house.commit({alert("5", "amended", "4")}) == kNothing);
  CHECK(house.silencer->held() == 2);
  CHECK(house.commit() == kNothing);
  CHECK(house.commit() == Texts{"pager 1 open", "file 1 open", "pager 5 amended", "file 5 amended"});
  CHECK(house.silencer->held() == 0);
  CHECK(house.store->held(0, 10).empty());
  CHECK(house.commit({alert("1", "final")}) == Texts{"pager 1 final", "file 1 final"});
  CHECK(house.commit({alert("5", "withdrawn")}) == Texts{"pager 5 withdrawn", "file 5 withdrawn"});
  CHECK(house.store->audit().alerts_silenced == 1);  // 2: of 1 the sinks have heard after all
  CHECK(house.store->audit().alerts_committed == 2);
}

TEST_CASE("what ends as the silence does is told once, in its order") {
  House house;
  house.configure({silence(0, kStart + kMinute)});
  house.commit({alert("1", "open"), alert("2", "open")});
  CHECK(house.commit({alert("1", "final"), alert("2", "withdrawn")}) ==
        Texts{"pager 1 open", "file 1 open", "pager 2 open", "file 2 open", "pager 1 final", "file 1 final", "pager 2 withdrawn",
              "file 2 withdrawn"});
}

TEST_CASE("sinks that the silence does not name hear everything") {
  House house;
  house.configure({silence(0, kStart + 5 * kMinute, {"pager"})});
  CHECK(house.commit({alert("1", "open"), alert("2", "final"), alert("3", "open")}) ==
        Texts{"file 1 open", "file 2 final", "file 3 open"});
  CHECK(house.commit({alert("3", "withdrawn")}) == Texts{"file 3 withdrawn"});
  house.now = kStart + 6 * kMinute;
  CHECK(house.commit() == Texts{"pager 1 open"});
  CHECK(house.store->audit().alerts_silenced == 1);
}

TEST_CASE("one silence after another holds on") {
  House house;
  house.configure({silence(0, kStart + 2 * kMinute), silence(kStart + kMinute, kStart + 4 * kMinute, {"file"})});
  CHECK(house.commit({alert("1", "open")}) == kNothing);
  CHECK(house.commit() == kNothing);
  CHECK(house.commit() == Texts{"pager 1 open"});
  CHECK(house.commit() == kNothing);
  CHECK(house.commit() == Texts{"file 1 open"});
}

TEST_CASE("silences and what they hold survive a restart") {
  House house;
  house.configure({silence(0, kStart + 5 * kMinute)});
  house.commit({alert("1", "open"), alert("2", "open")});
  house.open();
  CHECK(house.silencer->held() == 2);
  CHECK(house.commit({alert("2", "final")}) == kNothing);
  house.now = kStart + 6 * kMinute;  // it ended while nobody ran
  house.open();
  CHECK(house.commit() == Texts{"pager 1 open", "file 1 open"});
}

TEST_CASE("a silence that is taken out of the configuration is over at once") {
  House house;
  house.configure({silence(0, kStart + 500 * kMinute)});
  house.commit({alert("1", "open")});
  house.configure({});
  CHECK(house.commit() == Texts{"pager 1 open", "file 1 open"});
}

TEST_CASE("silences of the store begin and end while the process runs, and are forgotten five days after") {
  House house;
  std::string problem;
  const auto other = store::Store::open(house.folder, store::Access::look, problem);
  REQUIRE_MESSAGE(other, problem);
  CHECK(house.commit({alert("1", "final")}).size() == 2);
  const int64_t number = other->add_silence({0, "rule dns_*\n", kStart, kStart + 60 * kMinute, "why", "who"});
  CHECK(number == 1);
  CHECK(house.commit({alert("2", "open")}) == kNothing);
  CHECK(house.store->held(0, 10)[0].silence == "1");
  CHECK(other->end_silence(number, house.now) == 1);
  CHECK(other->end_silence(number, house.now) == 0);
  CHECK(other->end_silence(99, house.now) == 0);
  CHECK(house.commit() == Texts{"pager 2 open", "file 2 open"});
  CHECK(house.store->silences().size() == 1);
  house.now += 6 * 24 * 60 * kMinute;
  house.commit();
  CHECK(house.store->silences().empty());
  CHECK(other->add_silence({0, "rule a\n", kStart, kStart + kMinute, "", ""}) == 2);  // numbers are not used again
}

TEST_CASE("more than a page of what was held is told in its order") {
  House house;
  house.configure({silence(0, kStart + kMinute)});
  std::vector<Sample> many;
  for (int i = 0; i < 1200; ++i) many.push_back(alert(fmt::format("{:04}", (i * 7919) % 10000), "open"));
  CHECK(house.commit(many, {"pager"}) == kNothing);
  Texts told, wanted;
  for (int i = 0; i < 4; ++i)
    for (std::string& one : house.commit({}, {"pager"})) told.push_back(std::move(one));
  for (const Sample& one : many) wanted.push_back("pager " + one.id + " open");
  CHECK(told == wanted);
}

TEST_CASE("a full quarantine is told once, and over after an hour without a drop, across restarts") {
  House house;
  const Routing routing({}, {"pager"});
  FullQuarantine full(&routing);
  full.restore(*house.store);
  CHECK_FALSE(full.look(0, kStart).note);
  const News begun = full.look(5, kStart + kMinute);
  REQUIRE(begun.alerts.size() == 1);
  CHECK(begun.alerts[0].state == "open");
  CHECK(begun.alerts[0].body.find("weir.quarantine_full") != std::string::npos);
  CHECK_FALSE(full.look(9, kStart + 50 * kMinute).note);
  CHECK_FALSE(full.look(9, kStart + 80 * kMinute).note);
  store::Commit commit;
  commit.deliveries.push_back(*begun.note);
  REQUIRE(house.store->commit(commit) == "");
  FullQuarantine later(&routing);
  later.restore(*house.store);
  CHECK(later.full());
  CHECK_FALSE(later.look(0, kStart + 90 * kMinute).note);
  const News over = later.look(0, kStart + 151 * kMinute);
  REQUIRE(over.alerts.size() == 1);
  CHECK(over.alerts[0].state == "withdrawn");
  CHECK(over.alerts[0].id == begun.alerts[0].id);
  CHECK_FALSE(later.full());
}
