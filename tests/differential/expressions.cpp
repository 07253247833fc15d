// Random expressions: of `let`, messages, keys and the fields of an alert.
#include "tests/differential/functions_table.h"
#include "tests/differential/items.h"

namespace weir::differential {
namespace {

constexpr int kDeepest = 3;

bool accepts_text(Kind kind) { return kind == Kind::text || kind == Kind::domain || kind == Kind::address; }

}  // namespace

Kind Items::any_kind() {
  static const std::vector<Kind> kKinds = {Kind::text,    Kind::text, Kind::domain,  Kind::integer,
                                           Kind::integer, Kind::real, Kind::boolean, Kind::time,
                                           Kind::span,    Kind::json, Kind::address};
  return dice_.of(kKinds);
}

Written Items::expression(const Place& place, Kind kind, int depth) {
  Written out;
  out.kind = kind;
  bool shallow = depth >= kDeepest;
  uint32_t roll = dice_.below(100);
  if (!shallow && (kind == Kind::integer || kind == Kind::real) && roll < 35) return number(place, depth);
  if (!shallow && kind == Kind::time && roll < 40) {
    Written from = expression(place, Kind::time, depth + 1), by = expression(place, Kind::span, depth + 1);
    if (from.kind == Kind::time && by.kind == Kind::span)
      out.text = "(" + from.text + (dice_.one_in(2) ? " + " : " - ") + by.text + ")";
  } else if (!shallow && kind == Kind::span && roll < 60) {
    Written left = expression(place, Kind::time, depth + 1), right = expression(place, Kind::time, depth + 1);
    if (left.kind == Kind::time && right.kind == Kind::time)
      out.text = "(" + left.text + " - " + right.text + ")";
    if (!out.text.empty() && dice_.one_in(3)) out.text = "(" + out.text + " * 2)";
  } else if (!shallow && roll < 45) {
    out = call_of(place, kind);
  } else if (!shallow && roll < 55 && !names_.selections.empty()) {
    Written yes = expression(place, kind, depth + 1), no = expression(place, kind, depth + 1);
    if (yes.kind == no.kind) {
      out = yes;
      out.text = "if(" + dice_.of(names_.selections) + ", " + yes.text + ", " + no.text + ")";
      out.take(no);
    }
  } else if (!shallow && roll < 62) {
    Written first = expression(place, kind, depth + 1), second = expression(place, kind, depth + 1);
    if (first.kind == second.kind) {
      out = first;
      out.text = "coalesce(" + first.text + ", " + second.text + ")";
    }
  }
  if (!out.text.empty()) return out;
  std::optional<Field> field = field_of(place, {kind});
  if (field && dice_.percent(90)) {
    out.kind = kind;
    out.text = path(place, field->path, depth == 0);
    if (!place.source->is_derived(*field))
      out.hints.push_back({field->path, kind, {scalar_of(kind, dice_.of(constants_.of(kind)))}, group_});
    return out;
  }
  if (kind == Kind::boolean || kind == Kind::json || kind == Kind::domain || kind == Kind::address)
    return expression(place, Kind::text, kDeepest);
  out.kind = kind;
  const std::string& constant = dice_.of(constants_.of(kind));
  out.text = kind == Kind::time   ? constant.substr(0, 10)
             : kind == Kind::text ? quoted(dice_, constant)
                                  : constant;
  return out;
}

Written Items::number(const Place& place, int depth) {
  Written left = expression(place, Kind::integer, depth + 1),
          right = expression(place, Kind::real, depth + 1);
  if (dice_.one_in(2)) right = expression(place, Kind::integer, depth + 1);
  static const std::vector<const char*> kSigns = {" + ", " - ", " * ", " / "};
  std::string sign = dice_.word(kSigns);
  bool numbers = (left.kind == Kind::integer || left.kind == Kind::real) &&
                 (right.kind == Kind::integer || right.kind == Kind::real);
  if (!numbers) return left;
  Written out = left;
  out.take(right);
  out.kind =
      sign == " / " || left.kind == Kind::real || right.kind == Kind::real ? Kind::real : Kind::integer;
  out.text = "(" + left.text + sign + right.text + ")";
  return out;
}

Written Items::call_of(const Place& place, Kind kind) {
  std::vector<const Function*> fitting;
  for (const Function& function : functions())
    if (function.gives == kind) fitting.push_back(&function);
  if (fitting.empty()) return {};
  const Function& function = *dice_.of(fitting);
  std::optional<Field> field = field_of(place, function.takes);
  if (!field) return {};
  Written out;
  out.kind = kind;
  out.text = function.text;
  out.text.replace(out.text.find('@'), 1, path(place, field->path, false));
  // `lower` of a domain is a domain.
  if (function.text.starts_with("lower") && field->kind == Kind::domain) out.kind = Kind::domain;
  if (function.text.starts_with("coalesce") && !accepts_text(field->kind)) return {};
  if (!place.source->is_derived(*field))
    out.hints.push_back({field->path, field->kind, {text(dice_.of(function.samples).first)}, group_});
  return out;
}

}  // namespace weir::differential
