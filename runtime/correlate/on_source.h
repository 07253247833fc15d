// A rule's expressions, asked of one event.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "runtime/correlate/value_text.h"
#include "runtime/match/program.h"

namespace weir::correlate {

// What the rule says of events of that source; null when it does not look at them.
inline const match::RuleOnSource* on_source(const match::RuleInfo& rule, uint16_t source) {
  for (const match::RuleOnSource& on : rule.sources)
    if (on.source == source) return &on;
  return nullptr;
}

// All is borrowed.
class Evaluation {
 public:
  Evaluation(const match::Program& program, const rt_event& event, rt_scratch* scratch)
      : program_(program), event_(event), scratch_(scratch) {}

  // Good until the next event.
  rt_list values(match::Root root) const {
    if (root == match::kNone) return {nullptr, 0};
    return program_.eval(program_.code.get(), root, &event_, scratch_);
  }

  bool holds(match::Root root) const {
    rt_list list = values(root);
    return list.count > 0 && list.values[0].kind == RT_TRUE;
  }

  // As a message shows it: values joined, "-" for none.
  std::string text(match::Root root) const {
    std::string out;
    rt_list list = values(root);
    bool any = false;
    for (uint32_t i = 0; i < list.count; ++i) {
      if (list.values[i].kind == RT_NULL) continue;  // as if it were not there
      if (std::exchange(any, true)) out += ", ";
      append_text(list.values[i], out);
    }
    return any ? out : "-";
  }

  std::vector<std::pair<std::string, std::string>> named(const std::vector<match::NamedRoot>& roots) const {
    std::vector<std::pair<std::string, std::string>> out;
    for (const match::NamedRoot& named : roots) out.emplace_back(named.name, json_of(values(named.root)));
    return out;
  }

 private:
  const match::Program& program_;
  const rt_event& event_;
  rt_scratch* scratch_;
};

}  // namespace weir::correlate
