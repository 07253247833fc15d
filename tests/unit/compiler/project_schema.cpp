// Schemas: what is looked up in them, what a tuning adds, and what is wrong with one.
#include <doctest/doctest.h>

#include "tests/unit/compiler/project_texts.h"

using namespace weir;
using compiler::SchemaInfo;
using compiler::Type;
using testing::load;

namespace {

const std::string kGate = R"(schema gate {
  time: at
  id: no
  late: 5m
  field at time required
  field no string usual
  field door.name string required ["A", "B"]
  field door.open bool
  field tags[] string
  field parts[].kind string
  field request json
  field who string = coalesce(door.name, no)
  call "svc" "Open" { field request.code int  field request.inner.x string }
}
)";

}  // namespace

TEST_CASE("looking names up") {
  auto loaded = load(kGate);
  REQUIRE(loaded.said().empty());
  const SchemaInfo& gate = loaded.project->schemas.at("gate");
  REQUIRE(gate.find({"door", "name"}));
  CHECK(gate.find({"door", "name"})->name() == "door.name");
  CHECK(gate.find({"door", "name"})->known == std::vector<std::string>{"A", "B"});
  CHECK_FALSE(gate.find({"door", "Name"}));
  CHECK_FALSE(gate.find({"door"}));
  CHECK_FALSE(gate.find({"door\nname"}));  // a name of a record may hold anything
  CHECK_FALSE(gate.json_above({"request\nany", "thing"}));
  CHECK(gate.is_object({"door"}));
  CHECK_FALSE(gate.is_object({"door\nname"}));
  CHECK(gate.is_object({"parts"}));
  CHECK_FALSE(gate.is_object({"request"}));
  CHECK(gate.find({"parts", "kind"})->path[0].array);
  CHECK(gate.find({"who"})->derived);
  REQUIRE(gate.json_above({"request", "any", "thing"}));
  CHECK_FALSE(gate.json_above({"request"}));
  CHECK_FALSE(gate.json_above({"door", "name", "x"}));
  CHECK(gate.names_below({"door"}) == std::vector<std::string>{"name", "open"});
  CHECK(gate.time_path == std::vector<std::string>{"at"});
  CHECK(gate.id_path == std::vector<std::string>{"no"});
  CHECK(gate.late_ms == 300'000);
  CHECK(gate.ahead_ms == 300'000);
}

TEST_CASE("calls, whatever the case") {
  auto loaded = load(kGate);
  const SchemaInfo& gate = loaded.project->schemas.at("gate");
  REQUIRE(gate.call("SVC", "open"));
  CHECK(gate.call("svc", "Open")->fields.size() == 2);
  CHECK(gate.calls_named("OPEN").size() == 1);
  CHECK_FALSE(gate.call("svc", "Close"));
  CHECK_FALSE(gate.is_complete("svc"));
}

TEST_CASE("a tuning adds fields and calls, and says how late") {
  auto loaded =
      load(kGate +
           "tune schema gate {\n  field badge string\n  call \"svc\" \"Close\" { field request.code int }\n"
           "  complete: [\"svc\"]\n  late: 1h\n  ahead: 0s\n}\n");
  CHECK(loaded.said().empty());
  const SchemaInfo& gate = loaded.project->schemas.at("gate");
  CHECK(gate.find({"badge"}));
  CHECK(gate.call("svc", "Close"));
  CHECK(gate.is_complete("SVC"));
  CHECK(gate.late_ms == 3'600'000);
  CHECK(gate.ahead_ms == 0);
}

TEST_CASE("E208: a field of two types") {
  auto loaded = load(kGate + "tune schema gate {\n  field door.name int\n}\n");
  CHECK(loaded.only().starts_with("E208 16:9 `door.name` has two types | int here | + string here"));
  CHECK(loaded.project->schemas.at("gate").broken);
}

TEST_CASE("E208: a field below a value") {
  CHECK(load("schema s { time: t field t time required field a string field a.b string }\n")
            .only()
            .starts_with("E208 1:63 `a` is text, and `a.b` would lie below it"));
}

TEST_CASE("time and id name fields") {
  CHECK(load("schema s { time: tt field ts time required }\n").only() ==
        "E201 1:18 s has no field `tt` | no such field | help: did you mean `ts`?");
  CHECK(load("schema s { time: t field t string required }\n")
            .only()
            .starts_with("E301 1:18 `time` is a field of type time, and `t` is text"));
  CHECK(load("schema s { field t time required }\n")
            .only()
            .starts_with("E113 1:8 the schema `s` has no `time`"));
  CHECK(load("schema s { time: t id: nope field t time required }\n")
            .only()
            .starts_with("E201 1:24 s has no field `nope`"));
}

TEST_CASE("E201: a call shapes only what the schema leaves open") {
  CHECK(load("schema s { time: t field t time required field request json\n  call \"a\" \"B\" { field "
             "requst.x string } }\n")
            .only()
            .starts_with("E201 2:24 s has no json field `requst` that a call could shape"));
}

TEST_CASE("columns") {
  auto loaded = load(
      "schema s { time: t format: columns \"t who what\"\n  field t time required\n  field who string\n}\n");
  CHECK(loaded.said().empty());
  const SchemaInfo& schema = loaded.project->schemas.at("s");
  CHECK(schema.columns);
  CHECK(schema.column_names == std::vector<std::string>{"t", "who", "what"});
  CHECK(
      load("schema s { time: t format: columns \"t who\"\n  field t time required\n  field whom string\n}\n")
          .only()
          .starts_with("E201 3:9 no column is named `whom`"));
}

TEST_CASE("E105: a clause that a schema does not have") {
  CHECK(
      load("schema s { tiem: t time: t field t time required }\n")
          .only()
          .starts_with("E105 1:12 a schema has no clause `tiem` | not a clause | help: did you mean `time`"));
}

TEST_CASE("the shipped schemas are right") {
  auto loaded = load("list unused: string { \"x\" }\n");
  CHECK(loaded.said().empty());
  const SchemaInfo& cloudtrail = loaded.project->schemas.at("cloudtrail");
  CHECK(cloudtrail.id_path == std::vector<std::string>{"eventID"});
  CHECK(cloudtrail.find({"principal"})->derived);
  CHECK(cloudtrail.call("route53domains.amazonaws.com", "disableDomainTransferLock"));
  CHECK(loaded.project->schemas.at("public_dns").column_names.size() == 10);
  CHECK(loaded.project->schemas.at("resolver").find({"answers", "Rdata"}));
}
