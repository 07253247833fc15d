// See full_quarantine.h.
#include "runtime/deliver/full_quarantine.h"

namespace weir::deliver {
namespace {

// No sink has a name with blanks.
constexpr const char* kNote = "full quarantine";
constexpr int64_t kOverAfter = 3'600'000'000;

}  // namespace

void FullQuarantine::restore(store::Store& store) {
  dropped_ = store.quarantine_dropped();
  const store::SinkPosition kept = store.sink_position(kNote);
  if (kept.identity == "full") since_ = static_cast<int64_t>(kept.length);
}

store::AlertRow FullQuarantine::row(const char* state) const {
  OwnAlert alert;
  alert.rule = "weir.quarantine_full";
  alert.state = state;
  alert.title = "The quarantine is full: its oldest records are dropped";
  const bool begins = alert.state == "open";
  alert.message = begins ? "So many records cannot be evaluated that the oldest of them go, to make room. How "
                           "many, from where and why stays in `weir quarantine ls`"
                         : "Nothing has been dropped from the quarantine for an hour";
  alert.response =
      "`weir quarantine ls` says which source sends them, and what is wrong with them: mend that, or the schema. "
      "`weir quarantine drop --all` makes room; `limits: quarantine` is how much there is.";
  alert.since = *since_;
  return own_alert_row(alert, *routing_);
}

News FullQuarantine::look(int64_t dropped, int64_t now) {
  News news;
  const bool more = dropped > dropped_;
  dropped_ = dropped;
  if (more || last_at_ == 0) last_at_ = now;
  const bool begins = more && !since_, ends = since_ && now - last_at_ >= kOverAfter;
  if (!routing_ || !(begins || ends)) return news;
  if (begins) since_ = now;
  news.alerts.push_back(row(begins ? "open" : "withdrawn"));
  if (ends) since_.reset();
  news.note = store::Delivery{
      kNote, {}, {}, store::SinkPosition{begins ? "full" : "", static_cast<uint64_t>(now)}, {}, {}};
  return news;
}

}  // namespace weir::deliver
