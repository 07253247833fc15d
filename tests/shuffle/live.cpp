// What was said of each alert is followed: open, then one of amended, withdrawn, final.
#include "tests/shuffle/live.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "runtime/correlate/duplicates.h"
#include "runtime/match/matcher.h"
#include "tests/shuffle/generated.h"

namespace weir::shuffle {
namespace {

using differential::Dice;
using Program = std::shared_ptr<const match::Program>;
using Parts = std::map<std::string, std::string>;

// The feed of one program, over all its processes.
class Feed {
 public:
  explicit Feed(Program program)
      : program_(std::move(program)), matcher_(program_), live_(another()), now_(INT64_MIN) {}

  void take(const Delivery& one) {
    std::string padded = one.line + std::string(match::kPadding, ' ');
    const std::string_view record(padded.data(), one.line.size());
    if (!one.fresh || matcher_.recognise(record, false).status != match::DecodeStatus::ok) return;
    if (matcher_.match() == match::Matcher::Outcome::matched) {
      live_->take(matcher_.decoder(), matcher_.scratch(), matcher_.matched().data(), record, false, "", one.delivered);
    } else {
      live_->saw(one.source, one.time, one.delivered);
    }
  }

  void advance(int64_t now) {
    now_ = std::max(now_, now);
    live_->advance(std::vector<int64_t>(program_->sources.size(), now_));
    follow();
  }
  void end() {
    live_->end();
    follow();
    if (!open_.empty()) wrong(fmt::format("alert {} is open after the end", *open_.begin()));
  }

  const Parts& save() {
    for (correlate::SavedPart& part : live_->take_saved()) {
      if (part.value) {
        saved_[part.key] = std::move(*part.value);
      } else {
        saved_.erase(part.key);
      }
    }
    follow();
    return saved_;
  }
  void restart() {
    std::vector<correlate::SavedPart> parts;
    for (const auto& [key, value] : save()) parts.push_back({key, value});
    live_ = another();
    std::vector<std::string> forgotten;
    if (auto refused = live_->restore(parts, forgotten)) return wrong("a good state is refused: " + *refused);
    if (!forgotten.empty()) wrong("the state of " + forgotten[0] + " was forgotten");
    ++outcome.restarts;
  }

  LiveOutcome outcome;

 private:
  std::unique_ptr<correlate::Live> another() const {
    correlate::LiveOptions options;
    options.pack_from = 3;  // few groups change between two saves
    return std::make_unique<correlate::Live>(program_, options);
  }
  void wrong(std::string what) {
    if (outcome.wrong.empty()) outcome.wrong = std::move(what);
  }
  void follow() {
    for (const correlate::Alert& alert : live_->take_alerts()) follow(alert);
  }
  void follow(const correlate::Alert& alert) {
    const bool again = finished_.count(alert.id) > 0;
    if (again) wrong(fmt::format("alert {} is {} after it was final", alert.id, alert.state));
    if (alert.state == "open" || alert.state == "amended") {
      (alert.replaces ? outcome.amended : outcome.opened) += 1;
      if (alert.replaces && open_.erase(*alert.replaces) == 0)
        wrong(fmt::format("alert {} replaces one that is not open", alert.id));
      if (!open_.insert(alert.id).second) wrong(fmt::format("alert {} is open twice", alert.id));
    } else if (alert.state == "withdrawn") {
      ++outcome.withdrawn;
      if (open_.erase(alert.id) == 0) wrong(fmt::format("alert {} is withdrawn and was not open", alert.id));
    } else {
      open_.erase(alert.id);
      finished_.insert(alert.id);
      outcome.final.push_back(correlate::to_json(*program_, alert));
    }
  }

  Program program_;
  match::Matcher matcher_;
  std::unique_ptr<correlate::Live> live_;
  int64_t now_;
  std::set<std::string> open_, finished_;
  Parts saved_;
};

}  // namespace

std::vector<Delivery> deliveries(const Program& program, const std::vector<std::string>& lines, Dice& dice) {
  match::Matcher matcher(program);
  std::vector<Delivery> all;
  for (const std::string& line : lines) {
    const std::string padded = line + std::string(match::kPadding, ' ');
    if (matcher.recognise({padded.data(), line.size()}, false).status != match::DecodeStatus::ok) continue;
    matcher.match();
    const rt_event& event = matcher.event();
    const auto late = static_cast<uint32_t>(std::min<int64_t>(program->sources[event.source].late_ms, UINT32_MAX));
    Delivery one{line, event.source, event.time, 0};
    for (int copies = has_id(line) && dice.one_in(4) ? 2 : 1; copies > 0; --copies) {
      one.delivered = one.time + (late > 0 ? static_cast<int64_t>(dice.below(late)) * 1000 : 0);
      all.push_back(one);
    }
  }
  for (size_t i = all.size(); i > 1; --i) std::swap(all[i - 1], all[dice.below(static_cast<uint32_t>(i))]);
  std::stable_sort(all.begin(), all.end(), [](const Delivery& a, const Delivery& b) { return a.delivered < b.delivered; });

  correlate::Duplicates duplicates;
  for (Delivery& one : all) {
    const std::string padded = one.line + std::string(match::kPadding, ' ');
    matcher.recognise({padded.data(), one.line.size()}, false);
    matcher.match();
    match::Decoder& decoder = matcher.decoder();
    const int64_t keep = correlate::remembered_for(program->sources[one.source].late_ms);
    one.fresh = decoder.id().empty() || duplicates.see(one.source, decoder.id(), decoder.canonical_hash(), one.time, keep) !=
                                            correlate::Duplicates::Verdict::duplicate;
  }
  return all;
}

LiveOutcome run_live(const Program& program, const std::vector<Delivery>& deliveries, Dice& dice, size_t restart_every) {
  Feed feed(program);
  size_t since = 0;
  for (size_t i = 0; i < deliveries.size();) {
    // Batches end between two times of delivery.
    size_t end = std::min(deliveries.size(), i + 1 + (dice.one_in(2) ? 0 : dice.below(5)));
    if (restart_every > 0) end = std::min(end, i + restart_every - since);
    while (end < deliveries.size() && deliveries[end].delivered == deliveries[end - 1].delivered) ++end;
    since += end - i;
    for (; i < end; ++i) feed.take(deliveries[i]);
    feed.advance(deliveries[i - 1].delivered);
    // Sometimes the clock runs on, to just before the next delivery.
    if (i < deliveries.size() && dice.one_in(2)) feed.advance(deliveries[i].delivered - 1);
    if (restart_every == 0 || since < restart_every) continue;
    since = 0;
    feed.restart();
  }
  feed.end();
  std::sort(feed.outcome.final.begin(), feed.outcome.final.end());
  return std::move(feed.outcome);
}

Damage damage(const Program& program, const std::vector<Delivery>& deliveries, Dice& dice, size_t places) {
  Feed feed(program);
  for (size_t i = 0; i < (deliveries.size() + 1) / 2; ++i) {
    feed.take(deliveries[i]);
    feed.advance(deliveries[i].delivered);
  }
  std::vector<correlate::SavedPart> parts;
  size_t bytes = 0;
  for (const auto& [key, value] : feed.save()) {
    parts.push_back({key, value});
    bytes += value.size();
  }
  Damage done;
  const auto refused = [&](size_t part, const std::string& value, const std::string& what) {
    std::string& good = *parts[part].value;
    const std::string before = std::exchange(good, value);
    correlate::Live live(program);
    std::vector<std::string> forgotten;
    const std::optional<std::string> said = live.restore(parts, forgotten);
    good = before;
    ++done.tried;
    if (!said || said->empty()) done.accepted = fmt::format("part {}: {}", part, what);
    return done.accepted.empty();
  };
  const auto try_at = [&](size_t part, size_t at) {
    std::string turned = *parts[part].value;
    turned[at] = static_cast<char>(turned[at] ^ (1 << dice.below(8)));
    return refused(part, turned, fmt::format("a bit of byte {} turned", at)) &&
           refused(part, parts[part].value->substr(0, at), fmt::format("cut off at {}", at));
  };
  if (bytes <= places) {
    for (size_t part = 0; part < parts.size(); ++part)
      for (size_t at = 0; at < parts[part].value->size(); ++at)
        if (!try_at(part, at)) return done;
    return done;
  }
  for (size_t i = 0; i < places; ++i) {
    const size_t part = dice.below(static_cast<uint32_t>(parts.size()));
    if (!try_at(part, dice.below(static_cast<uint32_t>(parts[part].value->size())))) return done;
  }
  return done;
}

}  // namespace weir::shuffle
