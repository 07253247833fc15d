// The pack as a layer of the ATT&CK Navigator: https://github.com/mitre-attack/attack-navigator (layers,
// format 4.5).
#include <fmt/format.h>

#include <algorithm>

#include "cli/doc/pages.h"
#include "compiler/attack/attack.h"
#include "runtime/match/json.h"

namespace weir::cli::doc {
namespace {

std::string in_json(std::string_view text) {
  std::string out;
  match::append_json_string(out, text);
  return out;
}

}  // namespace

// A revoked id is no cell of the matrix: its successor has one, where rules name it.
std::string navigator_layer(const Book& book) {
  std::string techniques;
  size_t most = 1;
  for (const auto& [id, rules] : book.by_attack) {
    const compiler::Technique* technique = compiler::find_technique(id);
    if (!technique || !technique->in_use()) continue;
    most = std::max(most, rules.size());
    std::string names;
    for (const RuleFacts* rule : rules) names += (names.empty() ? "" : ", ") + rule->name();
    techniques += fmt::format(
        "{}\n    {{\"techniqueID\": {}, \"score\": {}, \"comment\": {}, \"enabled\": true, "
        "\"showSubtechniques\": {}}}",
        techniques.empty() ? "" : ",", in_json(id), rules.size(), in_json(names), id.find('.') != id.npos);
  }
  std::string version = compiler::attack_version();
  version.resize(std::min(version.find(' '), version.size()));
  return fmt::format(
      "{{\n  \"name\": \"Weir rules\",\n  \"versions\": {{\"attack\": {}, \"navigator\": \"5.1.0\", "
      "\"layer\": \"4.5\"}},\n"
      "  \"domain\": \"enterprise-attack\",\n  \"description\": {},\n  \"sorting\": 3,\n  \"hideDisabled\": "
      "false,\n"
      "  \"techniques\": [{}\n  ],\n"
      "  \"gradient\": {{\"colors\": [\"#d6e9f8\", \"#0b5cad\"], \"minValue\": 0, \"maxValue\": {}}}\n}}\n",
      in_json(version),
      in_json(fmt::format("{} rules; the score of a technique is how many find it.", book.rules.size())),
      techniques, most);
}

}  // namespace weir::cli::doc
