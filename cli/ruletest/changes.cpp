// See changes.h.
#include "cli/ruletest/changes.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "runtime/match/functions.h"

namespace weir::cli {
namespace {

template <class T>
Change assign(std::string text, dsl::Span span, T& place, T value) {
  return {std::move(text), span, [&place, value = std::move(value)]() -> std::function<void()> {
            T before = place;
            place = value;
            return [&place, before] { place = before; };
          }};
}

template <class T>
Change without(std::string text, dsl::Span span, std::vector<T>& all, size_t i) {
  return {std::move(text), span, [&all, i]() -> std::function<void()> {
            auto kept = std::make_shared<T>(std::move(all[i]));
            all.erase(all.begin() + ptrdiff_t(i));
            return [&all, i, kept] { all.insert(all.begin() + ptrdiff_t(i), std::move(*kept)); };
          }};
}

template <class T>
Change without(std::string text, dsl::Span span, std::optional<T>& place) {
  return {std::move(text), span, [&place]() -> std::function<void()> {
            auto kept = std::make_shared<std::optional<T>>(std::move(place));
            place.reset();
            return [&place, kept] { place = std::move(*kept); };
          }};
}

class Finder {
 public:
  explicit Finder(const dsl::SourceMap& source) : source_(source) {}

  std::vector<Change> found;

  void rule(dsl::Rule& rule) {
    // Clauses stay where they are: the tests among them are referred to by others.
    for (dsl::RuleClause& clause : rule.clauses) {
      if (auto* detection = std::get_if<dsl::Detection>(&clause)) {
        for (dsl::Selection& selection : detection->selections) this->selection(selection);
        if (detection->condition) condition(*detection->condition);
      } else if (auto* params = std::get_if<dsl::Params>(&clause)) {
        for (dsl::Param& param : params->params) values(param.values);
      } else if (auto* correlation = std::get_if<dsl::Correlation>(&clause)) {
        this->correlation(*correlation);
      } else if (auto* suppress = std::get_if<dsl::Suppress>(&clause)) {
        found.push_back(without(fmt::format("without `{}`", source_.text(suppress->span)), suppress->span,
                                suppress->length));
        if (suppress->by) keys(*suppress->by, "without `{}` in `suppress … by`");
      } else if (auto* level = std::get_if<dsl::Level>(&clause)) {
        for (size_t each = 0; each < level->cases.size(); ++each)
          if (level->cases[each].where)
            found.push_back(without(fmt::format("without `{} where {}`", level->cases[each].level.text,
                                                level->cases[each].where->text),
                                    level->cases[each].level.span, level->cases, each));
      } else if (auto* meta = std::get_if<dsl::Meta>(&clause); meta && meta->name.text == "message") {
        message(*meta);
      }
    }
  }

 private:
  template <class T>
  void add(std::string text, dsl::Span span, T& place, T value) {
    found.push_back(assign(std::move(text), span, place, std::move(value)));
  }

  // ---- selections

  void selection(dsl::Selection& selection) {
    if (auto* one = std::get_if<dsl::Map>(&selection.body)) {
      map(*one);
    } else if (auto* maps = std::get_if<std::vector<dsl::Map>>(&selection.body)) {
      for (size_t i = 0; i < maps->size(); ++i) {
        if (maps->size() > 1)
          found.push_back(without(fmt::format("without the map `{}`", source_.text((*maps)[i].span)),
                                  (*maps)[i].span, *maps, i));
        map((*maps)[i]);
      }
    } else {
      values(std::get<dsl::Keywords>(selection.body).values);
    }
  }

  void map(dsl::Map& map) {
    for (size_t i = 0; i < map.entries.size(); ++i) {
      dsl::Entry& entry = map.entries[i];
      dsl::Span span = std::holds_alternative<dsl::Item>(entry)
                           ? std::get<dsl::Item>(entry).span
                           : std::get<std::unique_ptr<dsl::Block>>(entry)->span;
      if (map.entries.size() > 1)
        found.push_back(without(fmt::format("without `{}`", source_.text(span)), span, map.entries, i));
      if (auto* item = std::get_if<dsl::Item>(&entry)) {
        this->item(*item);
      } else {
        this->map(std::get<std::unique_ptr<dsl::Block>>(entry)->map);
      }
    }
  }

  void item(dsl::Item& item) {
    static const std::map<std::string, std::string> kWider = {{"gte", "gt"},
                                                              {"gt", "gte"},
                                                              {"lte", "lt"},
                                                              {"lt", "lte"},
                                                              {"startswith", "contains"},
                                                              {"endswith", "contains"},
                                                              {"domain", "endswith"}};
    bool negated = false;
    for (size_t i = 0; i < item.modifiers.size(); ++i) {
      dsl::Name& modifier = item.modifiers[i];
      negated = negated || modifier.text == "neq";
      if (auto wider = kWider.find(modifier.text); wider != kWider.end()) {
        add(fmt::format("`{}` → `{}`", modifier.text, wider->second), modifier.span, modifier.text,
            wider->second);
      } else if (modifier.text == "cased" || modifier.text == "all" || modifier.text == "neq" ||
                 modifier.text == "contains") {
        std::vector<dsl::Name> others = item.modifiers;
        others.erase(others.begin() + ptrdiff_t(i));
        add(fmt::format("without `{}`", modifier.text), modifier.span, item.modifiers, std::move(others));
      }
    }
    if (!negated) {
      std::vector<dsl::Name> turned = item.modifiers;
      turned.push_back({"neq", item.subject.span});
      add(fmt::format("not `{}`", source_.text(item.span)), item.span, item.modifiers, std::move(turned));
    }
    values(item.values);
  }

  // Of several values each is left out; the only one is changed.
  void values(std::vector<dsl::Expr>& all) {
    for (size_t i = 0; i < all.size(); ++i) {
      dsl::Expr& each = all[i];
      bool pattern =
          std::holds_alternative<dsl::Text>(each.node) && !std::get<dsl::Text>(each.node).wildcards.empty();
      if (all.size() > 1)
        found.push_back(
            without(fmt::format("without the value `{}`", source_.text(each.span)), each.span, all, i));
      if (all.size() == 1 || pattern) value(each);
    }
  }

  void value(dsl::Expr& expr) {
    if (auto* text = std::get_if<dsl::Text>(&expr.node)) {
      if (text->wildcards.empty())
        add(fmt::format("\"{0}\" → \"{0}~\"", text->value), text->span, text->value, text->value + "~");
      else
        add<std::vector<uint32_t>>(fmt::format("\"{}\" without wildcards", text->value), text->span,
                                   text->wildcards, {});
    } else if (auto* number = std::get_if<dsl::Number>(&expr.node)) {
      this->number(*number);
    } else if (auto* duration = std::get_if<dsl::Duration>(&expr.node)) {
      for (auto [multiply, divide] : {std::pair(2, 1), {1, 2}})
        add<int64_t>(fmt::format("{} → {}", match::format_duration(duration->ms * 1000),
                                 match::format_duration(duration->ms * multiply / divide * 1000)),
                     duration->span, duration->ms, duration->ms * multiply / divide);
    } else if (auto* boolean = std::get_if<dsl::Bool>(&expr.node)) {
      add(fmt::format("{} → {}", boolean->value, !boolean->value), boolean->span, boolean->value,
          !boolean->value);
    }
  }

  // One more and one less: of a percentage a point, of a fraction a tenth of it.
  void number(dsl::Number& number) {
    for (int step : {1, -1}) {
      dsl::Number changed = number;
      changed.integer += step;
      changed.value += number.percent ? step * 0.01 : number.is_integer ? step : step * 0.1 * number.value;
      auto shown = [](const dsl::Number& n) {
        return n.percent      ? fmt::format("{:.6g} %", n.value * 100)
               : n.is_integer ? fmt::format("{}", n.integer)
                              : fmt::format("{:.6g}", n.value);
      };
      add(fmt::format("{} → {}", shown(number), shown(changed)), number.span, number, changed);
    }
  }

  // ---- the condition

  void condition(dsl::Cond& cond) {
    using Kind = dsl::Cond::Kind;
    if (cond.kind == Kind::all || cond.kind == Kind::any) {
      bool all = cond.kind == Kind::all;
      add(all ? "`and` → `or`" : "`or` → `and`", cond.operators.empty() ? cond.span : cond.operators[0],
          cond.kind, all ? Kind::any : Kind::all);
      for (size_t i = 0; i < cond.children.size(); ++i)
        found.push_back(
            without(fmt::format("without `{}` in the condition", source_.text(cond.children[i].span)),
                    cond.children[i].span, cond.children, i));
    }
    if (cond.kind == Kind::negation)
      // A one-armed `and` is its arm: the `not` is gone.
      add<Kind>("without `not`", cond.span, cond.kind, Kind::all);
    if (cond.kind == Kind::quantifier) {
      using Count = dsl::Cond::Count;
      if (cond.count == Count::number && cond.number > 1)
        add<int64_t>(fmt::format("{} of → {} of", cond.number, cond.number - 1), cond.span, cond.number,
                     cond.number - 1);
      if (cond.count == Count::number)
        add<int64_t>(fmt::format("{} of → {} of", cond.number, cond.number + 1), cond.span, cond.number,
                     cond.number + 1);
      else
        add(cond.count == Count::all ? "`all of` → `any of`" : "`any of` → `all of`", cond.span, cond.count,
            cond.count == Count::all ? Count::any : Count::all);
    }
    for (dsl::Cond& child : cond.children) condition(child);
  }

  // ---- many events

  void correlation(dsl::Correlation& correlation) {
    keys(correlation.group_by, "without `{}` in `group_by`");
    if (correlation.timespan) value(*correlation.timespan);
    if (correlation.warmup) value(*correlation.warmup);
    if (correlation.condition) window(*correlation.condition);
  }

  void keys(std::vector<dsl::Expr>& keys, fmt::format_string<std::string_view> words) {
    for (size_t i = 0; i < keys.size(); ++i)
      found.push_back(without(fmt::format(words, source_.text(keys[i].span)), keys[i].span, keys, i));
  }

  void window(dsl::KCond& cond) {
    using Kind = dsl::KCond::Kind;
    static const std::map<std::string, std::string> kNext = {{">=", ">"}, {">", ">="},  {"<=", "<"},
                                                             {"<", "<="}, {"==", "!="}, {"!=", "=="}};
    if (cond.kind == Kind::compare) {
      if (auto next = kNext.find(cond.op); next != kNext.end())
        add(fmt::format("`{}` → `{}`", cond.op, next->second),
            cond.operators.empty() ? cond.span : cond.operators[0], cond.op, next->second);
      for (auto* side : {&cond.left, &cond.right})
        if (*side) numbers(**side);
    }
    if (cond.kind == Kind::all || cond.kind == Kind::any || cond.kind == Kind::then) {
      static constexpr const char* kWords[] = {"and", "or", "then"};
      Kind other = cond.kind == Kind::all ? Kind::any : Kind::all;
      add(fmt::format("`{}` → `{}`", kWords[int(cond.kind)], kWords[int(other)]),
          cond.operators.empty() ? cond.span : cond.operators[0], cond.kind, other);
      for (size_t i = 0; i < cond.children.size() && cond.children.size() > 1; ++i)
        found.push_back(without(fmt::format("without `{}`", source_.text(cond.children[i].span)),
                                cond.children[i].span, cond.children, i));
    }
    if (cond.kind == Kind::negation) found.push_back(without_not(cond));
    if ((cond.kind == Kind::step && cond.numbered) || cond.kind == Kind::quantifier)
      for (int64_t step : {1, -1})
        if (cond.number + step > 0)
          add<int64_t>(fmt::format("{} → {}", cond.number, cond.number + step), cond.span, cond.number,
                       cond.number + step);
    if (cond.kind == Kind::first_seen)
      for (size_t i = 0; i < cond.exprs.size() && cond.exprs.size() > 1; ++i)
        found.push_back(without(fmt::format("without `{}` in `new`", source_.text(cond.exprs[i].span)),
                                cond.exprs[i].span, cond.exprs, i));
    for (dsl::KCond& child : cond.children) window(child);
  }

  // In a chain an `and` of one would be no step: the step takes the place of the `not`.
  static Change without_not(dsl::KCond& cond) {
    return {"without `not`", cond.span, [&cond]() -> std::function<void()> {
              dsl::KCond inner = std::move(cond.children[0]);
              auto kept = std::make_shared<dsl::KCond>(std::move(cond));
              cond = std::move(inner);
              return [&cond, kept] {
                kept->children[0] = std::move(cond);
                cond = std::move(*kept);
              };
            }};
  }

  // Thresholds and factors, and lengths of time such as those of baselines; `where` is left out.
  void numbers(dsl::Expr& expr) {
    if (auto* binary = std::get_if<dsl::Binary>(&expr.node)) {
      numbers(*binary->left);
      numbers(*binary->right);
    } else if (auto* call = std::get_if<dsl::Call>(&expr.node)) {
      if (call->where)
        add<std::optional<dsl::Name>>(fmt::format("without `where {}`", call->where->text), call->span,
                                      call->where, std::nullopt);
    } else if (!std::holds_alternative<dsl::Text>(expr.node)) {
      value(expr);
    }
  }

  // ---- the message

  // Without each `{…}`; a brace that is written twice is one brace.
  void message(dsl::Meta& meta) {
    auto* text = meta.values.size() == 1 ? std::get_if<dsl::Text>(&meta.values[0].node) : nullptr;
    if (!text) return;
    const std::string& value = text->value;
    for (size_t i = 0; i < value.size(); ++i) {
      if (value.compare(i, 2, "{{") == 0 || value.compare(i, 2, "}}") == 0) {
        ++i;
        continue;
      }
      if (value[i] != '{') continue;
      size_t end = value.find('}', i);
      if (end == value.npos) return;
      std::string less = value;
      less.erase(i, end + 1 - i);
      add(fmt::format("the message without `{}`", value.substr(i, end + 1 - i)), text->span, text->value,
          std::move(less));
      i = end;
    }
  }

  const dsl::SourceMap& source_;
};

}  // namespace

std::vector<Change> changes_of(const dsl::SourceMap& source, dsl::Rule& rule) {
  Finder finder(source);
  finder.rule(rule);
  return std::move(finder.found);
}

}  // namespace weir::cli
