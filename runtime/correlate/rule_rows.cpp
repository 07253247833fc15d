// External merge sort, of blocks: the rows that a rule has of one event stay together.
#include "runtime/correlate/rule_rows.h"

#include <algorithm>
#include <cstring>
#include <tuple>
#include <utility>

#include "runtime/correlate/spill_file.h"

namespace weir::correlate {
namespace {

constexpr size_t kWriteBytes = 1 << 20;
constexpr size_t kReadBytes = 1 << 16;
constexpr size_t kFewOfRanks = 4;  // fewer than one in so many: sorted by comparing
constexpr size_t kFetchAhead = 8;  // each rule walks over all of its events again: they are not in the cache any more
constexpr size_t kBytesOfEvent = 64 + sizeof(EventRef) + 2 * sizeof(uint32_t);  // control block, allocator, places

// What stands before a block in a file; its rows, packed, follow.
struct SpilledHead {
  uint64_t event = 0;  // where that is in the file
  uint64_t bytes = 0;
  uint64_t combination = 0;
};

}  // namespace

// ---- reading

// A place in a sorted list of blocks.
struct RowReader::Cursor {
  virtual ~Cursor() = default;
  // False at the end, and, with `failed` set, when it cannot go on.
  virtual bool advance() = 0;

  const StoredEvent* event = nullptr;  // of the block
  EventRef owner;                      // of that event; null where someone else keeps it
  uint32_t combination = 0;
  std::string_view rows;
  bool failed = false;
};

struct RowReader::InMemory final : Cursor {
  InMemory(const RuleRows& from, uint32_t rule, RowsAre are)
      : events(from.events_), are(are), blocks(from.in_order(rule)) {}

  bool advance() override {
    if (next == blocks.size()) return false;
    if (next + kFetchAhead < blocks.size())
      __builtin_prefetch(events[blocks[next + kFetchAhead].event].get());
    const RuleRows::Placed& placed = blocks[next++];
    event = events[placed.event].get();
    if (are == RowsAre::lasting) owner = events[placed.event];
    combination = placed.block.combination();
    rows = placed.block.rows();
    return true;
  }

  const std::vector<EventRef>& events;
  RowsAre are;
  std::vector<RuleRows::Placed> blocks;
  size_t next = 0;
};

struct RowReader::InFile final : Cursor {
  InFile(const match::Program& program, const SpilledRun& run) : run(run), events(program, run.file) {}

  bool advance() override {
    if (run.bytes == 0 && used == buffer.size()) return false;
    SpilledHead head;
    failed = !take(reinterpret_cast<char*>(&head), sizeof head);
    if (failed) return false;
    packed.resize(head.bytes);
    failed = !take(packed.data(), packed.size()) || !(owner = events.at(head.event));
    event = owner.get();
    combination = static_cast<uint32_t>(head.combination);
    rows = packed;
    return !failed;
  }

  // False when there are not so many.
  bool take(char* into, size_t bytes) {
    while (bytes > 0) {
      if (used == buffer.size()) {
        const size_t some = std::min<uint64_t>(kReadBytes, run.bytes);
        buffer.resize(some);
        used = 0;
        if (some == 0 || !run.file->read(run.offset, buffer.data(), some)) return false;
        run.offset += some;
        run.bytes -= some;
      }
      const size_t part = std::min(bytes, buffer.size() - used);
      std::memcpy(into, buffer.data() + used, part);
      used += part;
      into += part;
      bytes -= part;
    }
    return true;
  }

  SpilledRun run;
  SpilledEvents events;
  std::string buffer;
  size_t used = 0;     // of the buffer
  std::string packed;  // of the current block
};

namespace {

// The least on top of the heap. By value: one event may have been read back from two places.
const auto kComesAfter = [](const auto& a, const auto& b) {
  if (comes_before(*b->event, *a->event)) return true;
  return b->combination < a->combination && !comes_before(*a->event, *b->event);
};

}  // namespace

RowReader::RowReader(const match::Program& program, const RuleRows& from, uint32_t rule, RowsAre are) : are_(are) {
  begin(std::make_unique<InMemory>(from, rule, are));
  for (const SpilledRun& run : from.runs_[rule]) begin(std::make_unique<InFile>(program, run));
}
RowReader::~RowReader() = default;

void RowReader::begin(std::unique_ptr<Cursor> cursor) {
  if (cursor->advance()) {
    cursors_.push_back(std::move(cursor));
    std::push_heap(cursors_.begin(), cursors_.end(), kComesAfter);
  } else if (cursor->failed) {
    failure_ = "cannot read back a temporary file";
  }
}

std::shared_ptr<Observation> RowReader::unpack(std::string_view packed) {
  if (are_ == RowsAre::lasting) {
    auto seen = std::make_shared<Observation>();
    unpack_rows(packed, *seen, groups_);
    return seen;
  }
  if (passed_ == passing_.size()) passing_.push_back(std::make_shared<Observation>());
  Observation* seen = passing_[passed_++].get();
  unpack_rows(packed, *seen, groups_);
  return {std::shared_ptr<Observation>(), seen};
}

void RowReader::append_rows(std::vector<Row>& rows) {
  if (cursors_.size() > 1) std::pop_heap(cursors_.begin(), cursors_.end(), kComesAfter);
  Cursor& cursor = *cursors_.back();
  const auto seen = unpack(cursor.rows);
  const EventRef event = cursor.owner ? cursor.owner : EventRef(EventRef(), cursor.event);
  for (const RowGroup& group : groups_)
    rows.push_back({group.group, {event, group.combination, group.silence}, seen});
  if (cursor.advance()) {
    if (cursors_.size() > 1) std::push_heap(cursors_.begin(), cursors_.end(), kComesAfter);
    return;
  }
  if (cursor.failed) failure_ = "cannot read back a temporary file";
  cursors_.pop_back();
}

bool RowReader::next_instant(std::vector<Row>& rows) {
  rows.clear();
  passed_ = 0;
  while (!cursors_.empty() && (rows.empty() || cursors_.front()->event->order.time == rows.front().time()))
    append_rows(rows);
  return !rows.empty();
}

// ---- collecting

RuleRows::RuleRows(size_t rules, SpillOptions options)
    : options_(std::move(options)), logs_(rules), runs_(rules) {}

void RuleRows::add(uint32_t rule, const EventRef& event, const Observation& seen, std::span<const RowGroup> groups) {
  if (groups.empty()) return;
  if (events_.empty() || events_.back() != event) {
    events_.push_back(event);
    bytes_ += event->bytes() + kBytesOfEvent;
  }
  const std::string_view packed = pack_rows(seen, groups, packed_);
  bytes_ += sizeof(Placed) + logs_[rule].add(static_cast<uint32_t>(events_.size() - 1), packed);
  if (bytes_ > options_.budget_bytes) spill();
}

void RuleRows::order_events() {
  if (ranks_.size() == events_.size()) return;
  const auto before = [&](uint32_t a, uint32_t b) { return comes_before(*events_[a], *events_[b]); };
  std::vector<std::pair<int64_t, uint32_t>> by_time;
  by_time.reserve(events_.size());
  for (uint32_t place = 0; place < events_.size(); ++place)
    by_time.emplace_back(events_[place]->order.time, place);
  if (!std::is_sorted(by_time.begin(), by_time.end())) std::sort(by_time.begin(), by_time.end());
  by_rank_.resize(events_.size());
  for (size_t i = 0, begin = 0; i < by_time.size(); ++i) {
    by_rank_[i] = by_time[i].second;
    if (i + 1 < by_time.size() && by_time[i + 1].first == by_time[begin].first) continue;
    const auto at = by_rank_.begin();
    std::sort(at + static_cast<std::ptrdiff_t>(begin), at + static_cast<std::ptrdiff_t>(i + 1), before);
    begin = i + 1;
  }
  ranks_.resize(events_.size());
  for (uint32_t i = 0, rank = 0; i < by_rank_.size(); ++i) {
    if (i > 0 && before(by_rank_[i - 1], by_rank_[i])) ++rank;
    ranks_[by_rank_[i]] = rank;
  }
}

bool RuleRows::before(const Placed& a, const Placed& b) {
  return a.rank != b.rank ? a.rank < b.rank : a.block.combination() < b.block.combination();
}

std::vector<RuleRows::Placed> RuleRows::in_order(uint32_t rule) const {
  std::vector<Placed> blocks;
  blocks.reserve(logs_[rule].blocks());
  bool sorted = true;
  logs_[rule].each_block([&](uint32_t event, RowLog::Block block) {
    const Placed placed{ranks_[event], event, block};
    sorted = sorted && (blocks.empty() || !before(placed, blocks.back()));
    blocks.push_back(placed);
  });
  if (sorted) return blocks;
  if (blocks.size() < ranks_.size() / kFewOfRanks) {
    std::sort(blocks.begin(), blocks.end(), before);
  } else {
    blocks = by_counting(blocks);
  }
  return blocks;
}

// What nearly every event gives has nearly every rank: one pass counts, one places.
std::vector<RuleRows::Placed> RuleRows::by_counting(const std::vector<Placed>& blocks) const {
  std::vector<uint32_t> ends(ranks_.size() + 1);
  for (const Placed& block : blocks) ++ends[block.rank + 1];
  for (size_t rank = 1; rank < ends.size(); ++rank) ends[rank] += ends[rank - 1];
  std::vector<Placed> placed(blocks.size(), blocks.front());
  for (const Placed& block : blocks) placed[ends[block.rank]++] = block;
  for (size_t begin = 0, i = 1; i <= placed.size(); ++i) {
    if (i < placed.size() && placed[i].rank == placed[begin].rank) continue;
    if (i - begin > 1) {
      const auto at = placed.begin();
      std::sort(at + static_cast<std::ptrdiff_t>(begin), at + static_cast<std::ptrdiff_t>(i), before);
    }
    begin = i;
  }
  return placed;
}

void RuleRows::spill() {
  if (!file_) file_ = std::make_shared<SpillFile>(options_.folder);
  order_events();
  std::vector<const StoredEvent*> events;
  events.reserve(events_.size());
  for (uint32_t place : by_rank_) events.push_back(events_[place].get());
  const std::vector<uint64_t> offsets = put_away(events, *file_);
  std::vector<uint64_t> offset_of(events_.size());  // by place
  for (size_t i = 0; i < offsets.size(); ++i) offset_of[by_rank_[i]] = offsets[i];
  bool good = offsets.size() == events_.size();
  std::string bytes;
  for (uint32_t rule = 0; rule < logs_.size(); ++rule) {
    if (logs_[rule].empty()) continue;
    SpilledRun run{file_, file_->size(), 0};
    const std::vector<Placed> blocks = in_order(rule);
    for (size_t i = 0; good && i < blocks.size(); ++i) {
      const std::string_view rows = blocks[i].block.rows();
      const SpilledHead head{offset_of[blocks[i].event], rows.size(), blocks[i].block.combination()};
      bytes.append(reinterpret_cast<const char*>(&head), sizeof head);
      bytes += rows;
      if (bytes.size() < kWriteBytes && i + 1 < blocks.size()) continue;
      good = file_->append(bytes);
      bytes.clear();
    }
    run.bytes = file_->size() - run.offset;
    if (good) runs_[rule].push_back(run);
    logs_[rule] = {};
  }
  if (!good) failure_ = file_->failure();
  events_.clear();
  by_rank_.clear();
  ranks_.clear();
  bytes_ = 0;
}

void RuleRows::forget(uint32_t rule) {
  logs_[rule] = {};
  runs_[rule] = {};
}

void RuleRows::forget_events() {
  if (!std::all_of(logs_.begin(), logs_.end(), [](const RowLog& log) { return log.empty(); })) return;
  events_ = {};
  by_rank_ = ranks_ = {};
}

void RuleRows::merge(RuleRows&& other) {
  const auto first = static_cast<uint32_t>(events_.size());
  std::move(other.events_.begin(), other.events_.end(), std::back_inserter(events_));
  ranks_.clear();
  for (size_t rule = 0; rule < logs_.size(); ++rule) {
    logs_[rule].take(std::move(other.logs_[rule]), first);
    std::move(other.runs_[rule].begin(), other.runs_[rule].end(), std::back_inserter(runs_[rule]));
  }
  bytes_ += other.bytes_;
  if (!file_) file_ = other.file_;
  if (failure_.empty()) failure_ = other.failure_;
}

}  // namespace weir::correlate
