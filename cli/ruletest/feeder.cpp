// Delivery against event time decides who sees an event; the rest is the scan of a very small log.
#include "cli/ruletest/feeder.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/terminal.h"
#include "cli/why_text.h"
#include "compiler/test_events.h"
#include "runtime/correlate/heard.h"
#include "runtime/correlate/moment.h"
#include "runtime/correlate/near.h"
#include "runtime/match/functions.h"

namespace weir::cli {
namespace {

constexpr int64_t kMicros = 1000;  // in a millisecond
constexpr size_t kMostExplained = 2;

}  // namespace

std::string offset_text(int64_t time) { return match::format_duration(time - compiler::kTestStart); }

Feeder::Feeder(const compiler::Project& project, const compiler::Compiled& compiled,
               const std::vector<std::string>& rules, TestRunner::Observer* observer)
    : project_(project),
      compiled_(compiled),
      program_(*compiled.program),
      rules_(rules),
      observer_(observer),
      decoder_(compiled.program),
      scratch_(program_.make_scratch()),
      matched_(program_.match_words()),
      admissions_(program_) {}

const match::RuleInfo* Feeder::tested_rule() const {
  for (const std::string& name : rules_)
    for (const match::RuleInfo& rule : program_.rules)
      if (rule.name == name) return &rule;
  return nullptr;
}

bool Feeder::is_tested(uint32_t rule) const {
  return std::find(rules_.begin(), rules_.end(), program_.rules[rule].name) != rules_.end();
}

uint32_t Feeder::source_of(const dsl::Feed& feed) const {
  if (!feed.source) {
    const match::RuleInfo* rule = tested_rule();
    return rule && !rule->sources.empty() ? rule->sources[0].source : match::kNone;
  }
  for (size_t i = 0; i < program_.sources.size(); ++i)
    if (program_.sources[i].name == feed.source->text) return uint32_t(i);
  return match::kNone;
}

bool Feeder::feed(const dsl::Feed& feed, std::string& problem) {
  uint32_t source = source_of(feed);
  if (source == match::kNone) {
    problem = "no rule of this test has that source";
    return false;
  }
  const compiler::SchemaInfo& schema = project_.schemas.at(program_.sources[source].name);
  int64_t times = feed.every ? feed.times.value_or(1) : 1;
  for (int64_t i = 0; i < times; ++i) {
    int64_t repeated = feed.every ? i * feed.every->ms : 0;
    int64_t offset = (feed.at ? feed.at->ms : 0) + repeated;
    std::optional<int64_t> arrives;
    if (feed.arrives) arrives = compiler::kTestStart + (feed.arrives->ms + repeated) * kMicros;
    compiler::TestEvent event{compiler::kTestStart + offset * kMicros, i, serial_++};
    std::string record = compiler::test_event(schema, feed.event, event);
    size_t size = record.size();
    record.resize(size + match::kPadding);
    match::Decoded decoded = decoder_.decode(std::string_view(record).substr(0, size), source);
    if (decoded.status != match::DecodeStatus::ok) {
      problem = fmt::format("the event cannot be read: {} {}", decoded.reason, decoded.detail);
      return false;
    }
    evaluate(std::string_view(record).substr(0, size), arrives);
  }
  return true;
}

// `arrives`: its delivery; else that is the newest event time so far.
void Feeder::evaluate(std::string_view record, std::optional<int64_t> arrives) {
  const rt_event& event = decoder_.event();
  const match::SourceInfo& source = program_.sources[event.source];
  if (std::string_view id = decoder_.id(); !id.empty()) {
    int64_t keep = correlate::remembered_for(source.late_ms);
    if (duplicates_.see(event.source, id, decoder_.canonical_hash(), event.time, keep) ==
        correlate::Duplicates::Verdict::duplicate) {
      ++duplicate_;
      return;
    }
  }
  int64_t delivered = arrives.value_or(newest_ ? std::max(*newest_, event.time) : event.time);
  bool ahead = event.time > correlate::later(delivered, source.ahead_ms * kMicros);
  bool late = event.time < correlate::earlier(delivered, source.late_ms * kMicros);
  ahead_ += ahead;
  late_ += late;
  if (!ahead) newest_ = newest_ ? std::max(*newest_, event.time) : event.time;
  if (!ahead && !late) admissions_.saw(event.source, event.time);

  program_.match(program_.code.get(), &event, scratch_.get(), matched_.data());
  correlate::EventRef stored;
  for (uint32_t rule = 0; rule < program_.rules.size(); ++rule) {
    if (!(matched_[rule / 64] >> (rule % 64) & 1)) continue;
    if (!program_.rules[rule].correlation) {
      candidates_.push_back(correlate::make_alert(program_, rule, decoder_, scratch_.get(), {}));
      candidates_.back().out_of_time = ahead || late;
    } else if (!ahead && !late) {
      if (!stored) stored = correlate::store_event(program_, decoder_, record, false, {});
      correlate::add_rows(program_, rule, decoder_, scratch_.get(), stored, admissions_);
    }
  }
  if (observer_) observer_->event(compiled_, rules_, event, scratch_.get());
  explain_event();
}

void Feeder::explain_event() {
  const rt_event& event = decoder_.event();
  if (explanations_.size() >= kMostExplained) return;
  for (const compiler::RuleTrace& trace : compiled_.trace.rules)
    if (trace.source == event.source && is_tested(trace.rule) && !program_.rules[trace.rule].has_correlation)
      explanations_.push_back(
          fmt::format("{} at {}:\n{}", program_.rules[trace.rule].name, offset_text(event.time),
                      why(project_, compiled_, trace, event, scratch_.get(), false).text));
}

namespace {

std::string why_no_group(const match::RuleInfo& info, const correlate::RuleCounts& counts) {
  if (counts.without_key == 0) return fmt::format("{}: no event was let in", info.name);
  std::vector<std::string> keys;
  for (const match::CorrelationValue& key : info.correlation->group_by) keys.push_back(key.text);
  return fmt::format("{}: {} let in, but without a key of a group: {} must be there", info.name,
                     counts.without_key == 1 ? "1 event was" : fmt::format("{} events were", counts.without_key),
                     fmt::join(keys, ", "));
}

}  // namespace

std::vector<std::string> Feeder::explain_rules(const correlate::Replay& replay) const {
  std::vector<std::string> lines = explanations_;
  correlate::FireAlerts events(compiled_.program);
  for (uint32_t rule = 0; rule < program_.rules.size(); ++rule) {
    const match::RuleInfo& info = program_.rules[rule];
    if (!info.correlation || !is_tested(rule)) continue;
    correlate::NearOptions options;
    options.most = kMostExplained;
    options.ready_from = replay.ready_from[rule];
    options.time_text = offset_text;
    size_t groups = 0;
    auto nearest = correlate::nearest_groups(program_, rule, replay.rows[rule], options, events, groups);
    if (nearest.empty()) lines.push_back(why_no_group(info, replay.counts[rule]));
    for (const correlate::NearGroup& group : nearest) {
      std::string text =
          fmt::format("{}group{}{}, window {}, {}", nearest.size() > 1 || rules_.size() > 1 ? info.name + ": " : "",
                      group.key.empty() ? "" : " ", group.key, match::format_duration(info.correlation->span_us),
                      counted(group.events, "event"));
      for (const std::string& line : group.lines) text += "\n     " + line;
      lines.push_back(std::move(text));
    }
    if (groups > nearest.size()) lines.push_back(fmt::format("and {} more groups", groups - nearest.size()));
  }
  return lines;
}

// The alerts as those rules heard them that listen.
void Feeder::observe_heard(const std::vector<correlate::Alert>& alerts) {
  for (uint16_t source = 0; source < program_.sources.size(); ++source) {
    if (!program_.sources[source].is_alert) continue;
    for (const correlate::Alert& alert : alerts) {
      const correlate::StoredEvent heard = correlate::heard_event(correlate::heard_line(program_, alert), source);
      const std::string_view record = std::string_view(heard.record).substr(0, heard.size);
      if (alert.out_of_time || decoder_.decode(record, source).status != match::DecodeStatus::ok) continue;
      observer_->event(compiled_, rules_, decoder_.event(), scratch_.get());
    }
  }
}

Fed Feeder::end() {
  auto replay = std::make_shared<correlate::Replay>(correlate::replay(
      compiled_.program, std::move(admissions_), std::move(candidates_), {.for_ever = true, .keep_rows = true}));
  if (observer_) observe_heard(replay->alerts);
  Fed fed;
  fed.alerts = std::move(replay->alerts);
  const bool correlates = std::any_of(program_.rules.begin(), program_.rules.end(),
                                      [](const match::RuleInfo& rule) { return rule.correlation != nullptr; });
  if (late_ && correlates) fed.notes.push_back(counted(late_, "event") + " late: correlations do not see them");
  if (ahead_ && correlates) fed.notes.push_back(counted(ahead_, "event") + " ahead: correlations do not see them");
  if (duplicate_) fed.notes.push_back(counted(duplicate_, "duplicate") + " left out");
  fed.explanations = [this, replay] { return explain_rules(*replay); };
  return fed;
}

}  // namespace weir::cli
