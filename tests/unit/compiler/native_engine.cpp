// Native code as a whole: that it says what the interpreter says, that it can call nothing else, that no page of it
// can be written, and that what goes wrong, or goes away, does no harm.
#include <doctest/doctest.h>

#include <algorithm>
#include <deque>
#include <fstream>
#include <thread>

#include "compiler/compile.h"
#include "compiler/native.h"
#include "runtime/match/functions.h"
#include "tests/unit/compiler/ir_event.h"

namespace weir::test {
namespace {

using compiler::Compiled;
using compiler::CompileOptions;
using compiler::Engine;

// Rules over three text fields: r0, r1, …, each with the condition of its number.
ir::Module module_of_rules(size_t rules) {
  ir::Module module = module_of_one_source();
  ir::Builder build(module);
  const ir::Value name = build.field(0, build.slot(0, text_slot("name")));
  const ir::Value user = build.field(0, build.slot(0, text_slot("user")));
  const ir::Value agent = build.field(0, build.slot(0, text_slot("agent")));
  for (size_t i = 0; i < rules; ++i) {
    using How = match::TextSet::How;
    const std::string number = std::to_string(i);
    std::vector<ir::Value> all = {build.texts(name, {How::equal, {}, {"call-" + std::to_string(i % 7)}})};
    all.push_back(i % 2 == 0 ? build.texts(user, {How::starts, {}, {"Admin-" + number}})
                             : build.texts(user, {How::ends, {.cased = i % 3 == 0}, {"-x" + number}}));
    if (i % 3 == 0) all.push_back(build.make(ir::Op::negate, {build.texts(agent, {How::contains, {}, {"curl"}})}));
    match::RuleInfo info{.name = "r" + number};
    info.sources.push_back({.source = 0, .match = build.root(build.make(ir::Op::both, all))});
    module.rules.push_back(info);
  }
  return module;
}

Compiled compiled(const ir::Module& module, CompileOptions options) {
  Compiled out;
  out.module = module;
  out.dispatch = ir::dispatch(module);
  compiler::make_program(out, options);
  return out;
}

Event event_of(const ir::Module& module, int i) {
  Event event(module.sources[0]);
  event.put(0, {"Call-" + std::to_string(i % 7)})
      .put(1, {i % 2 == 0 ? "ADMIN-" + std::to_string(i) + "0" : "q-x" + std::to_string(i)})
      .put(2, {i % 5 == 0 ? "CURL/8" : "aws-cli"});
  return event;
}

std::string matches(const match::Program& program, rt_scratch* scratch, Event& event) {
  std::vector<uint64_t> matched(program.match_words() + 1);
  program.match(program.code.get(), &event.get(), scratch, matched.data());
  std::string names;
  for (size_t rule = 0; rule < program.rules.size(); ++rule)
    if ((matched[rule / 64] >> rule % 64 & 1) != 0) names += program.rules[rule].name + " ";
  return names;
}

TEST_CASE("an engine that was asked for is there or refused with a sentence") {
  const ir::Module module = module_of_rules(20);
  const Compiled native = compiled(module, {.engine = Engine::native});
  if (!compiler::native_available()) {
    CHECK(native.program == nullptr);
    CHECK(native.engine_problem == "this build has no native engine (WEIR_JIT=OFF)");
    CHECK(compiled(module, {.engine = Engine::automatic}).program->engine == "interpreter");
    return;
  }
  REQUIRE(native.program != nullptr);
  CHECK(native.engine_problem == "");
  CHECK(native.program->engine == "native");
  CHECK(compiled(module, {.engine = Engine::interpreter}).program->engine == "interpreter");
}

TEST_CASE("native code agrees with the interpreter on chains and guarded lists") {
  if (!compiler::native_available()) return;
  for (const size_t rules : {5, 60, 700}) {
    const ir::Module module = module_of_rules(rules);
    const Compiled native = compiled(module, {.engine = Engine::native});
    const Compiled plain = compiled(module, {});
    REQUIRE(native.program != nullptr);
    const auto native_scratch = native.program->make_scratch(), plain_scratch = plain.program->make_scratch();
    size_t found = 0;
    for (int i = 0; i < 700; ++i) {
      Event event = event_of(module, i);
      const std::string expected = matches(*plain.program, plain_scratch.get(), event);
      CHECK(matches(*native.program, native_scratch.get(), event) == expected);
      found += expected.empty() ? 0 : 1;
    }
    CHECK(found > 0);
  }
}

TEST_CASE("rules that wait for networks run for the addresses in them, and for no others") {
  ir::Module module = module_of_one_source();
  ir::Builder build(module);
  const ir::Value from = build.field(0, build.slot(0, text_slot("from")));
  std::vector<match::Network> networks;
  for (int i = 0; i < 120; ++i) {
    const std::string texts[] = {"10." + std::to_string(i) + ".7.0/" + std::to_string(8 + i % 25), "2001:db8:" + std::to_string(i) + "::1/" + std::to_string(i + 8),
                                 "0.0.0.0/" + std::to_string(i % 3), "192.0.2." + std::to_string(i)};
    networks.push_back(*match::parse_network(texts[i % 4]));
    match::RuleInfo info{.name = "r" + std::to_string(i)};
    info.sources.push_back({.source = 0, .match = build.root(build.networks(from, {networks.back()}))});
    module.rules.push_back(info);
  }
  const Compiled plain = compiled(module, {});
  const auto scratch = plain.program->make_scratch();
  const Scalars cases[] = {{"10.8.7.1"}, {"10.44.7.0"}, {"10.99.1.1"}, {"192.0.2.7"}, {"192.0.2.8"}, {"2001:db8:5::1"}, {"2001:db8:9::2"},
                           {"::1"}, {"::ffff:10.8.7.1"}, {"none"}, {""}, {}, {"x", "10.8.7.1"}, {"10.8.7.1", "192.0.2.7"}, {"255.0.0.1"}};
  for (const Scalars& values : cases) {
    Event event(module.sources[0]);
    event.put(0, values);
    std::string expected;
    for (size_t i = 0; i < networks.size(); ++i) {
      const bool inside = std::any_of(values.begin(), values.end(), [&](const Scalar& value) {
        const auto address = match::parse_address(value.text);
        return address && networks[i].contains(*address);
      });
      if (inside) expected += "r" + std::to_string(i) + " ";
    }
    CAPTURE(expected);
    CHECK(matches(*plain.program, scratch.get(), event) == expected);
  }
}

TEST_CASE("a failure is told, and automatic goes on without") {
  if (!compiler::native_available()) return;
  const ir::Module module = module_of_rules(300);
  const Compiled demanded = compiled(module, {.engine = Engine::native, .native_failure = "no luck"});
  CHECK(demanded.program == nullptr);
  CHECK(demanded.engine_problem == "no luck");

  const Compiled automatic = compiled(module, {.engine = Engine::automatic, .native_failure = "no luck"});
  REQUIRE(automatic.program != nullptr);
  automatic.native->wait();
  CHECK(automatic.native->problem() == "no luck");
  const Compiled plain = compiled(module, {});
  const auto scratch = automatic.program->make_scratch(), plain_scratch = plain.program->make_scratch();
  for (int i = 0; i < 100; ++i) {
    Event event = event_of(module, i);
    CHECK(matches(*automatic.program, scratch.get(), event) == matches(*plain.program, plain_scratch.get(), event));
  }
}

TEST_CASE("code is swapped in while two threads evaluate") {
  if (!compiler::native_available()) return;
  const ir::Module module = module_of_rules(1000);
  const Compiled plain = compiled(module, {});
  const Compiled automatic = compiled(module, {.engine = Engine::automatic});
  const auto evaluate = [&](size_t& differences) {
    const auto scratch = automatic.program->make_scratch(), plain_scratch = plain.program->make_scratch();
    std::deque<Event> events;  // which are never moved
    std::vector<std::string> expected;
    for (int i = 0; i < 50; ++i)
      expected.push_back(matches(*plain.program, plain_scratch.get(), events.emplace_back(event_of(module, i))));
    for (int round = 0; round < 200; ++round)
      for (size_t i = 0; i < events.size(); ++i)
        differences += matches(*automatic.program, scratch.get(), events[i]) != expected[i];
  };
  size_t differences[2] = {};
  std::thread other([&] { evaluate(differences[0]); });
  evaluate(differences[1]);
  other.join();
  automatic.native->wait();
  CHECK(automatic.native->problem() == "");
  CHECK(differences[0] + differences[1] == 0);
}

TEST_CASE("a pack may go while its code is being made") {
  const ir::Module module = module_of_rules(1500);
  for (int i = 0; i < 3; ++i) {
    Compiled automatic = compiled(module, {.engine = Engine::automatic});
    const auto scratch = automatic.program->make_scratch();
    Event event = event_of(module, i);
    matches(*automatic.program, scratch.get(), event);
  }
}

TEST_CASE("no page can be written and executed") {
  if (!compiler::native_available()) return;
  const ir::Module module = module_of_rules(100);
  const Compiled native = compiled(module, {.engine = Engine::native});
  REQUIRE(native.program != nullptr);
  std::ifstream maps("/proc/self/maps");
  std::string line;
  size_t anonymous_code = 0;
  while (std::getline(maps, line)) {
    const std::string rights = line.substr(line.find(' ') + 1, 4);
    CAPTURE(line);
    CHECK_FALSE((rights[1] == 'w' && rights[2] == 'x'));
    anonymous_code += rights[2] == 'x' && line.find('/') == line.npos && line.find('[') == line.npos;
  }
  CHECK(anonymous_code > 0);  // else the code was not found, and nothing is shown
}

}  // namespace
}  // namespace weir::test
