// What a rule says when it fires: message, fields, key of the silence, level, and the rest of its head.
//
// A message names the element that a block found: `{answers.Rdata}` beside `answers { … }` gives the values
// of the elements for which the block held, or, when it did not hold (another branch fired), all of them.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/clauses.h"
#include "compiler/lowering.h"
#include "dsl/dump.h"
#include "dsl/parse.h"

namespace weir::compiler {

using dsl::Code;

namespace {

const dsl::Text* template_of(const dsl::Rule& rule) {
  const dsl::Meta* message = find_meta(rule.clauses, "message");
  if (!message || message->values.size() != 1) return nullptr;
  return std::get_if<dsl::Text>(&message->values[0].node);
}

uint8_t level_index(const std::string& name) {
  for (uint8_t i = 0; i < match::kLevels; i++)
    if (name == match::kLevelNames[i]) return i;
  return 0;
}

}  // namespace

// The values of the elements that the one block on this array found; kNoValue when there is no such block.
ir::Value RuleLowering::matched_element(const dsl::Expr& expr, const Typed& all) {
  auto* path = std::get_if<dsl::Path>(&expr.node);
  if (!path || lets_.count(path->segments[0].name)) return ir::kNoValue;
  for (const dsl::Segment& segment : path->segments)
    if (segment.pick != dsl::Segment::Pick::implicit) return ir::kNoValue;
  std::vector<std::string> names = names_of(*path);
  const MatchedBlock* block = nullptr;
  for (const MatchedBlock& candidate : matched_blocks_) {
    bool below = candidate.array.size() < names.size() &&
                 std::equal(candidate.array.begin(), candidate.array.end(), names.begin());
    if (!below) continue;
    if (block && block->holds != candidate.holds) return ir::kNoValue;
    block = &candidate;
  }
  if (!block) return ir::kNoValue;
  Scope element;
  element.place = Place::message;
  element.bound = block->array;
  element.bound_axis = block->axis;
  element.axis = block->axis;
  element.pins = rule_pins_.empty() ? nullptr : &rule_pins_;
  Typed of_element = this->path(*path, element);
  if (of_element.axis != block->axis) return ir::kNoValue;
  ir::Value found = make().on_axis(ir::Op::gather, source_, block->axis, {of_element.value, block->holds});
  return make().make(ir::Op::coalesce, {found, all.value});
}

Typed RuleLowering::message_expression(const dsl::Expr& expr) {
  Scope scope;
  scope.place = Place::message;
  scope.pins = rule_pins_.empty() ? nullptr : &rule_pins_;
  Typed typed = expression(expr, scope);
  if (typed.value == ir::kNoValue) typed.value = make().missing();
  typed.value = gathered(typed, 0);
  typed.axis = 0;
  if (ir::Value matched = matched_element(expr, typed); matched != ir::kNoValue) {
    typed.value = matched;
  } else if (pack_.module.insts[typed.value].op == ir::Op::field &&
             (typed.object || typed.type == Type::json)) {
    typed.value = raw_slot_like(typed.value);
  }
  return typed;
}

void RuleLowering::message(match::RuleOnSource& out) {
  const dsl::Text* text = template_of(*entry_->rule);
  if (!text) return;
  std::optional<dsl::Template> pieces = dsl::parse_template(pack_.project.sources, *text, *sink_);
  if (!pieces) return;
  for (const dsl::Template::Piece& piece : pieces->pieces) {
    if (!piece.expr) {
      out.message.push_back({match::MessagePiece::Kind::text, piece.text});
      continue;
    }
    out.message.push_back(message_piece(*piece.expr));
  }
}

void RuleLowering::fields(match::RuleOnSource& out) {
  const dsl::Meta* clause = find_meta(entry_->rule->clauses, "fields");
  if (!clause) return;
  for (const dsl::Expr& value : clause->values) {
    auto* path = std::get_if<dsl::Path>(&value.node);
    if (!path) continue;
    Typed typed = message_expression(value);
    ir::Value shown = typed.value;
    if (pack_.module.insts[shown].op == ir::Op::field) shown = raw_slot_like(shown);
    bool here = pack_.module.insts[shown].op != ir::Op::missing;
    match::NamedRoot field{alert_name(text(value.span)), here ? make().root(shown) : match::kNone};
    if (auto step = step_path(*path)) {
      field.step = step_number(*path).value_or(match::kNone);
      if (source_of(*step->selection) != source_) field.root = match::kNone;
    }
    out.fields.push_back(std::move(field));
  }
}

void RuleLowering::derived_fields(match::RuleOnSource& out) {
  if (!pack_.alerts_are_heard) return;
  for (const FieldInfo& field : pack_.schemas[source_]->fields) {
    if (!field.derived || field.path.size() != 1) continue;
    Typed typed = derived(field, source_, Scope{});
    out.derived.push_back({field.name(), make().root(gathered(typed, 0))});
  }
}

void RuleLowering::suppress(match::RuleInfo& info, match::RuleOnSource& out) {
  const dsl::Suppress* written = find_clause<dsl::Suppress>(entry_->rule->clauses);
  const dsl::Suppress* tuned = !pack_.options.untuned && entry_->suppress ? &*entry_->suppress : nullptr;
  const dsl::Suppress* length = tuned && tuned->length ? tuned : written;
  const dsl::Suppress* by = tuned && tuned->by ? tuned : written;
  if (!length || !length->length) return;
  info.suppress_ms = duration_ms(&*length->length, "suppress");
  std::vector<dsl::Expr> const* keys = by && by->by   ? &*by->by
                                       : correlation_ ? &correlation_->group_by
                                                      : nullptr;
  if (!keys) return;
  Scope scope;
  scope.pins = rule_pins_.empty() ? nullptr : &rule_pins_;
  for (const dsl::Expr& key : *keys) {
    Typed typed = expression(key, scope);
    if (typed.object) {
      add(Code::E407,
          fmt::format("`{}` cannot be a key: it has parts and no value of its own", text(key.span)), key.span,
          "an object, or an array of objects")
          .help(fmt::format("take one of its parts, or its text: `json_text({})`", text(key.span)));
      continue;
    }
    auto same = std::find(planned_.keys.begin(), planned_.keys.end(), dsl::dump(key));
    uint32_t part = same == planned_.keys.end() ? match::kNone : uint32_t(same - planned_.keys.begin());
    out.suppress_by.push_back({alert_name(text(key.span)), make().root(gathered(typed, 0)), identity_of(typed.type), part});
  }
}

void RuleLowering::levels(match::RuleOnSource& out) {
  const dsl::Level* level = find_clause<dsl::Level>(entry_->rule->clauses);
  bool tuned = !pack_.options.untuned && entry_->level;
  if (!level) return;
  for (const dsl::LevelCase& each : level->cases) {
    if (!each.where) continue;
    ir::Value holds = selection(*each.where);
    if (!tuned || entry_->level_until)
      out.level_cases.push_back({level_index(each.level.text), make().root(holds)});
  }
  if (tuned && entry_->level_until)
    out.level_cases.push_back(
        {level_index(*entry_->level), make().root(make().before(first_second_after(*entry_->level_until)))});
}

void RuleLowering::about(match::RuleInfo& info) const {
  const std::vector<dsl::RuleClause>& clauses = entry_->rule->clauses;
  bool tuned = !pack_.options.untuned;
  auto said = [&](const char* name) { return text_of(find_meta(clauses, name)); };
  info.name = entry_->rule->name.text;
  info.id = said("id");
  info.title = said("title");
  info.description = said("description");
  info.response = said("response");
  info.author = said("author");
  std::optional<dsl::Name> status = word_of(find_meta(clauses, "status"));
  info.status = tuned && entry_->status ? *entry_->status : status ? status->text : "";
  info.version = integer_of(find_meta(clauses, "version")).value_or(1);
  if (auto* level = find_clause<dsl::Level>(clauses))
    for (const dsl::LevelCase& each : level->cases)
      if (!each.where) info.level = level_index(each.level.text);
  if (tuned && entry_->level && !entry_->level_until) info.level = level_index(*entry_->level);
  for (const dsl::Attack& id : attack_of(find_meta(clauses, "mitre"))) info.mitre.push_back(id.id);
  info.tags = texts_of(find_meta(clauses, "tags"));
  info.falsepositives = texts_of(find_meta(clauses, "falsepositives"));
  info.references = texts_of(find_meta(clauses, "references"));
  info.building_block = bool_of(find_meta(clauses, "building_block")).value_or(false);
  bool hears_alerts_only = std::all_of(sources_.begin(), sources_.end(), [&](uint16_t source) {
    return pack_.module.sources[source].is_alert;
  });
  info.has_correlation = correlation_ != nullptr || hears_alerts_only;
  const dsl::SourceMap& sources = pack_.project.sources;
  info.file = sources.path(entry_->rule->span.source);
  info.line = sources.place(entry_->rule->name.span.source, entry_->rule->name.span.begin).line;
}

}  // namespace weir::compiler
