// Conditions over selections: not, and, or, `N of`.
#include <fmt/format.h>

#include "compiler/lowering.h"

namespace weir::compiler {

using dsl::Code;

ir::Value RuleLowering::condition(const dsl::Cond& cond, bool negated) {
  std::vector<ir::Value> children;
  switch (cond.kind) {
    case dsl::Cond::Kind::always:
      return make().make(ir::Op::always, {});
    case dsl::Cond::Kind::name: {
      negated_ = negated;
      ir::Value holds = selection(cond.name);
      negated_ = false;
      return holds;
    }
    case dsl::Cond::Kind::negation:
      return make().make(ir::Op::negate, {condition(cond.children[0], !negated)});
    case dsl::Cond::Kind::quantifier:
      return quantifier(cond, negated);
    case dsl::Cond::Kind::all:
    case dsl::Cond::Kind::any:
      for (const dsl::Cond& child : cond.children) children.push_back(condition(child, negated));
      return make().make(cond.kind == dsl::Cond::Kind::all ? ir::Op::both : ir::Op::either,
                         std::move(children));
  }
  return make().make(ir::Op::never, {});
}

// The selections that `1 of filter_*` speaks of; none after an error.
std::vector<std::string> RuleLowering::quantified(const dsl::Cond& cond, bool negated) {
  std::vector<std::string> names = names_matching(cond.them ? "*" : cond.name.text);
  if (names.empty()) {
    std::vector<std::string> all = selection_names();
    std::string written = cond.them ? "them" : cond.name.text;
    dsl::Span span = cond.them ? cond.span : cond.name.span;
    dsl::Diagnostic& error =
        add(Code::E204, fmt::format("`{}` matches no selection", written), span,
            all.empty() ? "this detection has none"
                        : fmt::format("the selection{} {} {}", all.size() == 1 ? "" : "s",
                                      all.size() == 1 ? "is" : "are", quoted_list(all)));
    if (cond.count == dsl::Cond::Count::all)
      error.note("`all of` nothing says nothing");
    else
      error.note(negated ? "`1 of` nothing is false, so the `not` would always hold"
                         : "`1 of` nothing is false");
    return {};
  }
  if (cond.count == dsl::Cond::Count::number && (cond.number < 1 || size_t(cond.number) > names.size())) {
    add(Code::E308,
        fmt::format("`{}` names {} selection{}", cond.them ? "them" : cond.name.text, names.size(),
                    names.size() == 1 ? "" : "s"),
        cond.span, cond.number < 1 ? "so this always holds" : "so this can never hold")
        .help(fmt::format("they are {}", quoted_list(names)));
    return {};
  }
  return names;
}

ir::Value RuleLowering::quantifier(const dsl::Cond& cond, bool negated) {
  std::vector<std::string> names = quantified(cond, negated);
  if (names.empty()) return make().make(ir::Op::never, {});
  std::vector<ir::Value> children;
  for (const std::string& name : names) {
    negated_ = negated;
    children.push_back(selection({name, cond.name.span}));
    negated_ = false;
  }
  if (cond.count == dsl::Cond::Count::all ||
      (cond.count == dsl::Cond::Count::number && size_t(cond.number) == names.size()))
    return make().make(ir::Op::both, std::move(children));
  if (cond.count == dsl::Cond::Count::any || cond.number == 1)
    return make().make(ir::Op::either, std::move(children));
  return make().at_least(uint32_t(cond.number), std::move(children));
}

}  // namespace weir::compiler
