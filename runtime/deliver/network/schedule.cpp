// See schedule.h.
#include "runtime/deliver/network/schedule.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "runtime/deliver/alert_facts.h"

namespace weir::deliver {
namespace {

constexpr int64_t kMinute = 60'000'000;
constexpr size_t kMostReady = 200;
constexpr size_t kMostReadyBytes = 8 << 20;
constexpr size_t kMostGroups = 20'000;
constexpr size_t kMostSaved = 1'000;
constexpr size_t kMostHeldRows = 200'000;
constexpr size_t kMostOnlyBytes = 4 << 20;
constexpr size_t kMostMessage = 500;

void add(Digest& digest, const Item& item) {
  if (digest.first_id.empty()) {
    digest.first_id = item.id;
    digest.account = item.account;
  }
  if (item.update) {
    ++digest.updates;
    return;
  }
  ++digest.alerts;
  Digest::OfRule& rule = digest.by_rule[item.rule];
  ++rule.count;
  rule.level = std::max(rule.level, item.level);
  if (rule.title.empty()) rule.title = item.title;
  digest.level = std::max(digest.level, item.level);
  if (digest.from.empty() || item.time < digest.from) digest.from = item.time;
  if (item.time > digest.to) digest.to = item.time;
  digest.last_message = shortened(item.message, kMostMessage);
}

}  // namespace

Schedule::Schedule(std::vector<Grouping> ways) {
  for (Grouping& grouping : ways) {
    if (!grouping.by.empty()) shortest_repeat_ = std::min(shortest_repeat_, grouping.repeat);
    ways_.push_back({std::move(grouping), {}, std::nullopt});
  }
}

bool Schedule::is_storm(const Item& item) {
  Way& way = ways_[item.way];
  const uint64_t most = way.grouping.storm_per_minute.value_or(0);
  if (most == 0 || item.must_go) return false;
  while (!way.minute.empty() && way.minute.front() <= item.first_at - kMinute) way.minute.pop_front();
  if (way.minute.size() >= most) return true;
  way.minute.push_back(item.first_at);
  return false;
}

bool Schedule::take(Item item, int64_t now) {
  Way& way = ways_[item.way];
  const Grouping& grouping = way.grouping;
  const bool grouped =
      !item.group.empty() && grouping.repeat > 0 && !item.must_go && (!item.update || item.folded);
  if (grouped) {
    const std::string key = fmt::format("{} {}", grouping.repeat, item.group);
    const auto known = groups_.find(key);
    if (known == groups_.end() && groups_.size() >= kMostGroups) forget_silent(now);
    const bool can_be_known = known != groups_.end() || groups_.size() < kMostGroups;
    const auto fold_into = [&](Group& group, int64_t due) {
      const bool first = !group.fold;
      if (first) due_.emplace(due, key);
      const std::string name = item.group;
      hold(group.fold, std::move(item), due);
      if (first) group.fold->group = name, group.fold->group_key = key;
    };
    // A repeat costs nothing now, so it is no part of a storm.
    if (known != groups_.end() && (known->second.fold || now < known->second.told + grouping.repeat)) {
      Group& group = known->second;
      fold_into(group, group.told ? group.told + grouping.repeat : now + grouping.wait);
      return true;
    }
    if (can_be_known && !is_storm(item)) {
      Group& group = groups_[key];
      group.repeat = grouping.repeat;
      if (grouping.wait > 0 || item.update) {
        // That something of a digest is settled can wait.
        fold_into(group, now + (item.update ? grouping.repeat : grouping.wait));
        return true;
      }
      group.told = now;
      tell(std::move(item), key);
      return false;
    }
  } else if (!is_storm(item)) {
    tell(std::move(item), {});
    return false;
  }
  hold(way.storm, std::move(item), now + kMinute);
  return true;
}

void Schedule::hold(std::optional<Fold>& fold, Item item, int64_t due) {
  const bool first = !fold;
  if (first) {
    fold.emplace();
    fold->due = due;
    fold->first_at = item.first_at;
  }
  fold->rows.push_back(item.row);
  fold->settled.insert(fold->settled.end(), item.settled.begin(), item.settled.end());
  add(fold->digest, item);
  ++held_rows_;
  only_bytes_ -= fold->only.body.size();
  fold->only = {};
  if (!first || only_bytes_ + item.body.size() > kMostOnlyBytes) return;
  only_bytes_ += item.body.size();
  fold->only = std::move(item);
}

void Schedule::tell(Item item, std::string group_key) {
  Message message;
  message.kind = item.update ? Message::Kind::update : Message::Kind::alert;
  message.rows = {item.row};
  message.settled = std::move(item.settled);
  message.group = std::move(item.group);
  message.group_key = std::move(group_key);
  message.id = std::move(item.id);
  message.first_at = item.first_at;
  message.body = std::move(item.body);
  message.state = std::move(item.state);
  message.incident = std::move(item.incident);
  ready_bytes_ += message.body.size();
  ready_.push_back(std::move(message));
}

Message Schedule::message_of(Fold fold, Message::Kind kind) {
  Message message;
  message.kind = kind;
  message.rows = std::move(fold.rows);
  message.settled = std::move(fold.settled);
  message.first_at = fold.first_at;
  message.group = std::move(fold.group);
  message.group_key = std::move(fold.group_key);
  message.digest = std::move(fold.digest);
  return message;
}

void Schedule::flush(Fold fold, Message::Kind kind) {
  held_rows_ -= fold.rows.size();
  only_bytes_ -= fold.only.body.size();
  if (fold.rows.size() == 1 && fold.only.row != 0) {
    tell(std::move(fold.only), std::move(fold.group_key));
  } else {
    ready_.push_back(message_of(std::move(fold), kind));
  }
}

void Schedule::flush_due(int64_t now) {
  const bool too_many = held_rows_ > kMostHeldRows;
  while (!due_.empty() && (too_many || due_.begin()->first <= now)) {
    Group& group = groups_[due_.begin()->second];
    due_.erase(due_.begin());
    if (!group.fold) continue;
    group.told = now;
    flush(*std::exchange(group.fold, std::nullopt), Message::Kind::repeats);
  }
  for (Way& way : ways_)
    if (way.storm && (too_many || way.storm->due <= now))
      flush(*std::exchange(way.storm, std::nullopt), Message::Kind::storm);
}

void Schedule::forget_silent(int64_t now) {
  if (now < none_silent_before_) return;
  none_silent_before_ = now + std::min(shortest_repeat_, kMinute * 60 * 24);
  std::erase_if(groups_, [&](const auto& entry) {
    if (entry.second.fold) return false;
    const int64_t silent = entry.second.told + entry.second.repeat;
    if (now < silent) none_silent_before_ = std::min(none_silent_before_, silent);
    return now >= silent;
  });
}

const Message* Schedule::next(int64_t now) {
  flush_due(now);
  return ready_.empty() ? nullptr : &ready_.front();
}

void Schedule::done() {
  if (const auto group = groups_.find(ready_.front().group_key); group != groups_.end())
    group->second.delivered = group->second.told;
  ready_bytes_ -= ready_.front().body.size();
  ready_.pop_front();
}

std::optional<int64_t> Schedule::wake() const {
  if (!ready_.empty()) return 0;
  std::optional<int64_t> when;
  if (!due_.empty()) when = due_.begin()->first;
  for (const Way& way : ways_)
    if (way.storm) when = when ? std::min(*when, way.storm->due) : way.storm->due;
  return when;
}

size_t Schedule::room() const {
  if (ready_.size() >= kMostReady || ready_bytes_ >= kMostReadyBytes || held_rows_ > kMostHeldRows) return 0;
  return kMostReady - ready_.size();
}

// "<when> <length of the name> <name>" each, the newest first when there are too many.
std::string Schedule::save(int64_t now) const {
  std::vector<std::pair<int64_t, const std::string*>> told;
  for (const auto& [name, group] : groups_)
    if (group.delivered && now < group.delivered + group.repeat) told.emplace_back(group.delivered, &name);
  std::sort(told.rbegin(), told.rend());
  if (told.size() > kMostSaved) told.resize(kMostSaved);
  std::string out;
  for (const auto& [when, name] : told) out += fmt::format("{} {} {}\n", when, name->size(), *name);
  return out;
}

void Schedule::restore(const std::string& saved) {
  std::string_view rest = saved;
  while (!rest.empty()) {
    int64_t when = 0;
    size_t size = 0;
    auto read = std::from_chars(rest.data(), rest.data() + rest.size(), when);
    if (read.ec != std::errc() || read.ptr == rest.data() + rest.size()) return;
    read = std::from_chars(read.ptr + 1, rest.data() + rest.size(), size);
    if (read.ec != std::errc()) return;
    rest.remove_prefix(static_cast<size_t>(read.ptr - rest.data()));
    if (rest.size() < 2 || rest.size() - 2 < size) return;
    const std::string name(rest.substr(1, size));
    int64_t repeat = 0;
    std::from_chars(name.data(), name.data() + name.size(), repeat);
    groups_[name] = {when, when, repeat, std::nullopt};
    rest.remove_prefix(size + 2);
  }
}

}  // namespace weir::deliver
