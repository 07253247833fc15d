#include "compiler/test_events.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "runtime/match/functions.h"

namespace weir::compiler {
namespace {

using dsl::Json;

Json text_json(std::string text) {
  Json json;
  json.kind = Json::Kind::string;
  json.text = std::move(text);
  return json;
}

Json number_json(std::string spelling) {
  Json json;
  json.kind = Json::Kind::number;
  json.text = std::move(spelling);
  return json;
}

Json of_kind(Json::Kind kind) {
  Json json;
  json.kind = kind;
  return json;
}

Json* member(Json& object, std::string_view key) {
  for (dsl::JsonMember& known : object.members)
    if (known.key == key) return &known.value;
  return nullptr;
}

// ---- the least valid event
// ------------------------------------------------------------------------------------

// What AWS's logs write in fields whose name says more than their type.
std::string usual_text(std::string_view name) {
  static const std::map<std::string_view, std::string_view> values = {
      {"eventSource", "ec2.amazonaws.com"},
      {"eventName", "DescribeInstances"},
      {"eventVersion", "1.11"},
      {"awsRegion", "us-east-1"},
      {"region", "us-east-1"},
      {"recipientAccountId", "111122223333"},
      {"accountId", "111122223333"},
      {"account_id", "111122223333"},
      {"vpc_id", "vpc-0123456789abcdef0"},
      {"hosted_zone_id", "Z0123456789ABCDEFGHIJ"},
      {"edge_location", "IAD12"},
      {"version", "1.100000"},
      {"level", "low"},
      {"rule", "another_rule"},
      {"title", "Another rule"},
      {"message", "Another rule saw this"},
  };
  auto found = values.find(name);
  return std::string(found == values.end() ? "text" : found->second);
}

Json usual_value(const FieldInfo& field, const TestEvent& event) {
  if (!field.known.empty()) return text_json(field.known.front());
  switch (field.type) {
    case Type::integer:
      return number_json("1");
    case Type::real:
      return number_json("1.0");
    case Type::boolean:
      return of_kind(Json::Kind::boolean);
    case Type::time:
      return text_json(match::format_time(event.time));
    case Type::ip:
      return text_json("10.0.0.1");
    case Type::domain:
      return text_json("example.com");
    case Type::json:
      return of_kind(Json::Kind::object);
    default:
      return text_json(usual_text(field.path.back().name));
  }
}

// An id that no other event of the test has.
Json id_value(const TestEvent& event) {
  return text_json(fmt::format("00000000-0000-4000-8000-{:012x}", uint64_t(event.serial) & 0xffff'ffff'ffff));
}

void put(Json& object, const std::vector<FieldInfo::Segment>& path, Json value) {
  Json* at = &object;
  for (size_t i = 0; i < path.size(); ++i) {
    Json* known = member(*at, path[i].name);
    if (!known) {
      at->members.push_back(
          {path[i].name, {}, of_kind(path[i].array ? Json::Kind::array : Json::Kind::object)});
      known = &at->members.back().value;
      if (path[i].array) known->elements.push_back(of_kind(Json::Kind::object));
    }
    at = path[i].array ? &known->elements.front() : known;
  }
  *at = std::move(value);
}

bool is_at(const FieldInfo& field, const std::vector<std::string>& path) {
  return !path.empty() && field.name() == joined(path);
}

Json usual(const SchemaInfo& schema, const TestEvent& event) {
  Json object = of_kind(Json::Kind::object);
  for (const FieldInfo& field : schema.fields) {
    if (field.derived || (!field.required && !field.usual)) continue;
    put(object, field.path, is_at(field, schema.id_path) ? id_value(event) : usual_value(field, event));
  }
  return object;
}

// ---- what the test writes
// ---------------------------------------------------------------------------------------

uint64_t mixed(uint64_t x) {  // splitmix64's finaliser: neighbours have nothing in common
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

class Placeholders {
 public:
  explicit Placeholders(const TestEvent& event) : event_(event) {}

  std::string fill(std::string_view text) {
    std::string out;
    while (!text.empty()) {
      if (take(text, "{i}")) {
        out += std::to_string(event_.repetition);
      } else if (take(text, "{hash}")) {
        out += fmt::format("{:016x}", mixed(mixed(uint64_t(event_.serial)) + used_++));
      } else {
        size_t next = std::min(text.find('{', 1), text.size());
        out += text.substr(0, next);
        text.remove_prefix(next);
      }
    }
    return out;
  }

 private:
  static bool take(std::string_view& text, std::string_view word) {
    if (!text.starts_with(word)) return false;
    text.remove_prefix(word.size());
    return true;
  }

  const TestEvent& event_;
  uint64_t used_ = 0;
};

Json filled(const Json& written, Placeholders& placeholders) {
  Json json = written;
  if (json.kind == Json::Kind::string) json.text = placeholders.fill(written.text);
  for (Json& element : json.elements) element = filled(element, placeholders);
  for (dsl::JsonMember& entry : json.members) {
    entry.key = placeholders.fill(entry.key);
    entry.value = filled(entry.value, placeholders);
  }
  return json;
}

// A key that the test writes twice stays twice: what the reader makes of that may be what is tested.
void lay_over(Json& base, Json&& top) {
  size_t usual_count = base.members.size();
  std::vector<bool> replaced(usual_count);
  for (dsl::JsonMember& entry : top.members) {
    size_t at = 0;
    while (at < usual_count && base.members[at].key != entry.key) ++at;
    if (at == usual_count || replaced[at]) {
      base.members.push_back(std::move(entry));
      continue;
    }
    replaced[at] = true;
    Json& value = base.members[at].value;
    if (value.kind == Json::Kind::object && entry.value.kind == Json::Kind::object)
      lay_over(value, std::move(entry.value));
    else
      value = std::move(entry.value);
  }
}

// ---- writing
// --------------------------------------------------------------------------------------------------

void write_text(std::string_view text, std::string& out) {
  out += '"';
  for (char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (uint8_t(c) < 0x20) {
      out += fmt::format("\\u{:04x}", uint8_t(c));
    } else {
      out += c;
    }
  }
  out += '"';
}

void write(const Json& json, std::string& out) {
  const char* separator = "";
  switch (json.kind) {
    case Json::Kind::null:
      out += "null";
      break;
    case Json::Kind::boolean:
      out += json.boolean ? "true" : "false";
      break;
    case Json::Kind::number:
      out += json.text;
      break;
    case Json::Kind::string:
      write_text(json.text, out);
      break;
    case Json::Kind::array:
      out += '[';
      for (const Json& element : json.elements) {
        out += std::exchange(separator, ",");
        write(element, out);
      }
      out += ']';
      break;
    case Json::Kind::object:
      out += '{';
      for (const dsl::JsonMember& entry : json.members) {
        out += std::exchange(separator, ",");
        write_text(entry.key, out);
        out += ':';
        write(entry.value, out);
      }
      out += '}';
      break;
  }
}

std::string written(const Json& json) {
  std::string out;
  write(json, out);
  return out;
}

}  // namespace

namespace {

// As runtime/match/columns reads a line: "-" says that there is no value.
void take_out_dashes(Json& object) {
  std::erase_if(object.members, [](const dsl::JsonMember& entry) {
    return entry.value.kind == Json::Kind::string && entry.value.text == "-";
  });
}

}  // namespace

std::string usual_event(const SchemaInfo& schema, const TestEvent& event) {
  return written(usual(schema, event));
}

std::string test_event(const SchemaInfo& schema, const dsl::Json& written_by_test, const TestEvent& event) {
  Json object = usual(schema, event);
  Placeholders placeholders(event);
  Json top = filled(written_by_test, placeholders);
  if (top.kind == Json::Kind::object) lay_over(object, std::move(top));
  if (schema.columns) take_out_dashes(object);
  return written(object);
}

}  // namespace weir::compiler
