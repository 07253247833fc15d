// Names in weir.yaml that should be those of rules, and parts of it that nothing leads to. See findings.h.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "cli/config/allowed.h"
#include "cli/config/findings.h"
#include "compiler/compile.h"
#include "compiler/nearest.h"
#include "runtime/match/functions.h"

namespace weir::config {
namespace {

constexpr size_t kAccountDigits = 12;

bool has(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Twelve digits fit it.
bool may_be_account(const std::string& pattern) {
  if (pattern.find_first_not_of("0123456789*?") != std::string::npos) return false;
  const auto stars = static_cast<size_t>(std::count(pattern.begin(), pattern.end(), '*'));
  return stars > 0 ? pattern.size() - stars <= kAccountDigits : pattern.size() == kAccountDigits;
}

Misfit misfit(std::string title, const std::string& name, const std::vector<std::string>& names,
              std::string help = {}) {
  const std::vector<std::string> near = compiler::nearest(name, names);
  return {std::move(title), near.empty() ? std::move(help) : compiler::did_you_mean(near)};
}

}  // namespace

Known known_of(const compiler::Project& project) {
  Known out;
  for (const auto& [name, at] : project.rule_index) out.rules.push_back(name);
  dsl::Diagnostics diagnostics;
  const ir::Module module = compiler::lower(project, {}, diagnostics, nullptr);
  out.whole = diagnostics.error_count() == 0;
  std::set<std::string> tags, groups{"key.sink"};  // that one is of what Weir says of itself
  for (const match::RuleInfo& rule : module.rules) {
    tags.insert(rule.tags.begin(), rule.tags.end());
    if (rule.correlation)
      for (const auto& key : rule.correlation->group_by) groups.insert("key." + key.text);
    for (const match::RuleOnSource& on : rule.sources) {
      for (const match::NamedRoot& key : on.suppress_by) groups.insert("key." + key.name);
      for (const match::NamedRoot& field : on.fields) groups.insert("fields." + field.name);
    }
  }
  out.tags.assign(tags.begin(), tags.end());
  out.groups.assign(groups.begin(), groups.end());
  return out;
}

std::optional<Misfit> misfit_of(const Mention& mention, const Known& known) {
  const std::string& name = mention.name;
  switch (mention.what) {
    case Mention::What::rule: {  // what Weir says of itself has names that no rule has
      const auto fits = [&](const std::string& rule) { return deliver::name_fits(rule, name); };
      if (name.starts_with("weir.") || std::any_of(known.rules.begin(), known.rules.end(), fits)) break;
      return misfit(fmt::format("no rule is named `{}`", name), name, known.rules);
    }
    case Mention::What::tag:
      if (!known.whole || has(known.tags, name)) break;
      return misfit(fmt::format("no rule has the tag `{}`", name), name, known.tags,
                    known.tags.empty() ? "no rule has tags" : "");
    case Mention::What::account:
      if (may_be_account(name)) break;
      return misfit(fmt::format("no account is `{}`", name), name, {},
                    "an account is twelve digits, quoted, or a pattern of them: `\"1111*\"`");
    case Mention::What::group:
      if (!known.whole || name.find('.') == std::string::npos || has(known.groups, name)) break;
      return misfit(fmt::format("no alert of these rules has `{}`", name), name, known.groups,
                    "`key.NAME` is a key of a rule's `group_by`, `fields.NAME` one of its `fields`");
  }
  return std::nullopt;
}

void check_names(const Config& config, const dsl::SourceMap& sources, const compiler::Project& project,
                 dsl::Diagnostics& diagnostics) {
  if (!config.mentions.empty()) {
    const Known known = known_of(project);
    for (const Mention& mention : config.mentions) {
      std::optional<Misfit> misfit = misfit_of(mention, known);
      if (!misfit) continue;
      dsl::Diagnostic* const unknown =
          add_unless_allowed(sources, diagnostics, dsl::Code::W906, std::move(misfit->title), mention.span,
                             "nothing is meant by this");
      if (unknown && !misfit->help.empty()) unknown->help(std::move(misfit->help));
    }
  }
  std::vector<std::string> names;
  for (const auto& [name, schema] : project.schemas)
    if (name != "alert") names.push_back(name);
  for (const Source& source : config.sources) {
    if (!source.events || has(names, *source.events)) continue;
    dsl::Diagnostic& unknown =
        diagnostics.add(dsl::Code::E903, fmt::format("no source of the rules is named `{}`", *source.events),
                        source.events_span);
    const std::vector<std::string> near = compiler::nearest(*source.events, names);
    unknown.help(near.empty() ? fmt::format("there are `{}`", fmt::join(names, "`, `"))
                              : compiler::did_you_mean(near));
  }
}

void check_use(const Config& config, const dsl::SourceMap& sources, int64_t now,
               dsl::Diagnostics& diagnostics) {
  const auto add = [&](std::string title, dsl::Span span, const char* label) {
    return add_unless_allowed(sources, diagnostics, dsl::Code::W907, std::move(title), span, label);
  };
  if (config.sinks.empty() && !config.sources.empty())
    if (dsl::Diagnostic* none = add("the configuration has no `sinks`", config.sources[0].span,
                                    "alerts of this are counted and go nowhere"))
      none->help("`sinks: {out: {type: file, path: alerts.ndjson}}`");
  for (const Sink& sink : config.sinks) {
    const bool told = std::any_of(config.routes.begin(), config.routes.end(),
                                  [&](const deliver::Route& route) { return has(route.to, sink.name); });
    if (told || config.routes.empty()) continue;
    if (dsl::Diagnostic* quiet =
            add(fmt::format("no route leads to the sink `{}`", sink.name), sink.span, "it is never told"))
      quiet->help(fmt::format("`- {{level: \">=high\", to: {}}}` among the routes", sink.name));
  }
  for (size_t i = 0; i < config.silences.size(); ++i)
    if (const int64_t until = config.silences[i].until; until > 0 && until <= now)
      add(fmt::format("this silence ended on {}", match::format_time(until)), config.ends_of_silences[i],
          "nothing is silenced by it");
  const auto is_source = [](const Place& place) { return place.what == Place::What::source; };
  for (auto place = config.places.begin(); place != config.places.end(); ++place) {
    const auto first = std::find_if(config.places.begin(), place, [&](const Place& other) {
      return is_source(*place) && is_source(other) && other.of != place->of && other.path == place->path;
    });
    if (first == place) continue;
    if (dsl::Diagnostic* twice =
            add(fmt::format("the sources `{}` and `{}` read one path", first->of, place->of), place->span,
                "again"))
      twice->label(first->span, "first here")
          .note("every record is read twice, and one without an id is evaluated twice");
  }
}

}  // namespace weir::config
