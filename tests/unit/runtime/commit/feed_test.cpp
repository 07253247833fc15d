// Records out of the quarantine, as the feed gives them: whatever the order in which somebody asks for them,
// and never known to the source that they came from.
#include "runtime/commit/feed.h"

#include <doctest/doctest.h>

#include <chrono>
#include <thread>

#include "tests/unit/runtime/commit/sample.h"

using namespace weir;

namespace {

// Whatever it is handed it did not give.
class Source final : public ingest::Source {
 public:
  std::unique_ptr<ingest::Unit> next() override { return nullptr; }
  bool drained() const override { return true; }
  void acknowledge(ingest::Unit&) override { FAIL("acknowledged"); }
  void give_back(std::unique_ptr<ingest::Unit>) override { FAIL("given back"); }
};

struct Fed {
  Fed() {
    std::string problem;
    store = store::Store::open(folder.path, store::Access::run, problem);
    REQUIRE_MESSAGE(store, problem);
    store->seen(1000, [](std::string_view) {});
    store::Commit commit;
    for (const char* source : {"feed", "feed", "gone", "feed"})
      commit.quarantine.push_back({0, 5, source, "unit", "a.json", 3, 0, 99, 1, "why", "bytes", true, false});
    REQUIRE(store->commit(commit) == "");
    std::vector<commit::FeedSource> sources;
    sources.push_back({"feed", std::make_unique<Source>(), match::kNone});
    feed = std::make_unique<commit::Feed>(std::move(sources), *store);
  }
  // The row that is next, within the time in which the feed looks.
  int64_t next(commit::Task& task) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!feed->next(task)) {
      if (std::chrono::steady_clock::now() > end) return 0;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return task.retried_row;
  }
  void decided(commit::Task& task) {
    store::Commit commit;
    commit.retried.push_back(task.retried_row);
    REQUIRE(store->commit(commit) == "");
    feed->committed({task.source, std::move(task.unit), true});
  }

  Folder folder;
  std::unique_ptr<store::Store> store;
  std::unique_ptr<commit::Feed> feed;
};

}  // namespace

TEST_CASE("rows of the quarantine are decided anew in whatever order they are asked for") {
  Fed fed;
  CHECK(fed.feed->drained());
  commit::Task task;
  for (const int64_t row : {4, 2, 1}) {
    CHECK(fed.store->retry_quarantine({row}) == 1);
    CHECK(!fed.feed->drained());
    CHECK(fed.next(task) == row);
    CHECK(!fed.feed->drained());
    fed.decided(task);
    CHECK(fed.feed->drained());
  }
}

TEST_CASE("a row that could not be decided is offered again; of a source that is gone it is not") {
  Fed fed;
  CHECK(fed.store->retry_quarantine({1, 3}) == 2);
  commit::Task task;
  CHECK(fed.next(task) == 1);
  CHECK(!fed.feed->next(task));
  fed.feed->give_back(task, true);
  CHECK(!fed.feed->drained());
  CHECK(fed.next(task) == 1);
  fed.decided(task);
  CHECK(fed.feed->drained());
}
