#include "cli/load.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <map>

#include "cli/files.h"
#include "cli/terminal.h"
#include "cli/verbs.h"
#include "dsl/render.h"
#include "runtime/match/json.h"
#include "runtime/match/text.h"
#include "runtime/match/utf8.h"

namespace weir::cli {

compiler::LoadOptions load_options(const std::vector<std::string>& paths) {
  compiler::LoadOptions options;
  options.paths = paths.empty() ? std::vector<std::string>{"shipped"} : paths;
  options.today = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now()).time_since_epoch().count();
  return options;
}

Loaded load_project(const std::vector<std::string>& paths, Tests tests) {
  Loaded loaded;
  for (const std::string& path : paths) {
    std::error_code error;
    if (path != "shipped" && !std::filesystem::exists(path, error) && !error) loaded.exit = kUsage;
  }
  std::vector<std::string> unreadable;
  compiler::LoadOptions options = load_options(paths);
  options.shipped_tests = tests == Tests::read;
  loaded.project = compiler::load(options, loaded.diagnostics, unreadable);
  for (const std::string& sentence : unreadable) print_error("{}", sentence);
  if (!unreadable.empty() && loaded.exit == 0) loaded.exit = kFailed;
  return loaded;
}

namespace {

constexpr const char* kLogEndings[] = {".json", ".ndjson", ".jsonl", ".log", ".gz", ".zst"};

// By its name, what weir scan reads.
const char* log_ending(const std::string& path) {
  const auto found = std::find_if(std::begin(kLogEndings), std::end(kLogEndings),
                                  [&](const char* ending) { return path.ends_with(ending); });
  return found == std::end(kLogEndings) ? nullptr : *found;
}

bool looks_like_logs(const std::string& path) {
  std::error_code error;
  return path == "-" || (log_ending(path) && !std::filesystem::is_directory(path, error));
}

bool holds_rules(const std::string& path) {
  std::vector<std::string> problems;
  return path == "shipped" || path.ends_with(".weir") ||
         (std::filesystem::is_directory(path) && !rule_files({path}, problems).empty());
}

}  // namespace

bool part_rules_and_logs(std::vector<std::string>& rule_paths, std::vector<std::string>& logs) {
  const bool none = logs.empty();
  while (rule_paths.size() > 1 && (looks_like_logs(rule_paths.back()) || (none && !holds_rules(rule_paths.back())))) {
    logs.insert(logs.begin(), rule_paths.back());
    rule_paths.pop_back();
  }
  const auto wrong = std::find_if(rule_paths.begin(), rule_paths.end(), looks_like_logs);
  if (wrong == rule_paths.end()) return true;
  print_error("--rules {}: this looks like logs; rules are .weir files, folders of them, and `shipped`", *wrong);
  return false;
}

std::string logs_in(const std::string& folder) {
  std::map<std::string, size_t> found;
  std::error_code error;
  namespace fs = std::filesystem;
  for (fs::recursive_directory_iterator walk(folder, fs::directory_options::skip_permission_denied, error), end;
       !error && walk != end; walk.increment(error)) {
    const char* const ending = log_ending(walk->path().string());
    if (ending && walk->is_regular_file(error)) ++found[ending];
  }
  std::string out;
  for (const auto& [ending, files] : found) out += (out.empty() ? "" : ", ") + counted(files, ending + " file");
  return out;
}

std::string findings_text(size_t errors, size_t warnings) {
  return counted(errors, "error") + ", " + counted(warnings, "warning");
}

void print_diagnostics(const compiler::Project& project, const dsl::Diagnostics& diagnostics, bool out,
                       size_t most) {
  print_diagnostics(project.sources, diagnostics, out, most);
}

void print_diagnostics(const dsl::SourceMap& sources, const dsl::Diagnostics& diagnostics, bool out, size_t most) {
  dsl::RenderOptions options{use_color(out ? stdout : stderr)};
  size_t errors = diagnostics.error_count(), warnings = diagnostics.warning_count();
  size_t errors_left = std::min(errors, most), warnings_left = std::min(warnings, most - errors_left);
  const size_t hidden_errors = errors - errors_left, hidden_warnings = warnings - warnings_left;
  std::string text;
  for (const dsl::Diagnostic& diagnostic : diagnostics.list()) {
    size_t& left = diagnostic.severity() == dsl::Severity::error ? errors_left : warnings_left;
    if (left == 0) continue;
    --left;
    text += dsl::render(sources, diagnostic, options) + "\n";
  }
  if (hidden_errors + hidden_warnings > 0)
    text += fmt::format("… {} more ({}); {} shows them\n", grouped(hidden_errors + hidden_warnings),
                        findings_text(hidden_errors, hidden_warnings), out ? "--all" : "`weir check --all`");
  if (text.empty()) return;
  if (out) {
    print(text);
  } else {
    std::fwrite(text.data(), 1, text.size(), stderr);
  }
}

bool name_matches(std::string_view name, const std::vector<std::string>& patterns) {
  if (patterns.empty()) return true;
  for (const std::string& pattern : patterns) {
    std::vector<uint32_t> wildcards;
    for (uint32_t i = 0; i < pattern.size(); ++i)
      if (pattern[i] == '*' || pattern[i] == '?') wildcards.push_back(i);
    if (match::Pattern(pattern, wildcards, {}).matches(name)) return true;
  }
  return false;
}

std::string json_quoted(std::string_view text) {
  std::string out, readable;
  for (size_t bad; (bad = match::find_bad_utf8(text)) != std::string_view::npos; text.remove_prefix(bad + 1))
    readable.append(text, 0, bad).append("\xef\xbf\xbd");
  match::append_json_string(out, readable.append(text));
  return out;
}

}  // namespace weir::cli
