// Slack's incoming webhooks: one POST a message, Block Kit inside.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "runtime/deliver/network/writer.h"

namespace weir::deliver {

std::unique_ptr<Writer> slack_writer(std::string url);

// For Slack's texts: & < > as entities, on one line, at most `bytes` and never cut inside an entity or a
// character.
std::string slack_text(std::string_view text, size_t bytes);

}  // namespace weir::deliver
