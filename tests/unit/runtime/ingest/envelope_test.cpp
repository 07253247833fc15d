// Every wrap by itself, wraps in wraps, and what must pass untouched.
#include "runtime/ingest/envelope.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "collector.h"
#include "runtime/ingest/base64.h"

namespace weir::ingest {
namespace {

using Texts = std::vector<std::string>;
using Skips = std::vector<Skip>;

const std::string kTrail =
    R"({"eventVersion":"1.08","userIdentity":{"type":"Root"},"eventSource":"iam.amazonaws.com","eventName":"X"})";
const std::string kQuery = R"({"version":"1.100000","account_id":"1","query_name":"a.","rcode":"NOERROR"})";
const std::string kLine = "1.0 2017-12-13T08:16:02.130Z Z1 example.com A NOERROR UDP FRA6 1.2.3.4 -";

std::string cloudwatch(const Texts& messages) {
  std::string out = R"({"messageType":"DATA_MESSAGE","owner":"1","logGroup":"g","logEvents":[)";
  for (size_t i = 0; i < messages.size(); ++i) {
    out += fmt::format(R"({}{{"id":"{}","timestamp":1,"message":{}}})", i ? "," : "", i, quoted(messages[i]));
  }
  return out + "]}";
}

std::string firehose(const Texts& payloads) {
  std::string out = R"({"requestId":"r","timestamp":1,"records":[)";
  for (size_t i = 0; i < payloads.size(); ++i) {
    out += fmt::format(R"({}{{"data":"{}"}})", i ? "," : "", base64(payloads[i]));
  }
  return out + "]}";
}

TEST_CASE("bare records pass as they are") {
  for (const std::string& bare :
       {kTrail, kQuery, std::string(R"({"detail":{"a":1}})"), std::string(R"({"records":[{"a":1}]})"),
        std::string(R"({"Records":3})"), std::string(R"({"messageType":"x"})"),
        std::string(R"({"Type":"Notification"})"), std::string(R"({"a":1 "b"})")}) {
    Collector got = read(bare + "\n");
    CHECK(got.texts() == Texts{bare});
    CHECK(got.skips.empty());
    CHECK(got.problems.empty());
  }
}

TEST_CASE("CloudWatch Logs") {
  Collector got = read(cloudwatch({kTrail, kLine, kQuery}));
  CHECK(got.texts() == Texts{kTrail, kLine, kQuery});
  REQUIRE(got.records.size() == 3);
  CHECK(got.records[1].text);
  CHECK(got.records[2].record == 3);
  CHECK(got.records[2].line == 1);
  CHECK(read(R"({"messageType":"CONTROL_MESSAGE","logEvents":[{"id":"","message":"CWL"}]})").skips ==
        Skips{Skip::control_message});
  Collector bad = read(
      R"({"messageType":"DATA_MESSAGE","logEvents":[{"id":"1"},{"message":7},{"message":"{\"a\":1}"}]})");
  CHECK(bad.texts() == Texts{R"({"a":1})"});
  REQUIRE(bad.problems.size() == 2);
  CHECK(bad.problems[0].reason == "no `message` in it");
  CHECK(bad.records[0].record == 3);
}

TEST_CASE("escapes of the wrap are taken off once") {
  Collector got = read(
      R"({"messageType":"DATA_MESSAGE","logEvents":[{"message":"{\"a\":\"x\\\"\\u0041\u00e9\/\ud83d\ude00\"}\n"}]})");
  CHECK(got.texts() == Texts{"{\"a\":\"x\\\"\\u0041\xc3\xa9/\xf0\x9f\x98\x80\"}"});
}

TEST_CASE("Firehose: base64, joined documents, gzip, all inside") {
  Collector got = read(firehose({kTrail, kQuery + kQuery, gzip(cloudwatch({kTrail})), "", kLine + "\n",
                                 gzip(cloudwatch({kTrail})) + gzip(cloudwatch({kQuery}))}));
  CHECK(got.texts() == Texts{kTrail, kQuery, kQuery, kTrail, kLine, kTrail, kQuery});
  CHECK(got.problems.empty());
  Collector poisoned =
      read(R"({"requestId":"r","records":[{"data":"!!!"},{"data":"eyJhIjoxfQ=="},{"dat":1}]})");
  CHECK(poisoned.texts() == Texts{R"({"a":1})"});
  REQUIRE(poisoned.problems.size() == 2);
  CHECK(poisoned.problems[0].reason == "the payload is not base64");
  CHECK(read(R"({"invocationId":"i","records":[{"recordId":"1","data":"eyJhIjoxfQ=="}]})").texts() ==
        Texts{R"({"a":1})"});
}

TEST_CASE("an object of Firehose in S3: members whose documents are joined") {
  Collector got = read(gzip(cloudwatch({kTrail, kTrail})) + gzip(cloudwatch({kQuery})));
  CHECK(got.texts() == Texts{kTrail, kTrail, kQuery});
  CHECK(got.problems.empty());
}

TEST_CASE("Lambda and Kinesis") {
  CHECK(read(fmt::format(R"({{"awslogs":{{"data":"{}"}}}})", base64(gzip(cloudwatch({kTrail}))))).texts() ==
        Texts{kTrail});
  std::string lambda = fmt::format(
      R"({{"Records":[{{"kinesis":{{"partitionKey":"k","data":"{}"}},"eventSource":"aws:kinesis","eventVersion":"1.0"}}]}})",
      base64(gzip(cloudwatch({kTrail, kLine}))));
  CHECK(read(lambda).texts() == Texts{kTrail, kLine});
  std::string answer = fmt::format(
      R"({{"MillisBehindLatest":0,"Records":[{{"SequenceNumber":"1","Data":"{}","PartitionKey":"k"}}]}})",
      base64(kTrail));
  CHECK(read(answer).texts() == Texts{kTrail});
  CHECK(read(R"({"awslogs":{}})").problems.size() == 1);
}

TEST_CASE("notifications are counted, not read") {
  const std::string s3 =
      R"({"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","eventName":"ObjectCreated:Put","s3":{"bucket":{}}}]})";
  CHECK(read(s3).skips == Skips{Skip::notification});
  const std::string sns =
      fmt::format(R"({{"Type":"Notification","MessageId":"m","TopicArn":"arn","Message":{}}})", quoted(s3));
  CHECK(read(sns).skips == Skips{Skip::notification});
  const std::string sqs =
      fmt::format(R"({{"Records":[{{"messageId":"m","body":{},"eventSource":"aws:sqs"}}]}})", quoted(sns));
  CHECK(read(sqs).skips == Skips{Skip::notification});
  CHECK(read(R"({"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"b"})").skips ==
        Skips{Skip::notification});
  CHECK(read(R"({"s3Bucket":"b","s3ObjectKey":["AWSLogs/x.json.gz"]})").skips == Skips{Skip::notification});
  CHECK(
      read(
          R"({"version":"0","detail-type":"Object Created","source":"aws.s3","detail":{"bucket":{"name":"b"}}})")
          .skips == Skips{Skip::notification});
}

TEST_CASE("SNS and SQS carry events too") {
  const std::string sns =
      fmt::format(R"({{"Type":"Notification","TopicArn":"arn","Message":{}}})", quoted(kTrail));
  CHECK(read(sns).texts() == Texts{kTrail});
  CHECK(read(fmt::format(R"({{"Records":[{{"body":{},"eventSource":"aws:sqs"}}]}})", quoted(sns))).texts() ==
        Texts{kTrail});
  CHECK(read(fmt::format(R"({{"Records":[{{"EventSource":"aws:sns","Sns":{{"Message":{}}}}}]}})",
                         quoted(kTrail)))
            .texts() == Texts{kTrail});
}

TEST_CASE("EventBridge") {
  CHECK(
      read(
          fmt::format(
              R"({{"version":"0","detail-type":"AWS API Call via CloudTrail","source":"aws.iam","detail":{}}})",
              kTrail))
          .texts() == Texts{kTrail});
  CHECK(read(fmt::format(R"({{"detail-type":"AWS API Call via CloudTrail","source":"aws.s3","detail":{}}})",
                         kTrail))
            .texts() == Texts{kTrail});
}

TEST_CASE("digests and Insights") {
  CHECK(read(R"({"awsAccountId":"1","digestStartTime":"t","logFiles":[{"s3Bucket":"b"}]})").skips ==
        Skips{Skip::digest});
  CHECK(read("{\n \"awsAccountId\":\"1\",\n \"logFiles\": []\n}\n").skips == Skips{Skip::digest});
  CHECK(read(R"({"Records":[{"eventVersion":"1.07","eventTime":"t","insightDetails":{"state":"Start"}}]})")
            .skips == Skips{Skip::insight});
}

TEST_CASE("the answer of LookupEvents") {
  CHECK(
      read(fmt::format(R"({{"Events":[{{"EventId":"1","CloudTrailEvent":{}}}]}})", quoted(kTrail))).texts() ==
      Texts{kTrail});
}

TEST_CASE("wraps inside wraps end somewhere") {
  std::string wrapped = kTrail;
  for (int i = 0; i < 20; ++i) wrapped = fmt::format(R"({{"detail-type":"x","detail":{}}})", wrapped);
  Collector got = read(wrapped);
  CHECK(got.records.empty());
  REQUIRE(got.problems.size() == 1);
  CHECK(got.problems[0].reason == "it is wrapped more than 8 times");
  std::string zipped = kTrail;
  for (int i = 0; i < 20; ++i) zipped = firehose({gzip(zipped)});
  CHECK(read(zipped).problems.size() == 1);
}

TEST_CASE("records are numbered across wraps, skips and problems") {
  Collector got = read(fmt::format("{}\n{}\n{{\"awsAccountId\":\"1\",\"logFiles\":[]}}\nnonsense\n{}\n",
                                   kTrail, cloudwatch({kTrail, kTrail}), kQuery));
  REQUIRE(got.records.size() == 4);
  CHECK(got.records[3].record == 6);
  CHECK(got.records[3].line == 5);
}

TEST_CASE("unwrap, for one document at hand") {
  std::string document = cloudwatch({kTrail, kQuery}) + std::string(match::kPadding, ' ');
  Collector got;
  unwrap(std::string_view(document).substr(0, document.size() - match::kPadding), {"f", 7, 3, 100}, got);
  REQUIRE(got.records.size() == 2);
  CHECK(got.records[1].record == 4);
  CHECK(got.records[1].line == 7);
}

TEST_CASE("base64") {
  std::string out;
  CHECK((decode_base64("", out) && out.empty()));
  CHECK((decode_base64("YQ==", out) && out == "a"));
  CHECK((decode_base64("YQ", out) && out == "a"));
  CHECK((decode_base64("YWI=", out) && out == "ab"));
  CHECK((decode_base64("YWJj", out) && out == "abc"));
  CHECK((decode_base64("-_-_", out) && out == "\xfb\xff\xbf"));
  for (const char* bad : {"Y", "YQ=", "YWJj=", "Y=Q=", "YW Jj", "====", "=", "YQ==YQ=="})
    CHECK_FALSE(decode_base64(bad, out));
}

}  // namespace
}  // namespace weir::ingest
