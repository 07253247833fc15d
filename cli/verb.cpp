// See verb.h.
#include "cli/verb.h"

#include <CLI/CLI.hpp>
#include <utility>

namespace weir::cli {

Argument& Argument::required() {
  option_.required();
  return *this;
}

Argument& Argument::one_of(std::vector<std::string> words) {
  option_.check(CLI::IsMember(std::move(words)));
  return *this;
}

Argument& Argument::between(int64_t least, int64_t most) {
  option_.check(CLI::Range(least, most));
  return *this;
}

Argument& Argument::shown_as(const char* kind) {
  option_.type_name(kind);
  return *this;
}

Argument& Argument::shows_default() {
  option_.capture_default_str();
  return *this;
}

Argument& Argument::excludes(const char* other) {
  option_.excludes(other);
  return *this;
}

Argument& Argument::with_commas() {
  option_.delimiter(',');
  return *this;
}

Argument& Argument::one_at_a_time() {
  option_.allow_extra_args(false);
  return *this;
}

Verb Verb::add(const char* name, const char* help) { return Verb(*app_.add_subcommand(name, help)); }

void Verb::asks_for_one_below() { app_.require_subcommand(1); }

Argument Verb::option(const char* name, std::string& value, const std::string& help) {
  return Argument(*app_.add_option(name, value, help));
}

Argument Verb::option(const char* name, std::vector<std::string>& values, const std::string& help) {
  return Argument(*app_.add_option(name, values, help));
}

Argument Verb::option(const char* name, uint64_t& value, const std::string& help) {
  return Argument(*app_.add_option(name, value, help));
}

Argument Verb::option(const char* name, std::vector<int64_t>& values, const std::string& help) {
  return Argument(*app_.add_option(name, values, help));
}

void Verb::flag(const char* name, bool& value, const char* help) { app_.add_flag(name, value, help); }

void Verb::format(std::string& value, const char* help, std::vector<std::string> words) {
  option("--format", value, help).one_of(std::move(words)).shows_default();
}

void Verb::footer(const char* text) { app_.footer(text); }

void Verb::runs(Run& run, Run what) {
  app_.callback([&run, what = std::move(what)] { run = what; });
}

}  // namespace weir::cli
