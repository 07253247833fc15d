// Which API calls a selection is about: `eventSource` and `eventName` pinned by plain values give the parts
// without a shape (requestParameters, …) the fields of `call` in the schema.
//
// In the map that pins by a list, a parameter must be one of every call listed; elsewhere in the rule, of
// any.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/lowering.h"
#include "compiler/nearest.h"
#include "runtime/match/text.h"

namespace weir::compiler {

using dsl::Code;

namespace {

constexpr match::TextRule kCaseless = {};

// path_text(path) == field, asked of every item of every rule.
bool reads(const dsl::Path& path, std::string_view field) {
  for (size_t i = 0; i < path.segments.size(); ++i) {
    const std::string& name = path.segments[i].name;
    if (i > 0) {
      if (!field.starts_with('.')) return false;
      field.remove_prefix(1);
    }
    if (!field.starts_with(name)) return false;
    field.remove_prefix(name.size());
  }
  return field.empty();
}

// The texts that an item pins `field` to; empty when it does not.
std::vector<const dsl::Text*> plain_texts(const dsl::Item& item, const std::string& field,
                                          const std::vector<dsl::Expr>* (*values_of)(const void*,
                                                                                     const dsl::Const&),
                                          const void* context) {
  auto* path = std::get_if<dsl::Path>(&item.subject.node);
  if (!path || !reads(*path, field)) return {};
  for (const dsl::Name& modifier : item.modifiers)
    if (modifier.text != "cased") return {};
  std::vector<const dsl::Text*> out;
  auto take = [&](const dsl::Expr& value) {
    auto* text = std::get_if<dsl::Text>(&value.node);
    if (!text || !text->wildcards.empty()) return false;
    out.push_back(text);
    return true;
  };
  for (const dsl::Expr& value : item.values) {
    if (auto* use = std::get_if<dsl::Const>(&value.node)) {
      const std::vector<dsl::Expr>* values = values_of(context, *use);
      if (!values) return {};
      for (const dsl::Expr& of : *values)
        if (!take(of)) return {};
    } else if (!take(value)) {
      return {};
    }
  }
  return out;
}

bool lists_service(const SchemaInfo& schema, const std::string& service) {
  return std::any_of(schema.calls.begin(), schema.calls.end(),
                     [&](const CallInfo& call) { return match::equal(call.service, service, kCaseless); });
}

bool is_complete(const SchemaInfo& schema, const std::string& service) {
  return std::any_of(schema.complete.begin(), schema.complete.end(),
                     [&](const std::string& name) { return match::equal(name, service, kCaseless); });
}

// One letter too many, too few, another, or two swapped: what a finger does, not another word.
bool one_slip(std::string a, std::string b) {
  a = match::fold(a), b = match::fold(b);
  if (a.size() > b.size()) std::swap(a, b);
  if (b.size() - a.size() > 1) return false;
  size_t i = 0;
  while (i < a.size() && a[i] == b[i]) i++;
  if (a.size() < b.size()) return a.substr(i) == b.substr(i + 1);
  if (i == a.size()) return true;
  if (a.substr(i + 1) == b.substr(i + 1)) return true;
  return i + 1 < a.size() && a[i] == b[i + 1] && a[i + 1] == b[i] && a.substr(i + 2) == b.substr(i + 2);
}

// "ec2" is how people speak; the logs write "ec2.amazonaws.com", as all services of the catalogue end.
std::optional<std::string> in_full(const std::string& service, const std::vector<std::string>& known) {
  constexpr std::string_view kEnding = ".amazonaws.com";
  if (known.empty() || service.empty() || service.find('.') != service.npos) return std::nullopt;
  bool all_end = std::all_of(known.begin(), known.end(),
                             [&](const std::string& name) { return name.ends_with(kEnding); });
  return all_end ? std::optional(service + std::string(kEnding)) : std::nullopt;
}

void add_unique(std::vector<std::string>& to, const std::string& name) {
  if (std::find(to.begin(), to.end(), name) == to.end()) to.push_back(name);
}

const char* kind_of(const std::string& part) {
  return part == "requestParameters"  ? "request parameter"
         : part == "responseElements" ? "response element"
                                      : nullptr;
}

}  // namespace

std::optional<std::string> slip_of(const std::string& value, const std::vector<std::string>& known) {
  if (value.size() < 4) return std::nullopt;
  for (const std::string& other : known)
    if (match::equal(other, value, kCaseless)) return std::nullopt;
  for (const std::string& other : known)
    if (one_slip(value, other)) return other;
  return std::nullopt;
}

namespace {

// `iam` is no slip of `ram`: between names as short as those of services a letter proves nothing.
std::optional<std::string> slip_of_service(const std::string& value, const std::vector<std::string>& known) {
  constexpr size_t kLongEnough = 6;
  const size_t dot = value.find('.');
  std::optional<std::string> meant = slip_of(value, known);
  if (!meant || dot == value.npos || dot >= kLongEnough) return meant;
  const size_t other = meant->find('.');
  const bool same_name =
      other == dot && match::equal(meant->substr(0, other), value.substr(0, dot), kCaseless);
  return same_name ? meant : std::nullopt;
}

}  // namespace

RuleLowering::PinnedTexts RuleLowering::pinned_texts(const dsl::Map& map) const {
  PinnedTexts out;
  auto values_of = [](const void* context, const dsl::Const& use) -> const std::vector<dsl::Expr>* {
    auto& rule = *static_cast<const RuleLowering*>(context);
    if (auto set = rule.set_params_.find(use.name.text); set != rule.set_params_.end())
      return &set->second->values;
    if (auto param = rule.params_.find(use.name.text); param != rule.params_.end())
      return &param->second->values;
    auto list = rule.pack_.project.lists.find(use.name.text);
    return list == rule.pack_.project.lists.end() ? nullptr : &rule.values_of(list->second);
  };
  for (const dsl::Entry& entry : map.entries) {
    auto* item = std::get_if<dsl::Item>(&entry);
    if (!item) continue;
    if (auto found = plain_texts(*item, schema().service_field, values_of, this); !found.empty())
      out.services = found;
    if (auto found = plain_texts(*item, schema().call_field, values_of, this); !found.empty())
      out.calls = found;
  }
  return out;
}

Pins RuleLowering::pins_of(const dsl::Map& map) {
  Pins pins;
  PinnedTexts texts = pinned_texts(map);
  if (texts.services.empty() || texts.calls.empty()) return pins;
  for (const dsl::Text* name : texts.calls) {
    bool known = false;
    for (const dsl::Text* service : texts.services)
      if (const CallInfo* call = schema().call(service->value, name->value)) {
        pins.push_back({call, name->span});
        known = true;
      }
    if (!known) pins.push_back({nullptr, name->span});
  }
  return pins;
}

Pins RuleLowering::pins_of(const dsl::Selection& selection) {
  if (source_of(selection) != source_) return {};
  if (auto* one = std::get_if<dsl::Map>(&selection.body)) return pins_of(*one);
  Pins all;
  if (auto* maps = std::get_if<std::vector<dsl::Map>>(&selection.body))
    for (const dsl::Map& map : *maps) {
      Pins pins = pins_of(map);
      if (pins.empty()) return {};
      all.insert(all.end(), pins.begin(), pins.end());
    }
  return all;
}

// What every event that the condition lets in is pinned to.
Pins RuleLowering::pins_of(const dsl::Cond& cond) {
  auto of_name = [&](const std::string& name) {
    std::optional<Named> found = find_selection(name);
    return found ? pins_of(*found->selection) : Pins{};
  };
  auto of_any = [](std::vector<Pins> all) {
    Pins out;
    for (const Pins& pins : all) {
      if (pins.empty()) return Pins{};
      out.insert(out.end(), pins.begin(), pins.end());
    }
    return out;
  };
  auto of_all = [](const std::vector<Pins>& all) {
    auto first = std::find_if(all.begin(), all.end(), [](const Pins& pins) { return !pins.empty(); });
    return first == all.end() ? Pins{} : *first;
  };
  std::vector<Pins> children;
  switch (cond.kind) {
    case dsl::Cond::Kind::name:
      return of_name(cond.name.text);
    case dsl::Cond::Kind::any:
      for (const dsl::Cond& child : cond.children) children.push_back(pins_of(child));
      return of_any(std::move(children));
    case dsl::Cond::Kind::all:
      for (const dsl::Cond& child : cond.children) children.push_back(pins_of(child));
      return of_all(children);
    case dsl::Cond::Kind::quantifier:
      for (const std::string& name : names_matching(cond.them ? "*" : cond.name.text))
        children.push_back(of_name(name));
      return cond.count == dsl::Cond::Count::all ? of_all(children) : of_any(std::move(children));
    default:
      return {};
  }
}

// E304, W303: calls and services that the catalogue does not know.
void RuleLowering::check_calls(const dsl::Map& map) {
  if (pack_.trusts(map.span) && pack_.trusts(schema().span)) return;
  PinnedTexts texts = pinned_texts(map);
  if (texts.services.empty() && texts.calls.empty()) return;
  auto unknown = [&](const dsl::Text* service) { return !lists_service(schema(), service->value); };
  std::vector<std::string> services, names;  // to look for slips in: of what is known, there are none
  if (texts.services.empty() || std::any_of(texts.services.begin(), texts.services.end(), unknown))
    for (const CallInfo& call : schema().calls)
      add_unique(services, call.service), add_unique(names, call.name);
  for (const dsl::Text* service : texts.services)
    if (auto meant = services.empty() || service->value.find_first_of("*%^") != std::string::npos  // W815 is
                         ? std::nullopt                                                            // for them
                         : unknown(service) && in_full(service->value, services)
                               ? in_full(service->value, services)
                               : slip_of_service(service->value, services))
      add(Code::W303,
          fmt::format("\"{}\" is not a known value of `{}`", service->value, schema().service_field),
          service->span, "no service of the catalogue")
          .help(fmt::format("did you mean \"{}\"?", *meant))
          .replace(service->span, "\"" + *meant + "\"", dsl::Applicability::likely);
  for (const dsl::Text* name : texts.calls) check_call(*name, texts.services, names);
}

void RuleLowering::check_slip(const dsl::Text& call, const std::vector<std::string>& known) {
  if (auto meant = slip_of(call.value, known))
    add(Code::W303, fmt::format("\"{}\" is not a known value of `{}`", call.value, schema().call_field),
        call.span, "no call of the catalogue")
        .help(fmt::format("did you mean \"{}\"?", *meant))
        .replace(call.span, "\"" + *meant + "\"", dsl::Applicability::likely);
}

void RuleLowering::check_call(const dsl::Text& name, const std::vector<const dsl::Text*>& services,
                              const std::vector<std::string>& names) {
  if (services.empty()) return check_slip(name, names);
  for (const dsl::Text* service : services)
    if (!lists_service(schema(), service->value) || schema().call(service->value, name.value)) return;
  const dsl::Text& service = *services.front();
  bool complete = std::all_of(services.begin(), services.end(),
                              [&](const dsl::Text* each) { return is_complete(schema(), each->value); });
  std::vector<const CallInfo*> elsewhere = schema().calls_named(name.value);
  std::vector<std::string> of_service;
  for (const CallInfo& call : schema().calls)
    if (match::equal(call.service, service.value, kCaseless)) of_service.push_back(call.name);
  if (!complete) {
    // Of such a service a few calls are known: only what looks like one of them, or is another's, is worth a
    // word.
    if (elsewhere.size() != 1 || !is_complete(schema(), elsewhere[0]->service))
      return check_slip(name, of_service);
    add(Code::W303, fmt::format("`{}` is known as a call of {}", name.value, elsewhere[0]->service),
        name.span, fmt::format("not among the known calls of {}", service.value))
        .help(fmt::format("if that is meant, write `{}: \"{}\"`", schema().service_field,
                          elsewhere[0]->service));
    return;
  }
  dsl::Diagnostic& error =
      add(Code::E304, fmt::format("{} has no call `{}`", service.value, name.value), name.span,
          elsewhere.empty() ? "not a call that the catalogue knows"
                            : fmt::format("a call of {}", elsewhere[0]->service));
  if (!elsewhere.empty()) {
    error.label(service.span, "so these two are never in one event");
    error.help(fmt::format("write `{}: \"{}\"`", schema().service_field, elsewhere[0]->service));
    if (services.size() == 1)
      error.replace(service.span, "\"" + elsewhere[0]->service + "\"", dsl::Applicability::likely);
    error.note("without this, the rule can never fire");
  } else if (std::vector<std::string> near = nearest(name.value, of_service); !near.empty()) {
    error.help(did_you_mean(near));
    if (near.size() == 1) error.replace(name.span, "\"" + near[0] + "\"", dsl::Applicability::likely);
  }
}

// The type of a path below a part without a shape, by the pinned calls; E202 or W202 when they lack it.
RuleLowering::Narrowed RuleLowering::narrow(const SchemaInfo& schema, const FieldInfo& part,
                                            const std::vector<std::string>& names, const dsl::Path& path,
                                            size_t first, const Scope& scope) {
  Narrowed out;
  if (!scope.pins || scope.pins->empty() || &schema != pack_.schemas[source_]) return out;
  size_t found = 0, objects = 0;
  const PinnedCall* lacking = nullptr;
  std::vector<std::string> parameters;
  for (const PinnedCall& pin : *scope.pins) {
    if (!pin.call) return {};
    bool here = false, shaped = false, object = false, exact = false;
    std::vector<std::string> of_call;
    for (const FieldInfo& field : pin.call->fields) {
      const std::vector<FieldInfo::Segment>& of_field = field.path;
      bool of_part = of_field.size() > part.path.size();
      for (size_t i = 0; of_part && i < part.path.size(); i++) of_part = of_field[i].name == part.path[i].name;
      if (!of_part) continue;
      shaped = true;
      add_unique(of_call, of_field[part.path.size()].name);
      size_t common = 0;
      while (common < names.size() && common < of_field.size() && names[common] == of_field[common].name) common++;
      if (common == names.size() && common == of_field.size()) {
        here = exact = true;
        out.type = out.field && out.type != field.type ? Type::json : field.type;
        out.field = &field;
      } else if (common == of_field.size()) {
        here = true;  // below a declared one: a policy document in a text
      } else if (common == names.size()) {
        here = object = true;
      }
    }
    objects += object && !exact;
    if (here || !shaped)
      found++;
    else if (!lacking)
      lacking = &pin, parameters = of_call;
  }
  if (lacking && (scope.own_pins || found == 0)) {
    const CallInfo& call = *lacking->call;
    const char* kind = kind_of(part.path[0].name);
    std::string kind_text = kind ? kind : fmt::format("part of `{}`", part.path[0].name);
    size_t offset = names.size() - (path.segments.size() - first), at = part.path.size();
    const dsl::Segment& begin =
        path.segments[first + (at > offset ? std::min(at - offset, path.segments.size() - first - 1) : 0)];
    std::string written = dotted({names.begin() + long(at), names.end()});
    dsl::Diagnostic& error =
        add(is_complete(schema, call.service) ? Code::E202 : Code::W202,
            fmt::format("`{}` has no {} `{}`", call.name, kind_text, written),
            path.segments.size() == first + 1 || &begin == &path.segments.back()
                ? begin.name_span
                : dsl::join(begin.name_span, path.segments.back().name_span),
            kind && part.path[0].name == "requestParameters" ? "not a parameter of this call"
                                                             : "not of this call");
    error.label(lacking->span, "the call that the selection pins");
    if (parameters.size() <= 8)
      error.help(fmt::format("its {} {} {}",
                             kind && part.path[0].name == "requestParameters"
                                 ? "parameter" + std::string(parameters.size() == 1 ? "" : "s")
                                 : "parts",
                             parameters.size() == 1 ? "is" : "are", quoted_list(parameters)));
    else if (std::vector<std::string> near = nearest(written, parameters); !near.empty())
      error.help(did_you_mean(near));
    out.applies = true;
    out.type = Type::unknown;
    out.field = nullptr;
    return out;
  }
  out.applies = found > 0;
  out.object = objects == scope.pins->size();
  if (!out.field || out.object) out.type = Type::json;
  if (out.object) out.field = nullptr;
  return out;
}

}  // namespace weir::compiler
