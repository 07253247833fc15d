// What a word means in one rule: its lets, params, selections and lists, and what is used of them.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/clauses.h"
#include "compiler/lowering.h"
#include "compiler/nearest.h"
#include "runtime/match/text.h"

namespace weir::compiler {

using dsl::Code;

// ---- words for messages -----------------------------------------------------------------------------------

std::string quoted(std::string_view name) { return fmt::format("`{}`", name); }

std::string quoted_list(const std::vector<std::string>& names) {
  std::string out;
  for (size_t i = 0; i < names.size(); i++) {
    if (i > 0) out += i + 1 == names.size() ? " and " : ", ";
    out += quoted(names[i]);
  }
  return out;
}

std::string alert_name(std::string written) {
  std::erase(written, '`');
  return written;
}

std::string dotted(const std::vector<std::string>& names) { return fmt::format("{}", fmt::join(names, ".")); }

std::vector<std::string> names_of(const dsl::Path& path, size_t first) {
  std::vector<std::string> names;
  for (size_t i = first; i < path.segments.size(); i++) names.push_back(path.segments[i].name);
  return names;
}

std::string path_text(const dsl::Path& path, size_t first) { return dotted(names_of(path, first)); }

std::vector<std::string> field_names(const SchemaInfo& schema) {
  std::vector<std::string> names;
  for (const FieldInfo& field : schema.fields) names.push_back(field.name());
  return names;
}

std::string grouped(uint64_t number) {
  std::string digits = std::to_string(number);
  for (int at = int(digits.size()) - 3; at > 0; at -= 3) digits.insert(size_t(at), ",");
  return digits;
}

std::string in_bytes(double bytes) {
  const char* units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
  size_t unit = 0;
  while (bytes >= 1024 && unit + 1 < std::size(units)) bytes /= 1024, unit++;
  std::string number = fmt::format("{:.1f}", bytes);
  if (number.ends_with(".0")) number.resize(number.size() - 2);
  return number + " " + units[unit];
}

// ---- the rule's clauses -----------------------------------------------------------------------------------

void RuleLowering::index_clauses() {
  // The language never picks one of two.
  const auto once = [&](auto& named_by, const auto& named, const char* help) {
    const auto [first, fresh] = named_by.emplace(named.name.text, &named);
    if (fresh) return;
    add(Code::E109, fmt::format("`{}` stands twice", named.name.text), named.name.span, "the second")
        .label(first->second->name.span, "the first")
        .help(help);
  };
  for (const dsl::RuleClause& clause : entry_->rule->clauses) {
    if (auto* detection = std::get_if<dsl::Detection>(&clause)) {
      detection_ = detection;
      for (const dsl::Selection& selection : detection->selections)
        once(selections_, selection, "give one of them another name; `one or other` is true when either is");
    } else if (auto* correlation = std::get_if<dsl::Correlation>(&clause)) {
      correlation_ = correlation;
    } else if (auto* let = std::get_if<dsl::Let>(&clause)) {
      once(lets_, *let, "leave one of them out, or give it another name");
    } else if (auto* params = std::get_if<dsl::Params>(&clause)) {
      for (const dsl::Param& param : params->params) once(params_, param, "leave one of them out");
    }
  }
  if (!pack_.options.untuned)
    for (const auto& [name, tuned] : entry_->params) set_params_[name] = tuned.param;
  for (const auto& [rule, params] : pack_.options.params) {
    if (rule != entry_->rule->name.text) continue;
    for (const dsl::Param& param : params->params) set_params_[param.name.text] = &param;
  }
}

void RuleLowering::index_sources() {
  for (const dsl::Name& name : sources_of(*entry_->rule)) {
    auto found = pack_.source_index.find(name.text);
    if (found != pack_.source_index.end() &&
        std::find(sources_.begin(), sources_.end(), found->second) == sources_.end())
      sources_.push_back(found->second);
  }
}

// E211: a name in two of field, let and selection; a selection that hides a shared one.
void RuleLowering::check_names() {
  auto is_field = [&](const std::string& name) {
    for (uint16_t source : sources_) {
      const SchemaInfo& schema = *pack_.schemas[source];
      if (exists_in_schema(schema, {name})) return &schema;
    }
    return static_cast<const SchemaInfo*>(nullptr);
  };
  for (const auto& [name, let] : lets_) {
    if (const SchemaInfo* schema = is_field(name))
      add(Code::E211, fmt::format("`{}` is also a field of {}", name, schema->name), let->name.span,
          "one name, two meanings")
          .help("give the `let` another name");
  }
  for (const auto& [name, selection] : selections_) {
    if (auto let = lets_.find(name); let != lets_.end()) {
      add(Code::E211, fmt::format("`{}` is also a `let`", name), selection->name.span,
          "one name, two meanings")
          .label(let->second->name.span, "also declared here")
          .help("give one of them another name");
    } else if (const SchemaInfo* schema = is_field(name)) {
      add(Code::E211, fmt::format("`{}` is also a field of {}", name, schema->name), selection->name.span,
          "one name, two meanings")
          .help("give the selection another name");
    } else if (auto shared = pack_.project.selections.find(name); shared != pack_.project.selections.end()) {
      add(Code::E211, fmt::format("`{}` is also a shared selection", name), selection->name.span,
          "hides the shared one")
          .label(shared->second->selection.name.span, "declared here for all rules")
          .help("give this selection another name");
    }
  }
}

// ---- selections -------------------------------------------------------------------------------------------

std::vector<std::string> RuleLowering::selection_names() const {
  std::vector<std::string> names;
  if (detection_)
    for (const dsl::Selection& selection : detection_->selections) names.push_back(selection.name.text);
  return names;
}

std::vector<std::string> RuleLowering::names_matching(const std::string& glob) const {
  std::vector<uint32_t> stars;
  for (uint32_t i = 0; i < glob.size(); i++)
    if (glob[i] == '*') stars.push_back(i);
  match::Pattern pattern(glob, stars, {.cased = true});
  std::vector<std::string> names;
  for (const std::string& name : selection_names()) {
    if (name.starts_with('_') && !glob.starts_with('_')) continue;
    if (pattern.matches(name)) names.push_back(name);
  }
  return names;
}

std::optional<RuleLowering::Named> RuleLowering::find_selection(const std::string& name) {
  if (auto own = selections_.find(name); own != selections_.end()) return Named{own->second, nullptr};
  auto shared = pack_.project.selections.find(name);
  if (shared == pack_.project.selections.end()) return std::nullopt;
  return Named{&shared->second->selection, shared->second};
}

void RuleLowering::add_error_for_missing_selection(const dsl::Name& name) {
  std::vector<std::string> all = selection_names();
  bool prefix = std::any_of(all.begin(), all.end(),
                            [&](const std::string& other) { return other.starts_with(name.text + "_"); });
  for (const auto& [shared, _] : pack_.project.selections) all.push_back(shared);
  std::vector<std::string> near = nearest(name.text, all, prefix ? 1 : 3);
  if (prefix) near.push_back(fmt::format("1 of {}_*", name.text));
  dsl::Diagnostic& error = add(Code::E203, fmt::format("no selection is named `{}`", name.text), name.span,
                               "not in this detection, nor shared");
  if (is_shipped("selection", name.text)) {
    error.help(fmt::format("`{}` is in the shipped pack: add `shipped` to the paths", name.text));
  } else if (!near.empty()) {
    error.help(did_you_mean(near));
    if (near.size() == 1) error.replace(name.span, near.front(), dsl::Applicability::likely);
  }
}

const RuleLowering::Named* RuleLowering::selection_or_error(const dsl::Name& name) {
  used_selections_.insert(name.text);
  if (auto known = named_.find(name.text); known != named_.end()) return &known->second;
  std::optional<Named> found = find_selection(name.text);
  if (!found) {
    add_error_for_missing_selection(name);
    return nullptr;
  }
  if (found->shared) pack_.used_shared.insert(found->shared);
  if (found->shared && found->shared->broken) rests_on_error_ = true;
  return &named_.emplace(name.text, *found).first->second;
}

// ---- $names -----------------------------------------------------------------------------------------------

const std::vector<dsl::Expr>& RuleLowering::values_of(const ListInfo& list) const {
  bool amended = list.added > 0 || list.removed > 0;
  return pack_.options.untuned && amended ? list.untuned : list.values;
}

std::optional<RuleLowering::Constant> RuleLowering::constant(const dsl::Const& use) {
  const std::string& name = use.name.text;
  if (auto param = params_.find(name); param != params_.end()) {
    used_params_.insert(name);
    auto set = set_params_.find(name);
    const dsl::Param* value = set == set_params_.end() ? param->second : set->second;
    return Constant{&value->values, nullptr, value->is_list};
  }
  if (auto list = pack_.project.lists.find(name); list != pack_.project.lists.end()) {
    rests_on_error_ = rests_on_error_ || list->second.broken;
    return Constant{&values_of(list->second), &list->second, true};
  }

  std::vector<std::string> candidates;
  for (const auto& [param, _] : params_) candidates.push_back(param);
  for (const auto& [list, _] : pack_.project.lists) candidates.push_back(list);
  dsl::Diagnostic& error = add(Code::E205, fmt::format("nothing is named `${}`", name), use.span,
                               "not a param of this rule, nor a list");
  if (is_shipped("list", name)) {
    error.help(fmt::format("`{}` is in the shipped pack: add `shipped` to the paths", name));
    return std::nullopt;
  }
  std::vector<std::string> near = nearest(name, candidates, 1);
  if (near.empty()) return std::nullopt;
  dsl::Span declared;
  if (auto param = params_.find(near[0]); param != params_.end())
    declared = param->second->name.span;
  else
    declared = pack_.project.lists.at(near[0]).list->name.span;
  const dsl::SourceMap& sources = pack_.project.sources;
  std::string where = declared.source == use.span.source ? "" : sources.path(declared.source) + ", ";
  error.help(fmt::format("did you mean `${}`, declared on {}line {}?", near[0], where,
                         sources.place(declared.source, declared.begin).line));
  error.replace(use.span, "$" + near[0], dsl::Applicability::likely);
  return std::nullopt;
}

}  // namespace weir::compiler
