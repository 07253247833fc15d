#include "cli/ruletest/mutate.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace weir::cli {
namespace {

// One change: `apply` makes it and gives back what undoes it.
struct Change {
  std::string text;
  dsl::Span span;
  std::function<std::function<void()>()> apply;
};

template <class T>
Change assign(std::string text, dsl::Span span, T& place, T value) {
  return {std::move(text), span, [&place, value = std::move(value)]() -> std::function<void()> {
            T before = place;
            place = value;
            return [&place, before] { place = before; };
          }};
}

// Finds every change of a rule. Holds references into the tree, which must stay where it is.
class Finder {
 public:
  Finder(const dsl::SourceMap& source, std::vector<Change>& changes) : source_(source), changes_(changes) {}

  void rule(dsl::Rule& rule) {
    for (dsl::RuleClause& clause : rule.clauses) {
      if (auto* detection = std::get_if<dsl::Detection>(&clause)) {
        for (dsl::Selection& selection : detection->selections) this->selection(selection);
        if (detection->condition) condition(*detection->condition);
      } else if (auto* params = std::get_if<dsl::Params>(&clause)) {
        for (dsl::Param& param : params->params)
          for (dsl::Expr& value : param.values) this->value(value);
      }
    }
  }

 private:
  void selection(dsl::Selection& selection) {
    if (auto* one = std::get_if<dsl::Map>(&selection.body)) {
      map(*one);
    } else if (auto* maps = std::get_if<std::vector<dsl::Map>>(&selection.body)) {
      for (dsl::Map& each : *maps) map(each);
    } else {
      for (dsl::Expr& word : std::get<dsl::Keywords>(selection.body).values) value(word);
    }
  }

  void map(dsl::Map& map) {
    for (size_t i = 0; i < map.entries.size(); ++i) {
      dsl::Entry& entry = map.entries[i];
      dsl::Span span = std::holds_alternative<dsl::Item>(entry)
                           ? std::get<dsl::Item>(entry).span
                           : std::get<std::unique_ptr<dsl::Block>>(entry)->span;
      if (map.entries.size() > 1)
        changes_.push_back({fmt::format("without `{}`", source_.text(span)), span, [&map, i]() -> std::function<void()> {
                              auto kept = std::make_shared<dsl::Entry>(std::move(map.entries[i]));
                              map.entries.erase(map.entries.begin() + ptrdiff_t(i));
                              return [&map, i, kept] {
                                map.entries.insert(map.entries.begin() + ptrdiff_t(i), std::move(*kept));
                              };
                            }});
      if (auto* item = std::get_if<dsl::Item>(&entry)) {
        this->item(*item);
      } else {
        this->map(std::get<std::unique_ptr<dsl::Block>>(entry)->map);
      }
    }
  }

  void item(dsl::Item& item) {
    static const std::map<std::string, std::string> kWeaker = {
        {"gte", "gt"}, {"gt", "gte"}, {"lte", "lt"}, {"lt", "lte"}, {"startswith", "contains"},
        {"endswith", "contains"}, {"domain", "endswith"}};
    for (size_t i = 0; i < item.modifiers.size(); ++i) {
      dsl::Name& modifier = item.modifiers[i];
      if (auto weaker = kWeaker.find(modifier.text); weaker != kWeaker.end()) {
        changes_.push_back(assign(fmt::format("`{}` → `{}`", modifier.text, weaker->second), modifier.span,
                                  modifier.text, weaker->second));
      } else if (modifier.text == "cased" || modifier.text == "all" || modifier.text == "neq" ||
                 modifier.text == "contains") {
        std::vector<dsl::Name> without = item.modifiers;
        without.erase(without.begin() + ptrdiff_t(i));
        changes_.push_back(assign(fmt::format("without `{}`", modifier.text), modifier.span, item.modifiers, without));
      }
    }
    for (dsl::Expr& each : item.values) value(each);
  }

  void value(dsl::Expr& expr) {
    if (auto* text = std::get_if<dsl::Text>(&expr.node)) {
      changes_.push_back(assign(fmt::format("\"{0}\" → \"{0}~\"", text->value), text->span, text->value, text->value + "~"));
      if (!text->wildcards.empty())
        changes_.push_back(assign<std::vector<uint32_t>>(fmt::format("\"{}\" without wildcards", text->value),
                                                         text->span, text->wildcards, {}));
    } else if (auto* number = std::get_if<dsl::Number>(&expr.node)) {
      for (int step : {1, -1}) {
        dsl::Number changed = *number;
        changed.integer += step;
        changed.value += number->percent ? step * 0.01 : step;
        changes_.push_back(assign(fmt::format("{} → {}", number->value, changed.value), number->span, *number, changed));
      }
    } else if (auto* boolean = std::get_if<dsl::Bool>(&expr.node)) {
      changes_.push_back(assign(fmt::format("{} → {}", boolean->value, !boolean->value), boolean->span, boolean->value,
                                !boolean->value));
    }
  }

  void condition(dsl::Cond& cond) {
    using Kind = dsl::Cond::Kind;
    if (cond.kind == Kind::all || cond.kind == Kind::any) {
      bool all = cond.kind == Kind::all;
      changes_.push_back(assign(all ? "`and` → `or`" : "`or` → `and`", cond.operators.empty() ? cond.span : cond.operators[0],
                                cond.kind, all ? Kind::any : Kind::all));
    }
    if (cond.kind == Kind::negation)
      // A one-armed `and` is its arm: the `not` is gone.
      changes_.push_back(assign<Kind>("without `not`", cond.span, cond.kind, Kind::all));
    if (cond.kind == Kind::quantifier && cond.count == dsl::Cond::Count::number)
      changes_.push_back(assign<int64_t>(fmt::format("{0} of → {1} of", cond.number, cond.number + 1), cond.span,
                                         cond.number, cond.number + 1));
    for (dsl::Cond& child : cond.children) condition(child);
  }

  const dsl::SourceMap& source_;
  std::vector<Change>& changes_;
};

dsl::Rule* mutable_rule(compiler::Project& project, const dsl::Rule* rule) {
  for (auto& file : project.files)
    for (dsl::Declaration& declaration : file->declarations)
      if (auto* found = std::get_if<dsl::Rule>(&declaration); found == rule) return found;
  return nullptr;
}

bool compiles(const compiler::Project& project, const std::string& rule) {
  dsl::Diagnostics diagnostics;
  compiler::CompileOptions options;
  options.only = {rule};
  compiler::lower(project, options, diagnostics, nullptr);
  return diagnostics.error_count() == 0;
}

}  // namespace

Mutation mutate(compiler::Project& project, const std::vector<TestCase>& tests,
                           const std::function<void(size_t, size_t)>& on_mutant) {
  std::map<const dsl::Rule*, std::vector<TestCase>> by_rule;
  std::vector<const dsl::Rule*> order;
  for (const TestCase& test : tests) {
    if (!test.rule) continue;
    if (by_rule[test.rule].empty()) order.push_back(test.rule);
    by_rule[test.rule].push_back(test);
  }
  struct Planned {
    const dsl::Rule* rule;
    Change change;
  };
  Mutation mutation;
  std::vector<Planned> planned;
  for (const dsl::Rule* rule : order) {
    TestRunner runner(project);
    const auto& own = by_rule[rule];
    bool runs = std::all_of(own.begin(), own.end(), [&](const TestCase& test) {
      return runner.run(test).kind == TestOutcome::Kind::passed;
    });
    dsl::Rule* changing = runs ? mutable_rule(project, rule) : nullptr;
    if (!changing) {
      mutation.untried.push_back(rule->name.text);
      continue;
    }
    std::vector<Change> changes;
    Finder(project.sources, changes).rule(*changing);
    for (Change& change : changes) planned.push_back({rule, std::move(change)});
  }

  for (size_t i = 0; i < planned.size(); ++i) {
    const auto& [rule, change] = planned[i];
    auto undo = change.apply();
    if (compiles(project, rule->name.text)) {
      Mutant mutant{rule->name.text, change.text, change.span};
      TestRunner runner(project);
      const auto& own = by_rule[rule];
      mutant.noticed = std::any_of(own.begin(), own.end(), [&](const TestCase& test) {
        return runner.run(test).kind == TestOutcome::Kind::failed;
      });
      mutation.mutants.push_back(std::move(mutant));
    }
    undo();
    if (on_mutant) on_mutant(i + 1, planned.size());
  }
  return mutation;
}

}  // namespace weir::cli
