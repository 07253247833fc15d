// Differential testing: every way to run a pack gives the same answers.
//
//   test_differential [--seed N | --seed-of-the-day] [--packs P] [--events E] [--rules R] [--engine native|interpreter]…
//   [--verbose] test_differential --pack PATH… --events PATH… [--engine …]      given rules over given files
//   of events
#include <fmt/format.h>

#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

#include "tests/differential/generated.h"
#include "tests/differential/given.h"

namespace {

struct Arguments {
  weir::differential::Run run;
  std::vector<std::string> packs, events;
  bool good = true;
};

Arguments parse(const std::vector<std::string>& words) {
  Arguments out;
  bool engines_named = false;
  for (size_t i = 0; i < words.size() && out.good; ++i) {
    std::vector<std::string> values;
    size_t option = i;
    while (i + 1 < words.size() && !words[i + 1].starts_with("--")) values.push_back(words[++i]);
    const std::string& name = words[option];
    auto number = [&] {
      return values.size() == 1 ? std::strtoull(values[0].c_str(), nullptr, 10) : (out.good = false, 0);
    };
    if (name == "--seed") {
      out.run.seed = number();
    } else if (name == "--seed-of-the-day" && values.empty()) {
      out.run.seed = uint64_t(std::time(nullptr)) / 86'400;
    } else if (name == "--packs") {
      out.run.packs = uint32_t(number());
    } else if (name == "--rules") {
      out.run.rules = uint32_t(number());
    } else if (name == "--pack" && !values.empty()) {
      out.packs.insert(out.packs.end(), values.begin(), values.end());
    } else if (name == "--events" && !values.empty()) {
      out.events.insert(out.events.end(), values.begin(), values.end());
    } else if (name == "--engine" && !values.empty()) {
      if (!engines_named) out.run.engines = {false, false};
      engines_named = true;
      for (const std::string& engine : values) {
        out.run.engines.native |= engine == "native";
        out.run.engines.interpreter |= engine == "interpreter";
        out.good &= engine == "native" || engine == "interpreter";
      }
    } else if (name == "--verbose") {
      out.run.verbose = true;
    } else {
      out.good = false;
    }
  }
  if (out.packs.empty() && !out.events.empty())
    out.run.events = uint32_t(std::strtoul(out.events[0].c_str(), nullptr, 10));
  out.good &= out.packs.empty() || !out.events.empty();
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments = parse({argv + 1, argv + argc});
  if (!arguments.good) {
    fmt::print(
        stderr,
        "usage: test_differential [--seed N | --seed-of-the-day] [--packs N] [--events N] [--rules N] [--engine native "
        "interpreter] [--verbose]\n       test_differential --pack PATH… --events PATH… [--engine …]\n");
    return 2;
  }
  if (!arguments.packs.empty())
    return weir::differential::compare_given(arguments.packs, arguments.events, arguments.run.engines);
  return weir::differential::compare_generated(arguments.run);
}
