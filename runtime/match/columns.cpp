// Splitting, and nothing more: types and required fields are the decoder's, as for JSON.
#include "runtime/match/columns.h"

#include <algorithm>

#include "runtime/match/json.h"

namespace weir::match {

std::vector<std::string_view> split_columns(std::string_view line, size_t most) {
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
  std::vector<std::string_view> columns;
  while (columns.size() <= most) {
    const size_t space = line.find(' ');
    columns.push_back(line.substr(0, space));
    if (space == line.npos) break;
    line.remove_prefix(space + 1);
  }
  return columns;
}

std::string columns_to_json(const std::vector<std::string>& names,
                            const std::vector<std::string_view>& columns) {
  std::string json = "{";
  for (size_t at = 0; at < columns.size(); ++at) {
    if (columns[at] == "-") continue;
    if (json.size() > 1) json.push_back(',');
    append_json_string(json, names[at]);
    json.push_back(':');
    append_json_string(json, columns[at]);
  }
  json.push_back('}');
  return json;
}

std::optional<size_t> time_column(const SourceInfo& source) {
  if (source.time_path.size() != 1) return std::nullopt;
  const auto name =
      std::find(source.column_names.begin(), source.column_names.end(), source.time_path[0].key);
  if (name == source.column_names.end()) return std::nullopt;
  return static_cast<size_t>(name - source.column_names.begin());
}

}  // namespace weir::match
