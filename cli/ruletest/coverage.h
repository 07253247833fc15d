// What the tests of a pack never try: items that were never seen true, or never false, and exemptions.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "cli/ruletest/run.h"

namespace weir::cli {

struct CoverageRow {
  std::string rule, what;  // "selection: eventName", "exempt scanner"
  dsl::Span span;
  bool seen_true = false, seen_false = false;
  bool covered() const { return seen_true && seen_false; }
};

// Watches tests run; an item that several tests reach is one row.
class Coverage final : public TestRunner::Observer {
 public:
  void event(const compiler::Compiled& compiled, const rt_event& event, rt_scratch* scratch) override;

  // Counts the items of rules that no test has reached, too: those of the project with such a name.
  void expect(const compiler::Project& project, const std::vector<std::string>& names);

  std::vector<CoverageRow> rows() const;  // by place
  // Whole per cent, rounded down; 100 for no items.
  static int percent(const std::vector<CoverageRow>& rows);

 private:
  template <class Note>
  static void each_item(const compiler::Compiled& compiled, const compiler::RuleTrace& trace, Note note);
  CoverageRow& row(const std::string& rule, const std::string& what, dsl::Span span);
  std::map<std::pair<uint64_t, std::string>, CoverageRow> rows_;  // by source and place, and text
};

}  // namespace weir::cli
