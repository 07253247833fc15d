// The functions of language.md 4: one table of names, arguments and results, and the few that are special.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/lowering.h"
#include "compiler/nearest.h"

namespace weir::compiler {

using dsl::Code;

namespace {

enum class Takes : uint8_t { text, domain, address, time, count, separator };

// Of the item whose subject ends at `at`, as a condition says it: `>= 10` of `|gte: 10`.
std::string comparison_after(std::string_view file, size_t at) {
  constexpr std::pair<std::string_view, const char*> kSigns[] = {
      {"|gte:", ">="}, {"|gt:", ">"}, {"|lte:", "<="}, {"|lt:", "<"}, {"|neq:", "!="}, {":", "=="}};
  for (const auto& [modifier, sign] : kSigns) {
    if (!file.substr(at).starts_with(modifier)) continue;
    const size_t begin = file.find_first_not_of(' ', at + modifier.size());
    const size_t end = begin == file.npos ? begin : file.find_first_not_of("0123456789_.%smhdw", begin);
    if (begin == file.npos || end == begin || file[begin] < '0' || file[begin] > '9') break;
    return fmt::format("{} {}", sign, file.substr(begin, end - begin));
  }
  return ">= 10";
}

}  // namespace

struct FunctionRow {
  const char* name;
  std::vector<Takes> takes;
  Type gives;
  ir::Op op;
  std::optional<Bounds> bounds;
};

namespace {

const std::vector<FunctionRow>& function_rows() {
  using ir::Op;
  static const std::vector<FunctionRow> rows = {
      {"length", {Takes::text}, Type::integer, Op::length, Bounds{0, 1e18, "a length is not negative"}},
      {"lower", {Takes::text}, Type::string, Op::lower, {}},
      {"entropy",
       {Takes::text},
       Type::real,
       Op::entropy,
       Bounds{0, 21, "entropy is at most 21 bits a character"}},
      {"digit_ratio", {Takes::text}, Type::real, Op::digit_ratio, Bounds{0, 1, "a share is 0 to 1"}},
      {"is_base64", {Takes::text}, Type::boolean, Op::is_base64, {}},
      {"is_base32", {Takes::text}, Type::boolean, Op::is_base32, {}},
      {"is_hex", {Takes::text}, Type::boolean, Op::is_hex, {}},
      {"labels",
       {Takes::domain},
       Type::integer,
       Op::labels,
       Bounds{0, 1e18, "a number of labels is not negative"}},
      {"label", {Takes::domain, Takes::count}, Type::string, Op::label, {}},
      {"longest_label", {Takes::domain}, Type::string, Op::longest_label, {}},
      {"public_suffix", {Takes::domain}, Type::domain, Op::public_suffix, {}},
      {"registered_domain", {Takes::domain}, Type::domain, Op::registered_domain, {}},
      {"subdomain", {Takes::domain}, Type::domain, Op::subdomain, {}},
      {"is_private", {Takes::address}, Type::boolean, Op::is_private, {}},
      {"ip_version", {Takes::address}, Type::integer, Op::ip_version, Bounds{4, 6, "a version is 4 or 6"}},
      {"part", {Takes::text, Takes::separator, Takes::count}, Type::string, Op::part, {}},
      {"minute", {Takes::time}, Type::integer, Op::minute, Bounds{0, 59, "a minute is 0 to 59"}},
      {"hour", {Takes::time}, Type::integer, Op::hour, Bounds{0, 23, "an hour is 0 to 23"}},
      {"day", {Takes::time}, Type::integer, Op::day, Bounds{1, 31, "a day of the month is 1 to 31"}},
      {"weekday", {Takes::time}, Type::integer, Op::weekday, Bounds{1, 7, "a weekday is 1 (Monday) to 7"}},
      {"week", {Takes::time}, Type::integer, Op::week, Bounds{1, 53, "a week of the year is 1 to 53"}},
      {"month", {Takes::time}, Type::integer, Op::month, Bounds{1, 12, "a month is 1 to 12"}},
      {"year", {Takes::time}, Type::integer, Op::year, {}},
  };
  return rows;
}

const char* const kSpecial[] = {"if", "lookup", "size", "json_text", "coalesce"};
const char* const kAggregates[] = {"count", "distinct",   "sum",      "avg",    "min",
                                   "max",   "percentile", "baseline", "spread", "sample"};

constexpr std::pair<const char*, const char*> kSigmaCounts[] = {
    {"event_count", "count()"},     {"value_count", "distinct(x)"},
    {"value_sum", "sum(x)"},        {"value_avg", "avg(x)"},
    {"value_percentile", "percentile(x, 95)"},
};

const char* described_argument(Takes takes) {
  switch (takes) {
    case Takes::text:
      return "text";
    case Takes::domain:
      return "a domain";
    case Takes::address:
      return "an address";
    case Takes::time:
      return "a time";
    case Takes::count:
      return "a whole number";
    case Takes::separator:
      return "a text to cut at";
  }
  return "";
}

bool accepts(Takes takes, Type type) {
  if (type == Type::unknown) return true;
  switch (takes) {
    case Takes::text:
      return is_text(type) || type == Type::json;
    case Takes::domain:
      return type == Type::domain || type == Type::string || type == Type::json;
    case Takes::address:
      return type == Type::ip || type == Type::string || type == Type::json;
    case Takes::time:
      return type == Type::time;
    case Takes::count:
      return type == Type::integer;
    case Takes::separator:
      return type == Type::string;
  }
  return false;
}

std::string count_of_arguments(size_t n) {
  const char* words[] = {"no argument", "one argument", "two arguments", "three arguments"};
  return words[std::min<size_t>(n, 3)];
}

}  // namespace

bool is_aggregate(std::string_view function) {
  return std::find(std::begin(kAggregates), std::end(kAggregates), function) != std::end(kAggregates);
}

std::vector<std::string> function_names() {
  std::vector<std::string> names;
  for (const FunctionRow& row : function_rows()) names.push_back(row.name);
  names.insert(names.end(), std::begin(kSpecial), std::end(kSpecial));
  return names;
}

Typed RuleLowering::unknown_function(const dsl::Call& call) {
  std::vector<std::string> names = function_names();
  names.insert(names.end(), std::begin(kAggregates), std::end(kAggregates));
  dsl::Diagnostic& error = add(Code::E210, fmt::format("there is no function `{}`", call.name.text),
                               call.name.span, "not a function");
  for (const auto& [sigma, here] : kSigmaCounts)
    if (call.name.text == sigma) {
      error.help(fmt::format("Sigma's `{}` is `{}` here", sigma, here));
      return nothing();
    }
  std::vector<std::string> near = nearest(call.name.text, names);
  if (!near.empty()) error.help(did_you_mean(near));
  if (near.size() == 1) error.replace(call.name.span, near[0], dsl::Applicability::likely);
  return nothing();
}

// E401: `count()|gte: 10` in a selection, and aggregates in a message of a rule without correlation.
Typed RuleLowering::aggregate_outside(const dsl::Call& call, const Scope& scope) {
  std::string written = text(call.span);
  const char* looks = scope.in_function && correlation_ ? "and a function looks at one event"
                      : scope.place == Place::message   ? "and this rule has no window"
                      : scope.place == Place::expression
                          ? "and a `let`, a key or an argument looks at one event"
                          : "and a selection looks at one event";
  dsl::Diagnostic& error =
      add(Code::E401, fmt::format("`{}` counts over a window, {}", written, looks), call.span, "not here");
  if (scope.in_function) {
    error.help("in the `condition` of a `correlation`, and in the message, it stands outside of functions");
  } else if (scope.place == Place::item) {
    const std::string compared =
        written + " " + comparison_after(pack_.project.sources.text(call.span.source), call.span.end);
    error.help(correlation_
                   ? fmt::format("move it into the `condition` of the `correlation`: `{}`", compared)
                   : fmt::format("move it: `correlation {{ timespan: 10m condition: {} }}`", compared));
  } else if (scope.place == Place::message) {
    error.help(fmt::format("add a window: `correlation {{ timespan: 10m condition: {} >= 10 }}`", written));
  } else if (scope.place == Place::value) {
    error.help("aggregates stand in the `condition` of a `correlation`, and are compared with numbers there");
  } else {
    error.help("write it where it is used: in the `condition` of a `correlation`, or in the message");
  }
  return nothing();
}

// E401: a value of one event in the condition of a correlation.
void RuleLowering::one_event_of_many(const std::string& written, dsl::Span span, Type type) {
  dsl::Diagnostic& error =
      add(Code::E401, fmt::format("`{}` is of one event, and this looks at many", written), span,
          "of which event?");
  if (is_number(type) || type == Type::duration || type == Type::json)
    error.help(
        fmt::format("say how they are put together: `max({0})`, `avg({0})`, `distinct({0})`", written));
  else if (type == Type::boolean)
    error.help(fmt::format(
        "ask it in a selection, `name {{ {}: true }}`, and count those: `count(where name)`", written));
  else
    error.help(
        fmt::format("count its values, `distinct({})`, or compare it in a selection and count those: "
                    "`count(where name)`",
                    written));
}

Typed RuleLowering::call(const dsl::Call& call, const Scope& scope) {
  const std::string& name = call.name.text;
  if (is_aggregate(name)) {
    if (!scope.in_function && correlation_ && (scope.place == Place::window || scope.place == Place::message))
      return aggregate(call, scope);
    return aggregate_outside(call, scope);
  }
  if (call.where && name != "size") {
    add(Code::E210, fmt::format("`{}` takes no `where`", name), call.where->span,
        "only in an aggregate or `size`");
    return nothing();
  }
  // Aggregates stand outside of functions, so what is inside one looks at one event again.
  Scope inner = scope;
  if (inner.place == Place::window) inner.place = Place::expression;
  inner.in_function = true;
  Typed out = function(call, inner);
  if (scope.place != Place::window || out.type == Type::unknown) return out;
  one_event_of_many(text(call.span), call.span, out.type);
  return nothing();
}

Typed RuleLowering::function(const dsl::Call& call, const Scope& scope) {
  const std::string& name = call.name.text;
  if (name == "if") return function_if(call, scope);
  if (name == "lookup") return function_lookup(call, scope);
  if (name == "size") return function_size(call, scope);
  if (name == "json_text") return function_json_text(call, scope);
  if (name == "coalesce") return function_coalesce(call, scope);
  for (const FunctionRow& row : function_rows())
    if (name == row.name) return simple_function(row, call, scope);
  return unknown_function(call);
}

Typed RuleLowering::simple_function(const FunctionRow& row, const dsl::Call& call, const Scope& scope) {
  if (call.args.size() != row.takes.size()) {
    add(Code::E210, fmt::format("`{}` takes {}", row.name, count_of_arguments(row.takes.size())), call.span,
        fmt::format("{} given", call.args.size()));
    return nothing();
  }
  std::vector<Typed> args;
  bool bad = false;
  for (size_t i = 0; i < call.args.size(); i++) {
    Typed arg = expression(call.args[i], scope);
    if (arg.object) {
      object_error(call.args[i], arg);
      bad = true;
    } else if (!accepts(row.takes[i], arg.type)) {
      add(Code::E210,
          fmt::format("`{}` takes {}, and `{}` is {}", row.name, described_argument(row.takes[i]),
                      text(call.args[i].span), described(arg.type)),
          call.args[i].span, described(arg.type));
      bad = true;
    }
    args.push_back(std::move(arg));
  }
  if (bad) return nothing(row.gives);
  for (size_t i = 1; i < args.size(); i++)
    if (!align(args[0], args[i], call.span)) return nothing();
  std::vector<ir::Value> operands;
  Typed out;
  out.type = row.gives;
  out.single = true;
  for (Typed& arg : args) {
    align(args[0], arg, call.span);
    operands.push_back(arg.value);
    out.single = out.single && arg.single;
    if (out.array.empty()) out.array = arg.array;
    out.aggregate = out.aggregate || arg.aggregate;
  }
  out.value = make().make(row.op, operands);
  out.axis = args[0].axis;
  out.reductions = args[0].reductions;
  // Spelled otherwise, it is the same domain.
  if (row.op == ir::Op::lower && args[0].type == Type::domain) out.type = Type::domain;
  out.label = row.op == ir::Op::label || row.op == ir::Op::longest_label;
  out.bounds = row.bounds;
  if (row.op == ir::Op::length && args[0].label)
    out.bounds = Bounds{0, 63, "a label has at most 63 characters"};
  if (row.op == ir::Op::length && args[0].type == Type::domain)
    out.bounds = Bounds{0, 255, "a domain has at most 255 characters"};
  if (out.single) single_.insert(out.value);
  return out;
}

Typed RuleLowering::function_if(const dsl::Call& call, const Scope& scope) {
  const dsl::Path* name = call.args.empty() ? nullptr : std::get_if<dsl::Path>(&call.args[0].node);
  if (call.args.size() != 3 || !name || name->segments.size() != 1) {
    add(Code::E210, "`if` takes a selection and two values", call.span, "like `if(failed, 1, 0)`");
    return nothing();
  }
  ir::Value holds = selection({name->segments[0].name, name->span});
  Typed yes = expression(call.args[1], scope), no = expression(call.args[2], scope);
  if (!align(yes, no, call.span)) return nothing();
  Typed out = yes;
  out.field = nullptr;
  out.bounds.reset();
  if (yes.type == Type::unknown || (is_text(yes.type) && is_text(no.type) && yes.type != no.type))
    out.type = yes.type == Type::unknown ? no.type : Type::string;
  else if (is_number(yes.type) && is_number(no.type))
    out.type = yes.type == no.type ? yes.type : Type::real;
  else if (no.type != yes.type && no.type != Type::unknown)
    add(Code::E210, fmt::format("`if` gives {} here and {} there", described(yes.type), described(no.type)),
        call.args[2].span, described(no.type))
        .label(call.args[1].span, described(yes.type));
  out.value = make().make(ir::Op::choose, {bring(holds, 0, yes.axis, true), yes.value, no.value});
  out.single = yes.single && no.single;
  return out;
}

Typed RuleLowering::function_lookup(const dsl::Call& call, const Scope& scope) {
  const dsl::Const* name = call.args.empty() ? nullptr : std::get_if<dsl::Const>(&call.args[0].node);
  if (call.args.size() != 2 || !name) {
    add(Code::E210, "`lookup` takes a look-up list and a value", call.span,
        "like `lookup($owners, srcaddr)`");
    return nothing();
  }
  std::optional<Constant> found = constant(*name);
  Typed key = expression(call.args[1], scope);
  if (!found) return nothing();
  if (!found->list || !found->list->to) {
    add(Code::E210, fmt::format("`${}` is no look-up list", name->name.text), name->span, "has one column")
        .help("a look-up list is declared as `list NAME: ip -> string from \"file\"`");
    return nothing();
  }
  const ListInfo& list = *found->list;
  if (!accepts(list.type == Type::ip ? Takes::address : Takes::domain, key.type)) {
    add(Code::E210,
        fmt::format("`${}` looks up {}, and `{}` is {}", name->name.text, described(list.type),
                    text(call.args[1].span), described(key.type)),
        call.args[1].span, described(key.type));
    return nothing(*list.to);
  }
  ir::Table table;
  table.name = name->name.text;
  table.networks = list.type == Type::ip;
  for (const auto& [from, to] : list.rows) {
    ir::Literal value{ir::Literal::Kind::text, to};
    if (*list.to == Type::integer)
      value = {ir::Literal::Kind::integer, "", std::strtoll(to.c_str(), nullptr, 10)};
    if (*list.to == Type::real) value = {ir::Literal::Kind::real, "", 0, std::strtod(to.c_str(), nullptr)};
    if (*list.to == Type::boolean) value = {ir::Literal::Kind::boolean, "", to == "true" ? 1 : 0};
    if (!table.networks)
      table.by_domain.push_back({match::normal(from, {.domain = true}), value});
    else if (auto network = match::parse_network(from))
      table.by_network.push_back({*network, value});
  }
  Typed out = key;
  out.field = nullptr;
  out.bounds.reset();
  out.type = *list.to;
  out.value = make().table(key.value, std::move(table));
  return out;
}

// size(list): how many values. size(list where sel): for how many elements the selection holds, its paths
// below the list being those of the element.
Typed RuleLowering::function_size(const dsl::Call& call, const Scope& scope) {
  const dsl::Path* list = call.args.size() == 1 ? std::get_if<dsl::Path>(&call.args[0].node) : nullptr;
  if (!list) {
    add(Code::E210, "`size` takes a list of the event", call.span, "like `size(answers)`");
    return nothing(Type::integer);
  }
  Typed of = path(*list, scope);
  if (of.type == Type::unknown) return nothing(Type::integer);
  Typed out = nothing(Type::integer);
  out.bounds = Bounds{0, 1e18, "a size is not negative"};
  out.single = of.reductions.empty();
  if (!call.where) {
    out.value = make().make(ir::Op::count_values, {of.value});
    out.axis = of.axis;
    out.reductions = of.reductions;
    return out;
  }
  const Named* named = selection_or_error(*call.where);
  if (!named) return out;
  std::vector<match::Step> steps = scope.steps;
  for (const dsl::Segment& segment : list->segments)
    steps.push_back({match::Step::Kind::key, segment.name, 0});
  Scope element;
  element.place = Place::item;
  element.bound = names_of(*list);
  element.bound_axis = make().axis(source_, {0, steps, false});
  element.axis = *element.bound_axis;
  ir::Value holds = lower_selection(*named->selection, named->shared != nullptr, element, nullptr);
  ir::Value count = make().on_axis(ir::Op::count_elements, source_, element.axis, {holds});
  ir::Value whole = make().field(source_, make().slot(source_, {0, steps, match::Want::any}));
  ir::Value there =
      make().make(ir::Op::less_equal, {make().literal({ir::Literal::Kind::integer, "", 0}),
                                       make().make(ir::Op::count_values, {whole})});
  out.value = make().make(ir::Op::choose, {there, count, make().missing()});
  return brought(out, scope);
}

Typed RuleLowering::function_json_text(const dsl::Call& call, const Scope& scope) {
  if (call.args.size() != 1) {
    add(Code::E210, "`json_text` takes one argument", call.span, fmt::format("{} given", call.args.size()));
    return nothing(Type::string);
  }
  Typed of = expression(call.args[0], scope);
  if (of.type == Type::unknown && !of.object) return nothing(Type::string);
  Typed out = of;
  out.type = Type::string;
  out.object = false;
  out.field = nullptr;
  out.array.clear();
  auto* field = std::get_if<dsl::Path>(&call.args[0].node);
  bool plain = field && of.axis == scope.axis && of.reductions.empty() &&
               !lets_.count(field->segments[0].name) && !(of.field && of.field->derived) &&
               pack_.module.insts[of.value].op == ir::Op::field;
  out.value = make().make(ir::Op::json_text, {plain ? raw_slot_like(of.value) : of.value});
  return out;
}

Typed RuleLowering::function_coalesce(const dsl::Call& call, const Scope& scope) {
  if (call.args.empty()) {
    add(Code::E210, "`coalesce` takes one argument or more", call.span, "none given");
    return nothing();
  }
  Typed out;
  std::vector<ir::Value> operands;
  for (const dsl::Expr& arg : call.args) {
    Typed next = expression(arg, scope);
    if (next.object) object_error(arg, next);
    if (operands.empty()) {
      out = next;
    } else {
      if (!align(out, next, call.span)) return nothing();
      for (ir::Value& operand : operands)
        operand = bring(operand, pack_.module.insts[operand].axis, out.axis);
      if (out.type == Type::unknown || out.type == next.type || next.type == Type::unknown)
        out.type = out.type == Type::unknown ? next.type : out.type;
      else if (is_text(out.type) && is_text(next.type))
        out.type = Type::string;
      else if (is_number(out.type) && is_number(next.type))
        out.type = Type::real;
      else if (out.type == Type::json || next.type == Type::json)
        out.type = Type::json;
      else
        add(Code::E210,
            fmt::format("`coalesce` gives {} here and {} there", described(out.type), described(next.type)),
            arg.span, described(next.type));
      out.single = out.single && next.single;
    }
    operands.push_back(next.value);
  }
  out.field = nullptr;
  out.bounds.reset();
  out.label = false;
  out.object = false;
  out.value = make().make(ir::Op::coalesce, operands);
  return out;
}

}  // namespace weir::compiler
