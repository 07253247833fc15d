// What wraps events on their way: recognised and taken off, whatever the source of the bytes.
//
// {"Records":[…]} (a CloudTrail file, or a notification: same outer shape, different thing), CloudWatch Logs
// subscriptions, Firehose records, EventBridge detail, SNS and SQS wraps, arrays, documents joined without a
// newline. The order of detection is that of docs/formats.md. Depth and size are limited.
#pragma once

#include <string_view>

#include "runtime/ingest/record.h"

namespace weir::ingest {

inline constexpr int kMaxEnvelopes = 8;  // wraps inside wraps

// One JSON document (with match::kPadding readable bytes behind it), or one line of text.
// Everything inside goes to the receiver: bare records as they are.
void unwrap(std::string_view document, const Place& place, Receiver& receiver);

}  // namespace weir::ingest
