// See full_quarantine.h.
#include "runtime/deliver/full_quarantine.h"

namespace weir::deliver {
namespace {

constexpr int64_t kOverAfter = 3'600'000'000;

OwnAlert alert(const char* message) {
  OwnAlert alert;
  alert.rule = "weir.quarantine_full";
  alert.title = "The quarantine is full: its oldest records are dropped";
  alert.message = message;
  alert.response =
      "`weir quarantine ls` says which source sends them, and what is wrong with them: mend that, or the "
      "schema. "
      "`weir quarantine drop --all` makes room; `limits: quarantine` is how much there is.";
  return alert;
}

}  // namespace

void FullQuarantine::restore(store::Store& store) {
  dropped_ = store.quarantine_dropped();
  full_.restore(store);
}

News FullQuarantine::look(int64_t dropped, int64_t now) {
  const bool more = dropped > dropped_;
  dropped_ = dropped;
  if (more || last_at_ == 0) last_at_ = now;
  if (more)
    return full_.begin(
        alert("So many records cannot be evaluated that the oldest of them go, to make room. How many, "
              "from where and why stays in `weir quarantine ls`"),
        now);
  if (now - last_at_ < kOverAfter) return {};
  return full_.end(alert("Nothing has been dropped from the quarantine for an hour"), now);
}

}  // namespace weir::deliver
