// See sink_trouble.h.
#include "runtime/deliver/sink_trouble.h"

#include <fmt/format.h>

namespace weir::deliver {
namespace {

constexpr const char* kRefused = "refused";
constexpr const char* kUnreachable = "unreachable";

std::string span_of(int64_t us) {
  const int64_t seconds = us / 1'000'000;
  if (seconds < 120) return fmt::format("{} s", seconds);
  if (seconds < 7200) return fmt::format("{} min", seconds / 60);
  return fmt::format("{} h", seconds / 3600);
}

}  // namespace

// No sink has a name with blanks.
std::string TroubleOfSink::note_name() const { return "trouble of " + sink_; }

void TroubleOfSink::restore(store::Store& store) {
  if (!routing_) return;
  const store::SinkPosition kept = store.sink_position(note_name());
  const auto at = static_cast<int64_t>(kept.length);
  if (kept.identity == kRefused) now_ = Since{SinkTrouble::Kind::refused, at};
  if (kept.identity == kUnreachable) now_ = Since{SinkTrouble::Kind::unreachable, at};
}

store::AlertRow TroubleOfSink::row(const char* state, const std::string& message) const {
  const bool refused = now_->kind == SinkTrouble::Kind::refused;
  OwnAlert alert;
  alert.rule = refused ? "weir.sink_refused" : "weir.sink_unreachable";
  alert.subject = sink_;
  alert.state = state;
  alert.title = refused ? "A sink refuses alerts" : "A sink cannot be reached";
  alert.message = message;
  alert.response =
      refused ? "Correct its address or its key, and start again: what waits is then sent at once. "
                "`weir sink test` says whether it works."
              : "Look whether the other side is up. It is tried again by itself; `weir outbox retry` "
                "tries at once.";
  alert.since = now_->at;
  return own_alert_row(alert, *routing_, sink_);
}

News TroubleOfSink::begin(const SinkTrouble& trouble, int64_t now) {
  News news;
  if (!routing_ || is(trouble.kind)) return news;
  if (now_) news = end(now);
  now_ = Since{trouble.kind, now};
  const bool refused = trouble.kind == SinkTrouble::Kind::refused;
  news.note = store::Delivery{
      note_name(), {}, {}, store::SinkPosition{refused ? kRefused : kUnreachable, static_cast<uint64_t>(now)},
      {},          {}};
  news.alerts.push_back(
      row("open", fmt::format("{}: {}. Its alerts wait, and none is lost", sink_, trouble.text)));
  return news;
}

News TroubleOfSink::end(int64_t now) {
  News news;
  if (!now_) return news;
  news.note = store::Delivery{note_name(), {}, {}, store::SinkPosition{}, {}, {}};
  news.alerts.push_back(
      row("withdrawn", fmt::format("{}: this trouble is over, after {}", sink_, span_of(now - now_->at))));
  now_.reset();
  return news;
}

}  // namespace weir::deliver
