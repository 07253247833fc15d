// See worker.h.
#include "runtime/commit/worker.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <chrono>

#include "runtime/process/clock.h"
#include "runtime/process/fault.h"

namespace weir::commit {
namespace {

// A document is held whole, in each thread, and the largest record is a quarter of this.
constexpr ingest::ReadLimits kLimits{.max_document = 64u << 20};
constexpr uint64_t kRowBytes = 512;  // of a row beside its record, about

}  // namespace

// ---- load

void Load::wait_for_room(const std::atomic<bool>& stop) {
  if (!held_.load(std::memory_order_relaxed) && bytes() < most_) return;
  std::unique_lock lock(mutex_);
  while (!stop && (held_ || bytes() >= most_)) room_.wait_for(lock, std::chrono::milliseconds(100));
}

void Load::taken() {
  {
    std::lock_guard lock(mutex_);
    bytes_ = 0;
  }
  room_.notify_all();
}

void Load::hold(bool held) {
  {
    std::lock_guard lock(mutex_);
    held_ = held;
  }
  room_.notify_all();
}

// ---- worker

Worker::Worker(const Rules& rules, correlate::Duplicates& duplicates, Load& load, Blocks& blocks,
               Place& place, const std::atomic<bool>& stop)
    : rules_(rules), duplicates_(duplicates), load_(load), blocks_(blocks), place_(place), stop_(stop) {
  rules_changed();
}

void Worker::rules_changed() {
  matcher_.emplace(rules_.program);
  hand_ = rules_.correlations->hand();
  source_seeds_.clear();
  for (const match::SourceInfo& source : rules_.program->sources)
    source_seeds_.push_back(XXH3_64bits(source.name.data(), source.name.size()));
}

std::string Worker::work(Task& task) {
  at_ = read_bytes_ = 0;
  task.listed = std::make_shared<std::atomic<size_t>>(0);
  task.tally = std::make_shared<Task::Tally>();
  task.tally->recognised = task.done > 0;  // an earlier reading decided these: nobody knows what they were
  {
    std::lock_guard lock(mutex_);
    task_ = &task;
    done_ = told_done_ = task.done;
    more_row_ = -1;
    if (task.suspect) {
      put_aside(task, {task.unit->name, 0, done_ + 1, 0},
                "the process ended more than once while it was read", {}, false, false);
      task.unit->upto = task.unit->beyond();
      finish();
      return {};
    }
  }
  place_.begin(task.source_name, task.unit->key, task.done);
  std::string problem = task.unit->read(reader_, kLimits, *this, stop_);
  if (!stop_) hand_out();
  if (block_) blocks_.give_back(std::move(block_));
  while (std::unique_ptr<Block> block = blocks_.left(task)) decide(std::move(block));
  place_.end();
  std::lock_guard lock(mutex_);
  if (problem.empty() && (!stop_ || (task.retried_row && done_ > 0))) {
    finish();
  } else {
    if (done_ > told_done_ && !task.unit->key.empty()) desk_.positions.push_back(position(false));
    task.done = done_;
    task_ = nullptr;
  }
  return problem;
}

store::UnitPosition Worker::position(bool finished) const {
  const ingest::Unit& unit = *task_->unit;
  if (finished && !unit.upto.empty()) return {task_->source_name, unit.key, unit.name, 0, false, unit.upto};
  return {task_->source_name, unit.key, unit.name, done_, finished, unit.from};
}

void Worker::finish() {
  if (task_->retried_row) {  // it was received and quarantined before, and now it is decided anew
    --desk_.counts.received;
    --desk_.counts.quarantined;
    desk_.retried.push_back(task_->retried_row);
  } else if (!task_->unit->key.empty()) {
    desk_.positions.push_back(position(true));
  }
  desk_.finished.push_back({task_->source, std::move(task_->unit), task_->retried_row != 0,
                            task_->tally->foreign, task_->tally->recognised});
  task_ = nullptr;
}

Desk Worker::take_desk(std::vector<store::UnitPosition>& positions) {
  if (task_ && done_ > told_done_ && !task_->unit->key.empty() && task_->retried_row == 0) {
    positions.push_back(position(false));
    told_done_ = done_;
  }
  more_row_ = -1;
  return std::exchange(desk_, {});
}

// Counts the call; false when it was decided in an earlier reading, or is not to be believed.
bool Worker::is_next() {
  if (stop_.load(std::memory_order_relaxed)) return false;
  return ++at_ > task_->done;
}

void Worker::record(const ingest::Record& record) {
  if (!is_next()) return;
  load_.wait_for_room(stop_);
  if (stop_.load(std::memory_order_relaxed)) return;
  load_.add(record.bytes.size());
  if (task_->unit->divisible && record.bytes.size() < kBlockBytes) {
    gather(record);
  } else {
    decide_here([&] { decide_one(*task_, record, at_); });
  }
}

void Worker::gather(const ingest::Record& record) {
  if (!block_) {
    block_ = blocks_.fresh();
    block_->task = task_;
  }
  block_->add(record, at_, task_->unit->held());
  if (block_->bytes >= kBlockBytes) hand_out();
}

void Worker::hand_out() {
  if (!block_) return;
  blocks_.begin(*task_);
  {
    std::lock_guard lock(mutex_);
    done_ = block_->items.back().at;
  }
  if (!blocks_.give(block_)) decide(std::move(block_));
}

void Worker::decide(std::unique_ptr<Block> block) {
  const Task& task = *block->task;
  const bool of_another = &task != task_;
  if (of_another) place_.begin(task.source_name, task.unit->key, block->items.front().at);
  {
    std::lock_guard lock(mutex_);
    for (const Block::Item& item : block->items) decide_one(task, block->record(item), item.at);
  }
  if (of_another) place_.end();
  blocks_.give_back(std::move(block));
  blocks_.done(task);
}

template <class Decide>
void Worker::decide_here(Decide decide) {
  const bool divisible = task_->unit->divisible;
  if (divisible) {
    hand_out();
    blocks_.begin(*task_);
  }
  {
    std::lock_guard lock(mutex_);
    decide();
    done_ = at_;
  }
  if (divisible) blocks_.done(*task_);
}

void Worker::decide_one(const Task& task, const ingest::Record& record, uint64_t at) {
  process::pass(process::Fault::before_decide);
  place_.deciding(at);
  if (task.suspects.contains(at)) {
    put_aside(task, record.place, "the process ended more than once while it was evaluated", record.bytes,
              true, record.text);
  } else {
    process::taste(record.bytes);
    evaluate(task, record);
  }
  place_.reading(at);
  process::pass(process::Fault::after_decide);
}

void Worker::evaluate(const Task& task, const ingest::Record& record) {
  const uint32_t only = rules_.only[task.source];
  const match::Decoded decoded = matcher_->recognise(record.bytes, record.text, only);
  if (decoded.status == match::DecodeStatus::foreign) {
    // Of a source that was named everything is expected to be of it, but for lines around a table of text.
    if (only == match::kNone || record.text) {
      ++desk_.counts.skipped;
      task.tally->foreign.fetch_add(1, std::memory_order_relaxed);
    } else {
      put_aside(task, record.place, "it is no record of " + rules_.program->sources[only].name, record.bytes,
                true, false);
    }
    return;
  }
  if (decoded.status == match::DecodeStatus::unreadable) {
    ingest::Place place = record.place;
    if (decoded.has_offset) place.offset += decoded.offset;
    put_aside(task, place, match::reason_of(decoded), record.bytes, true, record.text);
    return;
  }
  const match::Matcher::Outcome outcome = matcher_->match();
  if (outcome == match::Matcher::Outcome::too_much) {
    put_aside(task, record.place, match::kTooMuch, record.bytes, true, record.text);
    return;
  }
  recognise(task);
  if (was_seen()) return;  // of what is put aside no id is remembered: tried again, it would be its own copy
  ++desk_.counts.received;
  ++desk_.counts.evaluated;
  const int64_t delivered = delivered_at(task, matcher_->event().time);
  if (outcome == match::Matcher::Outcome::nothing) {
    desk_.unmatched.push_back({matcher_->event().source, matcher_->event().time, delivered});
    return;
  }
  load_.add(2 * record.bytes.size());
  rules_.correlations->take(*hand_, *matcher_, record.bytes, record.text, where_text(record.place),
                            delivered);
}

int64_t Worker::delivered_at(const Task& task, int64_t time) const {
  const ingest::Unit& unit = *task.unit;
  if (unit.delivered && !unit.gathered) return unit.delivered;
  const int64_t now = process::now_us();
  return unit.gathered ? std::clamp(time, std::min(unit.delivered, now), now) : now;
}

void Worker::recognise(const Task& task) {
  std::atomic<bool>& recognised = task.tally->recognised;  // read first: other threads read it, too
  if (!recognised.load(std::memory_order_relaxed)) recognised.store(true, std::memory_order_relaxed);
}

// Remembers the event unless it is a copy.
bool Worker::was_seen() {
  match::Decoder& decoder = matcher_->decoder();
  const std::string_view id = decoder.id();
  if (id.empty()) return false;
  const rt_event& event = decoder.event();
  correlate::Duplicates::Remembered noted;
  static_assert(sizeof noted == 32);
  const auto approach = duplicates_.approach(source_seeds_[event.source], id);
  const auto verdict =
      duplicates_.see(approach, decoder.canonical_hash(), event.time,
                      correlate::remembered_for(rules_.program->sources[event.source].late_ms), &noted);
  if (verdict == correlate::Duplicates::Verdict::duplicate) {
    ++desk_.counts.duplicates;
    return true;
  }
  desk_.counts.id_conflicts += verdict == correlate::Duplicates::Verdict::conflict;
  desk_.seen.append(reinterpret_cast<const char*>(&noted), sizeof noted);
  return false;
}

void Worker::unreadable(const ingest::Problem& problem) {
  if (!is_next()) return;
  load_.wait_for_room(stop_);
  if (stop_.load(std::memory_order_relaxed)) return;
  decide_here([&] { put_aside(*task_, problem.place, problem.reason, problem.head, false, false); });
}

void Worker::skipped(ingest::Skip why, const ingest::Place&, uint64_t records) {
  if (!is_next()) return;
  if (why == ingest::Skip::unknown_file || why == ingest::Skip::unknown_record) {
    task_->tally->foreign.fetch_add(records, std::memory_order_relaxed);
  } else {
    recognise(*task_);
  }
  decide_here([&] { desk_.counts.skipped += static_cast<int64_t>(records); });
}

void Worker::progress(uint64_t bytes) {
  std::lock_guard lock(mutex_);
  desk_.counts.decoded_bytes += static_cast<int64_t>(bytes - read_bytes_);
  read_bytes_ = bytes;
}

void Worker::put_aside(const Task& task, const ingest::Place& place, std::string reason,
                       std::string_view bytes, bool whole, bool text) {
  recognise(task);
  ++desk_.counts.received;
  ++desk_.counts.quarantined;
  if (more_row_ >= 0 && more_of_ == task.listed) {
    ++desk_.quarantine[static_cast<size_t>(more_row_)].events;
    return;
  }
  store::QuarantineRow row;
  row.at = process::now_us();
  row.source = task.source_name;
  row.unit = task.unit->key;
  row.file = place.file;
  row.line = place.line;
  row.record = place.record;
  row.offset = place.offset;
  row.reason = std::move(reason);
  row.text = text;
  if (++*task.listed > kListedOfUnit) {
    row.reason = fmt::format("and more after the first {:L} of this unit, the first of them: {}",
                             kListedOfUnit, row.reason);
    more_row_ = static_cast<int64_t>(desk_.quarantine.size());
    more_of_ = task.listed;
    whole = false;
  }
  row.bytes = bytes.substr(0, kKeptBytes);
  row.whole = whole && bytes.size() <= kKeptBytes;
  load_.add(row.bytes.size() + kRowBytes);
  desk_.quarantine.push_back(std::move(row));
}

}  // namespace weir::commit
