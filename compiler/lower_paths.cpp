// From the names of a path to a slot: schema, calls, lets, sources and steps; arrays, axes and blocks.
//
//   answers[all].Rdata     one axis at `answers`, the slot `Rdata` on it, and a reduction "all"
//   answers.Rdata          one slot of the event; the array is flattened into it
//   inside answers { … }   the scope lies on the axis; `Rdata` is a slot of the element, what is not of the
//                          element is spread from the event to each element
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "compiler/lowering.h"
#include "compiler/nearest.h"

namespace weir::compiler {

using dsl::Code;
using Pick = dsl::Segment::Pick;

namespace {

bool is_quantifier(Pick pick) { return pick == Pick::any || pick == Pick::all || pick == Pick::none; }

bool is_prefix(const std::vector<std::string>& prefix, const std::vector<std::string>& names) {
  return prefix.size() <= names.size() && std::equal(prefix.begin(), prefix.end(), names.begin());
}

std::vector<std::string> names_of_field(const FieldInfo& field) {
  std::vector<std::string> names;
  for (const FieldInfo::Segment& segment : field.path) names.push_back(segment.name);
  return names;
}

std::vector<std::string> joined(std::vector<std::string> a, const std::vector<std::string>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

}  // namespace

// ---- axes -------------------------------------------------------------------------------------------------

// The axes on the way from `from` down to `to`, without `from`; empty when `from` is not above `to`.
std::vector<uint32_t> RuleLowering::axes_between(uint32_t from, uint32_t to) const {
  const std::vector<match::AxisSpec>& axes = pack_.module.sources[source_].projection.axes;
  std::vector<uint32_t> way;
  while (to != from) {
    if (to == 0) return {};
    way.insert(way.begin(), to);
    to = axes[to].parent;
  }
  return way;
}

ir::Value RuleLowering::bring(ir::Value value, uint32_t from, uint32_t to, bool condition) {
  if (from == to || pack_.module.insts[value].source == ir::kAnySource) return value;
  for (uint32_t axis : axes_between(from, to))
    value = make().on_axis(condition ? ir::Op::spread_condition : ir::Op::spread, source_, axis, {value});
  return value;
}

ir::Value RuleLowering::gathered(const Typed& typed, uint32_t to) {
  ir::Value value = typed.value;
  if (pack_.module.insts[value].source == ir::kAnySource) return value;
  std::vector<uint32_t> way = axes_between(to, typed.axis);
  for (auto axis = way.rbegin(); axis != way.rend(); ++axis)
    value = make().on_axis(ir::Op::gather, source_, *axis, {value, make().make(ir::Op::always, {})});
  return value;
}

// A value of the event, for the scope's element. What is said of the elements of an array is of all of them,
// even in a block of that same array.
Typed RuleLowering::brought(Typed typed, const Scope& scope) {
  if (scope.axis == 0 || (typed.axis == scope.axis && typed.reductions.empty())) return typed;
  typed.value = bring(gathered(typed, 0), 0, scope.axis);
  typed.axis = scope.axis;
  typed.reductions.clear();
  return typed;
}

bool RuleLowering::align(Typed& a, Typed& b, dsl::Span span) {
  if (a.axis == b.axis) return true;
  auto deepen = [&](Typed& shallow, const Typed& deep) {
    if (pack_.module.insts[shallow.value].source != ir::kAnySource &&
        axes_between(shallow.axis, deep.axis).empty())
      return false;
    shallow.value = bring(shallow.value, shallow.axis, deep.axis);
    shallow.axis = deep.axis;
    shallow.reductions = deep.reductions;
    return true;
  };
  if (deepen(a, b) || deepen(b, a)) return true;
  add(Code::E210, "two arrays are taken element by element in one expression", span,
      "which elements belong together is not said")
      .help("leave one of them without `[any]`, `[all]` or `[none]`");
  return false;
}

// ---- the schema -------------------------------------------------------------------------------------------

bool RuleLowering::exists_in_schema(const SchemaInfo& schema, const std::vector<std::string>& names) const {
  return schema.find(names) || schema.is_object(names) || schema.json_above(names);
}

RuleLowering::Found RuleLowering::find_in_schema(const SchemaInfo& schema,
                                                 const std::vector<std::string>& names, const dsl::Path& path,
                                                 size_t first, const Scope& scope) {
  Found found;
  found.arrays.assign(names.size(), false);
  auto take_arrays = [&](const FieldInfo& field) {
    for (size_t i = 0; i < field.path.size() && i < names.size(); i++)
      if (field.path[i].array && field.path[i].name == names[i]) found.arrays[i] = true;
  };
  if (const FieldInfo* field = schema.find(names)) {
    found.found = true;
    found.field = field;
    found.type = field->type;
    found.shaped = names.size();
    take_arrays(*field);
  } else if (const FieldInfo* part = schema.json_above(names)) {
    found.found = true;
    found.shaped = part->path.size();
    take_arrays(*part);
    Narrowed narrowed = narrow(schema, *part, names, path, first, scope);
    if (narrowed.applies) {
      found.type = narrowed.type;
      found.field = narrowed.field;
      found.object = narrowed.object;
      if (narrowed.field) {
        found.shaped = names.size();
        take_arrays(*narrowed.field);
      }
    }
  } else if (schema.is_object(names)) {
    found.found = true;
    found.object = true;
    found.shaped = names.size();
    for (const FieldInfo& field : schema.fields)
      if (is_prefix(names, names_of_field(field))) take_arrays(field);
  }
  return found;
}

// ---- names that are not there -----------------------------------------------------------------------------

namespace {

// Of what other languages write for true, false and null.
const char* word_meant(std::string_view word) {
  for (const char* other : {"True", "TRUE", "False", "FALSE", "None", "NULL", "Null", "nil"})
    if (word == other) return word[0] == 'T' ? "true" : word[0] == 'F' ? "false" : "null";
  return nullptr;
}

// As YAML reads it; here it may be a text as well.
const char* truth_meant(std::string word) {
  std::transform(word.begin(), word.end(), word.begin(), [](unsigned char c) { return std::tolower(c); });
  if (word == "yes" || word == "on") return "true";
  return word == "no" || word == "off" ? "false" : nullptr;
}

}  // namespace

Typed RuleLowering::unknown_field(const dsl::Path& path, size_t first,
                                  const std::vector<const SchemaInfo*>& where, const Scope& scope) {
  std::string name = path_text(path, first);
  std::string full = dotted(joined(scope.prefix, names_of(path, first)));
  dsl::Span span = dsl::join(path.segments[first].span, path.segments.back().span);
  std::vector<std::string> candidates, sources;
  for (const SchemaInfo* schema : where) {
    sources.push_back(schema->name);
    for (std::string& field : field_names(*schema)) {
      std::string prefix = scope.prefix.empty() ? "" : dotted(scope.prefix) + ".";
      if (prefix.empty() || scope.place == Place::value)
        candidates.push_back(field);
      else if (field.starts_with(prefix))
        candidates.push_back(field.substr(prefix.size()));
    }
  }
  if (first == 0)
    for (const auto& [let, _] : lets_) candidates.push_back(let);
  std::vector<std::string> near = nearest(name, candidates);

  if (scope.place == Place::value && path.segments.size() - first == 1) {
    dsl::Diagnostic& error =
        add(Code::E207, fmt::format("{} has no field `{}`", fmt::join(sources, " or "), name), span,
            "a bare word is a field");
    if (const char* word = word_meant(name)) {
      error.help(fmt::format("write `{}`", word)).replace(span, word);
      return nothing();
    }
    if (params_.contains(name)) {
      error.help(fmt::format("a param is written `${}`", name)).replace(span, "$" + name);
      return nothing();
    }
    if (const char* truth = truth_meant(name)) {
      error.help(fmt::format("write `{}`, or `\"{}\"` for the text", truth, name))
          .replace(span, truth, dsl::Applicability::likely);
      return nothing();
    }
    if (name == "exists") {
      error.help("that a field is there is said before the `:`, as `|exists: true`");
      return nothing();
    }
    if (!near.empty()) error.help(did_you_mean(near));
    error.help(fmt::format("text is quoted: `\"{}\"`", name));
    error.replace(span, "\"" + name + "\"", dsl::Applicability::likely);
    return nothing();
  }
  dsl::Diagnostic& error =
      add(Code::E201, fmt::format("{} has no field `{}`", fmt::join(sources, " or "), full), span,
          "no such field");
  const bool looks_at_many = scope.place == Place::window || (scope.place == Place::message && correlation_);
  if (looks_at_many && is_aggregate(name)) {
    std::string written = name == "count" ? "count()" : name + "(...)";
    error.help(fmt::format("an aggregate has brackets: `{}`", written));
    if (name == "count") error.replace(span, written);
    return nothing();
  }
  if (const std::vector<std::string> functions = function_names();
      std::find(functions.begin(), functions.end(), name) != functions.end()) {
    error.help(fmt::format("a function has brackets: `{}(...)`", name));
    return nothing();
  }
  std::vector<std::string> below = joined(scope.bound, names_of(path, first));
  if (!scope.bound.empty() && exists_in_schema(*where.front(), below)) {
    error.help(fmt::format("a selection after `where` names the elements by their path from the event: `{}`",
                           dotted(below)));
    error.replace(span, dotted(below), dsl::Applicability::likely);
    return nothing();
  }
  std::string list =
      fmt::format("`weir dump --schema {}` lists all {}", sources.front(), where.front()->fields.size());
  if (near.empty()) {
    error.help(list);
  } else {
    error.help(fmt::format("{} ({})", did_you_mean(near), list));
    if (near.size() == 1) error.replace(span, near.front(), dsl::Applicability::likely);
  }
  if (scope.place == Place::item && scope.axis != 0 &&
      exists_in_schema(*where.front(), names_of(path, first)))
    error.note(fmt::format(
        "the braces speak of one element of `{}`; `{}` is a field of the event: move it out of them",
        dotted(scope.prefix), name));
  return nothing();
}

// `query_name[any]`: a quantifier or a position where the schema knows that there is no array.
void RuleLowering::check_quantifiers(const dsl::Path& path, size_t first, const Found& found) {
  size_t offset = found.arrays.size() - (path.segments.size() - first);
  for (size_t i = first; i < path.segments.size(); i++) {
    const dsl::Segment& segment = path.segments[i];
    size_t at = offset + i - first;
    if (segment.pick == Pick::implicit || at >= found.shaped || found.arrays[at]) continue;
    if (at + 1 == found.shaped && found.type == Type::json) continue;
    dsl::Diagnostic& error =
        add(Code::E302, fmt::format("`{}` is not an array", segment.name),
            {segment.span.source, segment.name_span.end, segment.span.end}, "only for an array");
    for (size_t k = first; k < path.segments.size(); k++)
      if (found.arrays[offset + k - first])
        error.help(fmt::format("the array is `{}`", path.segments[k].name));
    return;
  }
}

// ---- slots ------------------------------------------------------------------------------------------------

// The array that the path crosses without saying which element: for W803.
std::string RuleLowering::crossed_array(const dsl::Path& path, size_t first, const Found& found,
                                        const Scope& scope) const {
  if (std::find(found.arrays.begin(), found.arrays.end(), true) == found.arrays.end()) return "";
  size_t offset = found.arrays.size() - (path.segments.size() - first);
  std::vector<std::string> names = scope.prefix;
  for (size_t i = first; i < path.segments.size(); i++) {
    names.push_back(path.segments[i].name);
    if (found.arrays[offset + i - first] && path.segments[i].pick == Pick::implicit) return dotted(names);
  }
  return "";
}

Typed RuleLowering::slot_value(const dsl::Path& path, size_t first, const Found& found, const Scope& scope,
                               bool relative) {
  Typed out;
  out.type = found.type;
  out.field = found.field;
  out.object = found.object;
  uint32_t axis = relative ? scope.axis : 0;
  std::vector<match::Step> steps = relative ? scope.steps : std::vector<match::Step>{};
  std::vector<std::string> names = relative ? scope.prefix : std::vector<std::string>{};
  bool single = found.type != Type::json && found.shaped == found.arrays.size() && !found.object && axis == 0;
  bool through_bound = false;
  size_t offset = found.arrays.size() - (path.segments.size() - first);
  for (size_t i = first; i < path.segments.size(); i++) {
    const dsl::Segment& segment = path.segments[i];
    if (scope.bound_axis) names.push_back(segment.name);
    steps.push_back({match::Step::Kind::key, segment.name, 0});
    if (segment.pick == Pick::index) {
      steps.push_back(
          {match::Step::Kind::index, "", int32_t(std::clamp<int64_t>(segment.index, -1'000'000, 1'000'000))});
    } else if (scope.bound_axis && !relative && names == scope.bound) {
      axis = *scope.bound_axis;
      through_bound = true;
      steps.clear();
      single = false;
    } else if (is_quantifier(segment.pick)) {
      axis = make().axis(source_, {axis, steps, false});
      out.reductions.push_back({axis, segment.pick});
      steps.clear();
      single = false;
    } else if (found.arrays[offset + i - first]) {
      single = false;
    }
  }
  match::Want want = found.object ? match::Want::any : want_of(found.type);
  if (found.type == Type::json && scope.json_as_text) want = match::Want::text;
  out.value = make().field(source_, make().slot(source_, {axis, std::move(steps), want}));
  out.axis = axis;
  out.single = single;
  if (single) single_.insert(out.value);
  out.array = crossed_array(path, first, found, scope);
  if (!relative && !through_bound) return brought(out, scope);
  return out;
}

Typed RuleLowering::derived(const FieldInfo& field, uint16_t source, const Scope& scope) {
  Typed out;
  out.type = field.type;
  out.field = &field;
  if (source != source_) {
    out.value = make().missing();
    return out;
  }
  auto known = lowered_fields_.find(&field);
  if (known == lowered_fields_.end()) {
    lowered_fields_[&field] = nothing(field.type);  // a field made of itself ends here
    Scope in_schema;
    in_schema.of_schema = true;
    in_schema.only_source = source;
    Typed made = expression(*field.derived, in_schema);
    made.value = gathered(made, 0);
    known = lowered_fields_.insert_or_assign(&field, made).first;
  }
  out.value = known->second.value;
  out.single = known->second.single;
  if (out.single) single_.insert(out.value);
  return brought(out, scope);
}

Typed RuleLowering::let_value(const dsl::Let& let, const Scope& scope) {
  const std::string& name = let.name.text;
  used_lets_.insert(name);
  auto known = lowered_lets_.find(name);
  if (known == lowered_lets_.end()) {
    if (!open_lets_.insert(name).second) {
      add(Code::E201, fmt::format("`{}` is made of itself", name), let.name.span, "leads back here");
      return nothing();
    }
    Scope plain;
    plain.pins = rule_pins_.empty() ? nullptr : &rule_pins_;
    Typed made = expression(let.value, plain);
    made.field = nullptr;
    open_lets_.erase(name);
    known = lowered_lets_.emplace(name, made).first;
  }
  return brought(known->second, scope);
}

// ---- paths ------------------------------------------------------------------------------------------------

Typed RuleLowering::path_in_source(const dsl::Path& path, size_t first, uint16_t source, const Scope& scope) {
  const SchemaInfo& schema = *pack_.schemas[source];
  std::vector<std::string> names = names_of(path, first);
  bool relative = !scope.prefix.empty() && !scope.only_source;
  Found found;
  if (relative) {
    found = find_in_schema(schema, joined(scope.prefix, names), path, first, scope);
    // On the right a name of the element is meant first; in a part without a schema the event's names are.
    bool of_event = scope.place != Place::item && exists_in_schema(schema, names);
    if (of_event && (!found.found || found.shaped < scope.prefix.size() + names.size())) relative = false;
  }
  if (!relative) found = find_in_schema(schema, names, path, first, scope);
  if (!found.found) return unknown_field(path, first, {&schema}, scope);
  check_quantifiers(path, first, found);
  if (found.field && found.field->derived) return derived(*found.field, source, scope);
  if (source == source_) return slot_value(path, first, found, scope, relative);
  Typed elsewhere = nothing(found.type);
  elsewhere.field = found.field;
  elsewhere.object = found.object;
  return elsewhere;
}

Typed RuleLowering::path(const dsl::Path& path, const Scope& scope) {
  const std::string& head = path.segments[0].name;
  if (scope.only_source) return path_in_source(path, 0, *scope.only_source, scope);

  if (!scope.of_schema && path.segments.size() == 1) {
    if (auto let = lets_.find(head); let != lets_.end()) {
      std::vector<std::string> full = joined(scope.prefix, {head});
      if (scope.prefix.empty() || !exists_in_schema(schema(), full)) return let_value(*let->second, scope);
    }
  }
  if (path.segments.size() > 1 && !exists_in_schema(schema(), joined(scope.prefix, {head}))) {
    for (uint16_t source : sources_) {
      if (pack_.schemas[source]->name != head) continue;
      Scope qualified = scope;
      qualified.only_source = source;
      return path_in_source(path, 1, source, qualified);
    }
    if (auto step = scope.place == Place::message ? step_path(path) : std::nullopt) {
      selection_or_error({head, path.segments[0].name_span});
      if (path.segments.size() == 2 && lets_.count(path.segments[1].name))
        return let_value(*lets_[path.segments[1].name], scope);
      Pins pins = pins_of(*step->selection);
      Scope of_step = scope;
      of_step.pins = pins.empty() ? nullptr : &pins;
      if (!step->selection->source && sources_.size() > 1) {  // of whichever source has the field
        dsl::Path field = path;
        field.segments.erase(field.segments.begin());
        return this->path(field, of_step);
      }
      of_step.only_source = source_of(*step->selection);
      return path_in_source(path, 1, *of_step.only_source, of_step);
    }
    if (auto let = lets_.find(head); let != lets_.end() && !scope.of_schema) {
      used_lets_.insert(head);
      add(Code::E201, fmt::format("`{}` is a `let`, which has no parts", head), path.span, "no such field");
      return nothing();
    }
  }

  if (sources_.size() == 1) return path_in_source(path, 0, sources_[0], scope);
  std::vector<uint16_t> having;
  std::vector<const SchemaInfo*> schemas;
  for (uint16_t source : sources_) {
    schemas.push_back(pack_.schemas[source]);
    std::vector<std::string> names = names_of(path);
    if (exists_in_schema(*schemas.back(), names) ||
        exists_in_schema(*schemas.back(), joined(scope.prefix, names)))
      having.push_back(source);
  }
  if (having.empty()) return unknown_field(path, 0, schemas, scope);
  if (having.size() == 1) return path_in_source(path, 0, having[0], scope);
  if (scope.on_source && std::find(having.begin(), having.end(), *scope.on_source) != having.end())
    return path_in_source(path, 0, *scope.on_source, scope);
  std::vector<std::string> names, ways;
  for (uint16_t source : having) {
    names.push_back(pack_.schemas[source]->name);
    ways.push_back(fmt::format("`{}.{}`", names.back(), path_text(path)));
  }
  add(Code::E212, fmt::format("`{}` is a field of {}", path_text(path), fmt::join(names, " and ")), path.span,
      "of which source?")
      .help(fmt::format("write {}", fmt::join(ways, " or ")));
  return nothing();
}

// The same path with the compact JSON of whatever is there: for json_text and the fields of an alert.
ir::Value RuleLowering::raw_slot_like(ir::Value field) {
  match::SlotSpec spec = pack_.module.sources[source_].projection.slots[pack_.module.insts[field].imm];
  spec.want = match::Want::raw;
  return make().field(source_, make().slot(source_, std::move(spec)));
}

}  // namespace weir::compiler
