// Selections: maps, lists of maps, keywords and blocks → conditions, with their trace.
#include <fmt/format.h>

#include "compiler/lowering.h"

namespace weir::compiler {

using dsl::Code;
using Pick = dsl::Segment::Pick;

uint16_t RuleLowering::source_of(const dsl::Selection& selection) {
  if (!selection.source) return sources_.empty() ? source_ : sources_.size() == 1 ? sources_[0] : source_;
  auto found = pack_.source_index.find(selection.source->text);
  return found == pack_.source_index.end() ? ir::kAnySource : found->second;
}

match::Root RuleLowering::trace_root(ir::Value holds, const Scope& scope) {
  uint32_t axis = scope.axis;
  while (axis != 0) {
    holds = make().on_axis(ir::Op::any_element, source_, axis, {holds});
    axis = pack_.module.sources[source_].projection.axes[axis].parent;
  }
  return make().root(holds);
}

ir::Value RuleLowering::selection(const dsl::Name& name) {
  ir::Value never = make().make(ir::Op::never, {});
  const Named* named = selection_or_error(name);
  if (!named) return never;
  if (auto known = lowered_selections_.find(name.text); known != lowered_selections_.end())
    return known->second;
  lowered_selections_[name.text] = never;  // while it is lowered: `if(s, …)` inside s
  TracedSelection trace;
  ir::Value holds =
      lower_selection(*named->selection, named->shared != nullptr, Scope{}, pack_.trace ? &trace : nullptr);
  lowered_selections_[name.text] = holds;
  if (pack_.trace) traced_[name.text] = std::move(trace);
  return holds;
}

ir::Value RuleLowering::lower_selection(const dsl::Selection& selection, bool shared, Scope scope,
                                        TracedSelection* trace) {
  ir::Value holds = make().make(ir::Op::never, {});
  uint16_t of = source_of(selection);
  if (trace) {
    trace->name = selection.name.text;
    trace->shared = shared;
    trace->span = selection.span;
  }
  bool of_rule = of != ir::kAnySource && std::find(sources_.begin(), sources_.end(), of) != sources_.end();
  if (selection.source && !of_rule && !(shared && of != ir::kAnySource)) {
    std::vector<std::string> names;
    for (uint16_t source : sources_) names.push_back(pack_.schemas[source]->name);
    add(Code::E209, fmt::format("`{}` is no source of this rule", selection.source->text),
        selection.source->span, fmt::format("the rule looks at {}", quoted_list(names)));
    return holds;
  }
  if (of != source_) {  // of another source: never holds here
    if (trace) trace->holds = make().root(holds);
    return holds;
  }
  if (selection.source) scope.on_source = of;
  auto maps_trace = [&]() { return trace ? &trace->maps.emplace_back() : nullptr; };
  if (auto* one = std::get_if<dsl::Map>(&selection.body)) {
    holds = map(*one, scope, maps_trace());
  } else if (auto* maps = std::get_if<std::vector<dsl::Map>>(&selection.body)) {
    std::vector<ir::Value> any;
    for (const dsl::Map& each : *maps) any.push_back(map(each, scope, maps_trace()));
    holds = make().make(ir::Op::either, std::move(any));
  } else {
    holds = keywords(std::get<dsl::Keywords>(selection.body), selection.modifiers);
    if (trace) {
      TracedItem item;
      item.kind = TracedItem::Kind::keywords;
      const dsl::Keywords& words = std::get<dsl::Keywords>(selection.body);
      item.text = "the event";
      item.expected = words.values.size() == 1 ? text(words.values[0].span)
                                               : fmt::format("one of {} texts", words.values.size());
      item.span = words.span;
      item.holds = make().root(holds);
      trace->maps.push_back({std::move(item)});
    }
  }
  if (!std::holds_alternative<dsl::Keywords>(selection.body) && !selection.modifiers.empty())
    add(Code::E310,
        fmt::format("`|{}` belongs to an item, or to a list of texts", selection.modifiers[0].text),
        selection.modifiers[0].span, "not for a map");
  if (trace) trace->holds = make().root(bring(holds, scope.axis, 0, true));
  return holds;
}

ir::Value RuleLowering::map(const dsl::Map& map, Scope scope, std::vector<TracedItem>* trace) {
  Pins pins = pins_of(map);
  check_calls(map);
  if (!pins.empty()) {
    scope.pins = &pins;
    scope.own_pins = true;
  } else if (!rule_pins_.empty()) {
    scope.pins = &rule_pins_;
  }
  return map_items(map, scope, trace);
}

ir::Value RuleLowering::map_items(const dsl::Map& map, const Scope& scope, std::vector<TracedItem>* trace) {
  std::vector<ir::Value> all;
  std::vector<LoweredItem> items;
  if (map.entries.empty())
    add(Code::W809, "these braces are empty, and match every event", map.span, "nothing is asked for")
        .help("a detection without a selection says `condition: true`");
  for (const dsl::Entry& entry : map.entries) {
    TracedItem traced;
    if (auto* inner = std::get_if<std::unique_ptr<dsl::Block>>(&entry)) {
      all.push_back(block(**inner, scope, trace ? &traced : nullptr));
    } else {
      items.push_back(item(std::get<dsl::Item>(entry), scope));
      const LoweredItem& lowered = items.back();
      lint_item(lowered, scope);
      all.push_back(lowered.holds);
      if (trace) {
        const dsl::Item& written = *lowered.item;
        traced.text =
            text({written.span.source, written.span.begin,
                  written.modifiers.empty() ? written.subject.span.end : written.modifiers.back().span.end});
        traced.expected = lowered.expected;
        traced.never = lowered.of_nothing;
        traced.span = written.span;
        traced.holds = trace_root(lowered.holds, scope);
        if (lowered.subject.value != ir::kNoValue) traced.subject = make().root(gathered(lowered.subject, 0));
      }
    }
    if (trace) trace->push_back(std::move(traced));
  }
  check_conflicts(items);
  lint_map(items, scope);
  if (all.size() == 1) return all[0];
  return make().make(ir::Op::both, std::move(all));
}

// path { … }: the items of one element; after a path that is no array, only a prefix.
//
//   answers { Type: …; Rdata: … }      axis at `answers`: any_element(both(Type…, Rdata…))
//   userIdentity { type: …; arn: … }   the items of the event, with the prefix `userIdentity`
ir::Value RuleLowering::block(const dsl::Block& block, const Scope& scope, TracedItem* trace) {
  ir::Value never = make().make(ir::Op::never, {});
  if (trace) {
    trace->kind = TracedItem::Kind::block;
    trace->text = text(block.path.span);
    trace->span = block.span;
    trace->holds = make().root(never);
  }
  std::vector<std::string> names = names_of(block.path), full = scope.prefix;
  full.insert(full.end(), names.begin(), names.end());
  Scope looking = scope;
  looking.place = Place::item;
  Found found = find_in_schema(schema(), full, block.path, 0, looking);
  if (!found.found && full.size() == 1 && lets_.count(names[0])) {
    add(Code::E201, fmt::format("`{}` is a `let`, which has no parts", names[0]), block.path.span,
        "no parts");
    return never;
  }
  if (!found.found) {
    unknown_field(block.path, 0, {&schema()}, looking);
    return never;
  }
  if (!found.object && found.type != Type::json && found.type != Type::unknown) {
    add(Code::E314, fmt::format("`{}` is {}, and has no parts", text(block.path.span), described(found.type)),
        block.path.span, "a value")
        .help(fmt::format("write `{}: ...`", text(block.path.span)));
    return never;
  }
  check_quantifiers(block.path, 0, found);

  Scope inner = scope;
  inner.prefix = full;
  std::vector<Reduction> reductions;
  bool crosses = false;
  // After `where`: the elements are given, so the block asks about this one, by whatever word.
  const bool of_given = scope.bound_axis && scope.prefix.empty();
  bool through_bound = false, none_of_given = false;
  size_t offset = full.size() - names.size();
  for (size_t i = 0; i < block.path.segments.size(); i++) {
    const dsl::Segment& segment = block.path.segments[i];
    bool last = i + 1 == block.path.segments.size();
    crosses = crosses || found.arrays[offset + i];
    inner.steps.push_back({match::Step::Kind::key, segment.name, 0});
    if (segment.pick == Pick::index) {
      inner.steps.push_back(
          {match::Step::Kind::index, "", int32_t(std::clamp<int64_t>(segment.index, -1'000'000, 1'000'000))});
      crosses = false;
      continue;
    }
    if (of_given && std::equal(full.begin(), full.begin() + std::ptrdiff_t(i + 1), scope.bound.begin(), scope.bound.end())) {
      through_bound = true;
      none_of_given = segment.pick == Pick::none;
      inner.steps.clear();
      crosses = false;
      continue;
    }
    bool in_json = found.type == Type::json && !found.object && offset + i + 1 >= found.shaped;
    bool take = segment.pick != Pick::implicit || (last && (crosses || in_json));
    if (!take) continue;
    bool or_self = segment.pick == Pick::implicit && in_json && !crosses;
    inner.axis = make().axis(source_, {inner.axis, inner.steps, or_self});
    inner.steps.clear();
    reductions.push_back({inner.axis, segment.pick});
    crosses = false;
  }
  if (of_given && !through_bound) {
    add(Code::E210, fmt::format("a selection after `where` is of one element of `{}`, and this block is of something else",
                                dotted(scope.bound)),
        block.path.span, "not of an element")
        .help("write each item with its whole path, without braces");
    return never;
  }
  ir::Value holds = map_items(block.map, inner, trace ? &trace->children : nullptr);
  if (none_of_given) holds = make().make(ir::Op::negate, {holds});
  bool positive = std::none_of(reductions.begin(), reductions.end(),
                               [](const Reduction& r) { return r.pick == Pick::none; });
  if (reductions.size() == 1 && scope.axis == 0 && positive && !negated_)
    matched_blocks_.push_back({full, inner.axis, holds});
  holds = reduce(holds, reductions);
  if (trace) trace->holds = trace_root(holds, scope);
  return holds;
}

// NAME ["a", "b"]: text in any scalar of the event.
ir::Value RuleLowering::keywords(const dsl::Keywords& keywords, const std::vector<dsl::Name>& words) {
  ir::Value never = make().make(ir::Op::never, {});
  std::optional<Modifiers> modifiers = this->modifiers(words);
  if (!modifiers) return never;
  const dsl::Name* wrong = modifiers->word ? modifiers->word : modifiers->neq;
  if (!wrong && !modifiers->transforms.empty()) wrong = modifiers->transforms[0];
  if (wrong) {
    add(Code::E310, fmt::format("`|{}` is not for texts that are looked for anywhere", wrong->text),
        wrong->span, "only `all` and `cased`");
    return never;
  }
  match::TextRule rule{.cased = modifiers->cased};
  std::vector<std::string> needles;
  std::vector<ir::Value> parts;
  std::vector<const dsl::Expr*> values;
  for (const dsl::Expr& value : keywords.values) {
    if (auto* use = std::get_if<dsl::Const>(&value.node)) {
      if (auto found = constant(*use))
        for (const dsl::Expr& of : *found->values) values.push_back(&of);
    } else {
      values.push_back(&value);
    }
  }
  for (const dsl::Expr* value : values) {
    auto* word = std::get_if<dsl::Text>(&value->node);
    if (!word) {
      add(Code::E301, "what is looked for anywhere is text", value->span, "not text")
          .help(fmt::format("write `\"{}\"`", text(value->span)))
          .replace(value->span, "\"" + text(value->span) + "\"");
      continue;
    }
    if (!word->wildcards.empty()) {
      ir::PatternSpec spec{"*" + word->value + "*", {0}, rule};
      for (uint32_t at : word->wildcards) spec.wildcards.push_back(at + 1);
      spec.wildcards.push_back(uint32_t(spec.text.size() - 1));
      parts.push_back(make().anywhere_pattern(source_, spec));
    } else if (modifiers->all) {
      parts.push_back(make().anywhere(source_, {match::TextSet::How::contains, rule, {word->value}}));
    } else {
      needles.push_back(word->value);
    }
  }
  if (!needles.empty())
    parts.push_back(make().anywhere(source_, {match::TextSet::How::contains, rule, needles}));
  add(Code::W808, "this looks through the whole event", keywords.span,
      "every value of every event is searched")
      .help("name the field if you know it: it is faster, and says what is meant");
  return combine(*modifiers, std::move(parts));
}

}  // namespace weir::compiler
