// What systemd is told (sd_notify(3)): that the service is ready, reloads, stops, and still turns. Nothing happens
// where NOTIFY_SOCKET is not set.
#pragma once

#include <string_view>

namespace weir::cli {

// "READY=1", "STOPPING=1", "WATCHDOG=1", "STATUS=…"; several, a line each.
void tell_supervisor(std::string_view state);

}  // namespace weir::cli
