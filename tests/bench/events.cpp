#include "tests/bench/events.h"

#include <fmt/format.h>

#include <random>

#include "runtime/match/functions.h"

namespace weir::bench {
namespace {

struct ApiCallShape {
  const char* service;
  const char* name;
  bool read_only;
  const char* parameters;
};

constexpr ApiCallShape kCalls[] = {
    {"ec2.amazonaws.com", "DescribeInstances", true,
     R"({"instancesSet":{"items":[{"instanceId":"i-{0}"}]},"filterSet":{"items":[{"name":"instance-state-name","valueSet":{"items":[{"value":"running"}]}}]}})"},
    {"s3.amazonaws.com", "GetBucketAcl", true,
     R"({"bucketName":"logs-{0}","Host":"logs-{0}.s3.us-east-1.amazonaws.com","acl":""})"},
    {"sts.amazonaws.com", "AssumeRole", true,
     R"({"roleArn":"arn:aws:iam::111122223333:role/build-{0}","roleSessionName":"session-{0}","durationSeconds":3600})"},
    {"kms.amazonaws.com", "Decrypt", true,
     R"({"encryptionContext":{"aws:ebs:id":"vol-{0}"},"encryptionAlgorithm":"SYMMETRIC_DEFAULT"})"},
    {"iam.amazonaws.com", "PutRolePolicy", false,
     R"({"roleName":"role-{0}","policyName":"inline","policyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"arn:aws:s3:::data-{0}/*\"}]}"})"},
    {"route53.amazonaws.com", "ChangeResourceRecordSets", false,
     R"({"hostedZoneId":"Z{0}","changeBatch":{"changes":[{"action":"UPSERT","resourceRecordSet":{"name":"app-{0}.example.com.","type":"A","tTL":60,"resourceRecords":[{"value":"192.0.2.10"}]}}]}})"},
    {"route53.amazonaws.com", "ListHostedZones", true, R"({"maxItems":"100"})"},
    {"logs.amazonaws.com", "CreateLogStream", false,
     R"({"logGroupName":"/aws/lambda/fn-{0}","logStreamName":"2026/01/15/[$LATEST]{0}"})"},
};
constexpr ApiCallShape kReported = {"route53domains.amazonaws.com", "DisableDomainTransferLock", false,
                                    R"({"domainName":"example-{0}.com"})"};

constexpr const char* kAgents[] = {
    "aws-cli/2.15.30 Python/3.11.8 Linux/5.10.0-28-amd64 exe/x86_64.debian.12 prompt/off command/ec2.describe-instances",
    "Boto3/1.34.69 md/Botocore#1.34.69 ua/2.0 os/linux#5.10.215 md/arch#x86_64 lang/python#3.9.18 Botocore/1.34.69",
    "APN/1.0 HashiCorp/1.0 Terraform/1.7.5 (+https://www.terraform.io) terraform-provider-aws/5.42.0",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/123.0.0.0 Safari/537.36",
};

std::string replaced(std::string text, std::string_view by) {
  for (size_t at; (at = text.find("{0}")) != text.npos;) text.replace(at, 3, by);
  return text;
}

std::string event(std::mt19937_64& random, int64_t time) {
  uint64_t pick = random();
  const ApiCallShape& call = pick % 1000 == 0 ? kReported : kCalls[random() % std::size(kCalls)];
  std::string unique = fmt::format("{:017x}", random() >> 4);
  std::string user = fmt::format("deploy-{}", random() % 400);
  return fmt::format(
      R"({{"eventVersion":"1.09","userIdentity":{{"type":"AssumedRole","principalId":"AROA{0}:{1}","arn":"arn:aws:sts::111122223333:assumed-role/{1}/{0}","accountId":"111122223333","accessKeyId":"ASIA{0}","sessionContext":{{"sessionIssuer":{{"type":"Role","principalId":"AROA{0}","arn":"arn:aws:iam::111122223333:role/{1}","accountId":"111122223333","userName":"{1}"}},"attributes":{{"creationDate":"2026-01-15T06:00:00Z","mfaAuthenticated":"false"}}}}}},"eventTime":"{2}","eventSource":"{3}","eventName":"{4}","awsRegion":"us-east-1","sourceIPAddress":"198.51.100.{5}","userAgent":"{6}","requestParameters":{7},"responseElements":null,"requestID":"{0}-4e1f-8c1d","eventID":"{8:016x}-b2c4","readOnly":{9},"eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"111122223333","eventCategory":"Management","tlsDetails":{{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256","clientProvidedHostHeader":"{3}"}}}})"
      "\n",
      unique, user, match::format_time(time), call.service, call.name, random() % 250, kAgents[random() % std::size(kAgents)],
      replaced(call.parameters, unique), random(), call.read_only);
}

}  // namespace

std::string cloudtrail_events(uint64_t bytes, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::string out;
  out.reserve(bytes + 8192);
  int64_t time = match::parse_time("2026-01-15T06:00:00Z").value();
  while (out.size() < bytes) {
    time += int64_t(random() % 10) * 1'000'000 / 100;
    out += event(random, time);
  }
  return out;
}

}  // namespace weir::bench
