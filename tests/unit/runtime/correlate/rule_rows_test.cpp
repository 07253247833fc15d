// Rows come back in the total order and unchanged, whether they stayed in memory or went to a file.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <random>

#include "pack.h"
#include "runtime/correlate/rule_rows.h"

using namespace weir;
using namespace weir::correlate;

namespace {

Row row_of(uint32_t combination, const EventRef& event, uint32_t seed) {
  auto seen = std::make_shared<Observation>();
  seen->conditions = seed;
  seen->counted = seed % 3 != 0;
  seen->values = {{{identity_of(std::to_string(seed)), Number::of(int64_t{seed})}}, {}};
  if (seed % 2 == 0) seen->add_text(seen->values[0][0], std::string(seed % 40, 'x') + std::to_string(seed));
  Row row{identity_of(std::to_string(seed % 5)), {event, combination, identity_of("silence")}, seen};
  return row;
}

EventRef event_at(int64_t time, uint32_t number) {
  auto event = std::make_shared<StoredEvent>();
  event->order = {time, "one", std::to_string(number)};
  event->content = number;
  event->size = 5 + number % 7;
  event->record = std::string(event->size, static_cast<char>('a' + number % 26));
  event->record.resize(event->size + match::kPadding);
  event->where = "file:" + std::to_string(number);
  return event;
}

std::vector<Row> rows_of(uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<Row> rows;
  for (uint32_t i = 0; i < 300; ++i) {
    const EventRef event = event_at(random() % 40, i);
    for (uint32_t combination = 0; combination <= i % 3; ++combination)
      rows.push_back(row_of(combination, event, random() % 1000));
  }
  std::shuffle(rows.begin(), rows.end(), random);
  return rows;
}

void add(RuleRows& rows, const Row& row) {
  const RowGroup group{row.group, row.place.combination, row.place.silence};
  rows.add(0, row.place.event, *row.seen, {&group, 1});
}

std::vector<Row> read_all(RuleRows& rows, const Pack& pack) {
  std::vector<Row> out;
  RowReader reader = rows.read(*pack.program(), 0, RowsAre::lasting);
  for (std::vector<Row> instant; reader.next_instant(instant);) {
    CHECK((out.empty() || out.back().time() < instant.front().time()));
    out.insert(out.end(), instant.begin(), instant.end());
  }
  CHECK(reader.failure().empty());
  return out;
}

void check_same(const Row& a, const Row& b) {
  CHECK(a.group == b.group);
  CHECK(a.place.combination == b.place.combination);
  CHECK(a.place.silence == b.place.silence);
  CHECK(a.place.event->order == b.place.event->order);
  CHECK(a.place.event->content == b.place.event->content);
  std::string of_a, of_b;
  CHECK(a.place.event->read(of_a) == b.place.event->read(of_b));
  CHECK(a.place.event->size == b.place.event->size);
  CHECK(a.place.event->where == b.place.event->where);
  CHECK(a.seen->conditions == b.seen->conditions);
  CHECK(a.seen->counted == b.seen->counted);
  REQUIRE(a.seen->values.size() == b.seen->values.size());
  REQUIRE(b.seen->values[0].size() == 1);
  CHECK(a.seen->values[0][0].identity == b.seen->values[0][0].identity);
  CHECK(a.seen->values[0][0].number.whole == b.seen->values[0][0].number.whole);
  CHECK(a.seen->text_of(a.seen->values[0][0]) == b.seen->text_of(b.seen->values[0][0]));
  CHECK(b.seen->values[1].empty());
}

const std::string kFolder = std::filesystem::temp_directory_path().string();

}  // namespace

TEST_CASE("spilled rows are the rows of memory, in the total order") {
  const Pack pack;
  for (uint64_t budget : {uint64_t{0}, uint64_t{2'000}, uint64_t{20'000}}) {
    const std::vector<Row> rows = rows_of(7);
    RuleRows memory(1), one(1, {budget, kFolder}), other(1, {budget, kFolder});
    for (size_t i = 0; i < rows.size(); ++i) {
      add(memory, rows[i]);
      add(i % 2 ? one : other, rows[i]);
    }
    one.merge(std::move(other));
    CHECK_FALSE(memory.spilled());
    CHECK(one.spilled());
    const std::vector<Row> expected = read_all(memory, pack), got = read_all(one, pack);
    REQUIRE(expected.size() == rows.size());
    REQUIRE(got.size() == rows.size());
    for (size_t i = 0; i < got.size(); ++i) check_same(expected[i], got[i]);
    for (size_t i = 1; i < got.size(); ++i) CHECK_FALSE(comes_before(got[i], got[i - 1]));
    CHECK(read_all(one, pack).size() == rows.size());  // and once more
    one.forget(0);
    CHECK(read_all(one, pack).empty());
  }
}

TEST_CASE("a folder that is not there is said, and loses rows rather than memory") {
  RuleRows rows(1, {0, "/no/such/folder"});
  add(rows, row_of(0, event_at(1, 1), 1));
  CHECK(rows.failure().find("/no/such/folder") != std::string::npos);
}
