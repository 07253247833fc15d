// What the tests of a pack never try: items that were never seen true, or never false, and exemptions.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "cli/ruletest/run.h"

namespace weir::cli {

struct CoverageRow {
  std::string rule, what;  // "selection: eventName", "exempt scanner"
  dsl::Span span;
  bool seen_true = false, seen_false = false;
  bool covered() const { return seen_true && seen_false; }
};

// Watches tests run; an item that several tests reach is one row. A rule's items are tried by its own tests, not by
// those of a rule that hears it.
class Coverage final : public TestRunner::Observer {
 public:
  // `names`: the rules that it is about, * and ? allowed; none are all.
  explicit Coverage(std::vector<std::string> names) : names_(std::move(names)) {}

  void event(const compiler::Compiled& compiled, const std::vector<std::string>& rules, const rt_event& event,
             rt_scratch* scratch) override;

  // Counts the items of rules that no test has reached, too.
  void expect(const compiler::Project& project);

  std::vector<CoverageRow> rows() const;  // by place
  // Whole per cent, rounded down; 100 for no items.
  static int percent(const std::vector<CoverageRow>& rows);

 private:
  template <class Note>
  static void each_item(const compiler::Compiled& compiled, const compiler::RuleTrace& trace, Note note);
  CoverageRow& row(const std::string& rule, const std::string& what, dsl::Span span);
  std::vector<std::string> names_;
  std::map<std::pair<uint64_t, std::string>, CoverageRow> rows_;  // by source and place, and text
};

}  // namespace weir::cli
