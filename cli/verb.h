// What a verb takes from the command line, in the few kinds that there are: so help, completion and errors
// are worded alike. Only verb.cpp and main.cpp know CLI11, which takes ten seconds to compile wherever it is
// used.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace weir::cli {

using Run = std::function<int()>;

// Refines what was just added.
class Argument {
 public:
  explicit Argument(CLI::Option& option) : option_(option) {}

  Argument& required();
  Argument& one_of(std::vector<std::string> words);
  Argument& between(int64_t least, int64_t most);
  Argument& shown_as(const char* kind);  // what help calls the value: PATH, FILE
  Argument& shows_default();
  Argument& excludes(const char* other);
  Argument& with_commas();    // several values in one word
  Argument& one_at_a_time();  // a value each time it is given, never several in a row

 private:
  CLI::Option& option_;
};

// Values are taken into what is handed over, which must live as long as the command line is parsed; without
// the option they stay what they are. A name without dashes is the name of a positional argument.
class Verb {
 public:
  explicit Verb(CLI::App& app) : app_(app) {}

  Verb add(const char* name, const char* help);  // a verb below this one
  void asks_for_one_below();

  Argument option(const char* name, std::string& value, const std::string& help);
  Argument option(const char* name, std::vector<std::string>& values, const std::string& help);
  Argument option(const char* name, uint64_t& value, const std::string& help);
  Argument option(const char* name, std::vector<int64_t>& values, const std::string& help);
  void flag(const char* name, bool& value, const char* help);
  // --format, of these words; the first is mostly the default.
  void format(std::string& value, const char* help, std::vector<std::string> words = {"text", "json"});

  void footer(const char* text);
  // What is run when this verb is chosen.
  void runs(Run& run, Run what);

  const CLI::App& app() const { return app_; }

 private:
  CLI::App& app_;
};

}  // namespace weir::cli
