// See lasting.h.
#include "runtime/deliver/lasting.h"

#include <utility>

namespace weir::deliver {
namespace {

constexpr const char* kLasts = "full";  // as stores have it since the first of these notes

}  // namespace

void Lasting::restore(store::Store& store) {
  const store::SinkPosition kept = store.sink_position(note_);
  if (kept.identity == kLasts) since_ = static_cast<int64_t>(kept.length);
}

News Lasting::tell(OwnAlert alert, const char* state, const char* kept, int64_t now) const {
  alert.state = state;
  alert.since = *since_;
  News news;
  news.alerts.push_back(own_alert_row(alert, *routing_));
  news.note = store::Delivery{note_, {}, {}, store::SinkPosition{kept, static_cast<uint64_t>(now)}, {}, {}};
  return news;
}

News Lasting::begin(OwnAlert alert, int64_t now) {
  if (!routing_ || since_) return {};
  since_ = now;
  return tell(std::move(alert), "open", kLasts, now);
}

News Lasting::end(OwnAlert alert, int64_t now) {
  if (!routing_ || !since_) return {};
  News news = tell(std::move(alert), "withdrawn", "", now);
  since_.reset();
  return news;
}

}  // namespace weir::deliver
