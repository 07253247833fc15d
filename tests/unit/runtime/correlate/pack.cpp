// The real decoder and hand-made code.
#include "pack.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <random>
#include <sstream>

#include "runtime/match/functions.h"

namespace weir::correlate {
namespace {

const rt_value kTrue = {nullptr, {0}, 0, RT_TRUE, 0};
const rt_value kFalse = {nullptr, {0}, 0, RT_FALSE, 0};

bool test(const Pack::Code& code, match::Root root, const rt_event& event) {
  if (root == kAlways) return true;
  auto found = code.tests.find(root);
  if (found == code.tests.end()) return false;
  if (found->second.turned != match::kNone) return !test(code, found->second.turned, event);
  const rt_slot& slot = event.slots[found->second.slot];
  const std::string& prefix = found->second.prefix;
  for (uint32_t i = 0; i < slot.count; ++i)
    if (slot.values[i].kind == RT_TEXT && slot.values[i].size >= prefix.size() &&
        std::memcmp(slot.values[i].data, prefix.data(), prefix.size()) == 0)
      return true;
  return false;
}

rt_list evaluate(const void* code, uint32_t root, const rt_event* event, rt_scratch*) {
  if (root < kSlots) return {event->slots[root].values, event->slots[root].count};
  return {test(*static_cast<const Pack::Code*>(code), root, *event) ? &kTrue : &kFalse, 1};
}

void match_all(const void* code, const rt_event* event, rt_scratch*, uint64_t* matched) {
  const auto& pack = *static_cast<const Pack::Code*>(code);
  matched[0] = 0;
  for (size_t rule = 0; rule < pack.matches.size(); ++rule)
    if (test(pack, pack.matches[rule][event->source], *event)) matched[0] |= uint64_t{1} << rule;
}

std::vector<match::Step> path(const char* key) {
  match::Step step;
  step.key = key;
  return {step};
}

match::SourceInfo source(const char* name, const char* time, const char* id,
                         std::vector<const char*> required) {
  match::SourceInfo source;
  source.name = name;
  for (const char* key : required)
    source.required.push_back(
        {path(key), std::string(key) == time ? match::Want::time : match::Want::any, key});
  source.time_path = path(time);
  if (id) {
    source.id_path = path(id);
    source.id_slot = kId;
  }
  using match::Want;
  for (auto [key, want] : {std::pair{time, Want::time},
                           {"id", Want::text},
                           {"name", Want::text},
                           {"user", Want::text},
                           {"size", Want::any},
                           {"tags", Want::text},
                           {"rule", Want::text}})
    source.projection.slots.push_back({0, path(key), want});
  return source;
}

}  // namespace

Pack::Pack() : code_(std::make_shared<Code>()), program_(std::make_shared<match::Program>()) {
  program_->sources = {source("one", "at", "id", {"at", "one"}), source("two", "at", nullptr, {"at", "two"}),
                       source("alert", "time", nullptr, {"time", "rule", "level", "message"})};
  program_->sources[kAlerts].is_alert = true;
  program_->code = code_;
  program_->match = match_all;
  program_->eval = evaluate;
  program_->make_scratch = [] { return std::shared_ptr<rt_scratch>(); };
}

match::Root Pack::begins(Slot slot, std::string prefix) {
  const auto root = static_cast<match::Root>(1000 + code_->tests.size());
  code_->tests[root] = {slot, std::move(prefix)};
  return root;
}

match::Root Pack::no(match::Root root) {
  const auto turned = static_cast<match::Root>(1000 + code_->tests.size());
  code_->tests[turned] = {0, "", root};
  return turned;
}

match::RuleInfo& Pack::rule(std::string name, match::Root match, std::vector<uint16_t> sources) {
  match::RuleInfo rule;
  rule.name = std::move(name);
  std::vector<match::Root> matches(program_->sources.size(), kNever);
  for (uint16_t source : sources) {
    match::RuleOnSource on;
    on.source = source;
    on.match = match;
    matches[source] = match;
    rule.sources.push_back(on);
  }
  code_->matches.push_back(matches);
  program_->rules.push_back(rule);
  return program_->rules.back();
}

match::Correlation& Pack::correlation(std::string name, int64_t span_s, std::vector<uint16_t> sources) {
  match::RuleInfo& made = rule(std::move(name), kAlways, std::move(sources));
  auto correlation = std::make_shared<match::Correlation>();
  correlation->span_us = span_s * 1'000'000;
  correlation->group_by = {{"user", match::Identity::exact}};
  correlation->values = {
      {"size", match::Identity::exact}, {"tags", match::Identity::exact}, {"name", match::Identity::exact}};
  correlation->conditions = {"a", "b", "c", "d"};
  made.has_correlation = true;
  made.correlation = correlation;
  for (match::RuleOnSource& on : made.sources) {
    on.group_by = {kUser};
    on.values = {kSize, kTags, kName};
    for (const char* letter : {"a", "b", "c", "d"}) on.conditions.push_back(begins(kName, letter));
    using Kind = match::MessagePiece::Kind;
    on.message = {{Kind::root, "", kName}};
  }
  return *correlation;
}

Replay Pack::run(std::vector<Line> lines, uint32_t shuffle, bool for_ever,
                 std::optional<int64_t> horizon) const {
  std::mt19937 random(shuffle);
  if (shuffle) std::shuffle(lines.begin(), lines.end(), random);
  const size_t parts = shuffle ? 1 + shuffle % 4 : 1;
  std::vector<Admissions> seen(parts, Admissions(*program_));
  std::vector<Alert> candidates;
  match::Decoder decoder(program_);
  for (size_t i = 0; i < lines.size(); ++i) {
    const std::string padded = lines[i].json + std::string(match::kPadding, ' ');
    const std::string_view record(padded.data(), lines[i].json.size());
    if (decoder.decode(record, lines[i].source).status != match::DecodeStatus::ok)
      throw std::runtime_error(padded);
    Admissions& part = seen[i % parts];
    part.saw(lines[i].source, decoder.event().time);
    uint64_t matched = 0;
    program_->match(program_->code.get(), &decoder.event(), nullptr, &matched);
    EventRef stored;
    for (uint32_t rule = 0; rule < program_->rules.size(); ++rule) {
      if (!(matched >> rule & 1)) continue;
      if (!program_->rules[rule].has_correlation) {
        candidates.push_back(make_alert(*program_, rule, decoder, nullptr, ""));
        continue;
      }
      if (!stored) stored = store_event(*program_, decoder, record, false, "");
      add_rows(*program_, rule, decoder, nullptr, stored, part);
    }
  }
  for (size_t i = parts; i-- > 1;) seen[i - 1].merge(std::move(seen[i]));
  if (horizon) seen[0].newest = horizon;
  return replay(program_, std::move(seen[0]), std::move(candidates), {for_ever});
}

std::vector<std::string> Pack::told(const Replay& replay) const {
  std::vector<std::string> out;
  const int64_t start = *match::parse_time("2026-01-01T00:00:00Z");
  for (const Alert& alert : replay.alerts)
    out.push_back(fmt::format("@{} {} {}", (alert.order.time - start) / 1'000'000,
                              program_->rules[alert.rule].name, alert.message));
  return out;
}

Pack::Line event(int64_t at, const std::string& name, const std::string& more, uint16_t source) {
  static uint64_t id = 0;
  const int64_t start = *match::parse_time("2026-01-01T00:00:00Z");
  const bool has_user = more.find("\"user\"") != std::string::npos;
  return {source, fmt::format(R"({{"at":"{}","{}":1,"id":"{:08x}","name":"{}"{}{}{}}})",
                              match::format_time(start + at * 1'000'000), source == kOne ? "one" : "two",
                              ++id * 2654435761u & 0xffffffff, name, has_user ? "" : R"(,"user":"u")",
                              more.empty() ? "" : ",", more)};
}

void asks(match::Correlation& correlation, match::Aggregate::Kind kind, std::vector<uint32_t> values,
          double least) {
  match::Aggregate aggregate;
  aggregate.kind = kind;
  aggregate.values = std::move(values);
  aggregate.text = "number" + std::to_string(correlation.aggregates.size());
  match::WindowNumber number, constant;
  number.kind = match::WindowNumber::Kind::aggregate;
  number.aggregate = static_cast<uint32_t>(correlation.aggregates.size());
  constant.constant = least;
  const auto at = static_cast<uint32_t>(correlation.numbers.size());
  correlation.aggregates.push_back(aggregate);
  correlation.numbers.push_back(number);
  correlation.numbers.push_back(constant);
  match::WindowCondition condition;
  condition.left = at;
  condition.right = at + 1;
  correlation.condition.push_back(condition);
}

void steps(match::Correlation& correlation, const std::string& text) {
  correlation.kind = match::Correlation::Kind::steps;
  match::Chain chain;
  match::CorrelationStep step;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    if (word == "and" || word == "then") {
      chain.any_order = word == "and";
    } else if (word == "not") {
      step.negated = true;
    } else if (word[0] >= '0' && word[0] <= '9') {
      step.count = static_cast<uint32_t>(std::stoul(word));
    } else {
      step.condition = static_cast<uint32_t>(word[0] - 'a');
      chain.steps.push_back(std::exchange(step, {}));
    }
  }
  correlation.chains.push_back(chain);
}

}  // namespace weir::correlate
