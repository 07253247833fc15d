// The mix: two in five rules ask for domains, three in twenty for domains and a kind of answer; the rest are
// parts of names, regular expressions, networks, and how random a label looks.
#include "tests/bench/domains.h"

#include <fmt/format.h>

#include <cstdio>
#include <iterator>
#include <random>

#include "compiler/compile.h"
#include "tests/bench/events.h"
#include "tests/bench/goal.h"
#include "tests/bench/packs.h"

namespace weir::bench {
namespace {

constexpr size_t kRules = 1'000;
constexpr size_t kDomainsInRule = 200;
constexpr const char* kEndings[] = {"com", "net", "org", "info", "xyz", "top", "site"};
constexpr const char* kWords[] = {"login", "secure", "update", "wallet", "beacon", "miner", "paste",
                                  "relay", "tunnel", "canary", "stage",  "mirror", "bonus", "parcel"};

std::string domains(std::mt19937_64& random) {
  std::string text;
  for (size_t i = 0; i < kDomainsInRule; ++i)
    text += fmt::format("{}\"{}{}.{}\"", i == 0 ? "" : ", ", kWords[random() % std::size(kWords)],
                        random() % 1'000'000, kEndings[random() % std::size(kEndings)]);
  return "query_name|domain: [" + text + "]";
}

std::string part(std::mt19937_64& random) {
  return fmt::format("{}{}-{}", kWords[random() % std::size(kWords)], random() % 1000,
                     kWords[random() % std::size(kWords)]);
}

std::string items(std::mt19937_64& random) {
  const size_t kind = random() % 20;
  if (kind < 8) return domains(random);
  if (kind < 11)
    return fmt::format("query_type: \"{}\"; rcode: \"{}\"; {}", random() % 2 ? "TXT" : "A",
                       random() % 2 ? "NXDOMAIN" : "NOERROR", domains(random));
  if (kind < 15) {
    const std::string first = part(random), second = part(random), third = part(random);
    return fmt::format("query_name|contains: [\"{}\", \"{}\", \"{}\"]", first, second, third);
  }
  if (kind < 17)
    return fmt::format("query_name|re: '{}[0-9a-f]{{8,}}\\.{}'", part(random),
                       kEndings[random() % std::size(kEndings)]);
  if (kind < 19)
    return fmt::format("srcaddr|cidr: \"10.{}.0.0/16\"; query_name|contains: \"{}\"", random() % 256,
                       part(random));
  return fmt::format("entropy(query_name)|gt: {}; length(query_name)|gt: {}",
                     4 + static_cast<double>(random() % 10) / 10, 20 + random() % 30);
}

std::string rules() {
  std::mt19937_64 random(11);
  std::string text = "edition 1\n";
  for (size_t i = 0; i < kRules; ++i)
    text += fmt::format(
        "rule generated_{0} {{\n  title: \"Generated {0}\"\n  level: low\n  source: resolver\n  detection "
        "{{\n    asked {{ {1} }}\n"
        "    condition: asked\n  }}\n}}\n",
        i, items(random));
  return text;
}

}  // namespace

bool bench_domains(int rounds, bool json) {
  dsl::Diagnostics diagnostics;
  const auto project = compiler::load_texts({{"generated.weir", rules()}}, diagnostics);
  const auto compiled = compiler::compile(*project, {.engine = compiler::Engine::native}, diagnostics);
  if (!compiled.program || compiled.program->rules.size() != kRules) {
    fmt::print(stderr, "the generated rules do not compile: {}\n",
               diagnostics.empty() ? compiled.engine_problem : diagnostics.list()[0].title);
    return false;
  }
  const simdjson::padded_string text(resolver_events(200'000, 1'000, 5'000, 5));
  Matched matched;
  std::vector<Candidate> candidates = {
      {"ref", [&] { return iterate_many(text); }, {}},
      {"rules", [&] { return (matched = match_lines(compiled.program, text)).events; }, {}},
  };
  uint64_t events = 0;
  if (!measure(candidates, rounds, false, events)) return false;
  show_goal("1,000 rules with 110,000 domains, Resolver", ratio(candidates[0].seconds, candidates[1].seconds),
            {0.8}, json, " x ref");
  if (!json)
    fmt::print("  {:.0f} ns an event, {} matches\n",
               median(candidates[1].seconds) * 1e9 / static_cast<double>(events), matched.matches);
  return true;
}

}  // namespace weir::bench
