// Rules one by one, or several at a time, and rounds for the rules that hear alerts.
#include "runtime/correlate/correlator.h"

#include <algorithm>
#include <atomic>
#include <system_error>
#include <thread>
#include <utility>

#include "runtime/correlate/fire_alert.h"
#include "runtime/correlate/heard.h"
#include "runtime/correlate/rule_state.h"

namespace weir::correlate {
namespace {

class Replayer {
 public:
  Replayer(std::shared_ptr<const match::Program> program, Admissions admissions, const ReplayOptions& options)
      : program_(*program),
        shared_(program),
        admissions_(std::move(admissions)),
        options_(options),
        alerts_(program) {}

  Replay run(std::vector<Alert> candidates) {
    replay_.counts.resize(program_.rules.size());
    replay_.rows.resize(program_.rules.size());
    replay_.ready_from.resize(program_.rules.size(), kBeginningOfTime);
    replay_.failure = admissions_.rows.failure();
    for (Alert& candidate : candidates)
      if (hears_alerts(program_, program_.rules[candidate.rule])) of_hearers_.push_back(std::move(candidate));
    std::erase_if(candidates, [&](const Alert& candidate) {
      return hears_alerts(program_, program_.rules[candidate.rule]);
    });
    std::vector<uint32_t> hear_events;
    for (uint32_t rule = 0; rule < program_.rules.size(); ++rule)
      if (!hears_alerts(program_, program_.rules[rule])) hear_events.push_back(rule);
    run_rules(hear_events, candidates);
    for (uint32_t rule = 0; rule < program_.rules.size(); ++rule)
      replay_.counts[rule].without_key = admissions_.without_key[rule];
    replay_.alerts = order_alerts(program_, std::move(candidates));
    admissions_.rows.forget_events();
    run_rounds();
    return std::move(replay_);
  }

 private:
  // The first event of any of the rule's sources, and the warm-up after it.
  int64_t ready_from(const match::RuleInfo& rule, const Admissions& seen) const {
    if (!rule.correlation->warmup_us) return kBeginningOfTime;
    std::optional<int64_t> first;
    for (const match::RuleOnSource& on : rule.sources)
      if (seen.first[on.source] && (!first || *seen.first[on.source] < *first)) first = seen.first[on.source];
    return first ? later(*first, *rule.correlation->warmup_us) : kEndOfTime;
  }

  // What one rule made of its rows.
  struct Ran {
    std::vector<Alert> alerts;
    std::vector<OpenQuestion> undecided;
    std::string failure;
  };

  // Touches what is the rule's own, and nothing else: rules may run side by side.
  Ran run_rule(uint32_t index, FireAlerts& alerts) {
    Ran ran;
    const match::RuleInfo& rule = program_.rules[index];
    if (!rule.correlation) return ran;
    replay_.ready_from[index] = ready_from(rule, admissions_);
    RuleState state(rule, replay_.ready_from[index]);
    RowReader rows = admissions_.rows.read(program_, index, options_.keep_rows ? RowsAre::lasting : RowsAre::passing);
    std::vector<Told> told;
    const auto tell = [&] {
      for (const Told& one : told) ran.alerts.push_back(alerts.alert_of(index, one));
      told.clear();
    };
    std::vector<Row> instant;
    uint64_t count = 0;
    while (rows.next_instant(instant)) {
      count += instant.size();
      state.advance(instant, told);
      tell();
      if (!options_.keep_rows) continue;
      std::move(instant.begin(), instant.end(), std::back_inserter(replay_.rows[index]));
    }
    ran.failure = rows.failure();
    admissions_.rows.forget(index);
    state.decide(options_.for_ever ? kEndOfTime : admissions_.newest.value_or(kBeginningOfTime), told);
    tell();
    replay_.counts[index] = {count, state.groups(), state.evicted(), 0};
    for (const Undecided& open : state.undecided()) {
      Told would{};
      would.fire.time = open.deadline;
      would.fire.completing = open.completing;
      would.fire.steps = open.steps;
      Alert alert = alerts.alert_of(index, would);
      alert.window.reset();
      ran.undecided.push_back({index, open.deadline, std::move(alert)});
    }
    return ran;
  }

  // The result is that of one thread: what each rule made is put together in the order of the rules.
  void run_rules(const std::vector<uint32_t>& rules, std::vector<Alert>& alerts) {
    std::vector<Ran> ran(rules.size());
    admissions_.rows.order_events();
    std::atomic<size_t> next = 0;
    const auto work = [&](FireAlerts& fire) {
      for (size_t i = next++; i < rules.size(); i = next++) ran[i] = run_rule(rules[i], fire);
    };
    {
      std::vector<std::jthread> others;
      try {
        for (unsigned i = 1; i < options_.threads && i < rules.size(); ++i)
          others.emplace_back([&] {
            FireAlerts own(shared_);
            work(own);
          });
      } catch (const std::system_error&) {  // no more threads to be had
      }
      work(alerts_);
    }
    for (Ran& one : ran) {
      std::move(one.alerts.begin(), one.alerts.end(), std::back_inserter(alerts));
      std::move(one.undecided.begin(), one.undecided.end(), std::back_inserter(replay_.undecided));
      if (!one.failure.empty()) replay_.failure = one.failure;
    }
  }

  // ---- rules over alerts
  void run_rounds() {
    std::vector<uint32_t> hearers;
    for (uint32_t rule = 0; rule < program_.rules.size(); ++rule)
      if (hears_alerts(program_, program_.rules[rule])) hearers.push_back(rule);
    if (hearers.empty()) return;
    // What rules over events tell is the same in each round, and so is what it gives.
    const std::vector<Alert> of_events = std::exchange(replay_.alerts, {});
    for (const Alert& alert : of_events)
      if (!alert.out_of_time) hear(alert, heard_line(program_, alert), of_hearers_);
    const Replay before = std::move(replay_);
    const Admissions events = std::move(admissions_);
    std::vector<Alert> told;  // by the hearers
    std::vector<std::string> heard;
    for (size_t round = 0; round <= hearers.size(); ++round) {
      std::vector<std::string> lines;
      for (const Alert& alert : told) lines.push_back(heard_line(program_, alert));
      if (round > 0 && lines == heard) break;
      replay_ = before;
      admissions_ = events;
      std::vector<Alert> alerts = of_hearers_;
      for (size_t i = 0; i < told.size(); ++i)
        if (!told[i].out_of_time) hear(told[i], lines[i], alerts);
      run_rules(hearers, alerts);
      for (uint32_t rule : hearers) replay_.counts[rule].without_key = admissions_.without_key[rule];
      told = order_alerts(program_, std::move(alerts));
      heard = std::move(lines);
    }
    std::copy(of_events.begin(), of_events.end(), std::back_inserter(told));
    replay_.alerts = in_order(program_, std::move(told));
  }

  // One alert as an event of each source that is alerts.
  void hear(const Alert& alert, const std::string& line, std::vector<Alert>& candidates) {
    for (uint16_t source = 0; source < program_.sources.size(); ++source) {
      if (!program_.sources[source].is_alert) continue;
      const StoredEvent event = heard_event(line, source);
      if (!alerts_.decode(event)) continue;
      const match::Decoder& decoder = alerts_.decoder();
      admissions_.saw(source, decoder.event().time);
      matched_.assign(program_.match_words(), 0);
      program_.match(program_.code.get(), &decoder.event(), alerts_.scratch(), matched_.data());
      EventRef stored;
      for (uint32_t rule = 0; rule < program_.rules.size(); ++rule) {
        if (!(matched_[rule / 64] >> (rule % 64) & 1) || rule == alert.rule) continue;
        if (!program_.rules[rule].correlation) {
          candidates.push_back(make_alert(program_, rule, decoder, alerts_.scratch(), alert.where));
          continue;
        }
        if (!stored) stored = store_event(program_, decoder, line, false, alert.where);
        add_rows(program_, rule, decoder, alerts_.scratch(), stored, admissions_);
      }
    }
  }

  const match::Program& program_;
  std::shared_ptr<const match::Program> shared_;
  Admissions admissions_;
  ReplayOptions options_;
  FireAlerts alerts_;
  Replay replay_;
  std::vector<Alert> of_hearers_;  // candidates that events gave to rules that hear alerts as well
  std::vector<uint64_t> matched_;
};

}  // namespace

Replay replay(std::shared_ptr<const match::Program> program, Admissions admissions,
              std::vector<Alert> candidates, const ReplayOptions& options) {
  return Replayer(std::move(program), std::move(admissions), options).run(std::move(candidates));
}

}  // namespace weir::correlate
