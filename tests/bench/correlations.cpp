// Whole scans, from a file in the page cache to ordered alerts.
#include "tests/bench/correlations.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <random>

#include "cli/scanner.h"
#include "compiler/compile.h"
#include "runtime/match/functions.h"
#include "tests/bench/measure.h"

namespace weir::bench {
namespace {

constexpr size_t kRulesOverMany = 100;
constexpr size_t kGroups = 1'000;
constexpr size_t kEvents = 300'000;
constexpr const char* kTypes[] = {"A", "AAAA", "HTTPS", "PTR", "TXT", "SRV", "MX", "CNAME", "NS", "SOA"};
constexpr const char* kCodes[] = {"NOERROR", "NXDOMAIN", "SERVFAIL", "REFUSED"};

// One host of `hosts` asks, every millisecond, for one of `names` names below some domains: four in five times for an
// address, with success, as hosts do.
std::string resolver_events(size_t count, size_t hosts, size_t names, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::string out;
  int64_t time = match::parse_time("2026-01-15T06:00:00Z").value();
  for (size_t i = 0; i < count; ++i, time += 1'000) {
    const bool common = random() % 5 != 0;
    const size_t host = random() % hosts;
    const size_t name = random() % names;
    out += fmt::format(
        R"({{"version":"1.100000","account_id":"111122223333","region":"eu-west-1","vpc_id":"vpc-{0:08x}","query_timestamp":"{1}","query_name":"n{2}.zone{3}.example.com.","query_type":"{4}","query_class":"IN","rcode":"{5}","answers":[{{"Rdata":"198.51.100.{6}","Type":"A","Class":"IN"}}],"srcaddr":"10.0.{7}.{8}","srcport":"{9}","transport":"UDP","srcids":{{"instance":"i-{10:017x}"}}}})"
        "\n",
        host % 16, match::format_time(time), name, name % 20, kTypes[common ? random() % 2 : random() % std::size(kTypes)],
        kCodes[common ? 0 : random() % std::size(kCodes)], random() % 250, host / 250, host % 250,
        1024 + random() % 60000, host);
  }
  return out;
}

std::string rule(size_t number, std::string_view detection, std::string_view correlation) {
  return fmt::format(
      "rule generated_{0} {{\n  title: \"Generated {0}\"\n  level: low\n  source: resolver\n"
      "  detection {{\n    picked {{ {1} }}\n    condition: picked\n  }}\n{2}}}\n",
      number, detection, correlation);
}

// What a rule lets in: a type that is not common, an answer, and one zone of twenty.
std::string picked(size_t number) {
  return fmt::format("query_type: \"{}\"\n rcode: \"{}\"\n query_name|domain: \"zone{}.example.com\"",
                     kTypes[2 + number % 8], kCodes[number % 4], number % 20);
}

std::string correlation(size_t number) {
  constexpr const char* kConditions[] = {
      "timespan: 10m\n condition: count() >= 5000",
      "timespan: 10m\n condition: distinct(query_name) >= 500",
      "timespan: 1h\n condition: distinct(query_name) / count() >= 2",
      "timespan: 1h\n condition: max(srcport) - min(srcport) >= 100000",
  };
  return fmt::format("  correlation {{ group_by: [srcaddr]\n {} }}\n", kConditions[number % std::size(kConditions)]);
}

// A pack of rules for single events, which no event of the stream fires, and as many rules over many events as asked.
std::string pack(size_t over_many) {
  std::string text = "edition 1\n";
  for (size_t i = 0; i < kRulesOverMany; ++i)
    text += rule(i, fmt::format("query_type: \"{}\"\n query_name|endswith: \".bad{}.example.net\"", kTypes[i % 8], i), "");
  for (size_t i = 0; i < over_many; ++i) text += rule(kRulesOverMany + i, picked(i), correlation(i));
  return text;
}

// Every query counts: the one rule for windows with few and with many different names.
std::string distinct_rule() {
  return "edition 1\n" + rule(0, "query_class: \"IN\"",
                              "  correlation { group_by: [vpc_id]\n timespan: 2m\n condition: distinct(query_name) >= 5000 }\n");
}

std::shared_ptr<const match::Program> compiled(const std::string& text) {
  dsl::Diagnostics diagnostics;
  const auto project = compiler::load_texts({{"generated.weir", text}}, diagnostics);
  auto compiled = compiler::compile(*project, {}, diagnostics);
  if (diagnostics.error_count() == 0 && compiled.program) return compiled.program;
  fmt::print(stderr, "the generated rules do not compile: {}\n",
             diagnostics.empty() ? compiled.engine_problem : diagnostics.list()[0].title);
  return nullptr;
}

// A stream on disk, for as long as this lives.
class Stream {
 public:
  Stream(const char* name, const std::string& text)
      : path_((std::filesystem::temp_directory_path() / name).string()), file_{path_, text.size()} {
    std::ofstream(path_, std::ios::binary) << text;
  }
  ~Stream() { std::filesystem::remove(path_); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  Candidate scan(const char* name, std::shared_ptr<const match::Program> program, unsigned threads = 1) const {
    return {name,
            [this, program, threads] {
              cli::ScanProgress progress;
              cli::ScanOptions options;
              options.threads = threads;
              options.temporary_folder = std::filesystem::temp_directory_path().string();
              return cli::scan_inputs(program, {file_}, options, progress).counts.events;
            },
            {}};
  }

 private:
  std::string path_;
  ingest::InputFile file_;
};

void show(const char* what, const Spread& ratio, const char* bound, double goal, bool json) {
  if (json) {
    fmt::print("{{\"question\":\"{}\",\"ratio\":{:.3f},\"low\":{:.3f},\"high\":{:.3f},\"goal\":{}}}\n", what, ratio.median,
               ratio.low, ratio.high, goal);
  } else {
    fmt::print("{:<62} {:.2f} ({:.2f} to {:.2f}); goal {:.2f} {}\n", what, ratio.median, ratio.low, ratio.high, goal, bound);
  }
}

void show_speed(const std::vector<Candidate>& candidates, uint64_t events, bool json) {
  if (json) return;
  for (const Candidate& candidate : candidates)
    fmt::print("  {:<60} {:>6.0f} ns an event\n", candidate.name,
               median(candidate.seconds) * 1e9 / static_cast<double>(events));
}

}  // namespace

bool bench_correlations(int rounds, bool json) {
  const auto distinct = compiled(distinct_rule()), without = compiled(pack(0)), with = compiled(pack(kRulesOverMany));
  if (!distinct || !without || !with) return false;
  uint64_t events = 0;
  {
    const Stream few("weir-bench-few.ndjson", resolver_events(kEvents, kGroups, 18, 1));
    const Stream many("weir-bench-many.ndjson", resolver_events(kEvents, kGroups, 1'800, 1));
    std::vector<Candidate> values = {few.scan("18 different names in a window", distinct),
                                     many.scan("1,800 different names in a window", distinct)};
    if (!measure(values, rounds, false, events)) return false;
    show_speed(values, events, json);
    show("1,800 different values in a window / 18", ratio(values[1].seconds, values[0].seconds), "at most", 1.3, json);
  }
  const Stream stream("weir-bench-resolver.ndjson", resolver_events(kEvents, kGroups, 5'000, 2));
  std::vector<Candidate> packs = {stream.scan("100 rules for single events", without),
                                  stream.scan("and 100 rules over many, 1,000 groups each", with)};
  if (!measure(packs, rounds, false, events)) return false;
  show_speed(packs, events, json);
  show("speed with 100 rules over many events / without", ratio(packs[0].seconds, packs[1].seconds), "at least", 0.7, json);

  std::vector<Candidate> threads = {stream.scan("one thread, by the clock", with),
                                    stream.scan("two threads, by the clock", with, 2)};
  if (!measure(threads, rounds, true, events)) return false;
  show_speed(threads, events, json);
  show("two threads / one", ratio(threads[0].seconds, threads[1].seconds), "at least", 1.7, json);
  return true;
}

}  // namespace weir::bench
