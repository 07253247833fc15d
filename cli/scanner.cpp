#include "cli/scanner.h"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <tuple>

#include "runtime/correlate/duplicates.h"
#include "runtime/correlate/moment.h"
#include "runtime/ingest/parts.h"
#include "runtime/match/matcher.h"

namespace weir::cli {
namespace {

constexpr size_t kShownHeadBytes = 80;

std::string printable(std::string_view bytes) {
  std::string out;
  for (char c : bytes.substr(0, kShownHeadBytes)) out += uint8_t(c) >= 0x20 && uint8_t(c) < 0x7f ? c : '.';
  return bytes.size() > kShownHeadBytes ? out + "…" : out;
}

// What reading a file, or parts of one, saw of lines of text.
struct TextLines {
  uint64_t foreign = 0, records = 0;
};

// A file that several threads read.
struct OpenFile {
  std::unique_ptr<ingest::SharedFile> parts;
  size_t readers = 0;
  TextLines text;
};

// What the threads share.
struct Shared {
  Shared(std::shared_ptr<const match::Program> program, const std::vector<ingest::InputFile>& files,
         const ScanOptions& options, ScanProgress& progress)
      : program(std::move(program)), files(files), options(options), progress(progress) {}

  // What a thread does next: help with a file that is open, or read one alone; neither when there is nothing
  // left.
  struct Task {
    std::shared_ptr<OpenFile> open;
    const ingest::InputFile* file = nullptr;
  };
  Task next() {
    std::lock_guard lock(mutex);
    if (open && open->parts->has_parts()) {
      ++open->readers;
      return {open, nullptr};
    }
    if (next_file == files.size()) return {};
    const ingest::InputFile& file = files[next_file++];
    auto parts = options.threads > 1 ? ingest::SharedFile::open(file, {}) : nullptr;
    if (!parts) return {nullptr, &file};
    open = std::make_shared<OpenFile>(OpenFile{std::move(parts), 1, {}});
    return {open, nullptr};
  }

  // When the last reader of a file leaves it: what all of them saw.
  std::optional<TextLines> leave(OpenFile& file, const TextLines& text) {
    std::lock_guard lock(mutex);
    file.text.foreign += text.foreign;
    file.text.records += text.records;
    return --file.readers == 0 ? std::optional(file.text) : std::nullopt;
  }

  void report(ScanProblem problem) {
    std::lock_guard lock(mutex);
    if (options.on_problem) options.on_problem(problem);
  }

  std::shared_ptr<const match::Program> program;
  const std::vector<ingest::InputFile>& files;
  const ScanOptions& options;
  ScanProgress& progress;
  correlate::Duplicates duplicates;
  std::mutex mutex;
  size_t next_file = 0;
  std::shared_ptr<OpenFile> open;
};

class Worker final : public ingest::Receiver {
 public:
  explicit Worker(Shared& shared)
      : admissions(*shared.program,
                   {shared.options.rows_bytes / shared.options.threads, shared.options.temporary_folder}),
        shared_(shared),
        program_(*shared.program),
        matcher_(shared.program) {
    counts.by_source.resize(program_.sources.size());
  }

  void run() {
    for (;;) {
      Shared::Task task = shared_.next();
      file_bytes_ = 0;
      text_ = {};
      if (task.file) {
        counts.unread += !reader_.read(*task.file, {}, *this);
        end_of_file(text_);
      } else if (task.open) {
        while (task.open->parts->read_part(part_, *this)) file_bytes_ = 0;
        if (auto text = shared_.leave(*task.open, text_)) {
          counts.unread += task.open->parts->failed();
          end_of_file(*text);
        }
      } else {
        return;
      }
    }
  }

  void record(const ingest::Record& record) override {
    const match::Decoded decoded = matcher_.recognise(record.bytes, record.text);
    text_.records += record.text && decoded.status != match::DecodeStatus::foreign;
    if (decoded.status == match::DecodeStatus::foreign) {
      if (record.text) {
        ++text_.foreign;
      } else {
        skipped(ingest::Skip::unknown_record, record.place, 1);
      }
    } else if (decoded.status == match::DecodeStatus::unreadable) {
      report(record, decoded);
    } else if (bool fresh; comes_in(fresh)) {
      const match::Matcher::Outcome outcome = matcher_.match();
      if (outcome == match::Matcher::Outcome::matched) {
        tell(record, fresh);
      } else if (outcome == match::Matcher::Outcome::too_much && fresh) {
        --counts.events;
        report(record, {match::DecodeStatus::unreadable, match::kTooMuch, {}, 0, false});
      }
    }
  }

  void unreadable(const ingest::Problem& problem) override {
    ++counts.unreadable;
    shared_.report({std::string(problem.place.file), problem.place.line, problem.place.record, problem.place.offset,
                    problem.reason, printable(problem.head)});
  }

  void skipped(ingest::Skip why, const ingest::Place&, uint64_t records) override {
    counts.skipped += records;
    counts.skips[size_t(why)] += records;
  }

  void progress(uint64_t bytes) override {
    counts.bytes += bytes - file_bytes_;
    shared_.progress.bytes_done.fetch_add(bytes - file_bytes_, std::memory_order_relaxed);
    file_bytes_ = bytes;
  }

  ScanCounts counts;
  std::vector<correlate::Alert> candidates;
  std::vector<correlate::Alert> copies;  // of duplicates: only their places matter
  correlate::Admissions admissions;

 private:
  // Lines of a text that holds no record at all are one file of something else (a README, a table), not lines
  // of a log that could not be placed.
  void end_of_file(const TextLines& text) {
    shared_.progress.files_done.fetch_add(1);
    if (text.foreign == 0) return;
    if (text.records == 0) {
      skipped(ingest::Skip::unknown_file, {}, 1);
    } else {
      skipped(ingest::Skip::unknown_record, {}, text.foreign);
    }
  }

  void report(const ingest::Record& record, const match::Decoded& decoded) {
    ingest::Place place = record.place;
    if (decoded.has_offset) place.offset += decoded.offset;
    unreadable({place, match::reason_of(decoded), record.bytes});
  }

  // Counts the event; false when it is out of range. `fresh`: it was not seen before.
  bool comes_in(bool& fresh) {
    fresh = true;
    const rt_event& event = matcher_.event();
    const match::SourceInfo& source = program_.sources[event.source];
    if ((shared_.options.since && event.time < *shared_.options.since) ||
        (shared_.options.until && event.time >= *shared_.options.until)) {
      ++counts.out_of_range;
      return false;
    }
    match::Decoder& decoder = matcher_.decoder();
    if (std::string_view id = decoder.id(); !id.empty()) {
      using Verdict = correlate::Duplicates::Verdict;
      int64_t keep = correlate::remembered_for(source.late_ms);
      const auto approach = shared_.duplicates.approach(event.source, id);
      Verdict verdict = shared_.duplicates.see(approach, decoder.canonical_hash(), event.time, keep);
      if (verdict == Verdict::duplicate) {
        ++counts.duplicates;
        fresh = false;
        return true;
      }
      counts.id_conflicts += verdict == Verdict::conflict;
    }
    ++counts.events;
    ++counts.by_source[event.source];
    if (is_ahead(event)) {
      ++counts.ahead;
    } else {
      admissions.saw(event.source, event.time);
    }
    shared_.progress.events.fetch_add(1, std::memory_order_relaxed);
    return true;
  }

  bool is_ahead(const rt_event& event) const {
    return event.time > correlate::later(shared_.options.now, program_.sources[event.source].ahead_ms * 1000);
  }

  void tell(const ingest::Record& record, bool fresh) {
    const bool ahead = is_ahead(matcher_.event());
    match::Decoder& decoder = matcher_.decoder();
    correlate::EventRef stored;
    matcher_.for_each_rule([&](uint32_t rule) {
      if (fresh && program_.rules[rule].correlation) {
        if (ahead) return;
        if (!stored)
          stored = correlate::store_event(program_, decoder, record.bytes, record.text, where_text(record.place));
        correlate::add_rows(program_, rule, decoder, matcher_.scratch(), stored, admissions);
        return;
      }
      std::vector<correlate::Alert>& alerts = fresh ? candidates : copies;
      alerts.push_back(correlate::make_alert(program_, rule, decoder, matcher_.scratch(), where_text(record.place)));
      alerts.back().out_of_time = ahead;
    });
  }

  Shared& shared_;
  const match::Program& program_;
  match::Matcher matcher_;
  uint64_t file_bytes_ = 0;
  TextLines text_;  // of the file, or the parts of it that were read here
  ingest::FileReader reader_;
  ingest::Part part_;
};

// Which of two equal events comes first is a matter of luck when several threads read: an alert names the
// earliest place of all of them. A shorter text of a place is the smaller number.
void name_first_places(std::vector<correlate::Alert>& alerts, const std::vector<correlate::Alert>& copies) {
  // Not by time: that of an absence is its deadline.
  auto key = [](const correlate::Alert& alert) {
    return std::tie(alert.rule, alert.order.source, alert.order.id, alert.event);
  };
  auto place = [](const std::string& where) { return std::pair(where.size(), std::string_view(where)); };
  if (copies.empty()) return;
  std::map<decltype(key(copies[0])), const std::string*> first;
  for (const correlate::Alert& copy : copies) {
    const std::string*& where = first.try_emplace(key(copy), &copy.where).first->second;
    if (place(copy.where) < place(*where)) where = &copy.where;
  }
  for (correlate::Alert& alert : alerts)
    if (auto found = first.find(key(alert));
        found != first.end() && place(*found->second) < place(alert.where))
      alert.where = *found->second;
}

}  // namespace

void ScanCounts::add(const ScanCounts& other) {
  events += other.events;
  unreadable += other.unreadable;
  duplicates += other.duplicates;
  id_conflicts += other.id_conflicts;
  skipped += other.skipped;
  out_of_range += other.out_of_range;
  ahead += other.ahead;
  bytes += other.bytes;
  unread += other.unread;
  for (size_t i = 0; i < ingest::kSkips; ++i) skips[i] += other.skips[i];
  by_source.resize(std::max(by_source.size(), other.by_source.size()));
  for (size_t i = 0; i < other.by_source.size(); ++i) by_source[i] += other.by_source[i];
}

ScanResult scan_inputs(std::shared_ptr<const match::Program> program, const std::vector<ingest::InputFile>& files,
                       const ScanOptions& options, ScanProgress& progress) {
  Shared shared(program, files, options, progress);
  uint64_t pieces = 0;
  for (const ingest::InputFile& file : files) pieces += 1 + file.bytes / ingest::kPartBytes;
  size_t count = std::clamp<size_t>(options.threads, 1, std::max<uint64_t>(pieces, 1));
  std::vector<std::unique_ptr<Worker>> workers;
  for (size_t i = 0; i < count; ++i) workers.push_back(std::make_unique<Worker>(shared));

  std::mutex mutex;
  std::condition_variable finished;
  size_t running = count;
  std::vector<std::thread> threads;
  for (auto& worker : workers) {
    threads.emplace_back([&, worker = worker.get()] {
      worker->run();
      std::lock_guard lock(mutex);
      --running;
      finished.notify_one();
    });
  }
  {
    std::unique_lock lock(mutex);
    while (!finished.wait_for(lock, std::chrono::milliseconds(100), [&] { return running == 0; }))
      if (options.on_tick) options.on_tick();
  }
  for (std::thread& thread : threads) thread.join();

  ScanResult result;
  std::vector<correlate::Alert> candidates, copies;
  correlate::Admissions admissions = std::move(workers[0]->admissions);
  for (auto& worker : workers) {
    result.counts.add(worker->counts);
    std::move(worker->copies.begin(), worker->copies.end(), std::back_inserter(copies));
    std::move(worker->candidates.begin(), worker->candidates.end(), std::back_inserter(candidates));
    if (worker != workers[0]) admissions.merge(std::move(worker->admissions));
  }
  name_first_places(candidates, copies);
  correlate::Replay replay = correlate::replay(program, std::move(admissions), std::move(candidates),
                                                {.threads = options.threads});
  name_first_places(replay.alerts, copies);
  for (correlate::OpenQuestion& open : replay.undecided) {
    std::vector<correlate::Alert> one{std::move(open.alert)};
    name_first_places(one, copies);
    open.alert = std::move(one[0]);
  }
  result.alerts = std::move(replay.alerts);
  result.undecided = std::move(replay.undecided);
  result.by_rule = std::move(replay.counts);
  result.failure = std::move(replay.failure);
  return result;
}

}  // namespace weir::cli
