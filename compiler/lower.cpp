// The recipe of the lowering: sources, then each rule once for each of its sources.
//
// A rule with an error is typed to its end, so that everything wrong with it is said, and then left out.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "compiler/clauses.h"
#include "compiler/lowering.h"
#include "compiler/project_files.h"

namespace weir::compiler {

using dsl::Code;

namespace {

std::vector<match::Step> steps_of(const std::vector<std::string>& path) {
  std::vector<match::Step> steps;
  for (const std::string& name : path) steps.push_back({match::Step::Kind::key, name, 0});
  return steps;
}

match::SourceInfo source_info(const SchemaInfo& schema) {
  match::SourceInfo out;
  out.name = schema.name;
  out.title = schema.title;
  out.columns = schema.columns;
  out.column_names = schema.column_names;
  out.time_path = steps_of(schema.time_path);
  out.id_path = steps_of(schema.id_path);
  out.late_ms = schema.late_ms;
  out.ahead_ms = schema.ahead_ms;
  out.is_alert = schema.name == "alert";
  for (const FieldInfo& field : schema.fields) {
    if (!field.required || field.derived) continue;
    match::RequiredField required;
    for (const FieldInfo::Segment& segment : field.path)
      required.path.push_back({match::Step::Kind::key, segment.name, 0});
    required.want = want_of(field.type);
    required.name = field.name();
    out.required.push_back(std::move(required));
  }
  return out;
}

bool inside(dsl::Span inner, dsl::Span outer) {
  return inner.source == outer.source && inner.begin >= outer.begin && inner.end <= outer.end;
}

bool has_error(const dsl::Diagnostics& diagnostics, dsl::Span span) {
  return std::any_of(diagnostics.list().begin(), diagnostics.list().end(), [&](const dsl::Diagnostic& d) {
    return d.severity() == dsl::Severity::error && inside(d.primary.span, span);
  });
}

bool asked_for(const CompileOptions& options, const std::string& name) {
  return options.only.empty() ||
         std::find(options.only.begin(), options.only.end(), name) != options.only.end();
}

}  // namespace

// ---- the pack ---------------------------------------------------------------------------------------------

Pack::Pack(const Project& project, const CompileOptions& options, dsl::Diagnostics& diagnostics, Trace* trace)
    : project(project), options(options), diagnostics(diagnostics), trace(trace), builder(module) {
  for (const auto& [name, schema] : project.schemas) {
    source_index[name] = uint16_t(schemas.size());
    schemas.push_back(&schema);
    module.sources.push_back(source_info(schema));
  }
  for (uint16_t source = 0; source < schemas.size(); source++) {
    match::SourceInfo& info = module.sources[source];
    if (!info.id_path.empty()) info.id_slot = builder.slot(source, {0, info.id_path, match::Want::text});
  }
  for (const RuleEntry& entry : project.rules)
    for (const dsl::Name& source : sources_of(*entry.rule))
      alerts_are_heard = alerts_are_heard || (source.text == "alert" && asked_for(options, entry.rule->name.text));
  for (const dsl::Diagnostic& known : diagnostics.list())
    reported_.insert({known.code, known.primary.span.source, known.primary.span.begin, known.primary.span.end,
                      known.title});
}

void Pack::trust_shipped() {
  for (dsl::SourceId id = 0; id < project.sources.size(); ++id)
    trusted_.push_back(project.sources.path(id).starts_with(kShippedPrefix));
}

void Pack::report(const dsl::Diagnostics& found) {
  for (const dsl::Diagnostic& each : found.list()) {
    const dsl::Span& span = each.primary.span;
    if (!reported_.insert({each.code, span.source, span.begin, span.end, each.title}).second) continue;
    dsl::Diagnostic& added = diagnostics.add(each.code, each.title, span, each.primary.text);
    added = each;
  }
}

// ---- a rule -----------------------------------------------------------------------------------------------

RuleLowering::RuleLowering(Pack& pack, const RuleEntry& entry) : pack_(pack), entry_(&entry) {}

RuleLowering::RuleLowering(Pack& pack, uint16_t source) : pack_(pack), sources_{source}, source_(source) {}

void RuleLowering::check_shared(const dsl::SharedSelection& shared) {
  lower_selection(shared.selection, true, Scope{}, nullptr);
  pack_.report(own_diagnostics_);
}

ir::Value RuleLowering::lower_alert_map(const dsl::Map& map) { return this->map(map, Scope{}, nullptr); }

void RuleLowering::lower_on_source(match::RuleInfo& info) {
  match::RuleOnSource out;
  out.source = source_;
  on_ = &out;
  lowered_selections_.clear();
  lowered_lets_.clear();
  lowered_fields_.clear();
  matched_blocks_.clear();
  single_.clear();
  traced_.clear();
  RuleTrace trace;
  const dsl::Cond* written = detection_ && detection_->condition ? &*detection_->condition : nullptr;
  rule_pins_ = written ? pins_of(*written) : Pins{};

  ir::Value matches = written ? condition(*written, false) : make().make(ir::Op::never, {});
  lower_the_rest();
  if (correlation_ && written) correlation();
  ir::Value final = exempted(matches, out, pack_.trace ? &trace : nullptr);
  out.match = make().root(correlation_ ? matches : final);
  if (correlation_) out.counted = make().root(final);
  message(out);
  fields(out);
  derived_fields(out);
  suppress(info, out);
  levels(out);
  if (correlation_ && written) check_memory();
  matches_.push_back(matches);
  if (pack_.trace) take_trace(std::move(trace), matches);
  info.sources.push_back(std::move(out));
}

// Selections and lets that the condition does not need: typed all the same; being typed is not being used.
void RuleLowering::lower_the_rest() {
  for (const auto& [name, selection] : selections_) {
    bool used = used_selections_.count(name) > 0;
    this->selection(selection->name);
    if (!used) used_selections_.erase(name);
  }
  for (const auto& [name, let] : lets_) {
    bool used = used_lets_.count(name) > 0;
    let_value(*let, Scope{});
    if (!used) used_lets_.erase(name);
  }
}

void RuleLowering::take_trace(RuleTrace trace, ir::Value matches) {
  trace.source = source_;
  if (detection_ && detection_->condition) {
    trace.condition_span = detection_->condition->span;
    trace.condition = text(trace.condition_span);
  }
  trace.condition_holds = make().root(matches);
  for (const std::string& name : selection_names()) {
    auto traced = traced_.find(name);
    if (traced == traced_.end() || !used_selections_.count(name)) continue;
    trace.selections.push_back(std::move(traced->second));
    traced_.erase(traced);
  }
  for (auto& [name, traced] : traced_)
    if (traced.shared) trace.selections.push_back(std::move(traced));
  own_traces_.push_back(std::move(trace));
}

namespace {

// What the names of the selections suggest as the condition.
std::string condition_meant(const dsl::Detection& detection) {
  std::string any, filters;
  for (const dsl::Selection& selection : detection.selections) {
    const std::string& name = selection.name.text;
    if (name.starts_with("filter"))
      filters += " and not " + name;
    else
      any += (any.empty() ? "" : " or ") + name;
  }
  if (any.empty()) any = "true";
  if (!filters.empty() && any.find(' ') != any.npos) any = "(" + any + ")";
  return any + filters;
}

dsl::Diagnostic condition_missing(const dsl::Detection& detection) {
  dsl::Diagnostic error{
      Code::E113, "the detection has no `condition`", {detection.span, "when does it hold?"}};
  std::string clause = "condition: " + condition_meant(detection);
  error.help(fmt::format("add `{}`", clause));
  if (detection.selections.empty()) return error;
  dsl::Span last = detection.selections.back().span;
  error.replace({last.source, last.end, last.end}, "\n    " + clause, dsl::Applicability::likely);
  return error;
}

}  // namespace

void RuleLowering::run() {
  const dsl::Rule& rule = *entry_->rule;
  if (rule.broken || !asked_for(pack_.options, rule.name.text)) return;
  index_clauses();
  index_sources();
  if (sources_.empty() || !detection_) return;
  check_names();
  if (!detection_->condition)
    add(Code::E113, "", detection_->span) = condition_missing(*detection_);
  else
    lint_brackets(*detection_->condition);

  match::RuleInfo info;
  about(info);
  for (uint16_t source : sources_) {
    source_ = source;
    lower_on_source(info);
  }
  if (correlation_) take_correlation(info);
  bool good = sink_->error_count() == 0 && !rests_on_error_ && !has_error(pack_.diagnostics, rule.span);
  if (good) {
    lint_tests();
    lint_unused();
    lint_duplicate(info);
  }
  pack_.report(own_diagnostics_);
  bool enabled = entry_->enabled || pack_.options.untuned;
  if (!good || !enabled) return;
  for (RuleTrace& trace : own_traces_) {
    trace.rule = uint32_t(pack_.module.rules.size());
    pack_.trace->rules.push_back(std::move(trace));
  }
  pack_.module.rules.push_back(std::move(info));
}

// What one source met and another did not has a number on both.
void RuleLowering::take_correlation(match::RuleInfo& info) {
  match::Correlation& made = planned_.made;
  for (match::RuleOnSource& on : info.sources) {
    on.group_by.resize(made.group_by.size(), match::kNone);
    on.values.resize(made.values.size(), match::kNone);
    on.conditions.resize(made.conditions.size(), match::kNone);
  }
  made.shape = shape();
  info.correlation = std::make_shared<match::Correlation>(made);
}

// W807: shared instructions make equal conditions one value.
void RuleLowering::lint_duplicate(const match::RuleInfo& info) {
  ir::Op op = pack_.module.insts[matches_[0]].op;
  if (correlation_ || op == ir::Op::never || op == ir::Op::always) return;
  auto [known, fresh] = pack_.by_meaning.emplace(std::pair(matches_, info.suppress_ms), entry_->rule);
  if (fresh) return;
  add(Code::W807, fmt::format("this rule matches what `{}` matches", known->second->name.text),
      entry_->rule->name.span, "the same condition")
      .label(known->second->name.span, "here, too")
      .help("keep one of them");
}

// ---- the recipe -------------------------------------------------------------------------------------------

namespace {

void report_exemptions(Pack& pack) {
  dsl::Diagnostics found;
  auto add = [&](const std::optional<dsl::Diagnostic>& verdict) {
    if (verdict) found.add(verdict->code, "", verdict->primary.span) = *verdict;
  };
  for (const auto& [_, verdict] : pack.exemption_verdicts) {
    if (verdict.never == verdict.rules) add(verdict.why_never);
    if (verdict.always > 0) add(verdict.why_always);
  }
  found.sort();
  pack.report(found);
}

}  // namespace

ir::Module lower(const Project& project, const CompileOptions& options, dsl::Diagnostics& diagnostics,
                 Trace* trace) {
  Pack pack(project, options, diagnostics, trace);
  if (!trace) pack.trust_shipped();  // the rules are to run, and nobody asks what could be said of them
  dsl::Diagnostics circles;
  check_alert_circles(project, circles);
  pack.report(circles);
  for (const RuleEntry& entry : project.rules) RuleLowering(pack, entry).run();
  note_heard_rules(project, pack.module.rules);
  report_exemptions(pack);
  if (options.only.empty())
    for (const auto& [name, shared] : project.selections) {
      if (shared->broken || pack.used_shared.count(shared) || !shared->selection.source) continue;
      auto source = pack.source_index.find(shared->selection.source->text);
      if (source != pack.source_index.end()) RuleLowering(pack, source->second).check_shared(*shared);
    }
  return std::move(pack.module);
}

ir::Module lower_expectations(const Project& project, const std::vector<const dsl::Map*>& maps,
                              dsl::Diagnostics& diagnostics) {
  CompileOptions options;
  Pack pack(project, options, diagnostics, nullptr);
  auto alert = pack.source_index.find("alert");
  if (alert == pack.source_index.end()) return std::move(pack.module);
  for (const dsl::Map* map : maps) {
    RuleLowering lowering(pack, alert->second);
    ir::Value holds = lowering.lower_alert_map(*map);
    lowering.diagnostics().retain(
        [](const dsl::Diagnostic& d) { return d.severity() == dsl::Severity::error; });
    pack.report(lowering.diagnostics());
    match::RuleInfo info;
    info.name = fmt::format("expect_{}", pack.module.rules.size());
    match::RuleOnSource on;
    on.source = alert->second;
    on.match = pack.builder.root(holds);
    info.sources.push_back(std::move(on));
    pack.module.rules.push_back(std::move(info));
  }
  return std::move(pack.module);
}

}  // namespace weir::compiler
