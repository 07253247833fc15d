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

void read_group(Reader& reader, const Node& node, deliver::Silence& out, std::vector<Mention>& mentions) {
  if (node.kind != Node::Kind::map || node.members.empty()) {
    reader.add(dsl::Code::E903, "`group` is a map from names to values", node.span).help("`group: {key.client: 10.0.0.5}`");
    return;
  }
  for (const auto& [name, value] : node.members) {
    mention(mentions, Mention::What::group, {name.text}, name);
    for (const std::string& one : reader.texts(value).value_or(std::vector<std::string>()))
      if (const std::string problem = deliver::add_matcher(out, "group", name.text + "=" + one); !problem.empty())
        reader.add(dsl::Code::E903, "a silence: " + problem, name.span);
  }
}

// `rule`, `account`, `tag`: each its own key, or none.
void read_names(Reader& reader, Section& section, const char* key, Mention::What what, std::vector<std::string>& out,
                std::vector<Mention>& mentions) {
  const Node* const node = section.find(key);
  if (!node) return;
  out = reader.texts(*node).value_or(out);
  mention(mentions, what, out, *node);
}

}  // namespace

void mention(std::vector<Mention>& mentions, Mention::What what, const std::vector<std::string>& names, const Node& node) {
  for (size_t i = 0; i < names.size(); ++i)
    mentions.push_back({what, names[i], node.items.empty() ? node.span : node.items[i].span});
}

deliver::Which read_which(Reader& reader, Section& section, std::vector<Mention>& mentions) {
  deliver::Which out;
  if (const Node* level = section.find("level")) read_levels(reader, *level, out);
  read_names(reader, section, "rule", Mention::What::rule, out.rules, mentions);
  read_names(reader, section, "account", Mention::What::account, out.accounts, mentions);
  read_names(reader, section, "tag", Mention::What::tag, out.tags, mentions);
  return out;
}

deliver::Silence read_silence(Reader& reader, const Node& node, std::vector<Mention>& mentions) {
  Section section(reader, node, "a silence", &silence_shape());
  deliver::Silence out;
  section.require("rule");
  out.which = read_which(reader, section, mentions);
  if (const Node* group = section.find("group")) read_group(reader, *group, out, mentions);
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
