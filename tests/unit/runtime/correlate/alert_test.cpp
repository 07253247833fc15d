// What an event gives to its alert: a hand-made program whose roots are slots, and the real decoder.
#include "runtime/correlate/alert.h"

#include <doctest/doctest.h>

namespace weir::correlate {
namespace {

using match::Root;

rt_list slot_values(const void*, uint32_t root, const rt_event* event, rt_scratch*) {
  static const rt_value kTrue = {nullptr, {0}, 0, RT_TRUE};
  static const rt_value kFalse = {nullptr, {0}, 0, RT_FALSE};
  if (root == 100) return {&kTrue, 1};
  if (root == 101) return {&kFalse, 1};
  return {event->slots[root].values, event->slots[root].count};
}

match::Step key(const char* name) {
  match::Step step;
  step.key = name;
  return step;
}

std::shared_ptr<match::Program> program() {
  auto program = std::make_shared<match::Program>();
  match::SourceInfo source;
  source.name = "test";
  source.required = {{{key("at")}, match::Want::time, "at"}};
  source.time_path = {key("at")};
  source.id_path = {key("id")};
  for (auto [name, want] : {std::pair{"at", match::Want::time},
                            {"id", match::Want::text},
                            {"names", match::Want::text},
                            {"count", match::Want::integer},
                            {"whole", match::Want::raw},
                            {"none", match::Want::any}}) {
    source.projection.slots.push_back({0, {key(name)}, want});
  }
  source.id_slot = 1;
  program->sources.push_back(source);
  match::RuleInfo rule;
  rule.name = "r";
  rule.level = 1;
  match::RuleOnSource on;
  using Kind = match::MessagePiece::Kind;
  on.message = {{Kind::text, "names "}, {Kind::root, "", 2}, {Kind::text, " count "},
                {Kind::root, "", 3},    {Kind::text, " none "}, {Kind::root, "", 5}};
  on.fields = {{"n", 2}, {"whole", 4}, {"missing", match::kNone}};
  on.suppress_by = {{"count", 3}};
  on.level_cases = {{3, Root{100}}, {4, Root{101}}, {2, Root{100}}};
  rule.sources = {on};
  program->rules = {rule};
  program->eval = slot_values;
  return program;
}

std::string padded(std::string text) { return text + std::string(match::kPadding, ' '); }

Alert alert_of(const std::string& record) {
  auto pack = program();
  match::Decoder decoder(pack);
  std::string bytes = padded(record);
  REQUIRE(decoder.decode(std::string_view(bytes).substr(0, record.size())).status == match::DecodeStatus::ok);
  return make_alert(*pack, 0, decoder, nullptr, "file:1");
}

TEST_CASE("message, fields, key, level") {
  Alert alert =
      alert_of(R"({"at":"2026-01-01T00:08:15Z","id":"e1","names":["a","b"],"count":3,"whole":{"x": 1}})");
  CHECK(alert.message == "names a, b count 3 none -");
  CHECK(alert.fields == std::vector<std::pair<std::string, std::string>>{
                            {"n", R"(["a","b"])"}, {"whole", R"({"x":1})"}, {"missing", "null"}});
  CHECK(alert.key == std::vector<std::pair<std::string, std::string>>{{"count", "3"}});
  CHECK(alert.level == 2);
  CHECK(alert.order.source == "test");
  CHECK(alert.order.id == "e1");
  CHECK(alert.where == "file:1");
  CHECK(alert.event ==
        R"({"at":"2026-01-01T00:08:15Z","id":"e1","names":["a","b"],"count":3,"whole":{"x":1}})");
}

TEST_CASE("an event without an id goes by its content") {
  Alert one = alert_of(R"({"at":"2026-01-01T00:08:15Z","count":3})");
  Alert same = alert_of(R"({"count": 3, "at":"2026-01-01T00:08:15Z"})");
  Alert other = alert_of(R"({"at":"2026-01-01T00:08:15Z","count":4})");
  CHECK(one.order.id.size() == 16);
  CHECK(one.order == same.order);
  CHECK(one.order.id != other.order.id);
  CHECK(one.key_identity != other.key_identity);
}

}  // namespace
}  // namespace weir::correlate
