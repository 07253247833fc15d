// The ATT&CK table: today's ids, the ones they replaced, and their order (look-ups search by halves).
#include <doctest/doctest.h>

#include <string>

#include "compiler/attack/attack.h"

using namespace weir::compiler;

TEST_CASE("a technique in use, with its tactics") {
  const Technique* technique = find_technique("T1098");
  REQUIRE(technique);
  CHECK(technique->name == "Account Manipulation");
  CHECK(technique->in_use());
  CHECK(technique->of("TA0003"));
  CHECK_FALSE(technique->of("TA0006"));
  CHECK(tactics_of(*technique) == "Persistence (TA0003), Privilege Escalation (TA0004)");
}

TEST_CASE("an id that the current version revoked names its successor") {
  const Technique* technique = find_technique("T1562.008");
  REQUIRE(technique);
  CHECK_FALSE(technique->in_use());
  CHECK(technique->successor == "T1685.002");
  REQUIRE(find_technique("T1685.002"));
  CHECK(find_technique("T1685.002")->of("TA0112"));
  CHECK(find_technique("T1086")->successor == "T1059.001");  // of an older renumbering
}

TEST_CASE("every id is found, and every successor is in use") {
  size_t techniques = 0;
  for (const std::string& id : attack_ids()) {
    const Technique* technique = find_technique(id);
    CHECK((technique || find_tactic(id)));
    techniques += technique != nullptr;
  }
  CHECK(techniques > 650);
  for (const char* revoked : {"T1562", "T1562.001", "T1070.001", "T1089", "T1656"}) {
    const Technique* technique = find_technique(revoked);
    REQUIRE(technique);
    const Technique* successor = find_technique(technique->successor);
    REQUIRE(successor);
    CHECK(successor->in_use());
  }
}

TEST_CASE("tactics, and what there is not") {
  REQUIRE(find_tactic("TA0006"));
  CHECK(find_tactic("TA0006")->name == "Credential Access");
  CHECK_FALSE(find_tactic("TA9999"));
  CHECK_FALSE(find_technique("T9999"));
  CHECK(std::string(attack_version()).find("(20") != std::string::npos);
}
