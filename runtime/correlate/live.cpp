// The face of live_impl.h.
#include "runtime/correlate/live.h"

#include <algorithm>
#include <utility>

#include "runtime/correlate/heard.h"
#include "runtime/correlate/live_events.h"
#include "runtime/correlate/live_impl.h"
#include "runtime/correlate/live_rows.h"
#include "runtime/correlate/moment.h"

namespace weir::correlate {

Live::Impl::Impl(std::shared_ptr<const match::Program> of, const LiveOptions& options)
    : shared(std::move(of)),
      program(*shared),
      options(options),
      alerts(shared),
      lines(program.rules.size()),
      warming(program.sources.size()),
      delivered(program.sources.size(), kBeginningOfTime),
      woken_to(program.rules.size(), kBeginningOfTime),
      advanced_us(steady_us()),
      may_rest(options.steady_us != nullptr) {
  if (options.only_finals)
    packed = std::make_unique<RuleRows>(program.rules.size(), SpillOptions{options.packed_bytes, options.folder});
  std::vector<char> looked_at(program.sources.size());
  for (uint32_t index = 0; index < program.rules.size(); ++index) {
    const match::RuleInfo& rule = program.rules[index];
    for (const match::RuleOnSource& on : rule.sources) {
      looked_at[on.source] = 1;
      if (rule.correlation && rule.correlation->warmup_us) warming[on.source].push_back(index);
    }
    const bool hears = hears_alerts(program, rule);
    if (!rule.correlation && !rule.suppress_ms && !hears) continue;
    lines[index] = std::make_unique<LiveLine>(rule.correlation != nullptr);
    lines[index]->hears = hears;
    lines[index]->depth = hears ? 1 : 0;
    make_line(index);
  }
  for (uint16_t source = 0; source < program.sources.size(); ++source)
    has_alert_sources = has_alert_sources || (looked_at[source] && program.sources[source].is_alert);
  find_sources();
  counts.late.resize(program.sources.size());
  counts.ahead.resize(program.sources.size());
  counts.evicted.resize(program.rules.size());
  counts.without_key.resize(program.rules.size());
  counts.decided_early.resize(program.rules.size());
}

void Live::Impl::make_line(uint32_t rule) {
  std::unique_ptr<LiveRule>& state = lines[rule]->state;
  if (is_packed(rule)) {
    state = std::make_unique<PackedRows>(program, rule, *packed);
  } else if (program.rules[rule].correlation) {
    state = std::make_unique<LiveRows>(program.rules[rule]);
  } else {
    state = std::make_unique<LiveEvents>(program, rule, alerts);
  }
}

void Live::Impl::unpack() {
  packed = nullptr;
  for (uint32_t rule = 0; rule < lines.size(); ++rule)
    if (lines[rule]) make_line(rule);
}

// Through the rules that it may hear, and those that these may hear. Where none is found, for nobody can say what it
// hears or nothing is known that it could, a rule waits for all that is read.
void Live::Impl::find_sources() {
  std::vector<uint16_t> all;
  const auto add = [&](std::vector<uint16_t>& sources, uint16_t source) {
    if (!program.sources[source].is_alert) sources.push_back(source);
  };
  for (const match::RuleInfo& rule : program.rules)
    for (const match::RuleOnSource& on : rule.sources) add(all, on.source);
  const auto unique = [](std::vector<uint16_t>& sources) {
    std::sort(sources.begin(), sources.end());
    sources.erase(std::unique(sources.begin(), sources.end()), sources.end());
  };
  unique(all);
  for (const match::RuleInfo& rule : program.rules) {
    std::vector<uint16_t>& sources = waits_for.emplace_back();
    std::vector<const match::RuleInfo*> heard = {&rule};
    bool known = true;
    for (size_t i = 0; i < heard.size(); ++i) {
      for (const match::RuleOnSource& on : heard[i]->sources) add(sources, on.source);
      if (!hears_alerts(program, *heard[i])) continue;
      known = known && heard[i]->hears;
      if (!heard[i]->hears) continue;
      for (uint32_t other : *heard[i]->hears)
        if (std::find(heard.begin(), heard.end(), &program.rules[other]) == heard.end())
          heard.push_back(&program.rules[other]);
    }
    if (!known || sources.empty()) sources = all;
    unique(sources);
  }
}

Live::Live(std::shared_ptr<const match::Program> program, const LiveOptions& options)
    : impl_(std::make_unique<Impl>(std::move(program), options)) {}
Live::~Live() = default;

void Live::saw(uint16_t source, int64_t time, int64_t delivered) { impl_->comes_in(source, time, delivered); }

std::shared_ptr<Live::Hand> Live::hand() {
  std::optional<SpillOptions> packed;
  if (impl_->packed)
    packed = SpillOptions{impl_->options.packed_bytes / std::max(1u, impl_->options.threads),
                          impl_->options.folder};
  return impl_->hands.emplace_back(std::make_shared<Hand>(impl_->program, std::move(packed)));
}

bool Live::prepare(Hand& hand, match::Decoder& decoder, rt_scratch* scratch, const uint64_t* matched,
                   std::string_view record, bool text, std::string where, int64_t delivered) const {
  hand.decoder = &decoder;
  hand.scratch = scratch;
  hand.record = record;
  hand.where = std::move(where);
  hand.delivered = delivered;
  hand.text = text;
  return impl_->prepare(hand, matched);
}

void Live::take(Hand& hand) { impl_->take(hand); }

void Live::take(match::Decoder& decoder, rt_scratch* scratch, const uint64_t* matched, std::string_view record,
                bool text, std::string where, int64_t delivered) {
  if (!impl_->own_hand) impl_->own_hand = hand();
  if (prepare(*impl_->own_hand, decoder, scratch, matched, record, text, std::move(where), delivered))
    take(*impl_->own_hand);
}

void Live::advance(const std::vector<int64_t>& delivered) { impl_->advance(delivered); }
void Live::rest_no_more() { impl_->may_rest = false; }
void Live::end() { impl_->end(); }

std::vector<Alert> Live::take_alerts() {
  impl_->settle();
  return std::exchange(impl_->told, {});
}

std::vector<SavedPart> Live::take_saved() { return impl_->take_saved(); }
std::optional<std::string> Live::restore(const std::vector<SavedPart>& parts, std::vector<std::string>& forgotten,
                                         const EachPart& more) {
  return impl_->restore(parts, forgotten, more);
}

std::string Live::failure() const { return impl_->failure; }
LiveCounts Live::counts() const { return impl_->counts; }

}  // namespace weir::correlate
