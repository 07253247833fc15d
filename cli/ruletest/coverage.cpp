#include "cli/ruletest/coverage.h"

#include <algorithm>

#include "cli/load.h"

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

CoverageRow& Coverage::row(const std::string& rule, const std::string& what, dsl::Span span) {
  CoverageRow& row = rows_[{uint64_t(span.source) << 32 | span.begin, rule + what}];
  row.rule = rule;
  row.what = what;
  row.span = span;
  return row;
}

// Calls `note(rule, what, span, root)` for everything that should be seen true and false.
template <class Note>
void Coverage::each_item(const compiler::Compiled& compiled, const compiler::RuleTrace& trace, Note note) {
  const std::string& rule = compiled.program->rules[trace.rule].name;
  for (const compiler::TracedSelection& selection : trace.selections) {
    if (selection.shared) {  // its items are its own author's: here only whether it holds
      note(rule, selection.name, selection.span, selection.holds);
      continue;
    }
    for (const auto& map : selection.maps)
      for (const compiler::TracedItem& item : map) {
        if (item.never) continue;  // an empty list, which a site fills
        note(rule, selection.name + ": " + item.text, item.span, item.holds);
        for (const compiler::TracedItem& child : item.children)
          if (!child.never) note(rule, selection.name + ": " + item.text + " { " + child.text + " }", child.span, child.holds);
      }
  }
  for (const compiler::TracedExemption& exemption : trace.exemptions)
    note(rule, "exempt " + exemption.name, exemption.selection.span, exemption.selection.holds);
}

void Coverage::event(const compiler::Compiled& compiled, const std::vector<std::string>& rules, const rt_event& event,
                     rt_scratch* scratch) {
  Evaluator evaluate{*compiled.program, event, scratch};
  for (const compiler::RuleTrace& trace : compiled.trace.rules) {
    const std::string& name = compiled.program->rules[trace.rule].name;
    if (trace.source != event.source || !name_matches(name, names_)) continue;
    if (std::find(rules.begin(), rules.end(), name) == rules.end()) continue;
    each_item(compiled, trace, [&](const std::string& rule, const std::string& what, dsl::Span span, match::Root root) {
      CoverageRow& seen = row(rule, what, span);
      (evaluate.holds(root) ? seen.seen_true : seen.seen_false) = true;
    });
  }
}

void Coverage::expect(const compiler::Project& project) {
  compiler::CompileOptions options;
  options.trace = true;
  dsl::Diagnostics diagnostics;
  compiler::Compiled compiled = compiler::compile(project, options, diagnostics);
  for (const compiler::RuleTrace& trace : compiled.trace.rules) {
    const match::RuleInfo& info = compiled.program->rules[trace.rule];
    const compiler::RuleEntry* entry = project.rule(info.name);
    if (!name_matches(info.name, names_) || !entry || !tests_count(project, *entry)) continue;
    each_item(compiled, trace, [&](const std::string& rule, const std::string& what, dsl::Span span, match::Root) {
      row(rule, what, span);
    });
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
