#include "tests/differential/shapes.h"

#include <algorithm>

namespace weir::differential {

std::vector<Segment> segments_of(std::string_view path) {
  std::vector<Segment> out;
  while (!path.empty()) {
    std::string_view part = path.substr(0, path.find('.'));
    path.remove_prefix(part.size() == path.size() ? part.size() : part.size() + 1);
    Segment segment;
    segment.array = part.ends_with("[]");
    segment.embedded = part.ends_with("{}");
    if (segment.array || segment.embedded) part.remove_suffix(2);
    segment.name = part;
    out.push_back(std::move(segment));
  }
  return out;
}

bool Source::is_derived(const Field& field) const {
  return std::any_of(derived.begin(), derived.end(),
                     [&](const Field& one) { return one.path == field.path; });
}

const std::vector<Source>& sources() {
  static const std::vector<Source> kSources = {
      {.name = "cloudtrail",
       .fields = {{"eventSource", Kind::text},
                  {"eventName", Kind::text},
                  {"awsRegion", Kind::text},
                  {"sourceIPAddress", Kind::text},
                  {"userAgent", Kind::text},
                  {"errorCode", Kind::text},
                  {"readOnly", Kind::boolean},
                  {"recipientAccountId", Kind::text},
                  {"userIdentity.type", Kind::text},
                  {"userIdentity.arn", Kind::text},
                  {"userIdentity.sessionContext.sessionIssuer.arn", Kind::text},
                  {"resources[].ARN", Kind::text},
                  {"resources[].accountId", Kind::text},
                  {"requestParameters.name", Kind::json},
                  {"requestParameters.size", Kind::json},
                  {"requestParameters.items[].x", Kind::json},
                  {"requestParameters.items[].y.z", Kind::json},
                  {"requestParameters.list[]", Kind::json},
                  {"requestParameters.policy{}.Statement[].Effect", Kind::json},
                  {"requestParameters.policy{}.Version", Kind::json},
                  {"responseElements.ok", Kind::json},
                  {"additionalEventData", Kind::json}},
       .derived = {{"principal", Kind::text}, {"eventTime", Kind::time}},
       .lists = {"resources[]", "requestParameters.items[]", "requestParameters.policy{}.Statement[]"},
       .objects = {"userIdentity", "userIdentity.sessionContext", "requestParameters"},
       .unshaped = {"requestParameters"},
       .calls = {{"route53.amazonaws.com",
                  "ChangeResourceRecordSets",
                  {{"requestParameters.hostedZoneId", Kind::text},
                   {"requestParameters.changes[].action", Kind::text},
                   {"requestParameters.changes[].name", Kind::domain},
                   {"requestParameters.changes[].ttl", Kind::integer},
                   {"requestParameters.changes[].records[].value", Kind::text}}},
                 {"widgets.amazonaws.com",
                  "PutWidget",
                  {{"requestParameters.owner", Kind::address},
                   {"requestParameters.weight", Kind::real},
                   {"requestParameters.public", Kind::boolean},
                   {"responseElements.at", Kind::time}}}},
       .time = "eventTime",
       .required = {{"eventSource", "iam.amazonaws.com"}, {"eventName", "PutUserPolicy"}}},
      {.name = "resolver",
       .fields = {{"query_name", Kind::domain},
                  {"query_type", Kind::text},
                  {"rcode", Kind::text, {"NOERROR", "NXDOMAIN", "SERVFAIL"}},
                  {"answers[].Rdata", Kind::text},
                  {"answers[].Type", Kind::text},
                  {"srcaddr", Kind::address},
                  {"srcport", Kind::integer},
                  {"srcids.instance", Kind::text},
                  {"vpc_id", Kind::text}},
       .derived = {{"client", Kind::text}, {"query_timestamp", Kind::time}},
       .lists = {"answers[]"},
       .objects = {"srcids"},
       .time = "query_timestamp",
       .required = {{"query_name", "example.com."}, {"srcaddr", "10.0.0.5"}, {"vpc_id", "vpc-1"}}},
      {.name = "things",
       .fields = {{"kind", Kind::text},
                  {"name", Kind::text},
                  {"colour", Kind::text, {"red", "green", "blue"}},
                  {"host", Kind::domain},
                  {"addr", Kind::address},
                  {"size", Kind::integer},
                  {"weight", Kind::real},
                  {"active", Kind::boolean},
                  {"seen", Kind::time},
                  {"tags[]", Kind::text},
                  {"nums[]", Kind::integer},
                  {"hosts[]", Kind::domain},
                  {"addrs[]", Kind::address},
                  {"flags[]", Kind::boolean},
                  {"times[]", Kind::time},
                  {"deep.a.b", Kind::text},
                  {"deep.a.c", Kind::integer},
                  {"deep.d.e", Kind::json},
                  {"blob.list[].k", Kind::json},
                  {"blob.n", Kind::json},
                  {"blob.text{}.k", Kind::json},
                  {"parts[].name", Kind::text},
                  {"parts[].host", Kind::domain},
                  {"parts[].addr", Kind::address},
                  {"parts[].size", Kind::integer},
                  {"parts[].weight", Kind::real},
                  {"parts[].active", Kind::boolean},
                  {"parts[].seen", Kind::time},
                  {"parts[].blob.k", Kind::json},
                  {"parts[].tags[]", Kind::text},
                  {"parts[].sub[].key", Kind::text},
                  {"parts[].sub[].value", Kind::text},
                  {"parts[].sub[].n", Kind::integer}},
       .derived = {{"who", Kind::text}, {"double", Kind::integer}, {"at", Kind::time}},
       .lists = {"parts[]", "parts[].sub[]", "blob.list[]"},
       .objects = {"deep", "deep.a"},
       .unshaped = {"blob"},
       .time = "at",
       .required = {{"kind", "thing"}}},
      {.name = "lines",
       .fields = {{"method", Kind::text},
                  {"from", Kind::address},
                  {"status", Kind::integer},
                  {"bytes", Kind::integer},
                  {"site", Kind::domain}},
       .derived = {{"stamp", Kind::time}},
       .time = "stamp",
       .required = {},
       .columns = true}};
  return kSources;
}

const std::string& schema_text() {
  static const std::string kText = R"(edition 1
schema cloudtrail {
  title: "calls"
  time: eventTime
  id: eventID
  field eventTime time required
  field eventID string
  field eventSource string required open
  field eventName string required open
  field awsRegion string
  field sourceIPAddress string
  field userAgent string
  field errorCode string
  field readOnly bool
  field recipientAccountId string
  field userIdentity.type string open
  field userIdentity.arn string
  field userIdentity.sessionContext.sessionIssuer.arn string
  field resources[].ARN string
  field resources[].accountId string
  field requestParameters json
  field responseElements json
  field additionalEventData json
  field principal string = coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn, recipientAccountId)
  call "route53.amazonaws.com" "ChangeResourceRecordSets" {
    field requestParameters.hostedZoneId string
    field requestParameters.changes[].action string open ["CREATE", "UPSERT"]
    field requestParameters.changes[].name domain
    field requestParameters.changes[].ttl int
    field requestParameters.changes[].records[].value string
  }
  call "widgets.amazonaws.com" "PutWidget" {
    field requestParameters.owner ip
    field requestParameters.weight float
    field requestParameters.public bool
    field responseElements.at time
  }
}
schema resolver {
  title: "queries"
  time: query_timestamp
  field query_timestamp time required
  field query_name domain required
  field query_type string open
  field rcode string ["NOERROR", "NXDOMAIN", "SERVFAIL"]
  field answers[].Rdata string
  field answers[].Type string
  field srcaddr ip required
  field srcport int
  field srcids.instance string
  field vpc_id string required
  field client string = coalesce(srcids.instance, srcaddr)
}
schema things {
  title: "things"
  time: at
  field at time required
  field kind string required
  field name string
  field colour string ["red", "green", "blue"]
  field host domain
  field addr ip
  field size int
  field weight float
  field active bool
  field seen time
  field tags[] string
  field nums[] int
  field hosts[] domain
  field addrs[] ip
  field flags[] bool
  field times[] time
  field deep.a.b string
  field deep.a.c int
  field deep.d json
  field blob json
  field parts[].name string
  field parts[].host domain
  field parts[].addr ip
  field parts[].size int
  field parts[].weight float
  field parts[].active bool
  field parts[].seen time
  field parts[].blob json
  field parts[].tags[] string
  field parts[].sub[].key string
  field parts[].sub[].value string
  field parts[].sub[].n int
  field who string = coalesce(name, addr, deep.a.b)
  field double int = size + size
}
schema lines {
  title: "lines"
  time: stamp
  format: columns "stamp method from status bytes site"
  field stamp time required
  field method string
  field from ip
  field status int
  field bytes int
  field site domain
}
schema public_dns { title: "unused" time: t format: columns "t n a b c" field t time required field n int }
schema alert { title: "unused" time: t field t time required field rule string required field level string }
)";
  return kText;
}

}  // namespace weir::differential
