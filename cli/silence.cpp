// weir silence: who is not to be told of what for a while, without a change of weir.yaml.

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <memory>

#include "cli/config/findings.h"
#include "cli/config_file.h"
#include "cli/load.h"
#include "cli/terminal.h"
#include "cli/verbs.h"
#include "compiler/nearest.h"
#include "runtime/deliver/silence.h"
#include "runtime/match/functions.h"
#include "runtime/process/clock.h"

namespace weir::cli {
namespace {

constexpr size_t kPage = 500;
constexpr size_t kShownRules = 5;
constexpr int64_t kSecondUs = 1'000'000;

struct Options {
  std::string config, format = "text";
  std::vector<std::string> rules, levels, accounts, tags, groups, sinks;
  std::string from, until, lasts = "1h", comment, by;
  std::vector<int64_t> numbers;
  bool all = false;
};

// Whoever sudo was asked by, rather than root.
std::string this_user() {
  for (const char* name : {"SUDO_USER", "USER"})
    if (const char* value = std::getenv(name); value && *value) return value;
  const passwd* const user = ::getpwuid(::getuid());
  return user ? user->pw_name : std::to_string(::getuid());
}

// ---- add

// A sentence when something of it is wrong.
std::string read_times(const Options& options, int64_t now, deliver::Silence& out) {
  const auto read = [](const std::string& text, int64_t& into) {
    const std::optional<int64_t> us = match::parse_time(text);
    if (us) into = *us;
    return us ? std::string() : fmt::format("{}: not a time such as 2026-01-31T08:00:00Z", text);
  };
  out.from = now;
  if (std::string problem = options.from.empty() ? "" : read(options.from, out.from); !problem.empty()) return problem;
  if (!options.until.empty()) {
    if (std::string problem = read(options.until, out.until); !problem.empty()) return problem;
  } else {
    const std::optional<int64_t> lasts = config::read_duration(options.lasts);
    if (!lasts) return fmt::format("--for {}: a number and a unit: 30m, 4h, 1h30m, 7d", options.lasts);
    out.until = out.from + *lasts;
  }
  if (out.until <= now) return "it would be over already";
  return out.until <= out.from ? "it would end before it begins" : "";
}

std::string read_matchers(const Options& options, deliver::Silence& out) {
  const std::pair<const char*, const std::vector<std::string>*> all[] = {
      {"rule", &options.rules}, {"level", &options.levels}, {"account", &options.accounts},
      {"tag", &options.tags},   {"group", &options.groups}, {"to", &options.sinks}};
  for (const auto& [key, values] : all)
    for (const std::string& value : *values)
      if (std::string problem = deliver::add_matcher(out, key, value); !problem.empty())
        return fmt::format("--{}: {}", key, problem);
  return {};
}

std::string unknown(const char* what, const std::string& name, const std::vector<std::string>& names) {
  const std::vector<std::string> near = compiler::nearest(name, names, 1);
  return fmt::format("{} `{}`{}", what, name, near.empty() ? "" : "; did you mean `" + near[0] + "`?");
}

// A name that nothing has would silence nothing, and nobody would notice. Rules that fit go to `fitting`.
std::string check_names(const config::Config& config, const deliver::Silence& silence, std::vector<std::string>& fitting) {
  std::vector<std::string> sinks;
  for (const config::Sink& sink : config.sinks) sinks.push_back(sink.name);
  for (const std::string& sink : silence.to)
    if (std::find(sinks.begin(), sinks.end(), sink) == sinks.end()) return unknown("there is no sink", sink, sinks);
  dsl::Diagnostics diagnostics;  // of rules that are broken `weir check` tells
  std::vector<std::string> unreadable, names;
  const auto project = compiler::load(load_options(config.rules), diagnostics, unreadable);
  for (const auto& [name, at] : project->rule_index) names.push_back(name);
  for (const std::string& pattern : silence.which.rules) {
    const size_t before = fitting.size();
    std::copy_if(names.begin(), names.end(), std::back_inserter(fitting),
                 [&](const std::string& name) { return name_matches(name, {pattern}); });
    if (fitting.size() == before && !pattern.starts_with("weir.") && unreadable.empty())
      return unknown("there is no rule", pattern, names);
  }
  const config::Known known = unreadable.empty() ? config::known_of(*project) : config::Known{.whole = false};
  const auto problem_of = [&](config::Mention::What what, const std::string& name) {
    const std::optional<config::Misfit> misfit = config::misfit_of({what, name, {}}, known);
    return !misfit ? std::string() : misfit->help.empty() ? misfit->title : misfit->title + "; " + misfit->help;
  };
  std::string problem;
  for (const std::string& tag : silence.which.tags)
    if (problem.empty()) problem = problem_of(config::Mention::What::tag, tag);
  for (const std::string& account : silence.which.accounts)
    if (problem.empty()) problem = problem_of(config::Mention::What::account, account);
  for (const auto& [name, values] : silence.group)
    if (problem.empty()) problem = problem_of(config::Mention::What::group, name);
  return problem;
}

std::string fitting_text(const std::vector<std::string>& rules) {
  std::string out = counted(rules.size(), "rule");
  for (size_t i = 0; i < std::min(rules.size(), kShownRules); ++i) out += (i ? ", " : ": ") + rules[i];
  return rules.size() > kShownRules ? out + ", …" : out;
}

int add(const Options& options) {
  deliver::Silence silence;
  silence.comment = options.comment;
  silence.by = options.by.empty() ? this_user() : options.by;
  std::string problem = read_matchers(options, silence);
  const int64_t now = process::now_us() / kSecondUs * kSecondUs;
  if (problem.empty()) problem = read_times(options, now, silence);
  LoadedConfig loaded = load_config(options.config);
  if (loaded.exit) return loaded.exit;
  std::vector<std::string> fitting;
  if (problem.empty()) problem = check_names(loaded.config, silence, fitting);
  if (!problem.empty()) {
    print_error("{}", problem);
    return kUsage;
  }
  int exit = kOk;
  auto store = look_at_store(options.config, exit);
  if (!store) return exit;
  const int64_t number = store->add_silence(
      {0, deliver::matcher_lines(silence), silence.from, silence.until, silence.comment, silence.by});
  if (number == 0) {
    print_error("{}", store->problem());
    return kFailed;
  }
  print_out("{}\n", number);
  print_error("silence {} from {} until {}: {} ({}); `weir silence end {} {}` ends it", number,
              match::format_time(silence.from), match::format_time(silence.until), deliver::matchers_text(silence),
              fitting_text(fitting), options.config, number);
  return kOk;
}

// ---- ls

// How many alerts each holds.
std::map<std::string, size_t> held_by(store::Store& store) {
  std::map<std::string, size_t> out;
  int64_t last = 0;
  for (;;) {
    const std::vector<store::HeldAlert> some = store.held(last, kPage);
    for (const store::HeldAlert& one : some) ++out[one.silence];
    if (some.size() < kPage) return out;
    last = some.back().row;
  }
}

const char* state_of(const deliver::Silence& silence, int64_t now) {
  return now < silence.from ? "pending" : silence.is_on(now) ? "active" : "ended";
}

void show(const deliver::Silence& silence, const Options& options, int64_t now, size_t held) {
  const char* const state = state_of(silence, now);
  if (options.format == "json") {
    print_out(
        "{{\"silence\":{},\"state\":\"{}\",\"from\":{},\"until\":\"{}\",\"matchers\":{},\"held\":{},\"by\":{},\"comment\":{}}}\n",
        json_quoted(silence.name), state, silence.from ? json_quoted(match::format_time(silence.from)) : "null",
        match::format_time(silence.until), json_quoted(deliver::matchers_text(silence)), held,
        json_quoted(silence.by), json_quoted(silence.comment));
    return;
  }
  print_out("{:>6}  {:<7}  {}  {}  {}{}  {}{}\n", silence.name, state,
            silence.from ? match::format_time(silence.from) : std::string("always"), match::format_time(silence.until),
            deliver::matchers_text(silence), held ? fmt::format("  (holds {})", counted(held, "open alert")) : "",
            silence.comment, silence.by.empty() ? "" : " (" + silence.by + ")");
}

int list(const Options& options) {
  LoadedConfig loaded = load_config(options.config);
  if (loaded.exit) return loaded.exit;
  int exit = kOk;
  auto store = look_at_store(options.config, exit);
  if (!store) return exit;
  std::vector<deliver::Silence> all = loaded.config.silences;
  for (const store::SilenceRow& row : store->silences())
    if (std::optional<deliver::Silence> silence = deliver::read_silence(row)) all.push_back(std::move(*silence));
  const int64_t now = process::now_us();
  const std::map<std::string, size_t> held = held_by(*store);
  if (exit = unless_failed(*store, kOk); exit != kOk) return exit;
  for (const deliver::Silence& one : all)
    if (options.all || now < one.until) show(one, options, now, held.contains(one.name) ? held.at(one.name) : 0);
  return kOk;
}

// ---- end

int end(const Options& options) {
  int exit = kOk;
  auto store = look_at_store(options.config, exit);
  if (!store) return exit;
  for (const int64_t number : options.numbers) {
    const int64_t ended = store->end_silence(number, process::now_us());
    if (const std::string problem = store->problem(); !problem.empty()) {
      print_error("{}", problem);
      return kFailed;
    }
    if (ended == 0) {
      print_error("there is no silence {} that lasts", number);
      exit = kNo;
    } else {
      print_error("silence {} is over", number);
    }
  }
  return exit;
}

Verb verb_of(Verb& parent, Run& run, const std::shared_ptr<Options>& options, const char* name,
             const char* help, int (*what)(const Options&)) {
  Verb verb = parent.add(name, help);
  verb.option("CONFIG", options->config, "weir.yaml").required();
  verb.runs(run, [=] { return what(*options); });
  return verb;
}

void add_add(Verb& parent, Run& run) {
  auto options = std::make_shared<Options>();
  Verb verb = verb_of(parent, run, options, "add", "Begin a silence; prints its number", add);
  const auto values = [&](const char* name, std::vector<std::string>& into, const char* help) {
    return verb.option(name, into, help).one_at_a_time();
  };
  // Each of these takes one value, and may be given several times.
  values("--rule", options->rules, "Names of rules, with * and ?; \"*\" is all but weir.*").required();
  values("--level", options->levels, "Only this level: low, \"<=medium\"");
  values("--account", options->accounts, "Only alerts about this account; with * and ?");
  values("--tag", options->tags, "Only rules with this tag");
  values("--group", options->groups, "Only alerts with this in common, as group_by names it: key.client=10.0.0.5");
  values("--to", options->sinks, "Only this sink stays quiet");
  verb.option("--for", options->lasts, "How long: 30m, 4h").shows_default();
  verb.option("--until", options->until, "…or until when: 2026-01-31T08:00:00Z").excludes("--for");
  verb.option("--from", options->from, "Since when, if not now");
  verb.option("--comment", options->comment, "Why").required();
  verb.option("--by", options->by, "Who (default: you)");
  verb.footer(
      "All but --for, --until, --from, --comment and --by may be given several times: any of those values.\n"
      "Examples:\n"
      "  weir silence add weir.yaml --rule \"resolver_*\" --group key.client=10.0.0.5 --for 2h --comment \"a "
      "migration\"\n"
      "  weir silence add weir.yaml --rule \"*\" --level \"<high\" --to pager --until 2026-01-31T08:00:00Z "
      "--comment night");
}

}  // namespace

void add_silence(Verb& app, Run& run) {
  Verb verb = app.add("silence", "Do not tell of some alerts for a while");
  verb.asks_for_one_below();
  verb.footer("Examples:\n  weir silence ls weir.yaml");
  add_add(verb, run);
  auto shown = std::make_shared<Options>();
  Verb ls = verb_of(verb, run, shown, "ls", "Silences that last or will begin, and what they hold", list);
  ls.flag("--all", shown->all, "Those that have ended, too: for five days");
  ls.format(shown->format, "text, or json: one silence a line");
  ls.footer("Examples:\n  weir silence ls weir.yaml --format json | jq .comment");
  auto ended = std::make_shared<Options>();
  Verb stop =
      verb_of(verb, run, ended, "end", "End silences that `add` began; what is open still is told then", end);
  stop.option("NUMBER", ended->numbers, "By the numbers that `ls` shows").required();
  stop.footer("Examples:\n  weir silence end weir.yaml 3");
}

}  // namespace weir::cli
