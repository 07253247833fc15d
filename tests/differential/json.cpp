#include "tests/differential/json.h"

#include <algorithm>
#include <cstdio>

namespace weir::differential {
namespace {

std::string escaped(const std::string& text) {
  std::string out;
  for (char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (uint8_t(c) < 0x20) {
      char code[8];
      std::snprintf(code, sizeof code, "\\u%04x", unsigned(uint8_t(c)));
      out += code;
    } else {
      out += c;
    }
  }
  return out;
}

void write(const Json& json, std::string& out) {
  if (json.embedded) {
    Json plain = json;
    plain.embedded = false;
    out += '"' + escaped(to_text(plain)) + '"';
    return;
  }
  switch (json.form) {
    case Json::Form::scalar:
      out += json.source;
      return;
    case Json::Form::array:
      out += '[';
      for (size_t i = 0; i < json.items.size(); ++i) {
        if (i) out += ',';
        write(json.items[i], out);
      }
      out += ']';
      return;
    case Json::Form::object:
      out += '{';
      for (size_t i = 0; i < json.members.size(); ++i) {
        if (i) out += ',';
        out += '"' + json.members[i].key + "\":";
        write(json.members[i].value, out);
      }
      out += '}';
  }
}

void all_nodes(Json& json, std::vector<Json*>& out) {
  for (auto& [key, value] : json.members) {
    out.push_back(&value);
    all_nodes(value, out);
  }
  for (Json& item : json.items) {
    out.push_back(&item);
    all_nodes(item, out);
  }
}

const std::vector<const char*> kOdd = {"null",
                                       "true",
                                       "false",
                                       "0",
                                       "-0",
                                       "-0.0",
                                       "1.50",
                                       "1e2",
                                       "22",
                                       "9223372036854775807",
                                       "9223372036854775808",
                                       "18446744073709551616",
                                       "-9223372036854775809",
                                       "1e400",
                                       "0.1",
                                       "1e-320",
                                       "\"\"",
                                       "\"22\"",
                                       "\"true\"",
                                       "\"null\"",
                                       "\"\\ud800\"",
                                       "\"\\udc00x\"",
                                       "\"\\u0000\"",
                                       "[]",
                                       "{}",
                                       "[[]]",
                                       "[null]",
                                       "[[1],[\"a\"]]",
                                       "{\"a\":[]}",
                                       "\"{\\\"k\\\":\\\"v\\\"}\"",
                                       "\"[1,2]\"",
                                       "\" 22\"",
                                       "\"+22\"",
                                       "\"1_0\"",
                                       "\"TRUE\"",
                                       "1767225600",
                                       "1767225600000.5",
                                       "\"2026-01-15T10:00:00Z\"",
                                       "\"10.0.0.1\"",
                                       "\"::ffff:10.0.0.1\""};

Json of_source(const char* source) { return {.form = Json::Form::scalar, .source = source}; }

}  // namespace

std::string to_text(const Json& json) {
  std::string out;
  write(json, out);
  return out;
}

std::string json_string(Dice& dice, const std::string& text) {
  if (!dice.one_in(8)) return '"' + escaped(text) + '"';
  std::string out = "\"";
  for (char c : text) {
    char code[8];
    std::snprintf(code, sizeof code, "\\u%04X", unsigned(uint8_t(c)));
    bool escape = uint8_t(c) < 0x20 || c == '"' || c == '\\' || (uint8_t(c) < 0x80 && dice.one_in(3));
    out += escape ? code : std::string(1, c);
  }
  return out + '"';
}

Json scalar(Dice& dice, const Scalar& value) {
  return {.form = Json::Form::scalar,
          .source = value.form == Scalar::Form::text ? json_string(dice, value.value) : value.value};
}

void put(Json& root, const std::vector<Segment>& path, Json value, uint32_t element) {
  Json* at = &root;
  for (size_t i = 0; i < path.size(); ++i) {
    if (at->form != Json::Form::object) *at = Json{};
    auto member = std::find_if(at->members.begin(), at->members.end(),
                               [&](const auto& known) { return known.key == path[i].name; });
    if (member == at->members.end()) member = at->members.insert(member, Member{path[i].name, Json{}});
    at = &member->value;
    if (path[i].array) {
      if (at->form != Json::Form::array) *at = Json{.form = Json::Form::array};
      size_t index = std::min<size_t>(element, at->items.size());
      if (index == at->items.size()) at->items.emplace_back();
      at = &at->items[index];
    }
    at->embedded = path[i].embedded;
  }
  *at = std::move(value);
}

void disturb(Dice& dice, Json& root, const std::string& kept_key) {
  std::vector<Json*> nodes;
  for (auto& [key, value] : root.members) {
    if (key == kept_key && !dice.one_in(20)) continue;
    nodes.push_back(&value);
    all_nodes(value, nodes);
  }
  if (nodes.empty()) return;
  Json& node = *dice.of(nodes);
  Json before = node;
  switch (dice.below(10)) {
    case 0:
    case 1:
    case 2:
      node = of_source(dice.word(kOdd).c_str());
      return;
    case 3:  // an array of one, or of two
      node = Json{.form = Json::Form::array, .items = {before}};
      if (dice.one_in(2)) node.items.insert(node.items.begin(), of_source(dice.word(kOdd).c_str()));
      return;
    case 4:
      node = Json{.form = Json::Form::object, .members = {{"a", before}}};
      return;
    case 5:
      if (node.form == Json::Form::array && !node.items.empty()) {
        node = Json(before.items[0]);  // the element alone
      } else if (node.form == Json::Form::scalar) {
        node = Json{.form = Json::Form::array, .items = {before, before}};
      }
      return;
    case 6:
      if (node.form == Json::Form::array) node.items.push_back(of_source(dice.word(kOdd).c_str()));
      return;
    case 7:
      if (node.form == Json::Form::object) node.embedded = !node.embedded;
      return;
    case 8: {  // a key twice; the last counts
      Json& parent = node.form == Json::Form::object && !node.members.empty() ? node : root;
      auto copy = parent.members[dice.below(uint32_t(parent.members.size()))];
      if (copy.key == kept_key) return;
      if (dice.one_in(2)) copy.value = of_source(dice.word(kOdd).c_str());
      parent.members.insert(dice.one_in(2) ? parent.members.begin() : parent.members.end(), std::move(copy));
      return;
    }
    default: {  // left out, or its key in escapes
      Json& parent = node.form == Json::Form::object && !node.members.empty() ? node : root;
      size_t at = dice.below(uint32_t(parent.members.size()));
      std::string& key = parent.members[at].key;
      if (key == kept_key || key.empty()) return;
      if (dice.one_in(2)) {
        parent.members.erase(parent.members.begin() + long(at));
      } else if (key[0] != '\\') {
        char code[8];
        std::snprintf(code, sizeof code, "\\u%04x", unsigned(uint8_t(key[0])));
        key = code + key.substr(1);
      }
    }
  }
}

}  // namespace weir::differential
