// See costs.h.
#include "cli/bench/costs.h"

#include <algorithm>
#include <chrono>

namespace weir::cli {
namespace {

constexpr uint64_t kMostHeldBytes = 32u << 20;
constexpr uint64_t kMostSampleBytes = 4u << 20;  // a decoder takes many times the record's size
constexpr size_t kMostSample = 1024;
constexpr double kLeastSeconds = 2e-4;  // of one measurement: far above the clock's step

using Clock = std::chrono::steady_clock;

template <class Work>
double seconds_of(Work work) {
  auto begin = Clock::now();
  work();
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

Cost cost_of(std::vector<double> seconds, double events) {
  if (seconds.empty() || events == 0) return {};
  std::sort(seconds.begin(), seconds.end());
  double scale = 1e9 / events;
  return {seconds[seconds.size() / 2] * scale, seconds.front() * scale, seconds.back() * scale};
}

bool decode(match::Decoder& decoder, const HeldRecords::Held& held) {
  match::Decoded decoded = held.text ? decoder.decode_columns(held.record()) : decoder.decode(held.record());
  return decoded.status == match::DecodeStatus::ok;
}

// As a scan does it: an event that no rule can match is not decoded to its end.
void scan(const match::Program& program, match::Decoder& decoder, const HeldRecords::Held& held,
          rt_scratch* scratch, std::vector<uint64_t>& matched) {
  match::Decoded decoded =
      held.text ? decoder.decode_columns(held.record()) : decoder.recognise(held.record());
  if (decoded.status != match::DecodeStatus::ok) return;
  const rt_reach reach = program.may_match(program.code.get(), &decoder.event(), scratch);
  if (reach == RT_NO_RULE || !decoder.complete(reach)) return;
  program.match(program.code.get(), &decoder.event(), scratch, matched.data());
}

}  // namespace

void HeldRecords::record(const ingest::Record& record) {
  ++records;
  bytes += record.bytes.size();
  if (held_bytes_ + record.bytes.size() > kMostHeldBytes) return;
  held_bytes_ += record.bytes.size();
  held.push_back({std::string(record.bytes) + std::string(match::kPadding, '\0'), record.text});
}

StageCosts stage_costs(std::shared_ptr<const match::Program> program,
                       const std::vector<ingest::InputFile>& files, const HeldRecords& records,
                       const HeldEvents& events, int rounds) {
  struct Nobody final : ingest::Receiver {
    void record(const ingest::Record&) override {}
    void unreadable(const ingest::Problem&) override {}
    void skipped(ingest::Skip, const ingest::Place&, uint64_t) override {}
    void progress(uint64_t) override {}
  } nobody;
  StageCosts costs;
  match::Decoder decoder(program);
  std::shared_ptr<rt_scratch> scratch = program->make_scratch();
  std::vector<uint64_t> matched(program->match_words());
  ingest::FileReader reader;
  std::vector<double> reading, decoding, matching, scanning;
  for (int round = -1; round < rounds; ++round) {  // round -1 warms up
    costs.events = 0;
    double read = seconds_of([&] {
      for (const ingest::InputFile& file : files) reader.read(file, {}, nobody);
    });
    double decoded = seconds_of([&] {
      for (const HeldRecords::Held& held : records.held) costs.events += decode(decoder, held);
    });
    double evaluated = seconds_of([&] {
      for (const rt_event& event : events.events())
        program->match(program->code.get(), &event, scratch.get(), matched.data());
    });
    double scanned = seconds_of([&] {
      for (const HeldRecords::Held& held : records.held)
        scan(*program, decoder, held, scratch.get(), matched);
    });
    if (round < 0) continue;
    reading.push_back(read);
    decoding.push_back(decoded);
    matching.push_back(evaluated);
    scanning.push_back(scanned);
  }
  costs.reading = cost_of(std::move(reading), double(records.records));
  costs.decoding = cost_of(std::move(decoding), double(records.held.size()));
  costs.matching = cost_of(std::move(matching), double(events.size()));
  costs.scanning = cost_of(std::move(scanning), double(records.held.size()));
  return costs;
}

HeldEvents::HeldEvents(std::shared_ptr<const match::Program> program, const HeldRecords& records)
    : program_(std::move(program)) {
  size_t step = std::max<size_t>(1, records.held.size() / kMostSample);
  uint64_t bytes = 0;
  for (size_t i = 0; i < records.held.size() && events_.size() < kMostSample; i += step) {
    const HeldRecords::Held& held = records.held[i];
    if (bytes + held.bytes.size() > kMostSampleBytes) continue;
    auto decoder = std::make_unique<match::Decoder>(program_);
    if (!decode(*decoder, held)) continue;
    bytes += held.bytes.size();
    events_.push_back(decoder->event());
    events_.back().serial = 0;  // nothing may be remembered from one rule to the next
    decoders_.push_back(std::move(decoder));
  }
}

void root_costs(const HeldEvents& events, std::vector<CostedRoot>& roots, int rounds) {
  const match::Program& program = events.program();
  std::shared_ptr<rt_scratch> scratch = program.make_scratch();
  std::vector<std::vector<double>> seconds(roots.size());
  std::vector<int> times(roots.size(), 1);
  for (int round = -1; round < rounds; ++round) {  // round -1 counts, and finds how often to repeat
    for (size_t i = 0; i < roots.size(); ++i) {
      CostedRoot& root = roots[i];
      uint64_t evaluated = 0, holds = 0;
      double spent = seconds_of([&] {
        for (int time = 0; time < times[i]; ++time) {
          for (const rt_event& event : events.events()) {
            if (event.source != root.source) continue;
            rt_list value = program.eval(program.code.get(), root.root, &event, scratch.get());
            ++evaluated;
            holds += value.count > 0 && value.values[0].kind == RT_TRUE;
          }
        }
      });
      if (round >= 0) {
        seconds[i].push_back(spent / times[i]);
      } else {
        root.events = evaluated;
        root.holds = holds;
        if (evaluated > 0) times[i] = 1 + int(kLeastSeconds / std::max(spent, 1e-7));
      }
    }
  }
  for (size_t i = 0; i < roots.size(); ++i)
    roots[i].cost = cost_of(std::move(seconds[i]), double(roots[i].events));
}

}  // namespace weir::cli
