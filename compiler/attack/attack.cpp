#include "compiler/attack/attack.h"

#include <algorithm>
#include <iterator>

namespace weir::compiler {
namespace {

#define WEIR_ATTACK_VERSION(...)
#define WEIR_ATTACK_TECHNIQUE(...)
#define WEIR_ATTACK_TACTIC(id, name) {id, name},
constexpr Tactic kTactics[] = {
#include "compiler/attack/techniques.def"
};
#undef WEIR_ATTACK_TACTIC
#undef WEIR_ATTACK_TECHNIQUE
#define WEIR_ATTACK_TACTIC(...)
#define WEIR_ATTACK_TECHNIQUE(id, name, tactics, successor) {id, name, tactics, successor},
constexpr Technique kTechniques[] = {
#include "compiler/attack/techniques.def"
};
#undef WEIR_ATTACK_VERSION
#undef WEIR_ATTACK_TECHNIQUE
#define WEIR_ATTACK_TECHNIQUE(...)
#define WEIR_ATTACK_VERSION(version, date) version " (" date ")"
constexpr char kVersion[] =
#include "compiler/attack/techniques.def"
    ;

template <class Row, size_t n>
const Row* find(const Row (&table)[n], std::string_view id) {
  const Row* row = std::lower_bound(std::begin(table), std::end(table), id,
                                    [](const Row& r, std::string_view wanted) { return r.id < wanted; });
  return row != std::end(table) && row->id == id ? row : nullptr;
}

}  // namespace

const char* attack_version() { return kVersion; }

const Tactic* find_tactic(std::string_view id) { return find(kTactics, id); }

const Technique* find_technique(std::string_view id) { return find(kTechniques, id); }

std::vector<std::string> attack_ids() {
  std::vector<std::string> ids;
  for (const Tactic& tactic : kTactics) ids.emplace_back(tactic.id);
  for (const Technique& technique : kTechniques)
    if (technique.in_use()) ids.emplace_back(technique.id);
  return ids;
}

std::string tactics_of(const Technique& technique) {
  std::string out;
  for (const Tactic& tactic : kTactics) {
    if (!technique.of(tactic.id)) continue;
    if (!out.empty()) out += ", ";
    out.append(tactic.name).append(" (").append(tactic.id).append(")");
  }
  return out;
}

}  // namespace weir::compiler
