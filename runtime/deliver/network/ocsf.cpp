// See ocsf.h. Names and numbers: schema.ocsf.io, class detection_finding.
#include "runtime/deliver/network/ocsf.h"

#include <algorithm>

#include "runtime/match/functions.h"
#include "runtime/match/json_object.h"

namespace weir::deliver {
namespace {

using match::JsonArray;
using match::JsonObject;

struct Enum {
  uint64_t id;
  const char* caption;
};

Enum activity_of(std::string_view state, bool update) {
  if (state == "withdrawn") return {3, "Close"};
  return update ? Enum{2, "Update"} : Enum{1, "Create"};
}

Enum severity_of(uint8_t level) {
  constexpr Enum kSeverities[] = {
      {1, "Informational"}, {2, "Low"}, {3, "Medium"}, {4, "High"}, {5, "Critical"}};
  return kSeverities[std::min<size_t>(level, 4)];
}

// Milliseconds since 1970.
void add_time(JsonObject& object, std::string_view name, std::string_view time) {
  if (const std::optional<int64_t> at = match::parse_time(time); at && *at >= 0)
    object.number(name, static_cast<uint64_t>(*at / 1000));
}

void add_text(JsonObject& object, std::string_view name, std::string_view value) {
  if (!value.empty()) object.text(name, value);
}

void add_object(JsonObject& object, std::string_view name, const JsonObject& value) {
  if (!value.empty()) object.raw(name, value.done());
}

JsonObject with_uid(std::string_view uid) {
  JsonObject object;
  object.text("uid", uid);
  return object;
}

// "TA0006" is a tactic, "T1110" a technique, "T1110.003" a sub-technique of it.
std::string attack_of(const std::string& id) {
  JsonObject attack;
  if (id.starts_with("TA")) {
    attack.raw("tactic", with_uid(id).done());
  } else {
    const size_t dot = id.find('.');
    attack.raw("technique", with_uid(id.substr(0, dot)).done());
    if (dot != std::string::npos) attack.raw("sub_technique", with_uid(id).done());
  }
  return attack.done();
}

std::string metadata_of(const AlertFacts& facts, std::string_view state) {
  JsonObject product;
  product.text("name", "Weir");
  product.text("vendor_name", "Weir");
  product.text("version", WEIR_VERSION);
  JsonObject metadata;
  metadata.text("version", kOcsfVersion);
  metadata.raw("product", product.done());
  if (!facts.account.empty()) metadata.texts("profiles", {"cloud"});
  metadata.text("uid", facts.id + "-" + std::string(state));
  add_text(metadata, "log_name", facts.source);
  return metadata.done();
}

std::string finding_info_of(const AlertFacts& facts, const std::string& incident) {
  JsonObject analytic;
  analytic.number("type_id", 1);
  analytic.text("type", "Rule");
  analytic.text("name", facts.rule);
  add_text(analytic, "uid", facts.rule_id);
  add_text(analytic, "version", facts.version);
  JsonArray attacks;
  for (const std::string& id : facts.mitre) attacks.raw(attack_of(id));
  JsonObject info;
  info.text("uid", incident);
  if (incident != facts.id) info.text("uid_alt", facts.id);
  info.text("title", facts.title);
  add_text(info, "desc", facts.description);
  info.raw("analytic", analytic.done());
  if (!attacks.empty()) info.raw("attacks", attacks.done());
  add_time(info, "created_time", facts.time);
  add_time(info, "first_seen_time", facts.from);
  add_time(info, "last_seen_time", facts.to);
  if (!facts.references.empty()) info.text("src_url", facts.references.front());
  info.number("related_events_count", facts.events);
  return info.done();
}

bool is_address(std::string_view text) {
  return text.find_first_of(".:") != std::string_view::npos &&
         text.find_first_not_of("0123456789abcdefABCDEF.:") == std::string_view::npos;
}

void add_endpoint(JsonObject& evidence, const std::string& address) {
  if (address.empty()) return;
  JsonObject endpoint;
  endpoint.text(is_address(address) ? "ip" : "svc_name", address);
  evidence.raw("src_endpoint", endpoint.done());
}

// Of a CloudTrail record.
void add_call(JsonObject& evidence, std::string_view event) {
  const std::string operation = text_at(event, {"eventName"});
  if (operation.empty()) return;
  JsonObject service, api, user, account, actor;
  add_text(service, "name", text_at(event, {"eventSource"}));
  api.text("operation", operation);
  add_object(api, "service", service);
  evidence.raw("api", api.done());
  add_text(user, "name", text_at(event, {"userIdentity", "userName"}));
  add_text(user, "uid", text_at(event, {"userIdentity", "principalId"}));
  add_text(user, "uid_alt", text_at(event, {"userIdentity", "arn"}));
  add_text(account, "uid", text_at(event, {"userIdentity", "accountId"}));
  add_object(user, "account", account);
  if (!user.empty()) {
    actor.raw("user", user.done());
    evidence.raw("actor", actor.done());
  }
  add_endpoint(evidence, text_at(event, {"sourceIPAddress"}));
}

// Of a Resolver query log.
void add_query(JsonObject& evidence, std::string_view event) {
  const std::string name = text_at(event, {"query_name"});
  if (name.empty()) return;
  JsonObject query;
  query.text("hostname", name);
  add_text(query, "type", text_at(event, {"query_type"}));
  add_text(query, "class", text_at(event, {"query_class"}));
  evidence.raw("query", query.done());
  add_endpoint(evidence, text_at(event, {"srcaddr"}));
}

std::string evidences_of(const AlertFacts& facts) {
  JsonObject evidence;
  add_call(evidence, facts.event);
  add_query(evidence, facts.event);
  evidence.raw("data", facts.event.empty() ? "{}" : facts.event);
  JsonArray evidences;
  evidences.raw(evidence.done());
  return evidences.done();
}

void add_cloud(JsonObject& finding, const AlertFacts& facts) {
  if (facts.account.empty()) return;
  std::string region = text_at(facts.event, {"awsRegion"});
  if (region.empty()) region = text_at(facts.event, {"region"});
  JsonObject cloud;
  cloud.text("provider", "AWS");
  cloud.raw("account", with_uid(facts.account).done());
  add_text(cloud, "region", region);
  finding.raw("cloud", cloud.done());
}

std::string named_json(const AlertFacts::Named& named) {
  JsonObject object;
  for (const auto& [name, value] : named) object.text(name, value);
  return object.done();
}

// What the schema has no place for.
std::string unmapped_of(const AlertFacts& facts, std::string_view state) {
  JsonObject weir;
  weir.text("state", state);
  weir.text_or_null("replaces", facts.replaces);
  weir.raw("key", named_json(facts.key));
  weir.raw("fields", named_json(facts.fields));
  weir.raw("values", named_json(facts.values));
  weir.raw("approx", facts.approx ? "true" : "false");
  weir.raw("learning", facts.learning ? "true" : "false");
  weir.number("held_back", facts.held_back);
  add_text(weir, "response", facts.response);
  weir.texts("tags", facts.tags);
  if (!facts.steps.empty()) weir.raw("steps", facts.steps);
  JsonObject unmapped;
  unmapped.raw("weir", weir.done());
  return unmapped.done();
}

}  // namespace

std::string ocsf_finding(const AlertFacts& facts, std::string_view state, bool update,
                         const std::string& incident, int64_t made_at) {
  const Enum activity = activity_of(state, update);
  const Enum severity = severity_of(facts.level);
  const bool closed = activity.id == 3;
  JsonObject finding;
  finding.number("activity_id", activity.id);
  finding.text("activity_name", activity.caption);
  finding.number("category_uid", 2);
  finding.text("category_name", "Findings");
  finding.number("class_uid", 2004);
  finding.text("class_name", "Detection Finding");
  finding.number("type_uid", 200400 + activity.id);
  finding.text("type_name", std::string("Detection Finding: ") + activity.caption);
  finding.number("severity_id", severity.id);
  finding.text("severity", severity.caption);
  finding.number("status_id", closed ? 4 : 1);
  finding.text("status", closed ? "Resolved" : "New");
  if (closed) finding.text("status_detail", "withdrawn: a late event shows that it does not hold");
  finding.raw("is_alert", closed ? "false" : "true");
  finding.number("time", static_cast<uint64_t>(std::max<int64_t>(made_at, 0) / 1000));
  add_time(finding, "start_time", facts.from);
  add_time(finding, "end_time", facts.to);
  add_text(finding, "message", facts.message);
  finding.raw("metadata", metadata_of(facts, state));
  finding.raw("finding_info", finding_info_of(facts, incident));
  finding.raw("evidences", evidences_of(facts));
  add_cloud(finding, facts);
  finding.raw("unmapped", unmapped_of(facts, state));
  return finding.done();
}

}  // namespace weir::deliver
