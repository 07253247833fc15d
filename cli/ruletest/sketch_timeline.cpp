// A number is met by so many events, a step by its selection's event; the fields that make groups are the
// same in all of them, those that are to differ do.
#include "cli/ruletest/sketch_timeline.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "compiler/clauses.h"
#include "runtime/match/functions.h"

namespace weir::cli {
namespace {

using Kind = dsl::KCond::Kind;

constexpr int64_t kMostTimes = 20'000;
constexpr int64_t kMinute = 60'000;

class Guesses {
 public:
  Guesses(const Constants& constants, const compiler::SchemaInfo& schema, const dsl::Correlation& correlation)
      : constants_(constants), rule_(constants.rule), schema_(schema), correlation_(correlation) {
    if (correlation.timespan) span_ms_ = length(*correlation.timespan).value_or(span_ms_);
    warmup_ms_ = correlation.warmup ? length(*correlation.warmup).value_or(0) : 0;
    for (const dsl::Expr& key : correlation.group_by) fields_in(key, key_fields_);
  }

  std::vector<Timeline> all() {
    const dsl::KCond& condition = *correlation_.condition;
    look_at(condition);
    if (has_steps_) {
      for (const std::vector<const dsl::KCond*>& steps : ways(condition)) add_steps(steps);
    } else if (has_new_) {
      for (const std::vector<Wanted>& event : events()) add_new(event);
    } else {
      for (const std::vector<Wanted>& event : events())
        for (const int64_t times : times_) add_numbers(event, times);
    }
    return std::move(made_);
  }

 private:
  // ---- what the rule says
  std::optional<int64_t> length(const dsl::Expr& value) const {
    const auto* duration = std::get_if<dsl::Duration>(&constants_.resolved(value).node);
    return duration ? std::optional(duration->ms) : std::nullopt;
  }

  const compiler::FieldInfo* field(const std::vector<std::string>& path) const {
    for (const compiler::FieldInfo& field : schema_.fields)
      if (std::equal(field.path.begin(), field.path.end(), path.begin(), path.end(),
                     [](const compiler::FieldInfo::Segment& a, const std::string& b) { return a.name == b; }))
        return &field;
    return nullptr;
  }

  // The fields that an expression reads, through lets and what the schema derives.
  void fields_in(const dsl::Expr& expr, std::set<std::vector<std::string>>& fields, int depth = 0) const {
    constexpr int kDeepest = 8;
    if (depth > kDeepest) return;
    if (const auto* call = std::get_if<dsl::Call>(&expr.node)) {
      for (const dsl::Expr& arg : call->args) fields_in(arg, fields, depth + 1);
    } else if (const auto* sum = std::get_if<dsl::Binary>(&expr.node)) {
      fields_in(*sum->left, fields, depth + 1);
      fields_in(*sum->right, fields, depth + 1);
    } else if (const auto* path = std::get_if<dsl::Path>(&expr.node)) {
      std::vector<std::string> names;
      for (const dsl::Segment& segment : path->segments) names.push_back(segment.name);
      for (const auto& clause : rule_.clauses)
        if (const auto* let = std::get_if<dsl::Let>(&clause);
            let && names.size() == 1 && let->name.text == names[0])
          return fields_in(let->value, fields, depth + 1);
      const compiler::FieldInfo* known = field(names);
      if (known && known->derived) return fields_in(*known->derived, fields, depth + 1);
      fields.insert(std::move(names));
    }
  }

  void look_at(const dsl::KCond& condition) {
    for (const dsl::KCond& child : condition.children) look_at(child);
    has_steps_ = has_steps_ || condition.kind == Kind::step;
    if (condition.kind == Kind::first_seen) {
      has_new_ = true;
      for (const dsl::Expr& one : condition.exprs) fields_in(one, differing_);
    }
    if (condition.kind != Kind::compare) return;
    for (const dsl::Expr* side : {condition.left.get(), condition.right.get()}) look_at_number(*side);
  }

  void look_at_number(const dsl::Expr& expr) {
    if (const auto* sum = std::get_if<dsl::Binary>(&expr.node)) {
      look_at_number(*sum->left);
      look_at_number(*sum->right);
    } else if (const auto* call = std::get_if<dsl::Call>(&expr.node)) {
      if (call->where) where_.insert(call->where->text);
      if (call->name.text == "distinct")
        for (const dsl::Expr& arg : call->args) fields_in(arg, differing_);
      else if (call->name.text != "count")
        for (const dsl::Expr& arg : call->args) fields_in(arg, numeric_);
    } else if (const auto* number = std::get_if<dsl::Number>(&constants_.resolved(expr).node)) {
      const double value = std::ceil(number->value);
      greatest_ = std::max(greatest_, number->value);
      if (value >= 1 && value <= kMostTimes)
        times_.insert({static_cast<int64_t>(value), static_cast<int64_t>(value) + 1});
    }
  }

  // ---- events
  const dsl::Selection* selection(const std::string& name) const {
    const auto* detection = compiler::find_clause<dsl::Detection>(rule_.clauses);
    for (size_t i = 0; detection && i < detection->selections.size(); ++i)
      if (detection->selections[i].name.text == name) return &detection->selections[i];
    return nullptr;
  }

  // Of each selection, together with those that the numbers ask for; of none of them, for the rest may be
  // exempt.
  std::vector<std::vector<Wanted>> events() const {
    std::vector<Wanted> counted;
    for (const std::string& name : where_)
      if (const dsl::Selection* one = selection(name)) append(counted, wanted_by(*one, constants_));
    for (const std::vector<std::string>& path : numeric_)
      if (const compiler::FieldInfo* known = field(path); known && is_number(known->type))
        counted.push_back({path, fmt::format("{}", static_cast<int64_t>(greatest_) + 1)});
    std::vector<std::vector<Wanted>> events;
    if (const auto* detection = compiler::find_clause<dsl::Detection>(rule_.clauses))
      for (const dsl::Selection& one : detection->selections) events.push_back(wanted_by(one, constants_));
    events.emplace_back();
    for (std::vector<Wanted>& event : events) {
      append(event, counted);
      event = with_keys(std::move(event));
    }
    return events;
  }

  static bool is_number(compiler::Type type) {
    return type == compiler::Type::integer || type == compiler::Type::real;
  }

  static void append(std::vector<Wanted>& to, std::vector<Wanted> more) {
    std::move(more.begin(), more.end(), std::back_inserter(to));
  }

  static Wanted* value_of(std::vector<Wanted>& event, const std::vector<std::string>& path) {
    const auto found =
        std::find_if(event.rbegin(), event.rend(), [&](const Wanted& one) { return one.path == path; });
    return found == event.rend() ? nullptr : &*found;
  }

  // What makes groups is there, and the same.
  std::vector<Wanted> with_keys(std::vector<Wanted> event) const {
    for (const std::vector<std::string>& path : key_fields_) {
      const compiler::FieldInfo* known = field(path);
      if (value_of(event, path) || (known && (known->required || known->usual))) continue;
      event.push_back({path, values(known)[0]});
    }
    return event;
  }

  // Some that may do for the field; `{i}` makes those of repeated events differ.
  static std::vector<std::string> values(const compiler::FieldInfo* field, const std::string& i = "") {
    using compiler::Type;
    switch (field ? field->type : Type::string) {
      case Type::domain:
        return {fmt::format("\"x{}.example.com\"", i), fmt::format("\"x{}.com\"", i)};
      case Type::ip:
        return {i.empty() ? "\"10.0.0.5\"" : "\"10.0.1." + i + "\""};
      case Type::integer:
      case Type::real:
        return {"5"};
      case Type::boolean:
        return {"true"};
      default:
        return {fmt::format("\"x{}\"", i), fmt::format("\"x{}.example.com\"", i),
                fmt::format("\"x{}.com\"", i)};
    }
  }

  // The event with fields that differ from one to the next, in some ways.
  std::vector<std::vector<Wanted>> differing(const std::vector<Wanted>& event, const std::string& i) const {
    constexpr size_t kWays = 3;
    std::vector<std::vector<Wanted>> ways;
    for (size_t way = 0; way < (differing_.empty() ? 1 : kWays); ++way) {
      std::vector<Wanted> other = event;
      for (const std::vector<std::string>& path : differing_) {
        const std::vector<std::string> fresh = values(field(path), i);
        std::string json = fresh[std::min(way, fresh.size() - 1)];
        if (const Wanted* old = value_of(other, path);
            old && old->json[0] == '"')  // it is asked for something of it
          json = way == 0   ? "\"x" + i + "." + old->json.substr(1)
                 : way == 1 ? "\"x" + i + old->json.substr(1)
                            : old->json.substr(0, old->json.size() - 1) + i + "\"";
        other.push_back({path, json});
      }
      ways.push_back(std::move(other));
    }
    return ways;
  }

  // ---- timelines
  int64_t gap(int64_t times) const {
    const int64_t gap = std::max<int64_t>(1, span_ms_ / (2 * std::max<int64_t>(1, times)));
    return gap > kMinute ? kMinute : gap >= 1000 ? gap / 1000 * 1000 : gap;
  }

  // Something later, with which slots end and absences are decided.
  TimelineEvent later() const { return {std::max(span_ms_ * 2, kMinute), 0, 1, {}}; }

  void add(Timeline timeline, bool ends) {
    if (ends) {
      timeline.firing.push_back(later());
      if (!timeline.silent.empty()) timeline.silent.push_back(later());
    }
    made_.push_back(std::move(timeline));
  }

  void add_numbers(const std::vector<Wanted>& event, int64_t times) {
    for (std::vector<Wanted>& one : differing(event, "{i}")) {
      Timeline timeline;
      timeline.firing = {{0, gap(times), times, one}};
      if (times > 1) {
        timeline.silent = {{0, gap(times), times - 1, std::move(one)}};
        timeline.why_silent = "of one fewer";
      }
      add(std::move(timeline), correlation_.window == dsl::Correlation::Window::tumbling_closed);
    }
  }

  void add_new(const std::vector<Wanted>& event) {
    const int64_t ready = std::max(warmup_ms_, kMinute);
    const auto first = differing(event, "1"), next = differing(event, "2");
    for (size_t way = 0; way < first.size(); ++way)
      add({{{0, 0, 1, first[way]}, {ready + kMinute, 0, 1, next[way]}},
           {{0, 0, 1, first[way]}, {ready + kMinute, 0, 1, first[way]}},
           "of what was there before"},
          false);
  }

  // Each way to meet a condition, as steps in their order.
  std::vector<std::vector<const dsl::KCond*>> ways(const dsl::KCond& condition) const {
    if (condition.kind == Kind::step || condition.kind == Kind::negation) return {{&condition}};
    std::vector<std::vector<const dsl::KCond*>> all;
    if (condition.kind == Kind::any) {
      for (const dsl::KCond& child : condition.children)
        for (auto& way : ways(child)) all.push_back(std::move(way));
      return all;
    }
    if (condition.kind != Kind::then && condition.kind != Kind::all && condition.kind != Kind::quantifier)
      return {};
    std::vector<const dsl::KCond*> steps;
    const size_t most = condition.kind == Kind::quantifier ? static_cast<size_t>(condition.number)
                                                           : condition.children.size();
    for (size_t i = 0; i < condition.children.size() && i < most; ++i)
      for (auto& way : ways(condition.children[i])) {
        steps.insert(steps.end(), way.begin(), way.end());
        break;
      }
    return {steps};
  }

  void add_steps(const std::vector<const dsl::KCond*>& steps) {
    Timeline timeline;
    bool absence = false;
    int64_t at = 0;
    const int64_t apart = gap(static_cast<int64_t>(steps.size()) * 2);
    std::vector<TimelineEvent> met;  // with what must not come, too
    for (const dsl::KCond* step : steps) {
      const bool negated = step->kind == Kind::negation;
      const dsl::KCond& of = negated && !step->children.empty() ? step->children[0] : *step;
      const dsl::Selection* asked = selection(of.name.text);
      if (!asked) return;
      const int64_t times = std::max<int64_t>(1, of.number),
                    every = gap(2 * times * static_cast<int64_t>(steps.size()));
      TimelineEvent event{at, times > 1 ? every : 0, times, with_keys(wanted_by(*asked, constants_))};
      at += apart + every * (times - 1);
      absence = absence || negated;
      if (!negated) timeline.firing.push_back(event);
      met.push_back(std::move(event));
    }
    if (timeline.firing.empty()) return;
    if (absence) {
      timeline.silent = std::move(met);
      timeline.why_silent = "when what must not come comes";
    } else if (timeline.firing.size() > 1) {
      timeline.silent = {timeline.firing.begin(), timeline.firing.end() - 1};
      timeline.why_silent = "without the last step";
    }
    add(timeline, false);
    if (absence) add(std::move(timeline), true);
  }

  const Constants& constants_;
  const dsl::Rule& rule_;
  const compiler::SchemaInfo& schema_;
  const dsl::Correlation& correlation_;
  int64_t span_ms_ = 10 * kMinute, warmup_ms_ = 0;
  bool has_steps_ = false, has_new_ = false;
  std::set<std::vector<std::string>> key_fields_, differing_, numeric_;  // paths of fields
  std::set<std::string> where_;                                          // selections that numbers count
  std::set<int64_t> times_;
  double greatest_ = 0;
  std::vector<Timeline> made_;
};

}  // namespace

std::vector<Timeline> timelines_of(const Constants& constants, const compiler::SchemaInfo& schema) {
  const auto* correlation = compiler::find_clause<dsl::Correlation>(constants.rule.clauses);
  if (!correlation || !correlation->condition) return {};
  return Guesses(constants, schema, *correlation).all();
}

std::string timeline_text(const std::vector<TimelineEvent>& timeline, const compiler::SchemaInfo& schema) {
  std::string out;
  for (const TimelineEvent& event : timeline) {
    out += fmt::format("    at {}", match::format_duration(event.at_ms * 1000));
    if (event.times > 1)
      out += fmt::format(" every {} times {}", match::format_duration(event.every_ms * 1000), event.times);
    out += fmt::format(" event {}\n", event_text(event.event, schema));
  }
  return out;
}

}  // namespace weir::cli
