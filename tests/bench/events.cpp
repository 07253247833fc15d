#include "tests/bench/events.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <string_view>
#include <vector>

#include "runtime/match/functions.h"
#include "tests/bench/calls.h"

namespace weir::bench {
namespace {

struct Call {
  std::string source, name, parameters;
  bool reads = true;
};

constexpr int kErrorsInHundred = 6;
constexpr int kReportedOnceIn = 1000;

constexpr const char* kAgents[] = {
    "aws-cli/2.15.30 Python/3.11.8 Linux/5.10.0-28-amd64 exe/x86_64.debian.12 prompt/off "
    "command/ec2.describe-instances",
    "Boto3/1.34.69 md/Botocore#1.34.69 ua/2.0 os/linux#5.10.215 md/arch#x86_64 lang/python#3.9.18 "
    "Botocore/1.34.69",
    "APN/1.0 HashiCorp/1.0 Terraform/1.7.5 (+https://www.terraform.io) terraform-provider-aws/5.42.0 "
    "(+https://registry.terraform.io/providers/hashicorp/aws)",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/123.0.0.0 Safari/537.36",
    "[S3Console/0.4, aws-internal/3 aws-sdk-java/1.12.488 Linux/5.10.186 OpenJDK_64-Bit_Server_VM/25.372-b08 "
    "java/1.8.0_372]",
    "autoscaling.amazonaws.com",
};
constexpr const char* kRegions[] = {"us-east-1", "us-east-1", "us-east-1",
                                    "us-west-2", "eu-west-1", "eu-central-1"};

std::string replaced(std::string text, std::string_view by) {
  for (size_t at; (at = text.find("{0}")) != text.npos;) text.replace(at, 3, by);
  return text;
}

std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const size_t end = std::min(text.find(' '), text.size());
    words.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

std::vector<Call> all_calls() {
  std::vector<Call> calls;
  for (const Service& service : kServices) {
    const char* const parameters = kParameters[static_cast<size_t>(service.parameters)];
    for (const bool reads : {true, false}) {
      for (std::string_view name : words(reads ? service.reads : service.writes))
        calls.push_back(
            {fmt::format("{}.amazonaws.com", service.name), std::string(name), parameters, reads});
    }
  }
  return calls;
}

std::string identity(std::mt19937_64& random, std::string_view unique, std::string_view user) {
  if (random() % 4 == 0) {
    return fmt::format(
        R"({{"type":"IAMUser","principalId":"AIDA{0}","arn":"arn:aws:iam::111122223333:user/{1}","accountId":"111122223333","accessKeyId":"AKIA{0}","userName":"{1}"}})",
        unique, user);
  }
  return fmt::format(
      R"({{"type":"AssumedRole","principalId":"AROA{0}:{1}","arn":"arn:aws:sts::111122223333:assumed-role/{1}/{0}","accountId":"111122223333","accessKeyId":"ASIA{0}","sessionContext":{{"sessionIssuer":{{"type":"Role","principalId":"AROA{0}","arn":"arn:aws:iam::111122223333:role/{1}","accountId":"111122223333","userName":"{1}"}},"webIdFederationData":{{}},"attributes":{{"creationDate":"2026-01-15T06:00:00Z","mfaAuthenticated":"false"}},"ec2RoleDelivery":"2.0"}}}})",
      unique, user);
}

std::string event(std::mt19937_64& random, const std::vector<Call>& calls, int64_t time) {
  static const Call kReported = {"route53domains.amazonaws.com", "DisableDomainTransferLock",
                                 R"({"domainName":"example-{0}.com"})", false};
  const Call& call = random() % kReportedOnceIn == 0 ? kReported : calls[random() % calls.size()];
  const std::string unique = fmt::format("{:017x}", random() >> 4),
                    user = fmt::format("deploy-{}", random() % 400);
  const char* const region = kRegions[random() % std::size(kRegions)];
  std::string error, response = "null";
  if (int(random() % 100) < kErrorsInHundred) {
    error = fmt::format(
        R"("errorCode":"AccessDenied","errorMessage":"User: arn:aws:sts::111122223333:assumed-role/{0}/{1} is not authorized to perform: {2} on resource: * because no identity-based policy allows it",)",
        user, unique, call.name);
  } else if (!call.reads) {
    response = fmt::format(
        R"({{"requestId":"{0}-4e1f-8c1d","result":{{"id":"{0}","status":"ACTIVE","_return":true}}}})",
        unique);
  }
  std::string resources;
  if (random() % 3 == 0) {
    resources = fmt::format(
        R"("resources":[{{"accountId":"111122223333","type":"AWS::{0}::Resource","ARN":"arn:aws:{0}:{1}:111122223333:resource/{2}"}}],)",
        call.source.substr(0, call.source.find('.')), region, unique);
  }
  return fmt::format(
      R"({{"eventVersion":"1.09","userIdentity":{0},"eventTime":"{1}","eventSource":"{2}","eventName":"{3}","awsRegion":"{4}","sourceIPAddress":"198.51.100.{5}","userAgent":"{6}",{7}"requestParameters":{8},"responseElements":{9},"additionalEventData":{{"SignatureVersion":"SigV4","CipherSuite":"TLS_AES_128_GCM_SHA256","bytesTransferredIn":0,"AuthenticationMethod":"AuthHeader","x-amz-id-2":"{10}/{10}+{10}=","bytesTransferredOut":{11}}},"requestID":"{10}-4e1f-8c1d","eventID":"{12:016x}-b2c4","readOnly":{13},{14}"eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"111122223333","eventCategory":"Management","tlsDetails":{{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256","clientProvidedHostHeader":"{4}.{2}"}},"sessionCredentialFromConsole":"false"}})"
      "\n",
      identity(random, unique, user), match::format_time(time), call.source, call.name, region,
      random() % 250, kAgents[random() % std::size(kAgents)], error, replaced(call.parameters, unique),
      response, unique, random() % 9000, random(), call.reads, resources);
}

}  // namespace

std::string cloudtrail_events(uint64_t bytes, uint64_t seed) {
  const std::vector<Call> calls = all_calls();
  std::mt19937_64 random(seed);
  std::string out;
  out.reserve(bytes + 8192);
  int64_t time = match::parse_time("2026-01-15T06:00:00Z").value();
  while (out.size() < bytes) {
    time += int64_t(random() % 10) * 1'000'000 / 100;
    out += event(random, calls, time);
  }
  return out;
}

}  // namespace weir::bench
