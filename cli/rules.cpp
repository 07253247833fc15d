// weir rules: what is loaded, from where, and how it is tuned.

#include <memory>

#include "cli/load.h"
#include "cli/terminal.h"
#include "cli/tunings.h"
#include "cli/verbs.h"
#include "compiler/compile.h"

namespace weir::cli {
namespace {

struct Options {
  std::vector<std::string> paths, names;
  std::string format = "text";
};

int rules(const Options& options) {
  Loaded loaded = load_project(options.paths);
  if (loaded.exit) return loaded.exit;
  compiler::Compiled compiled = compiler::compile(*loaded.project, {}, loaded.diagnostics);
  auto info_of = [&](const std::string& name) -> const match::RuleInfo* {
    for (const match::RuleInfo& rule : compiled.program->rules)
      if (rule.name == name) return &rule;
    return nullptr;
  };
  size_t shown = 0;
  for (const compiler::RuleEntry& entry : loaded.project->rules) {
    const std::string& name = entry.rule->name.text;
    if (!name_matches(name, options.names)) continue;
    ++shown;
    const match::RuleInfo* info = info_of(name);
    std::string state = !entry.enabled ? "off" : !info ? "broken" : "on";
    std::string sources;
    if (info)
      for (const match::RuleOnSource& on : info->sources)
        sources += (sources.empty() ? "" : ",") + compiled.program->sources[on.source].name;
    std::string place = place_of(*loaded.project, entry.rule->name.span);
    std::vector<std::string> tunings = tunings_of(*loaded.project, entry);
    if (options.format == "json") {
      std::string tuned;
      for (const std::string& line : tunings) tuned += (tuned.empty() ? "" : ",") + json_quoted(line);
      print_out("{{\"rule\":{},\"title\":{},\"level\":\"{}\",\"status\":{},\"state\":\"{}\",\"sources\":{},\"place\":{},"
                "\"tuned\":[{}]}}\n",
                json_quoted(name), json_quoted(info ? info->title : ""), info ? match::kLevelNames[info->level] : "",
                json_quoted(info ? info->status : ""), state, json_quoted(sources), json_quoted(place), tuned);
      continue;
    }
    print_out("{:<40} {:<13} {:<17} {:<12} {}\n", name, info ? match::kLevelNames[info->level] : "-", state,
              sources.empty() ? "-" : sources, place);
    for (const std::string& line : tunings) print_out("    tuned: {}\n", line);
  }
  if (shown == 0) {
    print_error("no rules{}", options.names.empty() ? "" : " of that name");
    return kNo;
  }
  return kOk;
}

}  // namespace

void add_rules(Verb& app, Run& run) {
  auto options = std::make_shared<Options>();
  Verb verb = app.add("rules", "List what is loaded, from where, and how it is tuned");
  verb.option("PATH", options->paths, "Rule files and folders; `shipped` is the built-in pack (default)");
  verb.option("--rule", options->names, "Only rules with this name (* and ? allowed)").one_at_a_time();
  verb.format(options->format, "text, or json: one rule a line");
  verb.footer(
      "Examples:\n  weir rules\n  weir rules shipped site/ --format json | jq 'select(.tuned != [])'");
  verb.runs(run, [=] { return rules(*options); });
}

}  // namespace weir::cli
