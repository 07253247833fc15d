// See full_outbox.h.
#include "runtime/deliver/full_outbox.h"

#include <fmt/format.h>

namespace weir::deliver {
namespace {

// No sink has a name with blanks.
constexpr const char* kNote = "full outbox";

}  // namespace

void FullOutbox::restore(store::Store& store) {
  const store::SinkPosition kept = store.sink_position(kNote);
  if (kept.identity == "full") since_ = static_cast<int64_t>(kept.length);
}

store::AlertRow FullOutbox::row(const char* state) const {
  OwnAlert alert;
  alert.rule = "weir.outbox_full";
  alert.state = state;
  alert.level = "critical";
  alert.title = "The outbox is full: sources wait";
  const bool begins = alert.state == "open";
  alert.message = begins
                      ? fmt::format(
                            "More than {} alerts wait for sinks. Nothing is dropped, and nothing new is "
                            "acknowledged",
                            most_)
                      : fmt::format("There is room again in the outbox of {} alerts: sources go on", most_);
  alert.response = "`weir outbox ls` shows which sinks do not take alerts, and why.";
  alert.since = *since_;
  return own_alert_row(alert, *routing_);
}

News FullOutbox::look(uint64_t rows, int64_t now) {
  News news;
  const bool begins = !since_ && rows > most_, ends = since_ && rows <= most_ / 2;
  if (!routing_ || !(begins || ends)) return news;
  if (begins) since_ = now;
  news.alerts.push_back(row(begins ? "open" : "withdrawn"));
  if (ends) since_.reset();
  news.note = store::Delivery{
      kNote, {}, {}, store::SinkPosition{begins ? "full" : "", static_cast<uint64_t>(now)}, {}, {}};
  return news;
}

}  // namespace weir::deliver
