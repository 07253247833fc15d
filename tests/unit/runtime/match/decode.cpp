// The decoder: shapes of projections, conversions, recognition, what is refused and with which reason.
#include "runtime/match/decode.h"

#include <doctest/doctest.h>

#include <sstream>
#include <string>

using namespace weir::match;

namespace {

// "a.b[0]" as steps.
std::vector<Step> path(std::string_view text) {
  std::vector<Step> steps;
  while (!text.empty()) {
    if (text[0] == '.') text.remove_prefix(1);
    if (text[0] == '[') {
      const size_t end = text.find(']');
      steps.push_back({Step::Kind::index, "", std::stoi(std::string(text.substr(1, end - 1)))});
      text.remove_prefix(end + 1);
    } else {
      const size_t end = std::min(text.find_first_of(".["), text.size());
      steps.push_back({Step::Kind::key, std::string(text.substr(0, end)), 0});
      text.remove_prefix(end);
    }
  }
  return steps;
}

RequiredField required(const char* name, Want want = Want::any) { return {path(name), want, name}; }

SourceInfo source(const char* name, std::vector<RequiredField> fields, const char* time) {
  SourceInfo info;
  info.name = name;
  info.required = std::move(fields);
  info.time_path = path(time);
  return info;
}

std::string show(const rt_value& value) {
  const std::string text(value.data ? value.data : "", value.size);
  switch (value.kind) {
    case RT_NULL:
      return "null";
    case RT_FALSE:
      return "false";
    case RT_TRUE:
      return "true";
    case RT_INT:
      return "int " + std::to_string(value.integer);
    case RT_REAL: {
      std::ostringstream out;
      out << "real " << value.real;
      return out.str();
    }
    case RT_TEXT:
      return "'" + text + "'";
    case RT_TIME:
      return "time " + std::to_string(value.integer);
    case RT_OBJECT:
      return "object" + text;
    case RT_ARRAY:
      return "array" + text;
  }
  return "?";
}

// All values of a slot; elements of an axis are divided by |.
std::string show(const rt_event& event, const SlotSpec& spec, uint32_t slot_number) {
  const rt_slot& slot = event.slots[slot_number];
  std::string out;
  const auto range = [&](uint32_t from, uint32_t to) {
    for (uint32_t at = from; at < to; ++at) out += (at == from ? "" : ", ") + show(slot.values[at]);
  };
  if (spec.axis == 0) {
    range(0, slot.count);
    return out;
  }
  const uint32_t elements = event.axes[spec.axis].count;
  CHECK(slot.offsets[elements] == slot.count);
  for (uint32_t element = 0; element < elements; ++element) {
    if (element != 0) out += " | ";
    range(slot.offsets[element], slot.offsets[element + 1]);
  }
  return out;
}

// A decoder of one source "s" whose records need only `t`, a time.
struct Bench {
  std::vector<AxisSpec> axes = {AxisSpec{}};
  std::vector<SlotSpec> slots;
  std::shared_ptr<Program> program = std::make_shared<Program>();
  std::unique_ptr<Decoder> decoder;

  uint32_t axis(const char* where, uint32_t parent = 0, bool or_self = false) {
    axes.push_back({parent, path(where), or_self});
    return static_cast<uint32_t>(axes.size() - 1);
  }
  void slot(const char* where, Want want = Want::any, uint32_t on = 0) {
    slots.push_back({on, path(where), want});
  }

  Decoded run(std::string members) {
    if (!decoder) {
      SourceInfo info = source("s", {required("t", Want::time)}, "t");
      info.projection = {axes, slots};
      program->sources = {info};
      decoder = std::make_unique<Decoder>(program);
    }
    std::string record = R"({"t":"1970-01-01T00:00:01Z",)" + std::move(members) + "}";
    const size_t size = record.size();
    record.append(kPadding, '\0');
    kept = std::move(record);
    return decoder->decode(std::string_view(kept).substr(0, size));
  }
  std::string values(std::string members, uint32_t slot_number = 0) {
    const Decoded decoded = run(std::move(members));
    if (decoded.status != DecodeStatus::ok) return std::string("! ") + decoded.reason;
    return show(decoder->event(), slots[slot_number], slot_number);
  }
  std::string kept;
};

Bench one(const char* where, Want want = Want::any) {
  Bench bench;
  bench.slot(where, want);
  return bench;
}

std::string padded(std::string text) { return text.append(kPadding, '#'); }

Decoded decode(Decoder& decoder, const std::string& text, uint32_t only = kNone) {
  static std::string copy;  // texts of the event lie in it
  copy = padded(text);
  return decoder.decode(std::string_view(copy).substr(0, text.size()), only);
}

}  // namespace

TEST_CASE("paths") {
  CHECK(one("a").values(R"("a":"x")") == "'x'");
  CHECK(one("a").values(R"("b":"x")") == "");
  CHECK(one("a.b.c").values(R"("a":{"b":{"c":1,"d":2}})") == "int 1");
  CHECK(one("a.b").values(R"("a":"x")") == "");
  CHECK(one("a.b").values(R"("a":null)") == "");
  CHECK(one("a").values(R"("a":null)") == "null");
  CHECK(one("a").values(R"("a":{"b":1})") == "object");
  CHECK(one("").values(R"("a":1)") == "object");
  CHECK(one("a.b-c").values(R"("a":{"b-c":true})") == "true");
}

TEST_CASE("many keys of one shape are told apart") {
  Bench bench;
  std::string members;
  for (int i = 0; i < 60; ++i) {
    const std::string name = "k" + std::to_string(i) + "x";
    bench.slot(name.c_str());
    members += (i == 0 ? "\"" : ",\"") + name + "\":" + std::to_string(i);
  }
  REQUIRE(bench.run(members).status == DecodeStatus::ok);
  for (uint32_t i = 0; i < 60; ++i)
    CHECK(show(bench.decoder->event(), bench.slots[i], i) == "int " + std::to_string(i));
}

TEST_CASE("arrays are flattened at any depth, in the order of the record") {
  CHECK(one("a").values(R"("a":[1,[2,[3]],"x"])") == "int 1, int 2, int 3, 'x'");
  CHECK(one("a").values(R"("a":[])") == "array");
  CHECK(one("a").values(R"("a":[[],[1]])") == "array, int 1");
  CHECK(one("a").values(R"("a":[null,{}])") == "null, object");
  CHECK(one("a.b").values(R"("a":[{"b":1},{"c":2},{"b":[3,4]},5,[{"b":6}]])") ==
        "int 1, int 3, int 4, int 6");
  CHECK(one("a.b").values(R"("a":[])") == "");
  CHECK(one("a.b").values(R"("a":{"b":[]})") == "array");
}

TEST_CASE("positions") {
  CHECK(one("a[0].b").values(R"("a":[{"b":1},{"b":2}])") == "int 1");
  CHECK(one("a[-1].b").values(R"("a":[{"b":1},{"b":2}])") == "int 2");
  CHECK(one("a[-2].b").values(R"("a":[{"b":1},{"b":2}])") == "int 1");
  CHECK(one("a[-3].b").values(R"("a":[{"b":1},{"b":2}])") == "");
  CHECK(one("a[2].b").values(R"("a":[{"b":1},{"b":2}])") == "");
  CHECK(one("a[-1]").values(R"("a":[])") == "");
  CHECK(one("a[1]").values(R"("a":[[1],[2,3]])") == "int 2, int 3");
  CHECK(one("a[1][0]").values(R"("a":[[1],[2,3]])") == "int 2");
  CHECK(one("a[0].b").values(R"("a":{"b":1})") == "int 1");
  CHECK(one("a[1].b").values(R"("a":{"b":1})") == "");
  CHECK(one("a[0]").values(R"("a":null)") == "");
  CHECK(one("a.b[0]").values(R"("a":[{"b":[1,2]},{"b":[3,4]}])") == "int 1, int 3");
}

TEST_CASE("of duplicate keys the last wins, at every depth") {
  CHECK(one("a").values(R"("a":1,"a":2)") == "int 2");
  CHECK(one("a.b").values(R"("a":{"b":1},"a":{"c":2})") == "");
  CHECK(one("a.b").values(R"("a":{"b":1,"b":2})") == "int 2");
  CHECK(one("a").values(R"("\u0061":1,"a":2,"\u0061":3)") == "int 3");
  Bench bench = one("a.b");
  REQUIRE(bench.run(R"("x":1,"a":{"b":1,"z":0,"b":2},"x":3)").status == DecodeStatus::ok);
  CHECK(bench.decoder->compact_json() == R"({"t":"1970-01-01T00:00:01Z","a":{"z":0,"b":2},"x":3})");
}

TEST_CASE("an axis keeps the elements apart") {
  Bench bench;
  const uint32_t answers = bench.axis("answers");
  bench.slot("Type", Want::text, answers);
  bench.slot("Rdata", Want::text, answers);
  bench.slot("", Want::any, answers);
  CHECK(bench.values(R"("answers":[{"Type":"A","Rdata":"1"},{"Rdata":["2","3"]},{"Type":"TXT"}])") ==
        "'A' |  | 'TXT'");
  CHECK(show(bench.decoder->event(), bench.slots[1], 1) == "'1' | '2', '3' | ");
  CHECK(show(bench.decoder->event(), bench.slots[2], 2) == "object | object | object");
  CHECK(bench.values(R"("answers":[])") == "");
  CHECK(bench.decoder->event().axes[1].count == 0);
  CHECK(bench.values(R"("b":1)") == "");
  CHECK(bench.values(R"("answers":null)") == "");
  CHECK(bench.decoder->event().axes[1].count == 0);
  CHECK(bench.values(R"("answers":{"Type":"A"})") == "'A'");  // one element
  CHECK(bench.values(R"("answers":["x",["y","z"],null])", 2) == "'x' | 'y', 'z' | null");
}

TEST_CASE("or_self: a block after what is no array has an element even when nothing is there") {
  Bench bench;
  const uint32_t block = bench.axis("a", 0, true);
  const uint32_t inner = bench.axis("b", block, true);
  bench.slot("c", Want::any, block);
  bench.slot("d", Want::any, inner);
  CHECK(bench.values(R"("x":1)") == "");
  CHECK(bench.decoder->event().axes[1].count == 1);
  CHECK(bench.decoder->event().axes[2].count == 1);
  CHECK(bench.values(R"("a":{"c":1})") == "int 1");
  CHECK(bench.decoder->event().axes[1].count == 1);
  CHECK(bench.values(R"("a":{"b":{"d":2}})", 1) == "int 2");
  CHECK(bench.values(R"("a":null)") == "");
  CHECK(bench.decoder->event().axes[1].count == 1);
}

TEST_CASE("axes below axes") {
  Bench bench;
  const uint32_t groups = bench.axis("groups");
  const uint32_t rules = bench.axis("rules", groups);
  bench.slot("name", Want::any, groups);
  bench.slot("port", Want::any, rules);
  CHECK(bench.values(R"("groups":[{"name":"a","rules":[{"port":1},{"port":2}]},{"name":"b"},
                       {"name":"c","rules":[{"x":0},{"port":[3,4]}]}])",
                     1) == "int 1 | int 2 |  | int 3, int 4");
  const rt_event& event = bench.decoder->event();
  CHECK(show(event, bench.slots[0], 0) == "'a' | 'b' | 'c'");
  REQUIRE(event.axes[groups].count == 3);
  REQUIRE(event.axes[rules].count == 4);
  CHECK(event.axes[groups].offsets[0] == 0);
  CHECK(event.axes[groups].offsets[1] == 3);
  const std::vector<uint32_t> expected = {0, 2, 2, 4};
  CHECK(std::vector<uint32_t>(event.axes[rules].offsets, event.axes[rules].offsets + 4) == expected);
}

TEST_CASE("an axis of an axis's own element; an axis behind an array") {
  Bench bench;
  const uint32_t rows = bench.axis("m");
  const uint32_t cells = bench.axis("", rows);
  bench.slot("", Want::any, cells);
  CHECK(bench.values(R"("m":[[1,2],[3]])") == "int 1 | int 2 | int 3");
  CHECK(bench.decoder->event().axes[cells].offsets[1] == 2);

  Bench behind;
  const uint32_t tags = behind.axis("list.tags");
  behind.slot("k", Want::any, tags);
  CHECK(behind.values(R"("list":[{"tags":[{"k":1},{"k":2}]},{"tags":[{"k":3}]}])") ==
        "int 1 | int 2 | int 3");
}

TEST_CASE("a path that goes on below a text looks into it, if it is JSON") {
  CHECK(one("p.Statement.Effect")
            .values(R"("p":"{\"Statement\":[{\"Effect\":\"Allow\"},{\"Effect\":\"Deny\"}]}")") ==
        "'Allow', 'Deny'");
  CHECK(one("p.a").values(R"("p":" \n[{\"a\":1},{\"a\":\"two\"}]")") == "int 1, 'two'");
  CHECK(one("p").values(R"("p":"{\"a\":1}")") == R"('{"a":1}')");  // it does not go on
  CHECK(one("p.a").values(R"("p":"{\"a\":1")") == "");
  CHECK(one("p.a").values(R"("p":"x{}")") == "");
  CHECK(one("p.a").values(R"("p":"{\"a\":1,\"a\":2}")") == "int 2");
  CHECK(one("p.a").values(R"("p":"{\"a\":\"\\ud800\"}")") == "'\uFFFD'");
  CHECK(one("p[1].a").values(R"("p":"[{\"a\":1},{\"a\":2}]")") == "int 2");
  CHECK(one("p.a.b.c").values(R"("p":"{\"a\":\"{\\\"b\\\":\\\"{\\\\\\\"c\\\\\\\":1}\\\"}\"}")") == "int 1");
  CHECK(one("p.a").values(R"("p":["{\"a\":1}",{"a":2},"{\"a\":3}"])") == "int 1, int 2, int 3");

  Bench bench;
  const uint32_t statements = bench.axis("p.Statement");
  bench.slot("Action", Want::text, statements);
  const uint32_t items = bench.axis("q");
  bench.slot("a", Want::text, items);
  CHECK(
      bench.values(
          R"("p":"{\"Statement\":[{\"Action\":[\"a\",\"b\"]},{\"Action\":\"c\"}]}","q":"[{\"a\":1},{\"a\":2}]")") ==
      "'a', 'b' | 'c'");
  CHECK(show(bench.decoder->event(), bench.slots[1], 1) == "'1' | '2'");
}

TEST_CASE("what a slot wants") {
  CHECK(one("a", Want::text).values(R"("a":[1,-2.5,true,false,null,"x",18446744073709551615])") ==
        "'1', '-2.5', 'true', 'false', null, 'x', '18446744073709551615'");
  CHECK(
      one("a", Want::integer).values(R"("a":["56067","-5","+5","x","","5 ",7,1.5,"99999999999999999999"])") ==
      "int 56067, int -5, '+5', 'x', '', '5 ', int 7, real 1.5, '99999999999999999999'");
  CHECK(one("a", Want::real).values(R"("a":[1,"1.5",2.5,"nan","-inf","1e3","x"])") ==
        "real 1, real 1.5, real 2.5, 'nan', '-inf', real 1000, 'x'");
  CHECK(one("a", Want::boolean).values(R"("a":[true,"True","FALSE","yes",1])") ==
        "true, true, false, 'yes', int 1");
  CHECK(one("a", Want::time)
            .values(R"("a":["1970-01-01T00:00:02Z",3,1688991075000,1.5,"soon","4",9223372036854775807])") ==
        "time 2000000, time 3000000, time 1688991075000000, time 1500000, 'soon', time 4000000, int "
        "9223372036854775807");
  CHECK(one("a", Want::any).values(R"("a":[1,2.5,"1",true])") == "int 1, real 2.5, '1', true");
  CHECK(one("a", Want::raw).values(R"("a":[1, {"b" : [ ] , "c":"\u00e9\n"}])") ==
        R"(array[1,{"b":[],"c":"é\n"}])");
  CHECK(one("a", Want::raw).values(R"("a":{"b":1,"b":[2]})") == R"(object{"b":[2]})");
  CHECK(one("a", Want::raw).values(R"("a":"x")") == "'x'");
  CHECK(one("a.b", Want::raw).values(R"("a":[{"b":[1]},{"b":{}}])") == "array[1], object{}");
}

TEST_CASE("numbers have their spelling where text may be asked for") {
  Bench bench = one("a");
  REQUIRE(bench.run(R"("a":-22)").status == DecodeStatus::ok);
  const rt_value& value = bench.decoder->event().slots[0].values[0];
  CHECK(std::string_view(value.data, value.size) == "-22");
}

TEST_CASE("lone surrogates become U+FFFD, and the rest is read") {
  CHECK(one("a").values(R"("a":"x\ud800y")") == "'x\uFFFDy'");
  CHECK(one("a").values(R"("a":"\udc00\ud83d\ude00\ud83d")") == "'\uFFFD😀\uFFFD'");
  CHECK(one("a").values(R"("a":"\ud800\u0041")") == "'\uFFFDA'");
  CHECK(one("a").values(R"("a":"\\ud800")") == "'\\ud800'");
  CHECK(one("a\uFFFD").values(R"("a\ud800":1)") == "int 1");
}

TEST_CASE("numbers beyond 64 bits keep their spelling") {
  CHECK(one("a").values(R"("a":123456789012345678901234567890)") == "'123456789012345678901234567890'");
  CHECK(one("a").values(R"("a":[-9223372036854775808,-9223372036854775809])") ==
        "int -9223372036854775808, '-9223372036854775809'");
  CHECK(one("a").values(R"("a":1e400)") == "'1e400'");
  CHECK(one("a", Want::real).values(R"("a":123456789012345678901234567890)") == "real 1.23457e+29");
}

TEST_CASE("more values than a slot takes: never half-read") {
  std::string array = "[0";
  for (int i = 1; i < 65536; ++i) array += ",0";
  Bench bench = one("a");
  CHECK(bench.run("\"a\":" + array + "]").status == DecodeStatus::ok);
  CHECK(bench.decoder->event().slots[0].count == 65536);
  const Decoded more = bench.run("\"a\":" + array + ",0]");
  CHECK(more.status == DecodeStatus::unreadable);
  CHECK(std::string(more.reason) == "more than 65536 values at one path");
  CHECK(one("b").run("\"a\":" + array + ",0]").status == DecodeStatus::ok);  // nobody looks

  Bench axis;
  const uint32_t elements = axis.axis("a");
  axis.slot("b", Want::any, elements);
  CHECK(axis.run("\"a\":" + array + "]").status == DecodeStatus::ok);
  CHECK(axis.run("\"a\":" + array + ",0]").status == DecodeStatus::unreadable);
}

TEST_CASE("what cannot be read, why and where") {
  Bench bench = one("a");
  bench.run("\"a\":1");
  Decoder& decoder = *bench.decoder;
  struct Row {
    std::string text;
    const char* reason;
    int offset;  // -1: none
  };
  const Row rows[] = {
      {"", "empty", -1},
      {"  \n", "empty", -1},
      {"null", "not a JSON object", -1},
      {"17", "not a JSON object", -1},
      {"\"text\"", "not a JSON object", -1},
      {"[{}]", "not a JSON object", -1},
      {R"({"t":"x)", "a string is not closed", 5},
      {R"({"t":1)", "the JSON ends early", 6},
      {R"({"t":1,})", "a name in double quotes is missing", 7},
      {R"({"t" 1})", "a `:` is missing", 5},
      {R"({"t":nul})", "a value is missing", 5},
      {R"({"t":[1 2]})", "a `,` or `]` is missing", 8},
      {R"({"t":{"a":1 "b":2}})", "a `,` or `}` is missing", 12},
      {R"({"t":1}{"t":2})", "more follows after the end of the JSON", 7},
      {R"({"t":"\q"})", "an escape in a string is none of JSON's", 6},
      {R"({"t":"\u12g4"})", "an escape in a string is none of JSON's", 6},
      {R"({"t":01})", "a number is not well formed", 5},
      {R"({"t":-})", "a number is not well formed", 5},
      {R"({"t":1.})", "a number is not well formed", 5},
      {R"({"t":123456789012345678901234567890.})", "a number is not well formed", 5},
      {"{\"t\":\"\x01\"}", "a control character stands in a string", 6},
      {std::string("{\"t\":\"\0\"}", 9), "a control character stands in a string", 6},
      {"{\"t\":\"\xC3(\"}", "not UTF-8", 6},
      {"\xFF\xFE{}", "not UTF-8", 0},
      {"{'t':1}", "a name in double quotes is missing", 1},
      {std::string(10'000, '['), "nested deeper than 512", 512},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const Decoded decoded = decode(decoder, row.text);
    CHECK(decoded.status == DecodeStatus::unreadable);
    CHECK(std::string(decoded.reason) == row.reason);
    CHECK((decoded.has_offset ? static_cast<int>(decoded.offset) : -1) == row.offset);
  }
}

TEST_CASE("depth: 512 is read, by the hash and the search as well; 513 is not") {
  const auto nested = [](int depth) {
    return "\"a\":" + std::string(static_cast<size_t>(depth), '[') +
           std::string(static_cast<size_t>(depth), ']');
  };
  Bench bench = one("a");
  CHECK(bench.values(nested(511)) == "array");
  CHECK(bench.decoder->canonical_hash() != 0);
  CHECK(bench.decoder->compact_json().size() > 1000);
  const Decoded deep = bench.run(nested(512));
  CHECK(deep.status == DecodeStatus::unreadable);
  CHECK(std::string(deep.reason) == "nested deeper than 512");
}

TEST_CASE("recognition") {
  auto program = std::make_shared<Program>();
  program->sources = {
      source("small", {required("time"), required("name")}, "time"),
      source("large", {required("time"), required("name"), required("user.id"), required("x")}, "time"),
      source("heard", {required("rule")}, "time"),
      source("free", {}, "when"),
  };
  program->sources[2].is_alert = true;
  program->sources[1].id_path = path("x");
  Decoder decoder(program);
  const std::string time = R"("time":"2023-07-10T12:11:15Z")";

  CHECK(decode(decoder, "{" + time + R"(,"name":"n"})").status == DecodeStatus::ok);
  CHECK(decoder.event().source == 0);
  CHECK(decoder.event().time == 1'688'991'075'000'000);
  CHECK(decoder.id() == "");
  CHECK(decode(decoder, "{" + time + R"(,"name":"n","user":{"id":1},"x":17})").status == DecodeStatus::ok);
  CHECK(decoder.event().source == 1);
  CHECK(decoder.id() == "17");
  CHECK(decode(decoder, R"({"when":17})").status == DecodeStatus::ok);
  CHECK(decoder.event().source == 3);
  CHECK(decoder.event().time == 17'000'000);

  const Decoded half = decode(decoder, R"({"name":"n"})");
  CHECK(half.status == DecodeStatus::unreadable);
  CHECK(half.detail == "no `time`");
  const Decoded null = decode(decoder, "{" + time + R"(,"name":null})");  // a null is not there
  CHECK(null.status == DecodeStatus::unreadable);
  CHECK(null.detail == "no `name`");
  const Decoded best = decode(decoder, R"({"name":"n","user":{"id":1},"x":17})");
  CHECK(best.detail == "no `time`");
  CHECK(decode(decoder, R"({"x":1})").status == DecodeStatus::foreign);
  CHECK(decode(decoder, R"({"rule":"r"})").status == DecodeStatus::foreign);
  CHECK(decode(decoder, R"({})").status == DecodeStatus::foreign);

  const Decoded bad_time = decode(decoder, R"({"time":"yesterday","name":"n"})");
  CHECK(bad_time.status == DecodeStatus::unreadable);
  CHECK(std::string(bad_time.reason) == "the event time cannot be read");

  CHECK(decode(decoder, "{" + time + R"(,"name":"n"})", 1).status == DecodeStatus::unreadable);
  CHECK(decode(decoder, "{" + time + R"(,"name":"n","user":{"id":1},"x":17})", 0).status == DecodeStatus::ok);
  CHECK(decoder.event().source == 0);
  CHECK(decode(decoder, "{" + time + R"(,"rule":"r"})", 2).status == DecodeStatus::ok);
}

TEST_CASE("columns") {
  auto program = std::make_shared<Program>();
  SourceInfo dns = source("dns", {required("version"), required("at", Want::time), required("name")}, "at");
  dns.columns = true;
  dns.column_names = {"version", "at", "name", "rcode", "port"};
  dns.projection.slots = {
      {0, path("name"), Want::text}, {0, path("rcode"), Want::any}, {0, path("port"), Want::integer}};
  program->sources = {dns};
  Decoder decoder(program);

  CHECK(decoder.decode_columns("1.0 2023-07-10T12:11:15Z a.\"x NOERROR 53\r\n").status == DecodeStatus::ok);
  const rt_event& event = decoder.event();
  CHECK(event.time == 1'688'991'075'000'000);
  CHECK(show(event, dns.projection.slots[0], 0) == "'a.\"x'");
  CHECK(show(event, dns.projection.slots[2], 2) == "int 53");
  CHECK(decoder.compact_json() ==
        R"({"version":"1.0","at":"2023-07-10T12:11:15Z","name":"a.\"x","rcode":"NOERROR","port":"53"})");

  CHECK(decoder.decode_columns("1.0 1688991075 a - 53").status == DecodeStatus::ok);
  CHECK(decoder.event().time == 1'688'991'075'000'000);
  CHECK(decoder.event().slots[1].count == 0);

  const Decoded few = decoder.decode_columns("1.0 2023-07-10T12:11:15Z a NOERROR");
  CHECK(few.status == DecodeStatus::unreadable);
  CHECK(few.detail == "fewer than 5");
  CHECK(decoder.decode_columns("1.0 2023-07-10T12:11:15Z a NOERROR 53 more").detail == "more than 5");
  CHECK(decoder.decode_columns("1.0 2023-07-10T12:11:15Z - NOERROR 53").detail == "no `name`");
  CHECK(decoder.decode_columns("five words and no time").status == DecodeStatus::foreign);
  CHECK(decoder.decode_columns("five words and no time", 0).status == DecodeStatus::unreadable);
  CHECK(decoder.decode_columns("").status == DecodeStatus::foreign);
  CHECK(decoder.decode_columns(std::string(1 << 20, ' ')).status == DecodeStatus::foreign);
  const Decoded bytes = decoder.decode_columns("1.0 1688991075 \xFF - 53");
  CHECK(std::string(bytes.reason) == "not UTF-8");
  CHECK_FALSE(bytes.has_offset);

  CHECK(decode(decoder, R"({"version":1,"at":5,"name":"n","port":"7"})", 0).status == DecodeStatus::ok);
  CHECK(show(decoder.event(), dns.projection.slots[2], 2) == "int 7");
}

TEST_CASE(
    "the canonical hash minds neither space, order, escapes nor overwritten keys, and everything else") {
  Bench bench = one("a");
  const auto hash = [&](const char* members) {
    REQUIRE(bench.run(members).status == DecodeStatus::ok);
    return bench.decoder->canonical_hash();
  };
  const uint64_t base = hash(R"("a":"é","b":[1,{"c":null,"d":true}])");
  CHECK(hash(R"( "b" : [ 1, {"d":true ,"c":null} ], "a":"\u00e9" )") == base);
  CHECK(hash(R"("a":0,"a":"é","b":[1,{"c":null,"c":1,"c":null,"d":true}])") == base);
  CHECK(hash(R"("a":"e","b":[1,{"c":null,"d":true}])") != base);
  CHECK(hash(R"("a":"é","b":[{"c":null,"d":true},1])") != base);
  CHECK(hash(R"("a":"é","b":["1",{"c":null,"d":true}])") != base);
  CHECK(hash(R"("a":"é","b":[1,{"d":null,"c":true}])") != base);
  CHECK(hash(R"("a":"é","b":[1,{"c":null,"d":true}],"e":{})") != base);
  CHECK(hash(R"("a":{"x":1},"b":{"y":2})") != hash(R"("a":{"y":2},"b":{"x":1})"));
}

TEST_CASE("duplicate keys at every depth do not make work explode") {
  std::string deep = "1";
  for (int i = 0; i < 400; ++i) deep = R"({"k":0,"k":)" + deep + "}";
  Bench bench = one("k");
  REQUIRE(bench.run("\"k\":" + deep).status == DecodeStatus::ok);
  CHECK(bench.decoder->canonical_hash() != 0);
  CHECK(bench.decoder->compact_json().size() < 3000);
}

TEST_CASE("a search through all scalars: not names, not what is overwritten") {
  Bench bench = one("a");
  const auto found = [&](const char* members, const char* sought) {
    REQUIRE(bench.run(members).status == DecodeStatus::ok);
    return any_leaf(
        bench.decoder->event().document,
        [](const void* context, std::string_view text) { return text == static_cast<const char*>(context); },
        sought);
  };
  CHECK(found(R"("a":[{"b":"x"}])", "x"));
  CHECK_FALSE(found(R"("a":[{"b":"x"}])", "b"));
  CHECK(found(R"("a":17)", "17"));
  CHECK(found(R"("a":-2.5)", "-2.5"));
  CHECK(found(R"("a":true)", "true"));
  CHECK_FALSE(found(R"("a":null)", "null"));
  CHECK_FALSE(found(R"("a":"x","a":"y")", "x"));
}

TEST_CASE("a time is the same with a point and without") {
  const auto time = [](const char* number) {
    return one("a", Want::time).values("\"a\":" + std::string(number));
  };
  CHECK(time("7890123451047869") == "time 7890123451047869000");
  CHECK(time("7890123451047869.0") == "time 7890123451047869000");
  CHECK(time("\"7890123451047869.0\"") == "time 7890123451047869000");
  CHECK(time("1688991075.5") == "time 1688991075500000");
}

TEST_CASE("a decoder goes on after a giant, and after what it could not read") {
  Bench bench = one("a");
  CHECK(bench.values("\"a\":\"" + std::string(6 << 20, 'x') + "\"").size() == (6 << 20) + 2);
  CHECK(bench.values(R"("a":1)") == "int 1");
  CHECK(bench.values(R"("a":)") == "! a value is missing");
  CHECK(bench.values(R"("a":2)") == "int 2");
  std::string too_long(kMaxRecordBytes + 1, ' ');
  CHECK(std::string(bench.decoder
                        ->decode(std::string_view(padded(std::move(too_long))).substr(0, kMaxRecordBytes + 1))
                        .reason) == "larger than 16 MiB");
}
