// See route.h.
#include "runtime/deliver/route.h"

#include <algorithm>

#include "runtime/ingest/json_walk.h"
#include "runtime/match/text.h"

namespace weir::deliver {
namespace {

// A plain text between quotes, as account numbers are; else nothing.
std::string text_of(std::string_view json) {
  if (json.size() < 2 || json.front() != '"' || json.find('\\') != std::string_view::npos) return {};
  return std::string(json.substr(1, json.size() - 2));
}

}  // namespace

bool name_fits(std::string_view name, const std::string& pattern) {
  std::vector<uint32_t> wildcards;
  for (uint32_t i = 0; i < pattern.size(); ++i)
    if (pattern[i] == '*' || pattern[i] == '?') wildcards.push_back(i);
  return match::Pattern(pattern, wildcards, {}).matches(name);
}

bool add_levels(std::string_view text, bool (&levels)[match::kLevels]) {
  const size_t letters = std::min(text.find_first_not_of("<>="), text.size());
  const std::string_view sign = text.substr(0, letters), name = text.substr(letters);
  const auto named = std::find(std::begin(match::kLevelNames), std::end(match::kLevelNames), name);
  const bool known = sign.empty() || sign == "=" || sign == ">=" || sign == ">" || sign == "<=" || sign == "<";
  if (named == std::end(match::kLevelNames) || !known) return false;
  const auto at = named - std::begin(match::kLevelNames);
  for (std::ptrdiff_t level = 0; level < match::kLevels; ++level)
    if ((level == at && sign != ">" && sign != "<") || (level > at && sign.starts_with('>')) ||
        (level < at && sign.starts_with('<')))
      levels[level] = true;
  return true;
}

bool fits(const Which& which, const RoutedAlert& alert) {
  if (!which.levels[alert.level]) return false;
  const auto named = [&](const std::string& pattern) { return name_fits(alert.rule, pattern); };
  if (!which.rules.empty() && std::none_of(which.rules.begin(), which.rules.end(), named)) return false;
  const auto tagged = [&](const std::string& tag) {
    return std::find(alert.tags.begin(), alert.tags.end(), tag) != alert.tags.end();
  };
  if (!which.tags.empty() && std::none_of(which.tags.begin(), which.tags.end(), tagged)) return false;
  if (which.accounts.empty()) return true;
  const std::string account = account_of(alert.event);
  return std::any_of(which.accounts.begin(), which.accounts.end(),
                     [&](const std::string& pattern) { return name_fits(account, pattern); });
}

std::string account_of(std::string_view event_json) {
  std::string caller;
  for (ingest::Members member(event_json); member.next();) {
    if (member.key == "recipientAccountId" || member.key == "account_id") return text_of(member.value);
    if (member.key != "userIdentity" || !member.value.starts_with('{')) continue;
    for (ingest::Members inner(member.value); inner.next();)
      if (inner.key == "accountId") caller = text_of(inner.value);
  }
  return caller;
}

Routing::Routing(std::vector<Route> routes, std::vector<std::string> sinks)
    : routes_(std::move(routes)), sinks_(std::move(sinks)) {}

std::vector<std::string> Routing::sinks_of(const match::Program& program,
                                           const correlate::Alert& alert) const {
  static const std::vector<std::string> no_tags;
  const match::RuleInfo& rule = program.rules[alert.rule];
  if (!alert.about.empty()) return sinks_of({alert.level, alert.about, no_tags, alert.event});
  return sinks_of({alert.level, rule.name, rule.tags, alert.event});
}

std::vector<std::string> Routing::sinks_of(const RoutedAlert& alert) const {
  if (routes_.empty()) return sinks_;
  std::vector<std::string> out;
  std::vector<const Route*> fitting;
  for (const Route& route : routes_)
    if (fits(route, alert)) fitting.push_back(&route);
  for (const std::string& sink : sinks_)
    if (std::any_of(fitting.begin(), fitting.end(), [&](const Route* route) {
          return std::find(route->to.begin(), route->to.end(), sink) != route->to.end();
        }))
      out.push_back(sink);
  return out;
}

}  // namespace weir::deliver
