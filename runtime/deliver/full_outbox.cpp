// See full_outbox.h.
#include "runtime/deliver/full_outbox.h"

#include <fmt/format.h>

namespace weir::deliver {
namespace {

OwnAlert alert(std::string message) {
  OwnAlert alert;
  alert.rule = "weir.outbox_full";
  alert.level = "critical";
  alert.title = "The outbox is full: sources wait";
  alert.message = std::move(message);
  alert.response = "`weir outbox ls` shows which sinks do not take alerts, and why.";
  return alert;
}

}  // namespace

News FullOutbox::look(uint64_t rows, int64_t now) {
  if (rows > most_)
    return full_.begin(
        alert(fmt::format("More than {} alerts wait for sinks. Nothing is dropped, and nothing new is "
                          "acknowledged",
                          most_)),
        now);
  if (rows > most_ / 2) return {};
  return full_.end(alert(fmt::format("There is room again in the outbox of {} alerts: sources go on", most_)),
                   now);
}

}  // namespace weir::deliver
