// An alert's line of JSON (language.md, 10), read back for whoever writes it in another form.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::deliver {

struct AlertFacts {
  using Named = std::vector<std::pair<std::string, std::string>>;  // name; text, or JSON when it is no text

  std::string id, state, replaces, time, rule, rule_id, version, title, message, author, source, description,
      response;
  uint8_t level = 0;  // index of match::kLevelNames
  std::vector<std::string> mitre, tags, references, falsepositives;
  Named key, fields, values;
  std::string from, to;  // of the window
  uint64_t events = 1, held_back = 0;
  bool approx = false, learning = false;
  std::string account;            // that the event is about; empty when it says none
  std::string_view event, steps;  // JSON, inside the line
};

// `line` must outlive what is returned. Nothing when it is no alert.
std::optional<AlertFacts> read_alert(std::string_view line);

// The text of a JSON string; any other JSON as it is written.
std::string text_of_json(std::string_view json);
// The value at a path of keys, as text_of_json; empty when there is none.
std::string text_at(std::string_view object, std::initializer_list<std::string_view> path);

// rule, level, title, source, account, mitre, key (all of it), key.NAME, fields.NAME. Empty when it says none.
std::string group_value(const AlertFacts& facts, std::string_view name);
// What the alerts of a group have in common: `names` are those. As "rule=x, key.client=10.0.0.5"; of each value the first 200 bytes.
std::string group_of(const AlertFacts& facts, const std::vector<std::string>& names);
// A sentence when a name is none of these.
std::string problem_of_group_by(const std::vector<std::string>& names);

// At most `bytes` of it, cut between characters and marked with …
std::string shortened(std::string_view text, size_t bytes);
// On one line: what the event says must not look like a line of ours.
std::string one_line(std::string_view text);

}  // namespace weir::deliver
