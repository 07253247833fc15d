// E404: what one group of a correlation may hold, by the table of language.md 6, against the rule's budget.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/lowering.h"

namespace weir::compiler {

using dsl::Code;
using Kind = dsl::KCond::Kind;

namespace {

constexpr double kDefaultBudget = 64.0 * 1024 * 1024;
constexpr double kLeastGroups = 64;
constexpr double kMaxExactDistinct = 65'536;
constexpr double kBytesOfValue = 40, kBytesOfTime = 8, kBytesOfStep = 64;

}  // namespace

struct Holding {  // the part of a condition that takes most
  double bytes = 0, entries = 0, each = 0;
  dsl::Span span;
  bool distinct = false;
};

void RuleLowering::collect_holdings(const dsl::KCond& cond, double& total, Holding& most) {
  auto take = [&](double entries, double each, dsl::Span span, bool distinct) {
    total += entries * each;
    if (entries * each > most.bytes) most = {entries * each, entries, each, span, distinct};
  };
  if (cond.kind == Kind::step && cond.numbered)
    take(double(cond.number), kBytesOfTime, cond.span, false);
  else if (cond.kind == Kind::step)
    take(1, kBytesOfStep, cond.span, false);
  if (cond.kind == Kind::compare)
    for (const auto& [side, other] :
         {std::pair{cond.left.get(), cond.right.get()}, std::pair{cond.right.get(), cond.left.get()}}) {
      auto* call = std::get_if<dsl::Call>(&side->node);
      if (!call || call->name.text != "distinct") continue;
      if (std::optional<double> n = number_of(*other)) take(*n, kBytesOfValue, other->span, true);
    }
  for (const dsl::KCond& child : cond.children) collect_holdings(child, total, most);
}

void RuleLowering::check_memory() {
  double total = 0;
  Holding most;
  collect_holdings(*correlation_->condition, total, most);
  double budget = correlation_->state ? double(correlation_->state->bytes) : kDefaultBudget;
  bool too_many = most.distinct && most.entries > kMaxExactDistinct;
  double groups = correlation_->group_by.empty() ? 1 : kLeastGroups;
  if (!too_many && total * groups <= budget) return;
  if (too_many) {
    add(Code::E404, "different values are counted exactly up to 65,536", most.span,
        fmt::format("{} values of {} bytes", grouped(uint64_t(most.entries)), most.each))
        .help("lower the number; no memory is enough for the answer to be exact");
    return;
  }
  dsl::Diagnostic& error = add(Code::E404,
                               fmt::format("one group of this correlation may hold {}, and the rule has {}",
                                           in_bytes(total), in_bytes(budget)),
                               most.span,
                               fmt::format("{} {} of {} bytes", grouped(uint64_t(most.entries)),
                                           most.distinct ? "values" : "times", most.each));
  std::string narrower;
  if (!correlation_->group_by.empty()) {
    error.label(correlation_->group_by.size() == 1
                    ? correlation_->group_by[0].span
                    : dsl::join(correlation_->group_by.front().span, correlation_->group_by.back().span),
                fmt::format("{} groups would fill it", grouped(uint64_t(budget / total))));
    for (const dsl::Expr& key : correlation_->group_by)
      if (Typed typed = expression(key, Scope{}); typed.field && typed.type == Type::domain)
        narrower = fmt::format("group by `registered_domain({})`, ", text(key.span));
  }
  const char* more = "64GiB";
  for (auto [bytes, written] : {std::pair{268435456.0, "256MiB"},
                                {1073741824.0, "1GiB"},
                                {4294967296.0, "4GiB"},
                                {17179869184.0, "16GiB"}})
    if (total * kLeastGroups * 4 <= bytes) {
      more = written;
      break;
    }
  error.help(fmt::format("lower the number, {}or give the rule more: `state: {}`", narrower, more));
}

}  // namespace weir::compiler
