// Rules whose source is `alert`: whose alerts they may hear, by the names that they ask for; E406, circles of
// them.
#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "compiler/clauses.h"
#include "compiler/compile.h"
#include "compiler/loading.h"
#include "compiler/lowering.h"
#include "compiler/on_threads.h"
#include "runtime/match/text.h"

namespace weir::compiler {

using dsl::Code;

namespace {

struct Hears {  // of one name: whether a condition can hold for its alerts, and whether it always does
  bool may = true, must = true;
};

class Listener {
 public:
  Listener(const Project& project, const RuleEntry& entry) : project_(project), entry_(entry) {
    for (const dsl::Name& source : sources_of(*entry.rule)) alerts_ = alerts_ || source.text == "alert";
    detection_ = find_clause<dsl::Detection>(entry.rule->clauses);
  }

  bool listens() const {
    return alerts_ && !entry_.rule->broken && entry_.enabled && detection_ && detection_->condition;
  }
  bool hears(const std::string& name) const {
    return name != this->name() && of(*detection_->condition, name).may;
  }
  const std::string& name() const { return entry_.rule->name.text; }

  // Where it says which rules it hears: the text that lets `name` in, else the condition.
  dsl::Span place(const std::string& name) const {
    for (const dsl::Selection& selection : detection_->selections)
      if (auto* map = std::get_if<dsl::Map>(&selection.body))
        for (const dsl::Entry& entry : map->entries)
          if (auto* item = std::get_if<dsl::Item>(&entry); item && names_rules(*item))
            for (const dsl::Expr& value : item->values)
              if (auto* text = std::get_if<dsl::Text>(&value.node); text && matches(*text, name))
                return text->span;
    return detection_->condition->span;
  }

 private:
  static bool names_rules(const dsl::Item& item) {
    auto* path = std::get_if<dsl::Path>(&item.subject.node);
    return path && path->segments.size() == 1 && path->segments[0].name == "rule" &&
           std::all_of(item.modifiers.begin(), item.modifiers.end(),
                       [](const dsl::Name& m) { return m.text == "cased"; });
  }

  // Every name of the pack is asked about: most have another beginning, which is cheap to see.
  bool matches(const dsl::Text& text, const std::string& name) const {
    if (text.wildcards.empty()) return match::equal(name, text.value, {});
    if (begins_otherwise(name, std::string_view(text.value).substr(0, text.wildcards.front()))) return false;
    auto pattern = patterns_.find(&text);
    if (pattern == patterns_.end())
      pattern = patterns_.emplace(&text, match::Pattern(text.value, text.wildcards, {})).first;
    return pattern->second.matches(name);
  }

  // Beyond ASCII a letter may fold to one of another length: nothing is said of it.
  static bool begins_otherwise(std::string_view name, std::string_view beginning) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? char(c + ('a' - 'A')) : c; };
    for (size_t i = 0; i < beginning.size(); ++i) {
      if (i == name.size()) return true;
      if (uint8_t(name[i]) >= 0x80 || uint8_t(beginning[i]) >= 0x80) return false;
      if (lower(name[i]) != lower(beginning[i])) return true;
    }
    return false;
  }

  bool any_value(const dsl::Item& item, const std::string& name) const {
    for (const dsl::Expr& value : item.values) {
      auto* text = std::get_if<dsl::Text>(&value.node);
      if (!text || matches(*text, name)) return true;
    }
    return false;
  }

  Hears of(const dsl::Map& map, const std::string& name) const {
    Hears all;
    for (const dsl::Entry& entry : map.entries) {
      auto* item = std::get_if<dsl::Item>(&entry);
      if (!item || !names_rules(*item)) {
        all.must = false;
      } else if (!any_value(*item, name)) {
        return {false, false};
      }
    }
    return all;
  }

  Hears of_selection(const std::string& selection, const std::string& name) const {
    const dsl::Selection* found = nullptr;
    for (const dsl::Selection& own : detection_->selections)
      if (own.name.text == selection) found = &own;
    if (auto shared = project_.selections.find(selection); !found && shared != project_.selections.end())
      found = &shared->second->selection;
    if (!found) return {true, false};
    if (found->source && found->source->text != "alert") return {false, false};  // asks about events
    if (auto* map = std::get_if<dsl::Map>(&found->body)) return of(*map, name);
    Hears any{false, false};
    if (auto* maps = std::get_if<std::vector<dsl::Map>>(&found->body))
      for (const dsl::Map& map : *maps) {
        Hears one = of(map, name);
        any = {any.may || one.may, any.must || one.must};
      }
    else
      any.may = true;
    return any;
  }

  Hears of(const dsl::Cond& cond, const std::string& name) const {
    Hears out;
    switch (cond.kind) {
      case dsl::Cond::Kind::always:
        return out;
      case dsl::Cond::Kind::name:
        return of_selection(cond.name.text, name);
      case dsl::Cond::Kind::quantifier:
        return {true, false};
      case dsl::Cond::Kind::negation:
        out = of(cond.children[0], name);
        return {!out.must, !out.may};
      case dsl::Cond::Kind::all:
        for (const dsl::Cond& child : cond.children) {
          Hears one = of(child, name);
          out = {out.may && one.may, out.must && one.must};
        }
        return out;
      case dsl::Cond::Kind::any:
        out = {false, false};
        for (const dsl::Cond& child : cond.children) {
          Hears one = of(child, name);
          out = {out.may || one.may, out.must || one.must};
        }
        return out;
    }
    return out;
  }

  const Project& project_;
  const RuleEntry& entry_;
  const dsl::Detection* detection_ = nullptr;
  bool alerts_ = false;
  mutable std::unordered_map<const dsl::Text*, match::Pattern> patterns_;  // of texts with wildcards, as they are asked for
};

// The way from `at` back to `goal`, both included; empty when there is none.
std::vector<size_t> way_back(const std::vector<Listener>& all, size_t at, size_t goal,
                             std::vector<bool>& seen) {
  if (all[at].hears(all[goal].name())) return {at, goal};
  seen[at] = true;
  for (size_t next = 0; next < all.size(); next++) {
    if (seen[next] || next == at || !all[at].hears(all[next].name())) continue;
    std::vector<size_t> way = way_back(all, next, goal, seen);
    if (way.empty()) continue;
    way.insert(way.begin(), at);
    return way;
  }
  return {};
}

}  // namespace

void check_alert_circles(const Project& project, dsl::Diagnostics& diagnostics) {
  std::vector<Listener> all;
  for (const RuleEntry& entry : project.rules)
    if (Listener listener(project, entry); listener.listens()) all.push_back(listener);
  std::vector<bool> in_circle(all.size());
  for (size_t first = 0; first < all.size(); first++) {
    if (in_circle[first]) continue;
    for (size_t next = 0; next < all.size(); next++) {
      if (next == first || !all[first].hears(all[next].name())) continue;
      std::vector<bool> seen(all.size());
      seen[first] = true;
      std::vector<size_t> way = way_back(all, next, first, seen);
      if (way.empty()) continue;
      std::string through;
      for (size_t i = 1; i + 1 < way.size(); i++)
        through += fmt::format(", which listens to {}", all[way[i]].name());
      dsl::Span back = all[way[way.size() - 2]].place(all[first].name());
      diagnostics
          .add(Code::E406, "these rules wait for each other's alerts", all[first].place(all[next].name()),
               fmt::format("matches {}{}, which listens to this rule ({})", all[next].name(), through,
                           place_of(project.sources, back)))
          .help("name the rules: a rule never sees its own alerts, and no circle is allowed");
      for (size_t each : way) in_circle[each] = true;
      break;
    }
  }
}

std::vector<std::string> heard_rules(const Project& project, const std::string& rule) {
  std::vector<std::string> found{rule};
  for (size_t i = 0; i < found.size(); i++) {
    const RuleEntry* entry = project.rule(found[i]);
    if (!entry) continue;
    Listener listener(project, *entry);
    if (!listener.listens()) continue;
    for (const RuleEntry& other : project.rules) {
      const std::string& name = other.rule->name.text;
      bool runs = !other.rule->broken && other.enabled;
      if (runs && listener.hears(name) && std::find(found.begin(), found.end(), name) == found.end())
        found.push_back(name);
    }
  }
  found.erase(found.begin());
  return found;
}

void note_heard_rules(const Project& project, std::vector<match::RuleInfo>& rules) {
  constexpr size_t kListenersPerThread = 32;  // each asks about every rule
  std::vector<std::pair<match::RuleInfo*, Listener>> listening;
  for (match::RuleInfo& rule : rules)
    if (const RuleEntry* entry = project.rule(rule.name))
      if (Listener listener(project, *entry); listener.listens()) listening.emplace_back(&rule, std::move(listener));
  on_threads(listening.size(), kListenersPerThread, [&](size_t i) {
    auto& [rule, listener] = listening[i];
    const bool hears_evictions = listener.hears(match::kEvictionName);
    rule->hears.emplace();
    for (uint32_t other = 0; other < rules.size(); other++)
      if (&rules[other] != rule &&
          (listener.hears(rules[other].name) || (hears_evictions && rules[other].correlation)))
        rule->hears->push_back(other);
  });
}

}  // namespace weir::compiler
