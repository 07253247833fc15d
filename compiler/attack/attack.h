// What ATT&CK knows of an id: the facts behind the checks of `mitre:`. The table is generated (generate.py).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace weir::compiler {

struct Tactic {
  std::string_view id, name;  // "TA0006", "Credential Access"
};

struct Technique {
  std::string_view id, name;
  std::string_view tactics;    // ids, a blank between
  std::string_view successor;  // of a revoked id; "-" when nothing took its place; empty: in use
  bool in_use() const { return successor.empty(); }
  bool of(std::string_view tactic) const { return tactics.find(tactic) != std::string_view::npos; }
};

const char* attack_version();  // "19 (2026-04-14)"
const Tactic* find_tactic(std::string_view id);
const Technique* find_technique(std::string_view id);
std::vector<std::string> attack_ids();  // every one, for "did you mean"; those in use only

// "Persistence (TA0003), Privilege Escalation (TA0004)"
std::string tactics_of(const Technique& technique);

}  // namespace weir::compiler
