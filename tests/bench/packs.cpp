// Lines are recognised, completed where a rule may match, and matched; nothing is made of the matches.
#include "tests/bench/packs.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <optional>

#include "runtime/match/decode.h"
#include "tests/bench/events.h"
#include "tests/bench/goal.h"
#include "tests/bench/measure.h"
#include "tests/bench/rules.h"

namespace weir::bench {
namespace {

struct Pack {
  const char* name;
  size_t rules;
  double generic_share;
  compiler::Engine engine;
  Goal goal;  // of the ratio to ref
  Matched matched = {};
  std::shared_ptr<const match::Program> program = nullptr;
};

}  // namespace

Matched match_lines(const std::shared_ptr<const match::Program>& of, const simdjson::padded_string& text) {
  const match::Program& program = *of;
  match::Decoder decoder(of);
  const std::shared_ptr<rt_scratch> scratch = program.make_scratch();
  std::vector<uint64_t> matched(program.match_words());
  const std::string_view all(text);
  Matched counts;
  for (size_t begin = 0; begin < all.size();) {
    const void* const newline = std::memchr(all.data() + begin, '\n', all.size() - begin);
    const size_t end = newline ? static_cast<size_t>(static_cast<const char*>(newline) - all.data()) : all.size();
    if (decoder.recognise(all.substr(begin, end - begin)).status == match::DecodeStatus::ok) {
      ++counts.events;
      const rt_reach reach = program.may_match(program.code.get(), &decoder.event(), scratch.get());
      if (reach != RT_NO_RULE && decoder.complete(reach)) {
        ++counts.completed;
        program.match(program.code.get(), &decoder.event(), scratch.get(), matched.data());
        for (const uint64_t word : matched) {
          if (word != 0) counts.matches += static_cast<uint64_t>(__builtin_popcountll(word));
        }
      }
    }
    begin = end + 1;
  }
  return counts;
}

std::unique_ptr<compiler::Compiled> generated_pack(size_t rules, double generic_share, compiler::Engine engine) {
  dsl::Diagnostics diagnostics;
  const auto project = compiler::load_texts({{"generated.weir", generated_rules(rules, generic_share, 7)}}, diagnostics);
  auto compiled = std::make_unique<compiler::Compiled>(compiler::compile(*project, {.engine = engine}, diagnostics));
  if (!compiled->program) {
    fmt::print(stderr, "{}\n", compiled->engine_problem);
    return nullptr;
  }
  if (compiled->program->rules.size() == rules) return compiled;
  fmt::print(stderr, "{} of {} generated rules compile\n", compiled->program->rules.size(), rules);
  return nullptr;
}

bool bench_packs(const simdjson::padded_string& text, const std::vector<std::string>& only, int rounds, bool wall,
                 bool json) {
  using compiler::Engine;
  std::vector<Pack> packs = {
      {"1,000 rules, 5 % generic", 1'000, 0.05, Engine::native, {0.4, Bound::at_least, 1.0}},
      {"1,000 rules, none generic", 1'000, 0, Engine::native, {0.6, Bound::at_least, 1.6}},
      {"10,000 rules, 5 % generic", 10'000, 0.05, Engine::native, {0.2, Bound::at_least, 0.6}},
      {"100 rules, 5 % generic, interpreter", 100, 0.05, Engine::interpreter, {0.25}},
      {"10 rules, none generic", 10, 0, Engine::native, {}},
      {"10,000 rules, none generic", 10'000, 0, Engine::native, {}},
  };
  std::erase_if(packs, [&](const Pack& pack) {
    return !only.empty() && std::find(only.begin(), only.end(), pack.name) == only.end();
  });
  std::vector<Candidate> candidates = {{"ref", [&] { return iterate_many(text); }, {}}};
  for (Pack& pack : packs) {
    const auto compiled = generated_pack(pack.rules, pack.generic_share, pack.engine);
    if (!compiled) return false;
    pack.program = compiled->program;
    candidates.push_back({pack.name, [&] { return (pack.matched = match_lines(pack.program, text)).events; }, {}});
  }
  uint64_t events = 0;
  if (!measure(candidates, rounds, wall, events)) return false;

  const std::vector<double>& ref = candidates[0].seconds;
  for (size_t i = 0; i < packs.size(); ++i) {
    const Pack& pack = packs[i];
    const Spread to_ref = ratio(ref, candidates[i + 1].seconds);
    show_goal(pack.name, to_ref, pack.goal, json, " x ref");
    if (json) continue;
    fmt::print("  {:.0f} ns an event, {:.0f} % decided by rules, {} matches\n",
               median(candidates[i + 1].seconds) * 1e9 / static_cast<double>(events),
               100 * static_cast<double>(pack.matched.completed) / static_cast<double>(events), pack.matched.matches);
  }
  if (!only.empty()) return true;
  const Spread slower = ratio(candidates[packs.size()].seconds, candidates[packs.size() - 1].seconds);
  show_goal("slow-down from 10 to 10,000 rules", slower, {2.5, Bound::at_most}, json, " x");
  return true;
}

double first_event_ms(const std::vector<std::string>& rules) {
  dsl::Diagnostics diagnostics;
  std::vector<std::string> unreadable;
  const auto project = compiler::load({.paths = rules, .shipped_tests = false}, diagnostics, unreadable);
  const auto compiled = compiler::compile(*project, {.engine = compiler::Engine::automatic}, diagnostics);
  const match::Program& program = *compiled.program;
  match::Decoder decoder(compiled.program);
  const std::shared_ptr<rt_scratch> scratch = program.make_scratch();
  std::vector<uint64_t> matched(program.match_words());
  std::string event = cloudtrail_events(1, 1);
  const size_t size = event.size() - 1;
  event.append(match::kPadding, ' ');
  if (decoder.decode(std::string_view(event).substr(0, size)).status == match::DecodeStatus::ok)
    program.match(program.code.get(), &decoder.event(), scratch.get(), matched.data());
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) * 1e-6;
}

}  // namespace weir::bench
