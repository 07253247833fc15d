// See network_sink.h.
#include "runtime/deliver/network/network_sink.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "runtime/deliver/own_alert.h"

namespace weir::deliver {
namespace {

constexpr int64_t kSecond = 1'000'000;
constexpr int64_t kTurn = kSecond;  // what was delivered should be committed soon

std::vector<Grouping> ways_of(const std::vector<Route>& routes, uint64_t storm_per_minute) {
  std::vector<Grouping> ways;
  for (const Route& route : routes) ways.push_back(route.grouping);
  ways.emplace_back();
  for (Grouping& way : ways) way.storm_per_minute = way.storm_per_minute.value_or(storm_per_minute);
  return ways;
}

}  // namespace

NetworkSink::NetworkSink(Parts parts)
    : writer_(std::move(parts.writer)),
      transport_(std::move(parts.transport)),
      routes_(std::move(parts.routes)),
      ways_(ways_of(routes_, parts.storm_per_minute)),
      final_only_(parts.final_only),
      clock_(std::move(parts.clock)),
      schedule_(ways_),
      bucket_(parts.pace.per_minute, parts.pace.burst),
      backoff_(std::move(parts.random)) {
  for (const Grouping& way : ways_) groups_ |= !way.by.empty();
}

// "<length of the alerts' part> <alerts><groups>"
void NetworkSink::open(const store::SinkPosition& position) {
  told_ = {};
  withdrawn_.clear();
  reopened_.clear();
  schedule_ = Schedule(ways_);
  backoff_.reset();
  failed_at_ = not_before_ = 0;
  const std::string& saved = position.identity;
  size_t size = 0;
  const auto read = std::from_chars(saved.data(), saved.data() + saved.size(), size);
  if (read.ec != std::errc()) return;
  const size_t at = static_cast<size_t>(read.ptr - saved.data()) + 1;
  if (at > saved.size() || size > saved.size() - at) return;
  told_.restore(saved.substr(at, size));
  schedule_.restore(saved.substr(at + size));
}

void NetworkSink::tried_before(int64_t attempts, int64_t next_at) {
  backoff_.resume(attempts);
  not_before_ = next_at;
  failed_at_ = 0;
}

size_t NetworkSink::way_of(const AlertFacts& facts) const {
  const RoutedAlert alert{facts.level, facts.rule, facts.tags, facts.event};
  size_t way = 0;
  while (way < routes_.size() && !fits(routes_[way], alert)) ++way;
  return way;
}

std::string NetworkSink::saved_state(int64_t now) {
  const std::string told = told_.save();
  return fmt::format("{} {}{}", told.size(), told, schedule_.save(now));
}

void NetworkSink::interrupt() {
  interrupted_ = true;
  transport_->interrupt();
}

Turn NetworkSink::turn(std::vector<store::OutboxRow> fresh) {
  Turn turn;
  const int64_t began = clock_();
  if (began < failed_at_) not_before_ = began;  // the clock was set back: do not wait for it to catch up
  for (store::OutboxRow& row : fresh) accept(std::move(row), began, turn);
  while (!interrupted_) {
    const int64_t now = clock_();
    if (now < not_before_ || (turn.attempts > 0 && now - began >= kTurn)) break;
    const Message* message = schedule_.next(now);
    if (!message || bucket_.ready_at(now) > now || !send_one(*message, turn)) break;
    schedule_.done();
  }
  const int64_t now = clock_();
  turn.due = schedule_.due();
  if (const std::optional<int64_t> wake = schedule_.wake())
    turn.wake = std::max({*wake, not_before_, *wake <= now ? bucket_.ready_at(now) : 0});
  if (!turn.delivered.empty() && (told_.changed() || groups_))
    turn.position = store::SinkPosition{saved_state(now), 0};
  return turn;
}

void NetworkSink::accept(store::OutboxRow row, int64_t now, Turn& turn) {
  const std::optional<AlertFacts> facts = read_alert(row.body);
  if (!facts) {
    turn.set_aside.push_back({row.row, "it is not the JSON of an alert"});
    return;
  }
  // What Weir says of itself is never final before it is over.
  if (final_only_ && row.state != "final" && !is_own_rule(facts->rule)) {
    turn.delivered.push_back(row.row);
    return;
  }
  const bool amended = row.state == "amended";
  const bool withdrawn = row.state == "withdrawn";
  // Called for again while its withdrawal still waits: it is told as one that was never told.
  const bool again = !withdrawn && !amended && withdrawn_.erase(row.id) > 0;
  const ToldAlerts::Entry* told = again ? nullptr : told_.find(amended ? facts->replaces : row.id);
  Item item;
  item.row = row.row;
  item.first_at = row.first_at;
  item.id = row.id;
  item.state = row.state;
  item.incident = told ? told->incident : amended && !facts->replaces.empty() ? facts->replaces : row.id;
  item.update = withdrawn || (told && row.state != "open");
  item.folded = told && told->folded;
  item.must_go = item.update && writer_->updates_must_go();
  if (row.state == "final" || withdrawn) item.settled = {row.id};
  if (withdrawn) withdrawn_.insert(row.id);
  if (again && row.state == "open") reopened_.insert(row.id);
  if (amended) item.settled = {facts->replaces};
  item.way = way_of(*facts);
  item.group = group_of(*facts, ways_[item.way].by);
  item.rule = facts->rule;
  item.title = facts->title;
  item.message = facts->message;
  item.time = facts->time;
  item.account = facts->account;
  item.level = facts->level;
  item.body = std::move(row.body);
  const std::string incident = item.incident;
  const bool folded = schedule_.take(std::move(item), now);
  if (row.state == "open" || amended) told_.tell(row.id, {incident, folded});
}

bool NetworkSink::send_one(const Message& message, Turn& turn) {
  const std::optional<HttpRequest> request = writer_->write(message, clock_());
  if (!request) {
    settle(message, turn);
    return true;
  }
  bucket_.take(clock_());
  ++turn.attempts;
  HttpAnswer answer = transport_->post(*request);
  const int64_t now = clock_();
  // Before anything is cut: half a secret is one, too.
  answer.body = without(std::move(answer.body), writer_->secrets());
  answer.problem = without(std::move(answer.problem), writer_->secrets());
  const Judgement judgement = writer_->judge(answer, now);
  switch (judgement.verdict) {
    case Verdict::delivered:
      works_again(turn);
      settle(message, turn);
      return true;
    case Verdict::undeliverable:
      works_again(turn);
      set_aside(message, judgement.reason, turn);
      return true;
    case Verdict::retry:
    case Verdict::refused:
      failed(message, judgement, now, turn);
      return false;
  }
  return false;
}

void NetworkSink::settle(const Message& message, Turn& turn) {
  turn.delivered.insert(turn.delivered.end(), message.rows.begin(), message.rows.end());
  for (const std::string& id : message.settled) {
    withdrawn_.erase(id);
    if (reopened_.erase(id) == 0) told_.settle(id);
  }
}

void NetworkSink::set_aside(const Message& message, const std::string& reason, Turn& turn) {
  turn.problem = reason;
  for (const int64_t row : message.rows) turn.set_aside.push_back({row, reason});
  told_.settle(message.id);  // it was not told after all
  withdrawn_.erase(message.id);
}

void NetworkSink::failed(const Message& message, const Judgement& judgement, int64_t now, Turn& turn) {
  if (interrupted_) return;
  turn.problem = judgement.reason;
  failed_at_ = now;
  not_before_ = now + backoff_.after(judgement);
  turn.tried = store::Tried{message.rows.front(), not_before_, judgement.reason};
  if (!failing_since_) failing_since_ = now;
  std::optional<SinkTrouble::Kind> kind;
  if (judgement.verdict == Verdict::refused) {
    kind = SinkTrouble::Kind::refused;
  } else if (now - *failing_since_ >= kUnreachableAfter) {
    kind = SinkTrouble::Kind::unreachable;
  }
  if (!kind || kind == trouble_) return;
  trouble_ = kind;
  turn.trouble = SinkTrouble{*kind, judgement.reason};
}

void NetworkSink::works_again(Turn& turn) {
  backoff_.reset();
  failing_since_.reset();
  trouble_.reset();
  turn.works = true;
}

}  // namespace weir::deliver
