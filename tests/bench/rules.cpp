// Rules and events drawn from the same lists of names.
#include "tests/bench/rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <set>
#include <span>
#include <vector>

namespace weir::bench {
namespace {

struct Service {
  const char* source;
  std::vector<const char*> calls;
};

const std::vector<Service> kServices = {
    {"s3", {"PutBucketPolicy", "DeleteBucket", "PutBucketAcl", "PutBucketPublicAccessBlock", "GetBucketVersioning", "DeleteObject"}},
    {"sts", {"AssumeRoleWithSAML", "GetSessionToken", "GetFederationToken", "AssumeRole"}},
    {"kms", {"ScheduleKeyDeletion", "DisableKey", "CreateGrant"}},
    {"ec2", {"AuthorizeSecurityGroupIngress", "CreateSecurityGroup", "TerminateInstances", "ModifySnapshotAttribute", "GetPasswordData",
             "CreateKeyPair", "ImportKeyPair", "ModifyImageAttribute", "DeleteFlowLogs", "CreateSnapshot", "RunInstances"}},
    {"iam", {"CreateUser", "CreateAccessKey", "AttachUserPolicy", "AttachRolePolicy", "PutRolePolicy", "PutUserPolicy", "CreateLoginProfile",
             "UpdateLoginProfile", "DeactivateMFADevice", "AddUserToGroup", "CreateRole", "UpdateAssumeRolePolicy", "CreatePolicyVersion"}},
    {"lambda", {"UpdateFunctionCode20150331v2", "CreateFunction20150331", "AddPermission20150331v2"}},
    {"logs", {"DeleteLogGroup", "DeleteLogStream", "PutRetentionPolicy"}},
    {"dynamodb", {"DeleteTable"}},
    {"secretsmanager", {"GetSecretValue", "PutSecretValue", "DeleteSecret"}},
    {"ssm", {"SendCommand", "StartSession", "GetParameters"}},
    {"cloudtrail", {"StopLogging", "DeleteTrail", "UpdateTrail", "PutEventSelectors"}},
    {"guardduty", {"DeleteDetector", "UpdateDetector", "CreateIPSet"}},
    {"config", {"StopConfigurationRecorder", "DeleteDeliveryChannel"}},
    {"signin", {"ConsoleLogin", "SwitchRole", "GetSigninToken"}},
    {"eks", {"CreateCluster", "UpdateClusterConfig"}},
    {"rds", {"ModifyDBInstance", "ModifyDBSnapshotAttribute", "DeleteDBInstance"}},
    {"organizations", {"LeaveOrganization", "InviteAccountToOrganization"}},
};
const std::vector<const char*> kWords = {"prod", "dev", "data", "billing", "audit", "backup", "ingest", "platform", "team", "core",
                                         "web", "api", "etl", "archive", "staging", "metrics", "logs", "security", "shared", "network"};
const std::vector<const char*> kTools = {"kali", "parrot", "pentoo", "Boto3", "HashiCorp", "S3Console", "Mozilla", "aws-cli",
                                         "python-requests", "curl", "pacu", "aws-sdk-java"};
const std::vector<const char*> kRegions = {"us-east-1", "us-west-2", "eu-west-1", "eu-central-1", "ap-southeast-1", "us-east-2"};
const std::vector<const char*> kTypes = {"Root", "IAMUser", "AssumedRole", "AWSService"};
const std::vector<const char*> kAgents = {
    "aws-cli/2.15.30 Python/3.11.8 Linux/5.10.0-28-amd64 exe/x86_64.debian.12 prompt/off command/ec2.describe-instances",
    "Boto3/1.34.69 md/Botocore#1.34.69 ua/2.0 os/linux#5.10.215 md/arch#x86_64 lang/python#3.9.18 Botocore/1.34.69",
    "APN/1.0 HashiCorp/1.0 Terraform/1.7.5 (+https://www.terraform.io) terraform-provider-aws/5.42.0",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/123.0.0.0 Safari/537.36"};

class Draw {
 public:
  explicit Draw(uint64_t seed) : engine_(seed) {}
  size_t below(size_t n) { return engine_() % n; }
  bool one_in(size_t n) { return below(n) == 0; }
  double share() { return static_cast<double>(engine_() >> 11) / 9007199254740992.0; }
  template <class T>
  const T& of(const std::vector<T>& items) {
    return items[below(items.size())];
  }
  std::string word() { return of(kWords); }
  std::string token() {
    const std::string first = word(), second = word();
    return first + "-" + second + (one_in(2) ? "-" + std::to_string(below(1000)) : "");
  }
  std::string network() { return fmt::format("{}.{}.0.0/16", 1 + below(223), below(256)); }

 private:
  std::mt19937_64 engine_;  // defined by the standard: the same everywhere
};

std::string listed(const std::set<std::string>& values) {
  std::string text;
  for (const std::string& value : values) text += fmt::format("{}\"{}\"", text.empty() ? "" : ", ", value);
  return "[" + text + "]";
}

struct Item {
  std::string field, text;
  bool negated = false;
};

Item drawn_item(Draw& draw, size_t kinds) {
  const auto item = [&](const char* field, std::string modifier, std::string value, size_t negated_one_in = 0) {
    return Item{field, fmt::format("{}{}: \"{}\"", field, modifier, value), negated_one_in != 0 && draw.one_in(negated_one_in)};
  };
  switch (draw.below(kinds)) {
    case 0:
      return item("userIdentity.type", "", draw.of(kTypes), 4);
    case 1: {
      std::set<std::string> tools = {draw.of(kTools)};
      if (draw.one_in(3)) tools.insert(draw.of(kTools));
      return {"userAgent", "userAgent|contains: " + listed(tools)};
    }
    case 2:
      return item("sourceIPAddress", "|cidr", draw.network(), 3);
    case 3:
      if (draw.one_in(2)) return {"errorCode", "errorCode|exists: true", draw.one_in(4)};
      return item("errorCode", "", draw.one_in(2) ? "AccessDenied" : "Client.UnauthorizedOperation", 4);
    case 4:
      return item("userIdentity.arn", "|contains", draw.one_in(3) ? ":assumed-role/" + draw.word() : draw.token());
    case 5:
      if (draw.one_in(2)) return item("userIdentity.arn", "|startswith", draw.one_in(2) ? "arn:aws:sts::" : "arn:aws:iam::", 3);
      return item("userIdentity.arn", "|endswith", draw.one_in(3) ? ":root" : draw.token(), 3);
    case 6: {
      std::set<std::string> regions;
      for (size_t n = 1 + draw.below(4); regions.size() < n;) regions.insert(draw.of(kRegions));
      return {"awsRegion", "awsRegion: " + listed(regions), draw.one_in(2)};
    }
    case 7:
      return item("requestParameters.bucketName", draw.one_in(2) ? "|contains" : "|startswith", draw.token());
    case 8:
      if (draw.one_in(2)) return item("requestParameters.policyArn", "|endswith", "AdministratorAccess");
      return item("requestParameters.policyArn", "", draw.one_in(2) ? "arn:aws:iam::aws:policy/AdministratorAccess"
                                                                    : "arn:aws:iam::aws:policy/IAMFullAccess");
    case 9: {
      const char* const field = draw.one_in(2) ? "requestParameters.userName" : "requestParameters.roleName";
      return draw.one_in(2) ? item(field, "", draw.token()) : item(field, "|startswith", draw.word() + "-");
    }
    case 10:
      return item("requestParameters.roleArn", "", "arn:aws:iam::*:role/" + draw.word() + "-*");
    case 11:
      return {"requestParameters.durationSeconds", fmt::format("requestParameters.durationSeconds|gt: {}", 900 * draw.below(5))};
    case 12:
      return item("requestParameters.policyDocument", "|contains", draw.one_in(2) ? "s3:PutObject" : draw.token());
    default:
      return item("userIdentity.sessionContext.attributes.mfaAuthenticated", "", draw.one_in(2) ? "true" : "false");
  }
}

Item drawn_generic_item(Draw& draw) {
  switch (draw.below(4)) {
    case 0:
      return {"userAgent", fmt::format("userAgent|contains: \"{}{}\"", draw.of(kTools), draw.below(50))};
    case 1:
      return {"sourceIPAddress", fmt::format("sourceIPAddress|cidr: \"{}\"", draw.network())};
    case 2:
      return {"userIdentity.arn", fmt::format("userIdentity.arn|contains: \"{}-{}\"", draw.token(), draw.below(1000))};
    default:
      return {"userIdentity.arn", fmt::format("userIdentity.arn|endswith: \"{}-{}\"", draw.word(), draw.below(1000))};
  }
}

std::string drawn_rule(Draw& draw, size_t number, bool generic) {
  std::string selection, filter;
  std::set<std::string> fields;
  if (!generic) {
    const Service& service = draw.of(kServices);
    std::set<std::string> calls;
    const size_t most = std::min<size_t>(4, service.calls.size());
    for (size_t n = 1 + draw.below(most); calls.size() < n;) calls.insert(draw.of(service.calls));
    selection += fmt::format("      eventSource: \"{}.amazonaws.com\"\n      eventName: {}\n", service.source, listed(calls));
  }
  const auto add = [&](const Item& item) {
    if (!fields.insert(item.field).second) return;
    (item.negated ? filter : selection) += "      " + item.text + "\n";
  };
  if (generic) add(drawn_generic_item(draw));
  while (fields.size() < 2) add(drawn_item(draw, generic ? 7 : 14));
  std::string text = fmt::format("rule generated_{} {{\n  title: \"Generated\"\n  level: low\n  source: cloudtrail\n  detection {{\n", number);
  if (!selection.empty()) text += "    selection {\n" + selection + "    }\n";
  if (!filter.empty()) text += "    filter {\n" + filter + "    }\n";
  text += fmt::format("    condition: {}{}{}\n  }}\n}}\n", selection.empty() ? "" : "selection",
                      !selection.empty() && !filter.empty() ? " and " : "", filter.empty() ? "" : "not filter");
  return text;
}

}  // namespace

std::string generated_rules(size_t count, double generic_share, uint64_t seed) {
  Draw draw(seed);
  std::string text = "edition 1\n";
  for (size_t i = 0; i < count; ++i) text += drawn_rule(draw, i, draw.share() < generic_share);
  return text;
}

std::string events_for_rules(size_t count, uint64_t seed) {
  Draw draw(seed);
  std::string text;
  for (size_t i = 0; i < count; ++i) {
    const Service& service = draw.of(kServices);
    const std::string user = draw.token(), role = draw.token();
    const bool root = draw.one_in(50);
    text += fmt::format(
        R"({{"eventVersion":"1.09","userIdentity":{{"type":"{0}","arn":"{1}","accountId":"111122223333","sessionContext":{{"attributes":{{"mfaAuthenticated":"{2}"}}}}}},"eventTime":"2026-01-15T06:00:00Z","eventSource":"{3}.amazonaws.com","eventName":"{4}","awsRegion":"{5}","sourceIPAddress":"{6}.{7}.113.{8}","userAgent":"{9}",{10}"requestParameters":{{"bucketName":"{11}","policyArn":"arn:aws:iam::aws:policy/ReadOnlyAccess","userName":"{11}","roleName":"{12}","roleArn":"arn:aws:iam::111122223333:role/{12}","durationSeconds":3600,"policyDocument":"{{\"Action\":\"s3:GetObject\",\"Resource\":\"arn:aws:s3:::{11}/*\"}}"}},"eventID":"{13:032x}","recipientAccountId":"111122223333","eventType":"AwsApiCall"}})"
        "\n",
        root ? "Root" : draw.of(kTypes),
        root ? "arn:aws:iam::111122223333:root" : fmt::format("arn:aws:sts::111122223333:assumed-role/{}/{}", role, user),
        draw.one_in(3) ? "true" : "false", service.source, draw.of(service.calls), draw.of(kRegions), 1 + draw.below(223),
        draw.below(256), draw.below(256), draw.of(kAgents), draw.one_in(12) ? R"("errorCode":"AccessDenied",)" : "", user,
        role, i + 1);
  }
  return text;
}

}  // namespace weir::bench
