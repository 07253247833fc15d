// weir new rule: a rule to start from, with its tests.

#include <filesystem>
#include <memory>
#include <random>

#include "cli/files.h"
#include "cli/load.h"
#include "cli/ruletest/sketch.h"
#include "cli/terminal.h"
#include "cli/verbs.h"

namespace weir::cli {
namespace {

struct Options {
  std::string name, source = "cloudtrail", file;
  std::vector<std::string> rule_paths;
  bool silent = false;
};

std::string new_uuid() {
  std::random_device random;
  auto word = [&] { return uint32_t(random()); };
  return fmt::format("{:08x}-{:04x}-4{:03x}-{:x}{:03x}-{:08x}{:04x}", word(), word() & 0xffff, word() & 0xfff,
                     8 + (word() & 3), word() & 0xfff, word(), word() & 0xffff);
}

// What the first selection and the two test events look like, for each kind of source.
struct Sketch {
  std::string selection, firing, silent, message;
};

Sketch sketch_of(const compiler::SchemaInfo& schema) {
  if (schema.name == "cloudtrail")
    return {"      eventSource: \"route53.amazonaws.com\"\n      eventName:   \"DeleteHostedZone\"\n",
            R"({ "eventSource": "route53.amazonaws.com", "eventName": "DeleteHostedZone" })",
            R"({ "eventSource": "route53.amazonaws.com", "eventName": "GetHostedZone" }
    event { "eventSource": "ec2.amazonaws.com", "eventName": "DeleteHostedZone" })",
            "{principal} called {eventName} from {sourceIPAddress}"};
  if (schema.name == "resolver")
    return {"      query_name|domain: \"example.net\"\n", R"({ "query_name": "www.example.net" })",
            R"({ "query_name": "www.example.com" })", "{client} in {vpc_id} asked for {query_name}"};
  for (const compiler::FieldInfo& field : schema.fields) {
    if (field.type != compiler::Type::string || field.derived || field.path.size() != 1) continue;
    std::string value = field.known.empty() ? "VALUE" : field.known[0];
    std::string other = field.known.size() > 1 ? field.known[1] : "OTHER";
    return {fmt::format("      {}: {}\n", field.name(), json_quoted(value)),
            fmt::format("{{ {}: {} }}", json_quoted(field.name()), json_quoted(value)),
            fmt::format("{{ {}: {} }}", json_quoted(field.name()), json_quoted(other)),
            fmt::format("{{{}}}", field.name())};
  }
  return {"", "{ }", "{ }", schema.title};
}

std::string rule_text(const Options& options, const compiler::SchemaInfo& schema) {
  Sketch sketch = sketch_of(schema);
  return fmt::format(R"(edition 1

rule {} {{
  title:   "{}"
  id:      "{}"
  status:  experimental
  level:   medium
  description: "What happened, and why somebody should look."
  response: "What to do first, and then."

  source: {}

  detection {{
    selection {{
{}    }}
    condition: selection
  }}

  message: "{}"

  test "fires" {{
    event {}
    expect 1 alert
  }}
  test "silent on something else" {{
    event {}
    expect no alert
  }}
}}
)",
                     options.name, options.name, new_uuid(), schema.name, sketch.selection, sketch.message,
                     sketch.firing, sketch.silent);
}

int new_rule(Options options) {
  bool word = !options.name.empty() && !std::isdigit(uint8_t(options.name[0]));
  for (char c : options.name) word &= std::isalnum(uint8_t(c)) || c == '_';
  if (!word) {
    print_error("`{}` is not a name: letters, digits and _, not a digit first", options.name);
    return kUsage;
  }
  Loaded loaded = load_project({});
  const auto& schemas = loaded.project->schemas;
  auto schema = schemas.find(options.source);
  if (schema == schemas.end()) {
    std::vector<std::string> names;
    for (const auto& [name, info] : schemas) names.push_back(name);
    print_error("there is no source `{}`: {}", options.source, fmt::join(names, ", "));
    return kUsage;
  }
  if (options.file.empty()) options.file = options.name + ".weir";
  std::string text = rule_text(options, schema->second);
  if (options.file == "-") {
    print(text);
    return kOk;
  }
  if (std::filesystem::exists(options.file)) {
    print_error("{} is there already", options.file);
    return kUsage;
  }
  if (std::string failure = replace_whole(options.file, text); !failure.empty()) {
    print_error("{}", failure);
    return kFailed;
  }
  print_out("{}\n", options.file);
  print_error("now: weir test {0}; weir scan LOGS --rules {0}", options.file);
  return kOk;
}

int new_test(const Options& options) {
  Loaded loaded = load_project(options.rule_paths);
  if (loaded.exit) return loaded.exit;
  const compiler::RuleEntry* entry = loaded.project->rule(options.name);
  if (!entry) {
    print_error("no rule is named `{}`{}", options.name,
                options.rule_paths.empty() ? " in the built-in pack; --rules PATH names another" : "");
    return kUsage;
  }
  auto text = sketch_test(*loaded.project, *entry, options.silent);
  if (!text) {
    print_error("nothing that was tried {}; `weir test --show {}` prints one to start from",
                options.silent ? "comes near and keeps it silent" : "makes it fire", compiler::sources_of(*entry->rule).empty()
                    ? "SOURCE" : compiler::sources_of(*entry->rule)[0].text);
    return kNo;
  }
  print(*text);
  return kOk;
}

}  // namespace

void add_new(Verb& app, Run& run) {
  auto options = std::make_shared<Options>();
  Verb verb = app.add("new", "Write something to start from");
  verb.asks_for_one_below();
  Verb rule = verb.add("rule", "A rule with two tests");
  rule.option("NAME", options->name, "The rule's name").required();
  rule.option("--source", options->source, "cloudtrail, resolver, public_dns or alert").shows_default();
  rule.option("--file", options->file, "Where to write it (default: NAME.weir; - is standard output)")
      .shown_as("FILE");
  rule.footer(
      "Examples:\n  weir new rule zone_deleted\n  weir new rule odd_names --source resolver --file -");
  Verb test = verb.add("test", "A test for a rule, to paste into it: tried before it is printed");
  test.option("RULE", options->name, "The rule's name").required();
  test.flag("--silent", options->silent, "One that keeps the rule silent: its nearest miss");
  test.option("--rules", options->rule_paths, "Rule files and folders (default: the built-in pack)")
      .shown_as("PATH");
  test.footer(
      "Examples:\n  weir new test my_rule --rules my.weir\n  weir new test my_rule --silent --rules my.weir");
  test.runs(run, [=] { return new_test(*options); });
  verb.footer(
      "Examples:\n  weir new rule zone_deleted\n  weir new test zone_deleted --silent --rules "
      "zone_deleted.weir");
  rule.runs(run, [=] { return new_rule(*options); });
}

}  // namespace weir::cli
