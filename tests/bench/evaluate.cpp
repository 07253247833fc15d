// Each event is a copy that stays, so that decoding is not measured; engines are interleaved.
#include "tests/bench/evaluate.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <string>

#include "compiler/compile.h"
#include "compiler/native.h"
#include "runtime/match/decode.h"
#include "tests/bench/goal.h"
#include "tests/bench/measure.h"
#include "tests/bench/packs.h"
#include "tests/bench/rules.h"

namespace weir::bench {
namespace {

double seconds_since(double begin) { return seconds_now() - begin; }

// An event that outlives its decoder's next one.
struct Kept {
  explicit Kept(const rt_event& from, size_t slot_count)
      : event(from), slots(from.slots, from.slots + slot_count) {
    for (rt_slot& slot : slots) {
      if (slot.offsets != nullptr) continue;  // on an array: none of the generated rules look there
      std::vector<rt_value>& copy = values.emplace_back(slot.values, slot.values + slot.count);
      for (rt_value& value : copy) {
        if (value.data == nullptr) continue;
        value.data = bytes.emplace_back(value.data, value.size).data();
        const bool ascii =
            std::all_of(bytes.back().begin(), bytes.back().end(), [](unsigned char c) { return c < 0x80; });
        if (value.kind == RT_TEXT && ascii) value.flags |= RT_ASCII;
      }
      slot.values = copy.data();
    }
    event.slots = slots.data();
    event.document = nullptr;
  }
  rt_event event;
  std::vector<rt_slot> slots;
  std::deque<std::vector<rt_value>> values;
  std::deque<std::string> bytes;
};

std::deque<Kept> kept_events(const std::shared_ptr<const match::Program>& program, std::string text) {
  std::deque<Kept> events;
  match::Decoder decoder(program);
  text.append(match::kPadding, ' ');
  for (size_t at = 0, end; (end = text.find('\n', at)) != text.npos; at = end + 1) {
    if (decoder.decode(std::string_view(text).substr(at, end - at)).status != match::DecodeStatus::ok)
      continue;
    const rt_event& event = decoder.event();
    events.emplace_back(event, program->sources[event.source].projection.slots.size());
  }
  return events;
}

struct Engine {
  explicit Engine(std::shared_ptr<const match::Program> of)
      : program(std::move(of)), scratch(program->make_scratch()), matched(program->match_words() + 1) {}

  // The number of matches.
  uint64_t run(std::deque<Kept>& events, uint64_t& serial) {
    uint64_t count = 0;
    for (Kept& kept : events) {
      kept.event.serial = ++serial;
      program->match(program->code.get(), &kept.event, scratch.get(), matched.data());
      for (const uint64_t word : matched) {
        if (word != 0) count += static_cast<uint64_t>(__builtin_popcountll(word));
      }
    }
    return count;
  }
  std::shared_ptr<const match::Program> program;
  std::shared_ptr<rt_scratch> scratch;
  std::vector<uint64_t> matched;
};

// Few enough to stay in the cache, as an event is that was just decoded.
constexpr size_t kEvents = 100;

bool bench_one(size_t rules, double generic_share, int rounds, bool json) {
  const auto pack = generated_pack(rules, generic_share, compiler::Engine::interpreter);
  if (!pack) return false;
  compiler::Compiled& compiled = *pack;
  Engine interpreter(compiled.program);
  std::vector<double> compile_ms;
  for (int round = 0; round < std::min(rounds, 5); ++round) {
    auto begin = seconds_now();
    compiler::make_program(compiled, {.engine = compiler::Engine::interpreter});
    const double without = seconds_since(begin);
    begin = seconds_now();
    compiler::make_program(compiled, {.engine = compiler::Engine::native});
    compile_ms.push_back((seconds_since(begin) - without) * 1e3);
  }
  if (!compiled.program || !compiled.engine_problem.empty()) {
    fmt::print(stderr, "{}\n", compiled.engine_problem);
    return false;
  }
  Engine native(compiled.program);

  std::deque<Kept> events = kept_events(compiled.program, events_for_rules(kEvents, 3));
  uint64_t serial = uint64_t{1} << 40;
  constexpr int repeats = 100;
  std::vector<double> plain_ns, native_ns;
  for (int round = -1; round < rounds; ++round) {
    const auto measure = [&](Engine& engine, uint64_t& matches) {
      const auto start = seconds_now();
      for (int i = 0; i < repeats; ++i) matches = engine.run(events, serial);
      return seconds_since(start) / repeats / static_cast<double>(events.size()) * 1e9;
    };
    uint64_t plain_matches = 0, native_matches = 0;
    const double plain = measure(interpreter, plain_matches), made = measure(native, native_matches);
    if (plain_matches != native_matches || events.empty()) {
      fmt::print(stderr, "the interpreter has {} matches, native code {}, of {} events\n", plain_matches,
                 native_matches, events.size());
      return false;
    }
    if (round < 0) continue;
    plain_ns.push_back(plain), native_ns.push_back(made);
  }
  const std::string name = fmt::format("{} rules, {:.0f} % generic: ", rules, generic_share * 100);
  const bool judged = rules == 1000;  // the goals are for a thousand
  show_goal((name + "interpreter / native").c_str(), ratio(plain_ns, native_ns),
            judged ? Goal{1.8, Bound::at_least, 2.5} : Goal{}, json, " x");
  if (!json)
    fmt::print("  interpreter {:.0f} ns an event, native {:.0f} ns\n", median(plain_ns), median(native_ns));
  show_goal((name + "compiled").c_str(), spread(compile_ms), judged ? Goal{200, Bound::at_most, 100} : Goal{},
            json, " ms");
  return true;
}

}  // namespace

bool bench_evaluation(const std::vector<size_t>& rules, double generic_share, int rounds, bool json) {
  return std::all_of(rules.begin(), rules.end(),
                     [&](size_t count) { return bench_one(count, generic_share, rounds, json); });
}

}  // namespace weir::bench
