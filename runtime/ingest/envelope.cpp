// The table of envelopes, in the order in which they are tried, and how each is opened.
//
// A record costs one walk over its top-level keys, or none when its first bytes say that it is bare. Where
// the keys of an envelope are there but not its values, the document passes as it is: the decoder judges it.
#include "runtime/ingest/envelope.h"

#include <fmt/format.h>

#include <array>

#include "runtime/ingest/base64.h"
#include "runtime/ingest/inflate.h"
#include "runtime/ingest/json_walk.h"
#include "runtime/ingest/splitter.h"
#include "runtime/ingest/unwrapper.h"
#include "runtime/match/decode.h"
#include "runtime/match/json_unescape.h"

namespace weir::ingest {
namespace {

// ---- what a document looks like from outside
// --------------------------------------------------------------------

enum Key : uint8_t {
  kMessageType,
  kLogEvents,
  kSmallRecords,
  kAwslogs,
  kRecords,
  kEventSource,
  kSnsEventSource,
  kS3,
  kBody,
  kSns,
  kKinesis,
  kData,
  kSequenceNumber,
  kPartitionKey,
  kType,
  kTopicArn,
  kMessage,
  kService,
  kEvent,
  kDetailType,
  kDetail,
  kSource,
  kS3Bucket,
  kS3ObjectKey,
  kAwsAccountId,
  kLogFiles,
  kInsightDetails,
  kEventName,
  kEvents,
  kCloudTrailEvent,
  kKeys
};
constexpr std::array<std::string_view, kKeys> kKeyNames = {
    "messageType",    "logEvents",    "records",        "awslogs",   "Records",  "eventSource",
    "EventSource",    "s3",           "body",           "Sns",       "kinesis",  "Data",
    "SequenceNumber", "PartitionKey", "Type",           "TopicArn",  "Message",  "Service",
    "Event",          "detail-type",  "detail",         "source",    "s3Bucket", "s3ObjectKey",
    "awsAccountId",   "logFiles",     "insightDetails", "eventName", "Events",   "CloudTrailEvent"};

// Which keys are of a length, as bits: most keys of a record are none of ours, and most differ in length.
constexpr size_t kLongestKey = 16;
constexpr std::array<uint32_t, kLongestKey> make_lengths() {
  std::array<uint32_t, kLongestKey> lengths = {};
  for (size_t key = 0; key < kKeys; ++key) lengths[kKeyNames[key].size()] |= 1u << key;
  return lengths;
}
constexpr auto kLengths = make_lengths();

struct Shape {
  std::array<std::string_view, kKeys> values;

  std::string_view operator[](Key key) const { return values[key]; }
  bool has(Key key) const { return !values[key].empty(); }
  bool text(Key key) const { return values[key].starts_with('"'); }
  bool array(Key key) const { return values[key].starts_with('['); }
  bool object(Key key) const { return values[key].starts_with('{'); }
  bool is(Key key, std::string_view literal) const { return values[key] == literal; }
};

Shape shape_of(std::string_view object) {
  Shape shape;
  Members members(object);
  while (members.next()) {
    if (members.key.size() >= kLongestKey) continue;
    for (uint32_t left = kLengths[members.key.size()]; left != 0; left &= left - 1) {
      auto key = static_cast<size_t>(__builtin_ctz(left));
      if (kKeyNames[key] == members.key) shape.values[key] = members.value;
    }
  }
  return shape;
}

// Value of one member; empty when there is none.
std::string_view member(std::string_view object, std::string_view key) {
  Members members(object);
  while (members.next()) {
    if (members.key == key) return members.value;
  }
  return {};
}

// The first element's member, to tell a list of wraps from any other list.
bool holds(std::string_view array, std::string_view key) {
  Elements elements(array);
  return elements.next() && !member(elements.value, key).empty();
}

// The two kinds of record that come by the million, by the way they are always written: a CloudTrail event
// (an Insight has no userIdentity, the notifications of S3 a version 2) and a Resolver line.
bool plainly_bare(std::string_view document) {
  constexpr std::string_view kTrail = R"({"eventVersion":"1.)", kResolver = R"({"version":"1.)";
  if (document.starts_with(kTrail))
    return document.substr(kTrail.size(), 20).find(R"(","userIdentity":)") < 3;
  return document.starts_with(kResolver) &&
         document.substr(kResolver.size(), 24).find(R"(","account_id":)") < 8;
}

// ---- the envelopes
// -----------------------------------------------------------------------------------------------

struct Letter {  // a document that an envelope was recognised in
  Unwrapper& unwrapper;
  const Shape& shape;
  const Place& place;
  int depth;  // of what is inside

  void skip(Skip why) const { unwrapper.skip(why, place); }
  void document(std::string_view value) const { unwrapper.document(value, place, depth); }
  void literal(std::string_view value) const { unwrapper.literal(value, place, depth); }
  void base64(std::string_view value) const { unwrapper.base64(value, place, depth); }
  // A payload that some producers leave as it is.
  void maybe_base64(std::string_view value) const {
    if (value.starts_with('{')) {
      document(value);
    } else {
      base64(value);
    }
  }

  template <typename Open>
  void each(Key array, Open open) const {
    Elements elements(shape[array]);
    while (elements.next()) open(elements.value);
    if (elements.broken) unwrapper.unreadable(place, "a list of records is broken", shape[array]);
  }
  // The member `key` of every element; an element without it is one that cannot be read.
  template <typename Open>
  void each_member(Key array, std::string_view key, Open open) const {
    each(array, [&](std::string_view element) {
      std::string_view value = member(element, key);
      if (value.empty()) {
        unwrapper.unreadable(place, fmt::format("no `{}` in it", key), element);
      } else {
        open(value);
      }
    });
  }
};

struct Envelope {
  const char* name;  // as in docs/formats.md
  bool (*recognise)(const Shape&);
  void (*open)(const Letter&);
};

const Envelope kEnvelopes[] = {
    {"CloudWatch Logs control message",
     [](const Shape& s) { return s.is(kMessageType, "\"CONTROL_MESSAGE\"") && s.array(kLogEvents); },
     [](const Letter& l) { l.skip(Skip::control_message); }},
    {"CloudWatch Logs subscription",
     [](const Shape& s) { return s.text(kMessageType) && s.array(kLogEvents); },
     [](const Letter& l) { l.each_member(kLogEvents, "message", [&](auto value) { l.literal(value); }); }},
    {"Firehose HTTP request, Firehose or Lambda transformation",
     [](const Shape& s) { return s.array(kSmallRecords) && holds(s[kSmallRecords], "data"); },
     [](const Letter& l) {
       l.each_member(kSmallRecords, "data", [&](auto value) { l.maybe_base64(value); });
     }},
    {"CloudWatch Logs to Lambda", [](const Shape& s) { return s.object(kAwslogs); },
     [](const Letter& l) { l.maybe_base64(member(l.shape[kAwslogs], "data")); }},
    {"S3 notification", [](const Shape& s) { return s.is(kEventSource, "\"aws:s3\"") && s.object(kS3); },
     [](const Letter& l) { l.skip(Skip::notification); }},
    {"SQS message", [](const Shape& s) { return s.is(kEventSource, "\"aws:sqs\"") && s.text(kBody); },
     [](const Letter& l) { l.literal(l.shape[kBody]); }},
    {"SNS to Lambda", [](const Shape& s) { return s.is(kSnsEventSource, "\"aws:sns\"") && s.object(kSns); },
     [](const Letter& l) { l.literal(member(l.shape[kSns], "Message")); }},
    {"Kinesis to Lambda",
     [](const Shape& s) { return s.is(kEventSource, "\"aws:kinesis\"") && s.object(kKinesis); },
     [](const Letter& l) { l.maybe_base64(member(l.shape[kKinesis], "data")); }},
    {"Kinesis record",
     [](const Shape& s) { return s.text(kData) && s.text(kSequenceNumber) && s.text(kPartitionKey); },
     [](const Letter& l) { l.base64(l.shape[kData]); }},
    {"SNS notification",
     [](const Shape& s) { return s.is(kType, "\"Notification\"") && s.text(kTopicArn) && s.text(kMessage); },
     [](const Letter& l) { l.literal(l.shape[kMessage]); }},
    {"SNS confirmation",
     [](const Shape& s) { return s.text(kType) && s.text(kTopicArn) && s.text(kMessage); },
     [](const Letter& l) { l.skip(Skip::notification); }},
    {"S3 test event",
     [](const Shape& s) { return s.is(kService, "\"Amazon S3\"") && s.is(kEvent, "\"s3:TestEvent\""); },
     [](const Letter& l) { l.skip(Skip::notification); }},
    {"S3 through EventBridge",
     [](const Shape& s) {
       return s.text(kDetailType) && s.object(kDetail) && s.is(kSource, "\"aws.s3\"") &&
              !member(s[kDetail], "bucket").empty();
     },
     [](const Letter& l) { l.skip(Skip::notification); }},
    {"EventBridge", [](const Shape& s) { return s.text(kDetailType) && s.object(kDetail); },
     [](const Letter& l) { l.document(l.shape[kDetail]); }},
    {"CloudTrail's own notification",
     [](const Shape& s) { return s.text(kS3Bucket) && s.array(kS3ObjectKey); },
     [](const Letter& l) { l.skip(Skip::notification); }},
    {"CloudTrail digest", [](const Shape& s) { return s.text(kAwsAccountId) && s.array(kLogFiles); },
     [](const Letter& l) { l.skip(Skip::digest); }},
    {"CloudTrail file, and what else has Records", [](const Shape& s) { return s.array(kRecords); },
     [](const Letter& l) { l.each(kRecords, [&](auto value) { l.document(value); }); }},
    {"CloudTrail Insight", [](const Shape& s) { return s.object(kInsightDetails) && !s.has(kEventName); },
     [](const Letter& l) { l.skip(Skip::insight); }},
    {"answer of LookupEvents",
     [](const Shape& s) { return s.array(kEvents) && holds(s[kEvents], "CloudTrailEvent"); },
     [](const Letter& l) { l.each(kEvents, [&](auto value) { l.document(value); }); }},
    {"event of LookupEvents", [](const Shape& s) { return s.text(kCloudTrailEvent); },
     [](const Letter& l) { l.literal(l.shape[kCloudTrailEvent]); }},
};

}  // namespace

// ---- Unwrapper
// -----------------------------------------------------------------------------------------------------

Place Unwrapper::numbered(Place place) {
  place.record = ++records_;
  return place;
}

void Unwrapper::document(std::string_view bytes, const Place& place, int depth) {
  if (budget_.failed) return;
  if (depth > kMaxEnvelopes) {
    unreadable(place, fmt::format("it is wrapped more than {} times", kMaxEnvelopes), bytes);
    return;
  }
  if (bytes.starts_with('[')) {
    Elements elements(bytes);
    while (elements.next()) document(elements.value, place, depth + 1);
    if (elements.broken) unreadable(place, "a list of records is broken", bytes);
    return;
  }
  if (bytes.starts_with('{') && !plainly_bare(bytes)) {
    Shape shape = shape_of(bytes);
    for (const Envelope& envelope : kEnvelopes) {
      if (!envelope.recognise(shape)) continue;
      envelope.open({*this, shape, place, depth + 1});
      return;
    }
  }
  receiver_.record({bytes, numbered(place), false});
}

void Unwrapper::literal(std::string_view value, const Place& place, int depth) {
  if (value.size() < 2 || !value.starts_with('"')) {
    unreadable(place, "the text that should hold the record is missing", value);
    return;
  }
  std::string buffer(value.size() + match::kPadding, '\0');
  size_t size = match::unescape_json(value, buffer.data());
  std::string_view inner = trimmed(std::string_view(buffer).substr(1, size - 2));
  if (inner.starts_with('{') || inner.starts_with('[')) {
    document(inner, place, depth);
  } else if (!inner.empty()) {
    text(inner, place);
  }
}

void Unwrapper::base64(std::string_view value, const Place& place, int depth) {
  std::string letters(value.size(), '\0'), bytes;
  letters.resize(match::unescape_json(value, letters.data()));
  bool quoted = letters.size() >= 2 && letters.front() == '"';
  if (!quoted || !decode_base64(std::string_view(letters).substr(1, letters.size() - 2), bytes)) {
    unreadable(place, "the payload is not base64", value);
  } else if (depth > kMaxEnvelopes) {
    unreadable(place, fmt::format("it is wrapped more than {} times", kMaxEnvelopes), value);
  } else {
    MemoryStream memory(bytes);
    std::unique_ptr<ByteStream> plain = decompressed(memory, budget_);
    Splitter(*plain, *this, place, depth).run();
  }
}

void Unwrapper::text(std::string_view line, const Place& place) {
  if (!budget_.failed) receiver_.record({line, numbered(place), true});
}

void Unwrapper::unreadable(const Place& place, std::string reason, std::string_view bytes) {
  constexpr size_t kHead = 80;
  if (budget_.failed) return;
  receiver_.unreadable({numbered(place), std::move(reason), bytes.substr(0, kHead)});
}

void Unwrapper::unreadable_file(const Place& place, std::string reason) {
  if (!budget_.failed) receiver_.unreadable({place, std::move(reason), {}});
}

void Unwrapper::skip(Skip why, const Place& place) {
  if (!budget_.failed) receiver_.skipped(why, numbered(place), 1);
}

void unwrap(std::string_view document, const Place& place, Receiver& receiver) {
  ReadLimits limits;
  Budget budget{limits.max_ratio, document.size(), 0};
  Unwrapper unwrapper(limits, budget, place.record > 0 ? place.record - 1 : 0, receiver);
  std::string_view inner = trimmed(document);
  if (inner.starts_with('{') || inner.starts_with('[')) {
    unwrapper.document(inner, place, 0);
  } else if (!inner.empty()) {
    unwrapper.text(inner, place);
  }
}

}  // namespace weir::ingest
