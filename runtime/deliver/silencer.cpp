// See silencer.h.
#include "runtime/deliver/silencer.h"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/match/functions.h"

namespace weir::deliver {
namespace {

constexpr int64_t kLookUs = 1'000'000;               // for silences that another process made or ended
constexpr int64_t kRememberedUs = 5 * 86'400'000'000;  // after their end, to be looked at
constexpr size_t kAtOnce = 500;                      // of what is held, a commit

bool has(const std::vector<std::string>& all, const std::string& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

void take_off(std::vector<std::string>& sinks, const std::vector<std::string>& which) {
  std::erase_if(sinks, [&](const std::string& sink) { return has(which, sink); });
}

}  // namespace

Silencer::Silencer(store::Store& store, std::vector<Silence> configured, process::Notify notify)
    : store_(store), notify_(std::move(notify)), configured_(std::move(configured)) {}

void Silencer::restore() {
  held_.clear();
  int64_t last = 0;
  for (;;) {
    std::vector<store::HeldAlert> some = store_.held(last, kAtOnce);
    if (some.empty()) return;
    last = some.back().row;
    for (store::HeldAlert& one : some) held_[std::move(one.id)] = std::move(one.sinks);
  }
}

void Silencer::configured(std::vector<Silence> silences) { configured_ = std::move(silences); }

// ---- which silences last

void Silencer::read_store(int64_t now) {
  if (now >= looked_ && now - looked_ < kLookUs) return;
  looked_ = now;
  std::vector<store::SilenceRow> rows = store_.silences();
  if (std::any_of(rows.begin(), rows.end(), [&](const auto& row) { return row.until < now - kRememberedUs; }))
    store_.forget_silences(now - kRememberedUs);
  if (rows == rows_) return;
  rows_ = std::move(rows);
  stored_.clear();
  for (const store::SilenceRow& row : rows_) {
    if (std::optional<Silence> silence = read_silence(row)) {
      stored_.push_back(std::move(*silence));
    } else if (notify_) {
      notify_(process::Severity::error, fmt::format("silence {} cannot be read: it holds nothing", row.number));
    }
  }
}

void Silencer::look(int64_t now) {
  read_store(now);
  std::vector<Silence> on;
  for (const auto* all : {&configured_, &stored_})
    std::copy_if(all->begin(), all->end(), std::back_inserter(on),
                 [&](const Silence& one) { return one.is_on(now); });
  if (on == on_) return;
  if (notify_) say_change(on);
  on_ = std::move(on);
  reconsidering_ = true;
  reconsidered_ = 0;
}

void Silencer::say_change(const std::vector<Silence>& on) const {
  const auto lacks = [](const std::vector<Silence>& all, const Silence& one) {
    return std::find(all.begin(), all.end(), one) == all.end();
  };
  for (const Silence& one : on)
    if (lacks(on_, one))
      notify_(process::Severity::info, fmt::format("silence {} begins: {}, until {}", one.name,
                                                   matchers_text(one), match::format_time(one.until)));
  for (const Silence& one : on_)
    if (lacks(on, one))
      notify_(process::Severity::info, fmt::format("silence {} is over: {}", one.name, matchers_text(one)));
}

const Silence* Silencer::silence_of(const AlertFacts& facts, const std::string& sink) const {
  const auto found =
      std::find_if(on_.begin(), on_.end(), [&](const Silence& one) { return silences(one, facts, sink); });
  return found == on_.end() ? nullptr : &*found;
}

// Those of `sinks` that are not to be told, and by which silence.
Silencer::Sinks Silencer::quiet(const AlertFacts& facts, const Sinks& sinks, std::string& name) const {
  Sinks out;
  for (const std::string& sink : sinks) {
    const Silence* const silence = silence_of(facts, sink);
    if (!silence) continue;
    name = silence->name;
    out.push_back(sink);
  }
  return out;
}

// ---- what that means for alerts

void Silencer::apply(store::Commit& commit, const Routing& routing) {
  look(commit.now);
  if (held_.empty() && on_.empty()) return;
  if (reconsidering_) reconsider(commit, routing);
  told_now_.clear();
  for (store::AlertRow& alert : commit.alerts) consider(alert, commit);
}

void Silencer::reconsider(store::Commit& commit, const Routing& routing) {
  std::vector<store::HeldAlert> some = store_.held(reconsidered_, kAtOnce);
  reconsidering_ = some.size() == kAtOnce || !store_.problem().empty();
  for (store::HeldAlert& alert : some) {
    reconsidered_ = alert.row;
    const std::optional<AlertFacts> facts = read_alert(alert.body);
    Sinks still = facts ? quiet(*facts, alert.sinks, alert.silence) : Sinks();
    if (still == alert.sinks) continue;
    store::AlertRow told{alert.id, alert.state, alert.body, alert.sinks};
    take_off(told.sinks, still);
    std::erase_if(told.sinks, [&](const std::string& sink) { return !has(routing.sinks(), sink); });
    commit.released.push_back(std::move(told));
    alert.sinks = std::move(still);
    if (alert.sinks.empty()) {
      let_go(alert.id, commit);
    } else {
      hold(std::move(alert), commit);
    }
  }
}

void Silencer::consider(store::AlertRow& alert, store::Commit& commit) {
  const std::optional<AlertFacts> facts = read_alert(alert.body);
  if (!facts) return;
  const std::string& held_as = alert.state == "amended" ? facts->replaces : alert.id;
  if (alert.state != "open" && held_.contains(held_as)) {
    goes_on(alert, *facts, held_as, commit);
  } else if (alert.state == "open" || alert.state == "final") {
    came_up(alert, *facts, commit);
  }
}

// It is open or final, and held by nobody: new, or told before.
void Silencer::came_up(store::AlertRow& alert, const AlertFacts& facts, store::Commit& commit) {
  std::string name;
  const Sinks silenced = quiet(facts, alert.sinks, name);
  const bool told_before =
      !silenced.empty() && (told_now_.contains(alert.id) || !store_.alert_state(alert.id).empty());
  if (silenced.empty() || told_before) {
    if (alert.state == "open") told_now_.insert(alert.id);
    return;
  }
  take_off(alert.sinks, silenced);
  if (alert.state == "final") {
    ++commit.alerts_silenced;
  } else {
    hold({0, alert.id, alert.state, alert.body, silenced, name, 0}, commit);
  }
}

// It is amended, withdrawn or final, and some sinks have not heard of it.
void Silencer::goes_on(store::AlertRow& alert, const AlertFacts& facts, const std::string& held_as,
                       store::Commit& commit) {
  Sinks unaware = held_.at(held_as);
  std::erase_if(unaware, [&](const std::string& sink) { return !has(alert.sinks, sink); });
  std::string name;
  // Who was never told of it has no use for its withdrawal, silence or not.
  const Sinks silenced = alert.state == "withdrawn" ? unaware : quiet(facts, unaware, name);
  take_off(alert.sinks, silenced);
  let_go(held_as, commit);
  if (silenced.empty()) return;
  if (alert.state == "final") ++commit.alerts_silenced;
  if (alert.state == "amended") hold({0, alert.id, alert.state, alert.body, silenced, name, 0}, commit);
}

void Silencer::hold(store::HeldAlert alert, store::Commit& commit) {
  held_[alert.id] = alert.sinks;
  commit.held.push_back(std::move(alert));
}

void Silencer::let_go(const std::string& id, store::Commit& commit) {
  held_.erase(id);
  commit.held.push_back({0, id, {}, {}, {}, {}, 0});
}

}  // namespace weir::deliver
