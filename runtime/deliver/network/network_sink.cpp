// See network_sink.h.
#include "runtime/deliver/network/network_sink.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "runtime/deliver/network/alert_facts.h"

namespace weir::deliver {
namespace {

constexpr int64_t kSecond = 1'000'000;
constexpr int64_t kTurn = kSecond;               // what was delivered should be committed soon
constexpr int64_t kUnreachable = 300 * kSecond;  // until it is worth a word

}  // namespace

NetworkSink::NetworkSink(Parts parts)
    : writer_(std::move(parts.writer)),
      transport_(std::move(parts.transport)),
      group_by_(parts.grouping.by),
      final_only_(parts.final_only),
      clock_(std::move(parts.clock)),
      schedule_(std::move(parts.grouping)),
      bucket_(parts.pace.per_minute, parts.pace.burst),
      backoff_(std::move(parts.random)) {}

// "<length of the alerts' part> <alerts><groups>"
void NetworkSink::open(const store::SinkPosition& position) {
  const std::string& saved = position.identity;
  size_t size = 0;
  const auto read = std::from_chars(saved.data(), saved.data() + saved.size(), size);
  if (read.ec != std::errc()) return;
  const size_t at = static_cast<size_t>(read.ptr - saved.data()) + 1;
  if (at > saved.size() || size > saved.size() - at) return;
  told_.restore(saved.substr(at, size));
  schedule_.restore(saved.substr(at + size));
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
  if (!turn.delivered.empty() && (told_.changed() || !group_by_.empty()))
    turn.position = store::SinkPosition{saved_state(now), 0};
  return turn;
}

void NetworkSink::accept(store::OutboxRow row, int64_t now, Turn& turn) {
  if (final_only_ && row.state != "final") {
    turn.delivered.push_back(row.row);
    return;
  }
  const std::optional<AlertFacts> facts = read_alert(row.body);
  if (!facts) {
    turn.set_aside.push_back({row.row, "it is not the JSON of an alert"});
    return;
  }
  const bool amended = row.state == "amended";
  const ToldAlerts::Entry* told = told_.find(amended ? facts->replaces : row.id);
  Item item;
  item.row = row.row;
  item.first_at = row.first_at;
  item.id = row.id;
  item.state = row.state;
  item.incident = told ? told->incident : amended && !facts->replaces.empty() ? facts->replaces : row.id;
  item.update = row.state == "withdrawn" || (told && row.state != "open");
  item.folded = told && told->folded;
  item.must_go = item.update && writer_->updates_must_go();
  if (row.state == "final" || row.state == "withdrawn") item.settled = {row.id};
  if (amended) item.settled = {facts->replaces};
  item.group = group_of(*facts, group_by_);
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
  const HttpAnswer answer = transport_->post(*request);
  const int64_t now = clock_();
  Judgement judgement = writer_->judge(answer, now);
  judgement.reason = without(std::move(judgement.reason), writer_->secrets());
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
      failed(judgement, now, turn);
      return false;
  }
  return false;
}

void NetworkSink::settle(const Message& message, Turn& turn) {
  turn.delivered.insert(turn.delivered.end(), message.rows.begin(), message.rows.end());
  for (const std::string& id : message.settled) told_.settle(id);
}

void NetworkSink::set_aside(const Message& message, const std::string& reason, Turn& turn) {
  turn.problem = reason;
  for (const int64_t row : message.rows) turn.set_aside.push_back({row, reason});
  told_.settle(message.id);  // it was not told after all
}

void NetworkSink::failed(const Judgement& judgement, int64_t now, Turn& turn) {
  if (interrupted_) return;
  turn.problem = judgement.reason;
  failed_at_ = now;
  not_before_ = now + backoff_.after(judgement);
  if (!failing_since_) failing_since_ = now;
  std::optional<SinkTrouble::Kind> kind;
  if (judgement.verdict == Verdict::refused) {
    kind = SinkTrouble::Kind::refused;
  } else if (now - *failing_since_ >= kUnreachable) {
    kind = SinkTrouble::Kind::unreachable;
  }
  if (!kind || kind == trouble_) return;
  trouble_ = kind;
  turn.trouble = SinkTrouble{*kind, judgement.reason};
}

void NetworkSink::works_again(Turn& turn) {
  backoff_.reset();
  failing_since_.reset();
  if (!trouble_) return;
  trouble_.reset();
  turn.trouble = SinkTrouble{SinkTrouble::Kind::over, "it takes alerts again"};
}

}  // namespace weir::deliver
