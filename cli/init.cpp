// weir init: a weir.yaml to start from, with what it needs beside it.

#include <algorithm>
#include <filesystem>
#include <memory>

#include "cli/config/schema.h"
#include "cli/config/shape.h"
#include "cli/files.h"
#include "cli/terminal.h"
#include "cli/verbs.h"

namespace weir::cli {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::string folder = ".";
  std::vector<std::string> sources, sinks;
  bool force = false;
};

// What a section of one type looks like at first. What must be decided by the reader stands there as a variable.
struct Start {
  const char *type, *name, *text;
  const char* folder = nullptr;  // that it reads
};

constexpr Start kSources[] = {
    {"spool", "arriving",
     "  # Complete files that are put into a folder: moved there, or written under a name that begins with a dot and renamed.\n"
     "  arriving: {type: spool, path: spool}\n",
     "spool"},
    {"files", "archive",
     "  # What is there now, once; `mode: spool` waits for more.\n"
     "  archive: {type: files, path: archive, mode: once}\n",
     "archive"},
    {"stdin", "pipe", "  # Whatever is piped in. It cannot be acknowledged: a crash loses what was read last.\n  pipe: {type: stdin}\n"},
    {"firehose", "delivered",
     "  # Kinesis Data Firehose, destination \"HTTP endpoint\". It wants HTTPS on port 443 of a public name: put a load\n"
     "  # balancer in front, or add `tls: {certificate: chain.pem, key: key.pem}` and listen on 0.0.0.0.\n"
     "  delivered: {type: firehose, listen: \"127.0.0.1:8443\", access_key: {env: WEIR_ACCESS_KEY}}\n"},
    {"http", "posted",
     "  # curl --data-binary @events.ndjson -H \"Authorization: Bearer $WEIR_TOKEN\" http://127.0.0.1:8080/ingest\n"
     "  posted: {type: http, listen: \"127.0.0.1:8080\", token: {env: WEIR_TOKEN}}\n"}};

constexpr Start kSinks[] = {
    {"stdout", "screen", "  screen: {type: stdout}\n"},
    {"file", "lines", "  # One alert a line, each exactly once. SIGHUP opens it anew.\n  lines: {type: file, path: alerts.ndjson}\n"},
    {"slack", "chat",
     "  # An incoming webhook of Slack.\n"
     "  chat: {type: slack, url: {env: SLACK_URL}}\n"},
    {"pagerduty", "pager",
     "  # Events v2: an incident for each alert, resolved when the alert is withdrawn.\n"
     "  pager: {type: pagerduty, routing_key: {env: PAGERDUTY_KEY}}\n"},
    {"webhook", "hook",
     "  # Signed as Standard Webhooks has it; `format: ocsf` sends Detection Findings.\n"
     "  hook: {type: webhook, url: {env: WEBHOOK_URL}, secrets: {env: WEBHOOK_SECRET}}\n"}};

template <size_t N>
const Start& start_of(const Start (&all)[N], const std::string& type) {
  return *std::find_if(std::begin(all), std::end(all), [&](const Start& one) { return type == one.type; });
}

template <size_t N>
std::vector<std::string> types_of(const Start (&all)[N]) {
  std::vector<std::string> out;
  for (const Start& one : all) out.emplace_back(one.type);
  return out;
}

// Pagers are for what cannot wait; people who read along are told of a group once in four hours.
std::string routes_text(const std::vector<std::string>& sinks) {
  std::vector<std::string> others;
  bool pages = false, chats = false;
  for (const std::string& type : sinks) {
    if (type == "pagerduty") {
      pages = true;
    } else if (type == "slack") {
      chats = true;
    } else {
      others.emplace_back(start_of(kSinks, type).name);
    }
  }
  if (!chats && (!pages || others.empty()))
    return "# Without `routes` every alert goes to every sink.\n# routes:\n#   - {level: \">=high\", to: pager}\n\n";
  std::string out = "# An alert goes to the sinks of every route that fits it.\nroutes:\n";
  if (pages) out += "  - {level: \">=high\", to: pager}\n";
  if (chats) out += "  - {to: chat, group_by: [rule, account], repeat: 4h}  # alerts of one rule and account are folded\n";
  if (!others.empty()) out += fmt::format("  - {{to: [{}]}}\n", fmt::join(others, ", "));
  return out + "\n";
}

std::string config_text(const Options& options) {
  std::string out =
      "# yaml-language-server: $schema=weir.schema.json\n"
      "#\n"
      "# What weir run watches, decides by and tells.  weir check weir.yaml  says what is wrong with it, editors that know\n"
      "# JSON Schema complete it. A secret is {env: NAME} or {file: PATH}; ${NAME:-default} is a variable of the environment.\n\n"
      "# Files and folders of rules, and `shipped`: the built-in pack. A change is taken up while Weir runs.\n"
      "rules: [shipped, site]\n\n"
      "sources:\n";
  for (const std::string& type : options.sources) out += start_of(kSources, type).text;
  out += "\nsinks:\n";
  for (const std::string& type : options.sinks) out += start_of(kSinks, type).text;
  out += "\n" + routes_text(options.sinks);
  out +=
      "# Alerts that nobody is to be told of for a while; `weir silence add` does it without this file.\n"
      "# silences:\n"
      "#   - {rule: \"*\", account: \"111122223333\", until: 2026-01-31T08:00:00Z, comment: \"ticket 4711: a migration\"}\n\n"
      "# What outlives the process: positions, alerts that are not delivered, what correlations know. On a local disk.\n"
      "store: {path: \"${STATE_DIRECTORY:-store}\"}\n\n"
      "# /metrics for Prometheus, /healthz and /readyz.\n"
      "serve: {listen: \"127.0.0.1:9180\"}\n\n";
  out += "# limits:\n";
  for (const config::Key& key : config::limits_shape().keys)
    if (key.standard) out += fmt::format("#   {:<26} # {}\n", fmt::format("{}: {}", key.name, std::string_view(key.standard) == "one a core" ? "2" : key.standard), key.says);
  return out;
}

constexpr const char* kSiteRule = R"(edition 1

# A rule of this site, to begin with: change it, or take it away. `weir test shipped site` runs its tests.
rule site_forbidden_domain {
  title:  "A domain that nobody here should ask for"
  level:  medium
  status: experimental
  description: "The site's own list: names that policy forbids, or that an earlier incident left behind."
  response: "Find the instance in the alert and ask its owner what it runs."

  source: resolver

  detection {
    selection { query_name|domain: ["forbidden.example", "left-behind.example"] }
    condition: selection
  }

  message: "{client} in {vpc_id} asked for {query_name}"

  test "fires for the domain and what is below it" {
    event { "query_name": "www.forbidden.example." }
    expect 1 alert
  }
  test "silent for others" {
    event { "query_name": "notforbidden.example." }
    event { "query_name": "example.com." }
    expect no alert
  }
}
)";

std::string make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  return error ? fmt::format("{}: cannot be made: {}", folder.string(), error.message()) : std::string();
}

std::string write_all(const Options& options, std::vector<std::string>& written) {
  const fs::path folder = options.folder;
  const auto write = [&](const char* name, std::string_view text) {
    written.push_back((folder / name).lexically_normal().string());
    return replace_whole(written.back(), text);
  };
  for (const char* name : {"", "site"})
    if (std::string problem = make_folder(folder / name); !problem.empty()) return problem;
  for (const std::string& type : options.sources)
    if (const char* const read = start_of(kSources, type).folder)
      if (std::string problem = make_folder(folder / read); !problem.empty()) return problem;
  std::vector<std::string> unread;
  if (rule_files({(folder / "site").string()}, unread).empty())
    if (std::string problem = write("site/forbidden_domain.weir", kSiteRule); !problem.empty()) return problem;
  if (std::string problem = write("weir.schema.json", config::json_schema()); !problem.empty()) return problem;
  return write("weir.yaml", config_text(options));
}

int init(const Options& options) {
  std::error_code error;
  const fs::path config = fs::path(options.folder) / "weir.yaml";
  if (!options.force && fs::exists(config, error)) {
    print_error("{} is there already; --force replaces it", config.lexically_normal().string());
    return kUsage;
  }
  std::vector<std::string> written;
  if (const std::string problem = write_all(options, written); !problem.empty()) {
    print_error("{}", problem);
    return kFailed;
  }
  for (const std::string& path : written) print_out("{}\n", path);
  const std::string shown = config.lexically_normal().string();
  print_error("now: weir check {0}; weir run {0}", shown);
  return kOk;
}

}  // namespace

void add_init(Verb& app, Run& run) {
  auto options = std::make_shared<Options>();
  Verb verb = app.add("init", "Write a weir.yaml to start from, and a rule of your own");
  verb.option("FOLDER", options->folder, "Where to write it").shows_default();
  verb.option("--source", options->sources,
              fmt::format("{}; several with commas (default: spool)", fmt::join(types_of(kSources), ", ")))
      .with_commas()
      .one_of(types_of(kSources));
  verb.option("--sink", options->sinks,
              fmt::format("{}; several with commas (default: file)", fmt::join(types_of(kSinks), ", ")))
      .with_commas()
      .one_of(types_of(kSinks));
  verb.flag("--force", options->force, "Replace a weir.yaml that is there");
  verb.footer("Examples:\n  weir init\n  weir init /etc/weir --source firehose,spool --sink slack,pagerduty");
  verb.runs(run, [=] {
    if (options->sources.empty()) options->sources = {"spool"};
    if (options->sinks.empty()) options->sinks = {"file"};
    return init(*options);
  });
}

}  // namespace weir::cli
