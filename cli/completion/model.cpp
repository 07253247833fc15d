// See model.h.
#include "cli/completion/model.h"

#include <CLI/CLI.hpp>

namespace weir::cli {
namespace {

// CLI::IsMember says its set only in words: "TEXT:{text,json}".
std::vector<std::string> choices_of(const std::string& type) {
  size_t begin = type.find(":{");
  size_t end = type.find('}', begin);
  if (begin == std::string::npos || end == std::string::npos) return {};
  return CLI::detail::split(type.substr(begin + 2, end - begin - 2), ',');
}

bool names_files(const std::string& type) { return type.starts_with("PATH") || type.starts_with("FILE"); }

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

CompletedOption completed(const CLI::Option& option) {
  CompletedOption completed;
  for (const std::string& name : option.get_lnames()) completed.names.push_back("--" + name);
  for (const std::string& name : option.get_snames()) completed.names.push_back("-" + name);
  completed.help = first_line(option.get_description());
  completed.choices = choices_of(option.get_type_name());
  using Value = CompletedOption::Value;
  completed.value = option.get_items_expected_max() == 0  ? Value::none
                    : !completed.choices.empty()          ? Value::choice
                    : names_files(option.get_type_name()) ? Value::file
                                                          : Value::free;
  return completed;
}

void add(const CLI::App& app, const std::string& path, std::vector<CompletedVerb>& verbs) {
  CompletedVerb verb{path, first_line(app.get_description()), {}, {}, false};
  for (const CLI::Option* option : app.get_options()) {
    if (option->nonpositional()) {
      verb.options.push_back(completed(*option));
      continue;
    }
    std::vector<std::string> choices = choices_of(option->get_type_name());
    verb.words.insert(verb.words.end(), choices.begin(), choices.end());
    verb.files = verb.files || names_files(option->get_name(true));
  }
  auto below = app.get_subcommands([](const CLI::App*) { return true; });
  for (const CLI::App* child : below) verb.words.push_back(child->get_name());
  verbs.push_back(std::move(verb));
  for (const CLI::App* child : below)
    add(*child, path.empty() ? child->get_name() : path + " " + child->get_name(), verbs);
}

}  // namespace

std::vector<CompletedVerb> completion_model(const CLI::App& app) {
  std::vector<CompletedVerb> verbs;
  add(app, "", verbs);
  return verbs;
}

std::string shell_quoted(const std::string& text) {
  std::string quoted = "'";
  for (char c : text) quoted += c == '\'' ? "'\\''" : std::string(1, c);
  return quoted + "'";
}

}  // namespace weir::cli
