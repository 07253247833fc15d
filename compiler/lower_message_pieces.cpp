// What stands between the braces of a message: of the completing event, the key, a step's event, or the
// window.
//
// The pieces have the same kinds and numbers on every source of the rule.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/lowering.h"
#include "dsl/dump.h"

namespace weir::compiler {

using dsl::Code;
using PieceKind = match::MessagePiece::Kind;

namespace {

// The parts of an expression that speak of something.
struct Spoken {
  std::vector<const dsl::Path*> paths;
  std::vector<const dsl::Call*> aggregates;
  bool selection = false;  // `if(failed, …)`, `size(x where y)`: of the completing event

  void see(const dsl::Expr& expr) {
    if (auto* path = std::get_if<dsl::Path>(&expr.node)) {
      paths.push_back(path);
    } else if (auto* binary = std::get_if<dsl::Binary>(&expr.node)) {
      see(*binary->left);
      see(*binary->right);
    } else if (auto* call = std::get_if<dsl::Call>(&expr.node)) {
      if (is_aggregate(call->name.text)) {
        aggregates.push_back(call);
        return;
      }
      bool conditional = call->name.text == "if" && !call->args.empty();
      selection = selection || conditional || call->where;
      for (size_t i = conditional ? 1 : 0; i < call->args.size(); i++) see(call->args[i]);
    }
  }
};

}  // namespace

// An aggregate as it stands, or what is calculated of several.
match::MessagePiece RuleLowering::window_piece(const dsl::Expr& expr) {
  match::MessagePiece piece;
  Scope message = window_scope(Place::message);
  auto* call = std::get_if<dsl::Call>(&expr.node);
  if (call && call->name.text != "baseline" && call->name.text != "spread") {
    Typed typed = aggregate(*call, message);
    piece.kind = PieceKind::aggregate;
    piece.index = typed.numbered == match::kNone ? 0 : typed.numbered;
    planned_.shown.insert(piece.index);
    return piece;
  }
  piece.kind = PieceKind::number;
  size_t errors = sink_->error_count();
  Typed typed = expression(expr, window_scope(Place::window));
  if (typed.type != Type::unknown && sink_->error_count() == errors)
    piece.index = window_number(expr, window_scope(Place::window)).value_or(0);
  return piece;
}

match::MessagePiece RuleLowering::step_piece(const dsl::Expr& expr,
                                             const std::vector<const dsl::Path*>& steps) {
  match::MessagePiece piece;
  piece.kind = PieceKind::step;
  piece.index = step_number(*steps[0]).value_or(0);
  Typed typed = message_expression(expr);
  std::optional<Named> step = step_path(*steps[0]);
  if (step && source_of(*step->selection) == source_) piece.root = root_of(typed);
  return piece;
}

match::MessagePiece RuleLowering::message_piece(const dsl::Expr& expr) {
  match::MessagePiece piece;
  piece.kind = PieceKind::root;
  Spoken spoken;
  spoken.see(expr);
  std::vector<const dsl::Path*> steps;
  for (const dsl::Path* path : spoken.paths)
    if (step_path(*path)) steps.push_back(path);
  bool of_event = spoken.selection || steps.size() < spoken.paths.size();
  bool several = std::any_of(steps.begin(), steps.end(), [&](const dsl::Path* path) {
    return path->segments[0].name != steps[0]->segments[0].name;
  });
  bool of_window =
      correlation_ && std::holds_alternative<dsl::Binary>(expr.node) && !spoken.aggregates.empty();
  if (several || (of_event && !steps.empty()) || (of_window && !spoken.paths.empty())) {
    add(Code::E414, fmt::format("`{}` speaks of several events at once", text(expr.span)), expr.span,
        of_window ? "a number over the window, and a field of one event" : "fields of different events")
        .help("give each braces of its own");
    message_expression(expr);
    return piece;
  }
  bool aggregate = std::holds_alternative<dsl::Call>(expr.node) && !spoken.aggregates.empty() &&
                   &std::get<dsl::Call>(expr.node) == spoken.aggregates[0];
  if (correlation_ && (of_window || aggregate)) return window_piece(expr);
  if (!steps.empty()) return step_piece(expr, steps);
  piece.root = make().root(message_expression(expr).value);
  auto key = std::find(planned_.keys.begin(), planned_.keys.end(), dsl::dump(expr));
  if (key != planned_.keys.end()) {
    piece.kind = PieceKind::key;
    piece.index = uint32_t(key - planned_.keys.begin());
  }
  return piece;
}

}  // namespace weir::compiler
