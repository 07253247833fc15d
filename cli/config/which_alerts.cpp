// See which_alerts.h.
#include "cli/config/which_alerts.h"

#include <fmt/format.h>

#include <algorithm>

namespace weir::config {
namespace {

// `high`, `">=high"`, `[high, critical]`.
void read_levels(Reader& reader, const Node& node, deliver::Which& out) {
  const std::optional<std::vector<std::string>> written = reader.texts(node);
  if (!written) return;
  std::fill(std::begin(out.levels), std::end(out.levels), false);
  for (const std::string& one : *written) {
    if (deliver::add_levels(one, out.levels)) continue;
    reader.add(dsl::Code::E903, fmt::format("`{}` is no level", one), node.span)
        .help(fmt::format("a level is `{}`; `\">=high\"` is that level and those above",
                          fmt::join(match::kLevelNames, "`, `")));
    return;
  }
}

void read_group(Reader& reader, const Node& node, deliver::Silence& out) {
  if (node.kind != Node::Kind::map || node.members.empty()) {
    reader.add(dsl::Code::E903, "`group` is a map from names to values", node.span).help("`group: {key.client: 10.0.0.5}`");
    return;
  }
  for (const auto& [name, value] : node.members)
    for (const std::string& one : reader.texts(value).value_or(std::vector<std::string>()))
      if (const std::string problem = deliver::add_matcher(out, "group", name.text + "=" + one); !problem.empty())
        reader.add(dsl::Code::E903, "a silence: " + problem, name.span);
}

}  // namespace

deliver::Which read_which(Reader& reader, Section& section, std::vector<NamedRule>& named) {
  deliver::Which out;
  if (const Node* level = section.find("level")) read_levels(reader, *level, out);
  if (const Node* rule = section.find("rule")) {
    out.rules = reader.texts(*rule).value_or(out.rules);
    for (size_t i = 0; i < out.rules.size(); ++i)
      named.push_back({out.rules[i], rule->items.empty() ? rule->span : rule->items[i].span});
  }
  if (const Node* account = section.find("account")) out.accounts = reader.texts(*account).value_or(out.accounts);
  if (const Node* tag = section.find("tag")) out.tags = reader.texts(*tag).value_or(out.tags);
  return out;
}

deliver::Silence read_silence(Reader& reader, const Node& node, std::vector<NamedRule>& named) {
  Section section(reader, node, "a silence", &silence_shape());
  deliver::Silence out;
  section.require("rule");
  out.which = read_which(reader, section, named);
  if (const Node* group = section.find("group")) read_group(reader, *group, out);
  if (const Node* to = section.find("to")) out.to = reader.texts(*to).value_or(out.to);
  if (const Node* from = section.find("from")) out.from = reader.time_us(*from).value_or(0);
  const Node* const until = section.require("until");
  if (until) out.until = reader.time_us(*until).value_or(0);
  if (out.until != 0 && out.until <= out.from)
    reader.add(dsl::Code::E903, "a silence: it ends before it begins", until->span);
  if (const Node* comment = section.require("comment")) out.comment = reader.text(*comment).value_or("");
  if (const Node* by = section.find("by")) out.by = reader.text(*by).value_or("");
  section.finish();
  return out;
}

}  // namespace weir::config
