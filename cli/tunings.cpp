// See tunings.h.
#include "cli/tunings.h"

#include <fmt/format.h>

namespace weir::cli {

std::string place_of(const compiler::Project& project, dsl::Span span) {
  return fmt::format("{}:{}", project.sources.path(span.source),
                     project.sources.place(span.source, span.begin).line);
}

std::vector<std::string> tunings_of(const compiler::Project& project, const compiler::RuleEntry& entry) {
  std::vector<std::string> lines;
  auto at = [&](const dsl::Tune* tune) { return place_of(project, tune->span); };
  auto until = [](const std::optional<dsl::Date>& date) {
    return date ? fmt::format(", until {}-{:02}-{:02}", date->year, date->month, date->day) : "";
  };
  if (!entry.enabled || entry.off_until) lines.push_back("off" + until(entry.off_until));
  if (entry.level) lines.push_back("level: " + *entry.level + until(entry.level_until));
  if (entry.status) lines.push_back("status: " + *entry.status);
  for (const auto& [name, tuned] : entry.params)
    lines.push_back(
        fmt::format("{}: {}  ({})", name, project.sources.text(tuned.param->values_span), at(tuned.tune)));
  if (entry.suppress) lines.push_back(std::string(project.sources.text(entry.suppress->span)));
  for (const compiler::Exemption& exemption : entry.exemptions) {
    lines.push_back(fmt::format("exempt {}: \"{}\"{}  ({})", exemption.selection->name.text, exemption.reason,
                                until(exemption.until), at(exemption.tune)));
  }
  return lines;
}

}  // namespace weir::cli
