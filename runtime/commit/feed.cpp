// See feed.h.
#include "runtime/commit/feed.h"

#include <algorithm>

#include "runtime/match/decode.h"
#include "runtime/process/clock.h"
#include "runtime/process/fault.h"

namespace weir::commit {
namespace {

constexpr int64_t kLookForRetriesUs = 1'000'000;
constexpr size_t kRetriesAtOnce = 100;
constexpr int64_t kOfNoSourceUs = 30 * 86'400'000'000;  // a source that is not configured may be so again

// A record out of the quarantine. Its envelope is gone already.
class RetriedRecord final : public ingest::Unit {
 public:
  explicit RetriedRecord(store::QuarantineRow row) : row_(std::move(row)) {
    name = row_.file;
    size_ = row_.bytes.size();
    row_.bytes.append(match::kPadding, '\0');
  }
  std::string read(ingest::FileReader&, const ingest::ReadLimits&, ingest::Receiver& receiver,
                   const std::atomic<bool>&) override {
    receiver.record({std::string_view(row_.bytes).substr(0, size_),
                     {row_.file, row_.line, row_.record, row_.offset},
                     row_.text});
    return {};
  }

 private:
  store::QuarantineRow row_;
  size_t size_;
};

}  // namespace

Feed::Feed(std::vector<FeedSource> sources, store::Store& store)
    : sources_(std::move(sources)), store_(store), arrivals_(sources_.size()) {
  for (const FeedSource& source : sources_) names_.push_back(source.name);
}

std::string Feed::id_of(std::string_view source, std::string_view unit) {
  std::string id(source);
  id += '\0';
  return id.append(unit);
}

void Feed::know(const store::UnitPosition& position) {
  known_[id_of(position.source, position.unit)] = {position.mark, position.done, position.finished, false};
  if (position.mark.empty()) return;
  for (const FeedSource& source : sources_)
    if (source.name == position.source) source.source->recall(position.unit, position.name, position.mark);
}

void Feed::suspect(const store::Death& death) {
  Suspect& suspect = suspects_[id_of(death.source, death.unit)];
  if (death.deciding) {
    suspect.records.insert(death.record);
  } else {
    suspect.reading = true;
  }
}

bool Feed::next(Task& task) {
  std::lock_guard lock(mutex_);
  if (next_retried(task)) return true;
  for (size_t tried = 0; tried < sources_.size(); ++tried) {
    const size_t source = turn_++ % sources_.size();
    while (std::unique_ptr<ingest::Unit> unit = sources_[source].source->next())
      if (take(source, std::move(unit), task)) return true;
  }
  return false;
}

bool Feed::take(size_t source, std::unique_ptr<ingest::Unit> unit, Task& task) {
  FeedSource& from = sources_[source];
  task = {};
  if (!unit->key.empty()) {
    const std::string id = id_of(from.name, unit->key);
    Known& known = known_[id];
    if (known.finished && !known.from.empty() && known.from != unit->from) {
      from.source->refuse(std::move(unit));
      return false;
    }
    if (known.finished) {
      process::pass(process::Fault::before_acknowledge);
      from.source->acknowledge(*unit);
      process::pass(process::Fault::after_acknowledge);
      return false;
    }
    if (known.in_progress) {  // the same, delivered again while it is being read
      from.source->give_back(std::move(unit));
      return false;
    }
    known.in_progress = true;
    if (known.from != unit->from) {  // another part than the one that was begun
      known.done = 0;
      suspects_.erase(id);
    }
    task.done = known.done;
    if (const auto suspect = suspects_.find(id); suspect != suspects_.end()) {
      task.suspects = suspect->second.records;
      task.suspect = suspect->second.reading;
    }
  }
  ++in_progress_;
  if (unit->delivered) arrivals_[source].insert(unit->delivered);
  task.source = source;
  task.source_name = from.name;
  task.unit = std::move(unit);
  return true;
}

bool Feed::next_retried(Task& task) {
  if (retried_.empty() && process::steady_us() - retries_looked_at_us_ >= kLookForRetriesUs) {
    retries_looked_at_us_ = process::steady_us();
    if (retried_in_progress_ == 0) last_retried_ = 0;  // somebody may ask for an earlier row now
    retried_ = store_.to_retry(last_retried_, kRetriesAtOnce, names_);
    if (!retried_.empty()) last_retried_ = retried_.back().row;
    if (retried_.size() == kRetriesAtOnce) retries_looked_at_us_ = 0;  // there are more
    std::reverse(retried_.begin(), retried_.end());
  }
  if (retried_.empty()) return false;
  store::QuarantineRow row = std::move(retried_.back());
  retried_.pop_back();
  task = {};
  task.source = static_cast<size_t>(std::find(names_.begin(), names_.end(), row.source) - names_.begin());
  task.source_name = row.source;
  task.retried_row = row.row;
  task.unit = std::make_unique<RetriedRecord>(std::move(row));
  ++in_progress_;
  ++retried_in_progress_;
  return true;
}

bool Feed::drained() {
  std::lock_guard lock(mutex_);
  const bool nothing_comes = std::all_of(sources_.begin(), sources_.end(),
                                         [](const FeedSource& source) { return source.source->drained(); });
  if (in_progress_ > 0 || !nothing_comes) return false;
  if (retried_.empty() && store_.to_retry(0, 1, names_).empty()) return true;
  retries_looked_at_us_ = 0;
  return false;
}

int64_t Feed::undecided_since(size_t source) const {
  std::lock_guard lock(mutex_);
  const int64_t waiting = sources_[source].source->waiting_since();
  const std::multiset<int64_t>& arrivals = arrivals_[source];
  return arrivals.empty() ? waiting : std::min(waiting, *arrivals.begin());
}

void Feed::leave(size_t source, const ingest::Unit& unit, bool retried) {
  --in_progress_;
  if (retried) --retried_in_progress_;
  std::multiset<int64_t>& arrivals = arrivals_[source];
  if (const auto found = arrivals.find(unit.delivered); found != arrivals.end()) arrivals.erase(found);
}

void Feed::committed(const Finished& finished) {
  const ingest::Unit& unit = *finished.unit;
  if (!unit.key.empty()) {  // before its source says so: what comes again, or the next part, may follow at once
    std::lock_guard lock(mutex_);
    const std::string id = id_of(sources_[finished.source].name, unit.key);
    const bool whole = unit.upto.empty();
    known_[id] = {whole ? unit.from : unit.upto, 0, whole, false};
    if (!whole) suspects_.erase(id);
  }
  if (!finished.retried) {
    process::pass(process::Fault::before_acknowledge);
    sources_[finished.source].source->acknowledge(*finished.unit);
    process::pass(process::Fault::after_acknowledge);
  }
  std::lock_guard lock(mutex_);
  leave(finished.source, unit, finished.retried);
}

Feed::Trace Feed::look_for(const store::UnitName& unit, int64_t age_us) {
  std::lock_guard lock(mutex_);
  const auto from = std::find_if(sources_.begin(), sources_.end(),
                                 [&](const FeedSource& source) { return source.name == unit.source; });
  if (from == sources_.end()) return age_us > kOfNoSourceUs ? Trace::gone : Trace::unknown;
  const auto known = known_.find(id_of(unit.source, unit.unit));
  if (known != known_.end() && known->second.in_progress) return Trace::unknown;
  if (from->source->is_there(unit.unit)) return Trace::there;
  if (from->source->may_come_again(unit.unit, age_us)) return Trace::unknown;
  if (known != known_.end()) known_.erase(known);
  return Trace::gone;
}

void Feed::give_back(Task& task, bool again) {
  std::lock_guard lock(mutex_);
  leave(task.source, *task.unit, task.retried_row != 0);
  if (task.retried_row) return;  // it is in the quarantine still, and is looked for again
  if (!task.unit->key.empty())
    known_[id_of(task.source_name, task.unit->key)] = {task.unit->from, task.done, false, false};
  if (again) sources_[task.source].source->give_back(std::move(task.unit));
}

}  // namespace weir::commit
