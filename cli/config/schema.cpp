// See schema.h. Pieces are JSON texts without blanks; one pass indents the whole at the end.
#include "cli/config/schema.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/config/shape.h"
#include "runtime/match/json.h"
#include "runtime/match/program.h"

namespace weir::config {
namespace {

// A scalar in which a variable is filled in may be anything.
constexpr const char* kVariable = R"(\$\{)";

std::string quoted(std::string_view text) {
  std::string out;
  match::append_json_string(out, text);
  return out;
}

std::string pattern(std::string_view regex) {
  return fmt::format("{{\"type\":\"string\",\"pattern\":{}}}", quoted(fmt::format("{}|{}", regex, kVariable)));
}

std::string any_of(const std::string& a, const std::string& b) { return fmt::format("{{\"anyOf\":[{},{}]}}", a, b); }

std::string one_or_list(const std::string& item) {
  return any_of(item, fmt::format("{{\"type\":\"array\",\"items\":{},\"minItems\":1}}", item));
}

std::string reference(std::string_view definition) {
  return fmt::format("{{\"$ref\":{}}}", quoted(fmt::format("#/definitions/{}", definition)));
}

std::string number(const Key& key) {
  return any_of(fmt::format("{{\"type\":\"integer\",\"minimum\":{},\"maximum\":{}}}", key.least, key.most), pattern("^[0-9]+$"));
}

std::string choice(const std::vector<const char*>& choices) {
  std::string all;
  for (const char* one : choices) all += (all.empty() ? "" : ",") + quoted(one);
  return fmt::format("{{\"enum\":[{}]}}", all);
}

std::string levels() {
  return one_or_list(pattern(fmt::format("^(=|>=|>|<=|<)?({})$", fmt::join(match::kLevelNames, "|"))));
}

std::string named(const Key& key) {
  std::string types, cases;
  for (const Shape* shape : key.shapes) {
    types += fmt::format("{}{}", types.empty() ? "" : ",", quoted(shape->name));
    cases += fmt::format(
        "{}{{\"if\":{{\"properties\":{{\"type\":{{\"const\":{}}}}},\"required\":[\"type\"]}},\"then\":{}}}",
        cases.empty() ? "" : ",", quoted(shape->name), reference(fmt::format("{}.{}", key.name, shape->name)));
  }
  return fmt::format(
      "{{\"type\":\"object\",\"propertyNames\":{{\"pattern\":\"^[A-Za-z0-9_-]{{1,{}}}$\"}},"
      "\"additionalProperties\":{{\"type\":\"object\",\"properties\":{{\"type\":{{\"enum\":[{}]}}}},"
      "\"required\":[\"type\"],\"allOf\":[{}]}}}}",
      kLongestName, types, cases);
}

std::string value(const Key& key) {
  using Kind = Key::Kind;
  switch (key.kind) {
    case Kind::text:
      return reference("text");
    case Kind::texts:
      return one_or_list(reference("text"));
    case Kind::secret:
      return reference("secret");
    case Kind::secrets:
      return one_or_list(reference("secret"));
    case Kind::headers:
      return fmt::format("{{\"type\":\"object\",\"additionalProperties\":{}}}", reference("secret"));
    case Kind::duration:
      return reference("duration");
    case Kind::size:
      return reference("size");
    case Kind::number:
      return number(key);
    case Kind::choice:
      return choice(key.choices);
    case Kind::levels:
      return levels();
    case Kind::time:
      return reference("time");
    case Kind::group:
      return fmt::format("{{\"type\":\"object\",\"minProperties\":1,\"propertyNames\":{{\"pattern\":{}}},\"additionalProperties\":{}}}",
                         quoted("^(rule|level|title|source|account|mitre|key|key\\..+|fields\\..+)$"), one_or_list(reference("text")));
    case Kind::section:
      return reference(key.shapes[0]->name);
    case Kind::sections:
      return fmt::format("{{\"type\":\"array\",\"items\":{}}}", reference(key.shapes[0]->name));
    case Kind::named:
      break;
  }
  return named(key);
}

// With what is said of the key. Beside a reference a draft 7 validator looks at nothing else, so it goes into an allOf.
std::string described(const Key& key) {
  const std::string says =
      key.standard ? fmt::format("{} (default: {})", key.says, key.standard) : std::string(key.says);
  return fmt::format("{{\"description\":{},\"allOf\":[{}]}}", quoted(says), value(key));
}

std::string object(const Shape& shape) {
  std::string properties, required, needs;
  for (const auto& [key, other] : shape.needs)
    needs += fmt::format("{}{}:[{}]", needs.empty() ? "" : ",", quoted(key), quoted(other));
  for (const Key& key : shape.keys) {
    properties += fmt::format("{}{}:{}", properties.empty() ? "" : ",", quoted(key.name), described(key));
    if (key.required) required += (required.empty() ? "" : ",") + quoted(key.name);
  }
  return fmt::format("{{\"type\":\"object\",\"properties\":{{{}}},{}{}\"additionalProperties\":false}}", properties,
                     required.empty() ? "" : fmt::format("\"required\":[{}],", required),
                     needs.empty() ? "" : fmt::format("\"dependencies\":{{{}}},", needs));
}

std::string definitions() {
  std::string secret = object(secret_shape());
  secret.insert(secret.size() - 1, ",\"minProperties\":1,\"maxProperties\":1");
  std::string out = fmt::format("\"text\":{{\"type\":[\"string\",\"number\",\"boolean\"]}},\"duration\":{},\"size\":{},\"time\":{},\"secret\":{}",
                                pattern("^([0-9]+(us|ms|s|m|h|d|w))+$"),
                                pattern("^[0-9]+(B|KB|MB|GB|KiB|MiB|GiB|TiB)$"),
                                pattern("^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}"), any_of(reference("text"), secret));
  const auto add = [&](const std::string& name, const Shape& shape) {
    out += fmt::format(",{}:{}", quoted(name), object(shape));
  };
  for (const Shape* shape : source_shapes()) add(fmt::format("sources.{}", shape->name), *shape);
  for (const Shape* shape : sink_shapes()) add(fmt::format("sinks.{}", shape->name), *shape);
  for (const Shape* shape : {&tls_shape(), &route_shape(), &silence_shape(), &store_shape(), &serve_shape(), &limits_shape(), &log_shape()})
    add(shape->name, *shape);
  return out;
}

std::string indented(std::string_view json) {
  std::string out;
  size_t depth = 0;
  bool inside = false;
  const auto line = [&] { out.append("\n").append(2 * depth, ' '); };
  for (size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (inside || c == '"') {
      if (c == '"' && (!inside || json[i - 1] != '\\')) inside = !inside;
      out += c;
    } else if (c == '{' || c == '[') {
      out += c;
      ++depth;
      line();
    } else if (c == '}' || c == ']') {
      --depth;
      line();
      out += c;
    } else {
      out += c;
      if (c == ',') line();
      if (c == ':') out += ' ';
    }
  }
  return out + "\n";
}

}  // namespace

std::string json_schema() {
  std::string whole = object(whole_shape());
  whole.insert(1, "\"$schema\":\"http://json-schema.org/draft-07/schema#\",\"title\":\"weir.yaml\",");
  whole.insert(whole.size() - 1, fmt::format(",\"definitions\":{{{}}}", definitions()));
  return indented(whole);
}

}  // namespace weir::config
