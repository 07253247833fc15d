#include "tests/differential/given.h"

#include <fmt/format.h>

#include <chrono>

#include "runtime/ingest/files.h"

namespace weir::differential {
namespace {

constexpr uint64_t kMostShown = 5;

class Comparer final : public ingest::Receiver {
 public:
  explicit Comparer(Comparison& comparison) : comparison_(comparison) {}

  void record(const ingest::Record& record) override {
    std::optional<std::string> what = comparison_.difference(record.bytes, record.text);
    if (!what || ++differences > kMostShown) return;
    fmt::print("{}, record {}: {}\n{}\n", record.place.file, record.place.record, *what, record.bytes);
  }
  void unreadable(const ingest::Problem&) override {}
  void skipped(ingest::Skip, const ingest::Place&, uint64_t) override {}
  void progress(uint64_t) override {}

  uint64_t differences = 0;

 private:
  Comparison& comparison_;
};

}  // namespace

int compare_given(const std::vector<std::string>& packs, const std::vector<std::string>& events,
                  const Engines& engines) {
  dsl::Diagnostics diagnostics;
  std::vector<std::string> unreadable;
  auto project = compiler::load({.paths = packs}, diagnostics, unreadable);
  Comparison comparison(*project, engines, diagnostics);
  ingest::InputList inputs = ingest::list_inputs(events);
  unreadable.insert(unreadable.end(), inputs.unreadable.begin(), inputs.unreadable.end());
  for (const std::string& problem : unreadable) fmt::print("{}\n", problem);
  if (!unreadable.empty()) return 1;

  auto start = std::chrono::steady_clock::now();
  Comparer comparer(comparison);
  for (const ingest::InputFile& file : inputs.files) ingest::read_file(file, {}, comparer);
  double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  const Tally& tally = comparison.tally();
  fmt::print(
      "engines: {}\n{} errors in the rules, {} events, {} (rule, event) pairs, {} matches, {} foreign, {} "
      "unreadable, "
      "{:.0f} events/s, {} differences\n",
      fmt::join(comparison.names(), "; "), diagnostics.error_count(), tally.events, tally.pairs,
      tally.matches, tally.foreign, tally.unreadable, double(tally.events) / std::max(seconds, 1e-9),
      comparer.differences);
  return comparer.differences == 0 && tally.events > 0 ? 0 : 1;
}

}  // namespace weir::differential
