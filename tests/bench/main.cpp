// The benches: ratios within one run, because machines differ and are noisy. All candidates are interleaved,
// each ratio is taken round by round, and the median with its spread is printed.
//
//   ref              simdjson On-Demand iterate_many over the same NDJSON, no field read: the speed of
//   finding the
//                    documents
//   decode           each line recognised: validated as a whole, its source, time, id and deciding slots read
//   decode+hash      and its canonical hash, which tells duplicates
//   decode+complete  recognised, and all that the shipped pack reads
//   scan             what `weir scan --threads 1 --engine interpreter` does, from bytes to ordered alerts,
//   the shipped
//                    pack
//
// The file is read once before the rounds, so that all find it in the page cache; scan reads it again each
// time.

#include <fmt/format.h>
#include <simdjson.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>

#include "cli/scanner.h"
#include "compiler/compile.h"
#include "runtime/match/decode.h"
#include "tests/bench/evaluate.h"
#include "tests/bench/events.h"

namespace {

using namespace weir;

struct Candidate {
  std::string name;
  std::function<uint64_t()> run;  // gives the number of events, which must agree
  std::vector<double> seconds;
};

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

double seconds_now(bool cpu) {
  timespec now{};
  clock_gettime(cpu ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC, &now);
  return double(now.tv_sec) + double(now.tv_nsec) * 1e-9;
}

uint64_t iterate_many(const simdjson::padded_string& text) {
  simdjson::ondemand::parser parser;
  uint64_t documents = 0;
  simdjson::ondemand::document_stream stream;
  if (parser.iterate_many(text, 1 << 20).get(stream)) return 0;
  for (auto document : stream) documents += !document.error();
  return documents;
}

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
  CLI::App app{"Benches: ratios within one run"};
  std::string path;
  std::vector<std::string> rules = {"shipped"};
  std::vector<std::string> only;
  int rounds = 7;
  uint64_t megabytes = 200;
  bool json = false, cpu = false;
  app.add_option("--events", path, "NDJSON of CloudTrail events (default: generated)");
  app.add_option("--rules", rules, "Rule files and folders");
  app.add_option("--rounds", rounds)->check(CLI::Range(1, 99))->capture_default_str();
  app.add_option("--megabytes", megabytes, "How much to generate")->capture_default_str();
  app.add_option("--only", only, "Candidates to run, besides ref");
  app.add_flag("--json", json);
  app.add_flag("--cpu", cpu, "Processor time rather than the wall's, for machines with other work");
  std::vector<size_t> evaluated;
  double generic_share = 0.05;
  app.add_option("--evaluate", evaluated, "Only rule evaluation, interpreter against native code, of packs of so many generated rules")
      ->check(CLI::Range(1, 100000));
  app.add_option("--generic", generic_share, "of --evaluate: the share of rules that run for every event")->capture_default_str();
  CLI11_PARSE(app, argc, argv);

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
      {"ref", [&] { return iterate_many(text); }, {}},
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
  for (int round = -1; round < rounds; ++round) {  // round -1 warms up
    for (Candidate& candidate : candidates) {
      const double begin = seconds_now(cpu);
      uint64_t count = candidate.run();
      const double seconds = seconds_now(cpu) - begin;
      if (round >= 0) candidate.seconds.push_back(seconds);
      if (events && count != events) {
        fmt::print(stderr, "{} saw {} events, others {}\n", candidate.name, count, events);
        return 1;
      }
      events = count;
    }
  }
  if (!generated.empty()) std::filesystem::remove(generated);

  if (!json) {
    fmt::print("{} events of {} bytes on average, {} rules; sum of hashes {:016x}\n", events,
               text.size() / std::max<uint64_t>(events, 1), compiled.program->rules.size(), hashes);
  }
  const std::vector<double>& ref = candidates[0].seconds;
  for (const Candidate& candidate : candidates) {
    std::vector<double> ratios;
    for (size_t i = 0; i < ref.size(); ++i) ratios.push_back(ref[i] / candidate.seconds[i]);
    auto [low, high] = std::minmax_element(ratios.begin(), ratios.end());
    double seconds = median(candidate.seconds);
    if (json) {
      fmt::print("{{\"candidate\":\"{}\",\"ratio\":{:.4f},\"low\":{:.4f},\"high\":{:.4f},\"mb_per_s\":{:.1f},"
                 "\"ns_per_event\":{:.1f},\"events\":{},\"rules\":{}}}\n",
                 candidate.name, median(ratios), *low, *high, double(text.size()) / seconds / 1e6,
                 seconds * 1e9 / double(events), events, compiled.program->rules.size());
    } else {
      fmt::print("{:<15} {:>7.3f} x ref ({:.3f} to {:.3f})  {:>7.0f} MB/s  {:>6.0f} ns an event\n",
                 candidate.name, median(ratios), *low, *high, double(text.size()) / seconds / 1e6,
                 seconds * 1e9 / double(events));
    }
  }
  return 0;
}
