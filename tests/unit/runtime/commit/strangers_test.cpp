// Which files are named for holding nothing known, and how often.
#include "runtime/commit/strangers.h"

#include <doctest/doctest.h>

using namespace weir;

namespace {

class Nothing final : public ingest::Unit {
 public:
  std::string read(ingest::FileReader&, const ingest::ReadLimits&, ingest::Receiver&,
                   const std::atomic<bool>&) override {
    return {};
  }
};

// `upto`: it is a part of a file that grows.
commit::Finished of(const std::string& name, uint64_t foreign, bool recognised,
                    const std::string& upto = "") {
  auto unit = std::make_unique<Nothing>();
  unit->key = unit->name = name;
  unit->upto = upto;
  unit->of_file = true;
  return {0, std::move(unit), false, foreign, recognised};
}

}  // namespace

TEST_CASE("a whole file is named when all of it is foreign") {
  commit::Strangers strangers;
  CHECK(strangers.look_at(of("a", 3, false)) ==
        "a: holds no event of a known source, 3 lines or records are skipped");
  CHECK(strangers.look_at(of("b", 1, false)) ==
        "b: holds no event of a known source, its one record is skipped");
  CHECK(strangers.look_at(of("c", 3, true)).empty());
  CHECK(strangers.look_at(of("d", 0, false)).empty());
  commit::Finished request = of("e", 3, false);
  request.unit->of_file = false;
  CHECK(strangers.look_at(request).empty());
}

TEST_CASE("a file that grows is named once, when it is more than a heading, and never after an event") {
  commit::Strangers strangers;
  CHECK(strangers.look_at(of("a", commit::kHeadingLines, false, "1")).empty());
  CHECK(strangers.look_at(of("a", 2, false, "2")) ==
        "a: holds no event of a known source, 6 lines or records are skipped");
  CHECK(strangers.look_at(of("a", 100, false, "3")).empty());
  CHECK(strangers.look_at(of("b", 2, true, "1")).empty());
  CHECK(strangers.look_at(of("b", 100, false, "2")).empty());
}

TEST_CASE("where very many are foreign, the last that is named says so") {
  commit::Strangers strangers;
  std::string last;
  size_t told = 0;
  for (size_t i = 0; i < 2 * commit::kStrangersTold; ++i)
    if (const std::string text = strangers.look_at(of(std::to_string(i), 1, false)); !text.empty()) {
      ++told;
      last = text;
    }
  CHECK(told == commit::kStrangersTold);
  CHECK(last.find("weir_records_skipped_total") != std::string::npos);
}
