// See alert_facts.h.
#include "runtime/deliver/alert_facts.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "runtime/deliver/route.h"
#include "runtime/deliver/unseen_mark.h"
#include "runtime/ingest/json_walk.h"
#include "runtime/match/json_unescape.h"
#include "runtime/match/program.h"
#include "runtime/match/utf8.h"

namespace weir::deliver {
namespace {

using ingest::Elements;
using ingest::Members;

constexpr size_t kMostGroupValue = 200;

std::vector<std::string> texts_of(std::string_view array) {
  std::vector<std::string> out;
  if (!array.starts_with('[')) return out;
  for (Elements element(array); element.next();) out.push_back(text_of_json(element.value));
  return out;
}

AlertFacts::Named named_of(std::string_view object) {
  AlertFacts::Named out;
  if (!object.starts_with('{')) return out;
  for (Members member(object); member.next();) {
    std::string name(member.key.size(), '\0');
    name.resize(match::unescape_text(member.key, name.data()));
    out.emplace_back(std::move(name), text_of_json(member.value));
  }
  return out;
}

uint64_t number_of(std::string_view json) {
  uint64_t number = 0;
  std::from_chars(json.data(), json.data() + json.size(), number);
  return number;
}

void read_window(std::string_view object, AlertFacts& facts) {
  if (!object.starts_with('{')) return;
  for (Members member(object); member.next();) {
    if (member.key == "from") facts.from = text_of_json(member.value);
    if (member.key == "to") facts.to = text_of_json(member.value);
    if (member.key == "events") facts.events = number_of(member.value);
  }
}

bool read_level(std::string_view json, AlertFacts& facts) {
  const std::string name = text_of_json(json);
  const auto* end = match::kLevelNames + match::kLevels;
  const auto* found = std::find(match::kLevelNames, end, name);
  if (found == end) return false;
  facts.level = static_cast<uint8_t>(found - match::kLevelNames);
  return true;
}

struct TextMember {
  std::string_view key;
  std::string AlertFacts::*text;
};
constexpr std::array<TextMember, 13> kTexts = {{{"id", &AlertFacts::id},
                                                {"state", &AlertFacts::state},
                                                {"replaces", &AlertFacts::replaces},
                                                {"time", &AlertFacts::time},
                                                {"rule", &AlertFacts::rule},
                                                {"rule_id", &AlertFacts::rule_id},
                                                {"version", &AlertFacts::version},
                                                {"title", &AlertFacts::title},
                                                {"message", &AlertFacts::message},
                                                {"author", &AlertFacts::author},
                                                {"source", &AlertFacts::source},
                                                {"description", &AlertFacts::description},
                                                {"response", &AlertFacts::response}}};

struct ListMember {
  std::string_view key;
  std::vector<std::string> AlertFacts::*list;
};
constexpr std::array<ListMember, 4> kLists = {{{"mitre", &AlertFacts::mitre},
                                               {"tags", &AlertFacts::tags},
                                               {"references", &AlertFacts::references},
                                               {"falsepositives", &AlertFacts::falsepositives}}};

struct NamedMember {
  std::string_view key;
  AlertFacts::Named AlertFacts::*named;
};
constexpr std::array<NamedMember, 3> kNamed = {
    {{"key", &AlertFacts::key}, {"fields", &AlertFacts::fields}, {"values", &AlertFacts::values}}};

const std::string* value_of(const AlertFacts::Named& named, std::string_view name) {
  for (const auto& [key, value] : named)
    if (key == name) return &value;
  return nullptr;
}

}  // namespace

std::optional<AlertFacts> read_alert(std::string_view line) {
  line = ingest::trimmed(line);
  if (!line.starts_with('{') || !line.ends_with('}')) return std::nullopt;
  AlertFacts facts;
  bool levelled = false;
  Members member(line);
  while (member.next()) {
    for (const TextMember& text : kTexts)
      if (member.key == text.key && member.value != "null") facts.*text.text = text_of_json(member.value);
    for (const ListMember& list : kLists)
      if (member.key == list.key) facts.*list.list = texts_of(member.value);
    for (const NamedMember& named : kNamed)
      if (member.key == named.key) facts.*named.named = named_of(member.value);
    if (member.key == "level") levelled = read_level(member.value, facts);
    if (member.key == "window") read_window(member.value, facts);
    if (member.key == "held_back") facts.held_back = number_of(member.value);
    if (member.key == "approx") facts.approx = member.value == "true";
    if (member.key == "learning") facts.learning = member.value == "true";
    if (member.key == "event") facts.event = member.value;
    if (member.key == "steps") facts.steps = member.value;
  }
  if (member.broken || !levelled || facts.id.empty() || facts.rule.empty()) return std::nullopt;
  if (facts.event.starts_with('{')) facts.account = account_of(facts.event);
  if (facts.title.empty()) facts.title = facts.rule;
  return facts;
}

std::string text_of_json(std::string_view json) {
  if (json.size() < 2 || json.front() != '"') return std::string(json);
  json = json.substr(1, json.size() - 2);
  std::string text(json.size(), '\0');
  text.resize(match::unescape_text(json, text.data()));
  return text;
}

std::string text_at(std::string_view object, std::initializer_list<std::string_view> path) {
  for (std::string_view key : path) {
    if (!object.starts_with('{')) return {};
    std::string_view found;
    for (Members member(object); member.next();)
      if (member.key == key) found = member.value;
    object = found;
  }
  return object.empty() || object == "null" ? std::string() : text_of_json(object);
}

std::string group_value(const AlertFacts& facts, std::string_view name) {
  if (name == "rule") return facts.rule;
  if (name == "level") return match::kLevelNames[facts.level];
  if (name == "title") return facts.title;
  if (name == "source") return facts.source;
  if (name == "account") return facts.account;
  std::string out;
  if (name == "mitre") {
    for (const std::string& id : facts.mitre) out += (out.empty() ? "" : " ") + id;
  } else if (name == "key") {
    for (const auto& [key, value] : facts.key) out += (out.empty() ? "" : " ") + key + "=" + value;
  } else if (name.starts_with("key.")) {
    if (const std::string* value = value_of(facts.key, name.substr(4))) out = *value;
  } else if (name.starts_with("fields.")) {
    if (const std::string* value = value_of(facts.fields, name.substr(7))) out = *value;
  }
  return out;
}

std::string group_of(const AlertFacts& facts, const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names)
    out += (out.empty() ? "" : ", ") + name + "=" +
           shortened(one_line(group_value(facts, name)), kMostGroupValue);
  return out;
}

std::string problem_of_group_by(const std::vector<std::string>& names) {
  constexpr std::string_view kNames[] = {"rule", "level", "title", "source", "account", "mitre", "key"};
  for (const std::string& name : names) {
    const bool known = std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
    const bool part =
        (name.starts_with("key.") && name.size() > 4) || (name.starts_with("fields.") && name.size() > 7);
    if (!known && !part)
      return "group_by knows rule, level, title, source, account, mitre, key, key.NAME and fields.NAME, "
             "not " +
             name;
  }
  return {};
}

std::string shortened(std::string_view text, size_t bytes) {
  if (text.size() <= bytes) return std::string(text);
  constexpr std::string_view kMark = "…";
  size_t end = 0;
  while (end < text.size()) {
    const size_t size = match::first_code_point(text.substr(end)).size;
    if (end + size + kMark.size() > bytes) break;
    end += size;
  }
  return std::string(text.substr(0, end)) + std::string(kMark);
}

std::string one_line(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const UnseenMark mark = unseen_mark(text);
    if (static_cast<unsigned char>(text.front()) >= 0x20 && mark.size == 0) {
      out += text.front();
    } else if (!out.empty() && out.back() != ' ') {
      out += ' ';
    }
    text.remove_prefix(mark.size == 0 ? 1 : mark.size);
  }
  return out;
}

}  // namespace weir::deliver
