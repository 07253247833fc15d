// PagerDuty's Events API v2: an alert is an incident under its id, and a withdrawn one resolves it.
#pragma once

#include <memory>
#include <string>

#include "runtime/deliver/network/writer.h"

namespace weir::deliver {

inline constexpr const char* kPagerDutyUrl = "https://events.pagerduty.com/v2/enqueue";

std::unique_ptr<Writer> pagerduty_writer(std::string routing_key, std::string url = kPagerDutyUrl);

}  // namespace weir::deliver
