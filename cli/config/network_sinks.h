// The sinks over the network, as weir.yaml has them (docs/sinks.md).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cli/config/reader.h"
#include "runtime/deliver/network/make_sink.h"

namespace weir::config {

// All keys but `type`; errors are in the reader's diagnostics.
deliver::NetworkSinkConfig read_network_sink(Reader& reader, Section& section, deliver::SinkType type);

// `states: all|final`: true for final only.
bool read_states(Reader& reader, const Node& node);

// `group_by`, `wait`, `repeat` and `storm` of a route.
deliver::Grouping read_grouping(Reader& reader, Section& section);

}  // namespace weir::config
