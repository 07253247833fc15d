#include "tests/differential/generated.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "dsl/render.h"
#include "tests/differential/event.h"
#include "tests/differential/pack.h"
#include "tests/differential/shrink.h"

namespace weir::differential {
namespace {

constexpr uint32_t kPacksForEveryOperation = 150;  // the rarest one stands in every tenth pack or so
constexpr std::chrono::seconds kShrinking{20};

// What the checker proves of a rule, rightly: random items may exclude each other, and the rule is left out.
bool is_verdict(dsl::Code code) {
  using dsl::Code;
  return code == Code::E307 || code == Code::E308 || code == Code::E504;
}

struct Loaded {
  std::unique_ptr<compiler::Project> project;
  dsl::Diagnostics diagnostics;
  std::unique_ptr<Comparison> comparison;

  Loaded(const Pack& pack, const Engines& engines) {
    project = compiler::load_texts(pack.files(), diagnostics);
    comparison = std::make_unique<Comparison>(*project, engines, diagnostics);
  }
  const dsl::Diagnostic* mistake() const {
    for (const dsl::Diagnostic& diagnostic : diagnostics.list())
      if (diagnostic.severity() == dsl::Severity::error && !is_verdict(diagnostic.code)) return &diagnostic;
    return nullptr;
  }
};

uint64_t mixed(uint64_t seed, uint64_t with) {  // splitmix64: neighbours in, strangers out
  uint64_t z = seed + (with + 1) * 0x9E3779B97F4A7C15u;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

class Session {
 public:
  explicit Session(const Run& run) : run_(run) {}

  int go() {
    auto start = std::chrono::steady_clock::now();
    bool well = true;
    for (uint32_t i = 0; i < run_.packs && well; ++i) well = one_pack(i);
    seconds_ = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    summarise();
    return well && every_operation_occurred() ? 0 : 1;
  }

 private:
  bool one_pack(uint32_t number) {
    const uint64_t seed = mixed(run_.seed, number);
    Pack pack = make_pack(seed, run_.rules);
    if (run_.verbose) fmt::print("# pack {}\n{}", number, pack.text());
    std::fflush(stdout);  // what is made of it may crash
    Loaded loaded(pack, run_.engines);
    if (const dsl::Diagnostic* mistake = loaded.mistake()) {
      fmt::print("seed {}, pack {}: the generator wrote what is no rule\n{}", run_.seed, number,
                 dsl::render(loaded.project->sources, *mistake));
      return false;
    }
    rules_ += loaded.project->rules.size();
    left_out_ += loaded.diagnostics.error_count();
    for (size_t op = 0; op < ir::kOpCount; ++op) operations_[op] += loaded.comparison->operations()[op];
    names_ = loaded.comparison->names();
    for (uint32_t i = 0; i < run_.events; ++i) {
      Event event = make_event(mixed(seed, i), pack);
      if (run_.verbose) fmt::print("{}\n", event.text);
      if (auto what = loaded.comparison->difference(event.text, event.line)) {
        report(number, i, std::move(pack), std::move(event), *what);
        return false;
      }
    }
    const Tally& tally = loaded.comparison->tally();
    tally_.events += tally.events;
    tally_.foreign += tally.foreign;
    tally_.unreadable += tally.unreadable;
    tally_.pairs += tally.pairs;
    tally_.matches += tally.matches;
    return true;
  }

  void report(uint32_t pack, uint32_t event, Pack of, Event with, const std::string& what) {
    fmt::print("seed {}, pack {}, event {}: {}\n", run_.seed, pack, event, what);
    std::fflush(stdout);
    Case small{std::move(of), std::move(with)};
    std::string last = what;
    bool clean = Loaded(small.pack, run_.engines).diagnostics.error_count() == 0;
    shrink(
        small,
        [&](const Case& next) {
          Loaded loaded(next.pack, run_.engines);
          if (loaded.mistake() || (clean && loaded.diagnostics.error_count() > 0)) return false;
          auto still = loaded.comparison->difference(next.event.text, next.event.line);
          if (still) last = *still;
          return still.has_value();
        },
        kShrinking);
    fmt::print("made smaller: {}\n--- pack (schemas: tests/differential/shapes.cpp)\n{}--- event\n{}\n", last,
               small.pack.text(), small.event.text);
  }

  void summarise() const {
    size_t occurred =
        size_t(std::count_if(operations_.begin(), operations_.end(), [](uint64_t n) { return n > 0; }));
    fmt::print(
        "seed {}: {} packs, {} rules ({} errors), {} events ({} foreign, {} unreadable), {} (rule, event) "
        "pairs, "
        "{:.1f} % match, {} of {} operations, {:.1f} s\nengines: {}\n",
        run_.seed, run_.packs, rules_, left_out_, tally_.events, tally_.foreign, tally_.unreadable,
        tally_.pairs, 100.0 * double(tally_.matches) / double(std::max<uint64_t>(tally_.pairs, 1)), occurred,
        ir::kOpCount, seconds_, fmt::join(names_, "; "));
  }

  bool every_operation_occurred() const {
    if (run_.packs < kPacksForEveryOperation) return true;
    bool all = true;
    for (size_t op = 0; op < ir::kOpCount; ++op)
      if (operations_[op] == 0) {
        fmt::print("no rule had the operation `{}`\n", ir::info(ir::Op(op)).name);
        all = false;
      }
    return all;
  }

  const Run& run_;
  std::array<uint64_t, ir::kOpCount> operations_ = {};
  std::vector<std::string> names_;
  Tally tally_;
  uint64_t rules_ = 0, left_out_ = 0;
  double seconds_ = 0;
};

}  // namespace

int compare_generated(const Run& run) { return Session(run).go(); }

}  // namespace weir::differential
