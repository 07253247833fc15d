#include "cli/ruletest/coverage.h"

namespace weir::cli {
namespace {

struct Evaluator {
  const match::Program& program;
  const rt_event& event;
  rt_scratch* scratch;
  bool holds(match::Root root) const {
    if (root == match::kNone) return false;
    rt_list list = program.eval(program.code.get(), root, &event, scratch);
    return list.count && list.values[0].kind == RT_TRUE;
  }
};

}  // namespace

void Coverage::note(const std::string& rule, const std::string& what, dsl::Span span, bool holds) {
  uint64_t place = uint64_t(span.source) << 32 | span.begin;
  CoverageRow& row = rows_[{place, rule + what}];
  row.rule = rule;
  row.what = what;
  row.span = span;
  (holds ? row.seen_true : row.seen_false) = true;
}

void Coverage::event(const compiler::Compiled& compiled, const rt_event& event, rt_scratch* scratch) {
  Evaluator evaluate{*compiled.program, event, scratch};
  for (const compiler::RuleTrace& trace : compiled.trace.rules) {
    if (trace.source != event.source) continue;
    const std::string& rule = compiled.program->rules[trace.rule].name;
    for (const compiler::TracedSelection& selection : trace.selections) {
      if (selection.shared) {  // a shared selection is its own author's: here only whether it holds
        note(rule, selection.name, selection.span, evaluate.holds(selection.holds));
        continue;
      }
      for (const auto& map : selection.maps)
        for (const compiler::TracedItem& item : map) {
          note(rule, selection.name + ": " + item.text, item.span, evaluate.holds(item.holds));
          for (const compiler::TracedItem& child : item.children)
            note(rule, selection.name + ": " + item.text + " { " + child.text + " }", child.span,
                 evaluate.holds(child.holds));
        }
    }
    for (const compiler::TracedExemption& exemption : trace.exemptions)
      note(rule, "exempt " + exemption.name, exemption.selection.span, evaluate.holds(exemption.selection.holds));
  }
}

std::vector<CoverageRow> Coverage::rows() const {
  std::vector<CoverageRow> rows;
  for (const auto& [key, row] : rows_) rows.push_back(row);
  return rows;
}

int Coverage::percent(const std::vector<CoverageRow>& rows) {
  if (rows.empty()) return 100;
  size_t covered = 0;
  for (const CoverageRow& row : rows) covered += row.covered();
  return int(covered * 100 / rows.size());
}

}  // namespace weir::cli
