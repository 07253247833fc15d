// The benches: ratios within one run, because machines differ and are noisy. All candidates are interleaved,
// each ratio is taken round by round, and the median with its spread is printed.
//
//   ref              simdjson On-Demand iterate_many over the same NDJSON, no field read: the speed of
//                    finding the documents
//   decode           each line recognised: validated as a whole, its source, time, id and deciding slots read
//   decode+hash      and its canonical hash, which tells duplicates
//   decode+complete  recognised, and all that the shipped pack reads
//   scan             what `weir scan --threads 1 --engine interpreter` does, from bytes to ordered alerts,
//                    the shipped pack
//
// The file is read once before the rounds, so that all find it in the page cache; scan reads it again each
// time. The flags are other benches, each with its header here; --goals is all of them, beside what they should reach.

#include <fmt/format.h>
#include <simdjson.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "cli/scanner.h"
#include "compiler/compile.h"
#include "runtime/match/decode.h"
#include "runtime/process/heap.h"
#include "tests/bench/correlations.h"
#include "tests/bench/domains.h"
#include "tests/bench/evaluate.h"
#include "tests/bench/events.h"
#include "tests/bench/files.h"
#include "tests/bench/goal.h"
#include "tests/bench/measure.h"
#include "tests/bench/packs.h"

namespace {

using namespace weir;
using bench::Candidate;
using bench::median;

// Calls then(decoder) for each event of the lines.
template <class Then>
uint64_t decode(const std::shared_ptr<const match::Program>& program, const simdjson::padded_string& text,
                Then then) {
  match::Decoder decoder(program);
  uint64_t events = 0;
  const std::string_view all(text);
  for (size_t begin = 0; begin < all.size();) {
    const size_t end = std::min(all.find('\n', begin), all.size());
    if (decoder.recognise(all.substr(begin, end - begin)).status == match::DecodeStatus::ok) {
      ++events;
      then(decoder);
    }
    begin = end + 1;
  }
  return events;
}

uint64_t scan(const std::shared_ptr<const match::Program>& program, const ingest::InputFile& file) {
  cli::ScanProgress progress;
  cli::ScanResult result = cli::scan_inputs(program, {file}, {}, progress);
  return result.counts.events + result.counts.duplicates;
}

}  // namespace

int main(int argc, char** argv) {
  process::prepare_heap();  // as weir itself does
  CLI::App app{"Benches: ratios within one run"};
  std::string path;
  std::vector<std::string> rules = {"shipped"};
  std::vector<std::string> only;
  int rounds = 7;
  uint64_t megabytes = 200;
  bool json = false, wall = false, packs = false, first_event = false, correlations = false;
  bool domains = false, files = false, goals = false;
  app.add_option("--events", path, "NDJSON of CloudTrail events (default: generated)");
  app.add_option("--rules", rules, "Rule files and folders");
  app.add_option("--rounds", rounds)->check(CLI::Range(1, 99))->capture_default_str();
  app.add_option("--megabytes", megabytes, "How much to generate")->capture_default_str();
  app.add_option("--only", only, "Candidates to run, besides ref");
  app.add_flag("--json", json);
  app.add_flag("--wall", wall, "The wall's time rather than the processor's");
  app.add_flag("--packs", packs, "Whole packs of generated rules, against ref and the goals, and rule evaluation");
  app.add_flag("--first-event", first_event, "Only how long a new process takes to decide its first event");
  app.add_flag("--correlations", correlations, "Only rules over many events, on a Resolver stream");
  app.add_flag("--domains", domains, "Only a pack of lists of domains, on a Resolver stream");
  app.add_flag("--files", files, "Only whole scans of files: .json.gz, and two threads");
  app.add_flag("--goals", goals, "All of these, each beside its goal");
  std::vector<size_t> evaluated;
  double generic_share = 0.05;
  app.add_option("--evaluate", evaluated, "Only rule evaluation, interpreter against native code, of packs of so many generated rules")
      ->check(CLI::Range(1, 100000));
  app.add_option("--generic", generic_share, "of --evaluate: the share of rules that run for every event")->capture_default_str();
  CLI11_PARSE(app, argc, argv);

  packs |= goals;
  if (first_event || packs) {
    const double ms = bench::first_event_ms(rules);
    bench::show_goal("first event decided after the start", {ms, ms, ms}, {50, bench::Bound::at_most, 10}, json, " ms");
    if (first_event) return 0;
  }
  if (correlations) return bench::bench_correlations(rounds, json) ? 0 : 1;
  if (domains) return bench::bench_domains(rounds, json) ? 0 : 1;
  if (files) return bench::bench_files(rounds, json) ? 0 : 1;
  if (!evaluated.empty()) return bench::bench_evaluation(evaluated, generic_share, rounds, json) ? 0 : 1;

  std::string generated;
  if (path.empty()) {
    path = generated = (std::filesystem::temp_directory_path() / "weir-bench-events.ndjson").string();
    std::ofstream(path, std::ios::binary) << bench::cloudtrail_events(megabytes * 1'000'000, 1);
  }
  simdjson::padded_string text;
  if (auto error = simdjson::padded_string::load(path).get(text)) {
    fmt::print(stderr, "{}: {}\n", path, simdjson::error_message(error));
    return 2;
  }

  if (packs) {
    const bool done = bench::bench_packs(text, only, rounds, wall, json);
    if (!generated.empty()) std::filesystem::remove(generated);
    if (!only.empty()) return done ? 0 : 1;
    if (!done || !bench::bench_evaluation({1000}, generic_share, rounds, json)) return 1;
    if (!goals) return 0;
    return bench::bench_domains(rounds, json) && bench::bench_files(rounds, json) &&
                   bench::bench_correlations(rounds, json)
               ? 0
               : 1;
  }

  dsl::Diagnostics diagnostics;
  std::vector<std::string> unreadable;
  auto project = compiler::load({rules}, diagnostics, unreadable);
  auto compiled = compiler::compile(*project, {}, diagnostics);
  if (compiled.program->rules.empty()) {
    fmt::print(stderr, "no rules\n");
    return 2;
  }
  ingest::InputFile file{path, text.size()};
  uint64_t hashes = 0;  // printed, so that they are computed
  const auto nothing = [](match::Decoder&) {};
  const auto hash = [&](match::Decoder& decoder) { hashes += decoder.canonical_hash(); };
  const auto complete = [](match::Decoder& decoder) { decoder.complete(); };
  std::vector<Candidate> candidates = {
      {"ref", [&] { return bench::iterate_many(text); }, {}},
      {"decode", [&] { return decode(compiled.program, text, nothing); }, {}},
      {"decode+hash", [&] { return decode(compiled.program, text, hash); }, {}},
      {"decode+complete", [&] { return decode(compiled.program, text, complete); }, {}},
      {"scan", [&] { return scan(compiled.program, file); }, {}},
  };
  if (!only.empty()) {
    std::erase_if(candidates, [&](const Candidate& candidate) {
      return candidate.name != "ref" && std::find(only.begin(), only.end(), candidate.name) == only.end();
    });
  }
  uint64_t events = 0;
  const bool measured = bench::measure(candidates, rounds, wall, events);
  if (!generated.empty()) std::filesystem::remove(generated);
  if (!measured) return 1;

  if (!json) {
    fmt::print("{} events of {} bytes on average, {} rules; sum of hashes {:016x}\n", events,
               text.size() / std::max<uint64_t>(events, 1), compiled.program->rules.size(), hashes);
  }
  const std::vector<double>& ref = candidates[0].seconds;
  for (const Candidate& candidate : candidates) {
    const bench::Spread to_ref = bench::ratio(ref, candidate.seconds);
    double seconds = median(candidate.seconds);
    if (json) {
      fmt::print("{{\"candidate\":\"{}\",\"ratio\":{:.4f},\"low\":{:.4f},\"high\":{:.4f},\"mb_per_s\":{:.1f},"
                 "\"ns_per_event\":{:.1f},\"events\":{},\"rules\":{}}}\n",
                 candidate.name, to_ref.median, to_ref.low, to_ref.high, double(text.size()) / seconds / 1e6,
                 seconds * 1e9 / double(events), events, compiled.program->rules.size());
    } else {
      fmt::print("{:<15} {:>7.3f} x ref ({:.3f} to {:.3f})  {:>7.0f} MB/s  {:>6.0f} ns an event\n",
                 candidate.name, to_ref.median, to_ref.low, to_ref.high, double(text.size()) / seconds / 1e6,
                 seconds * 1e9 / double(events));
    }
  }
  return 0;
}
