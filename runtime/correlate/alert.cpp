// From a match to the candidate of an alert: everything that is evaluated while the event is at hand.
#include "runtime/correlate/alert.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "runtime/correlate/value_text.h"

namespace weir::correlate {
namespace {

class Evaluation {
 public:
  Evaluation(const match::Program& program, const rt_event& event, rt_scratch* scratch)
      : program_(program), event_(event), scratch_(scratch) {}

  rt_list values(match::Root root) const {
    if (root == match::kNone) return {nullptr, 0};
    return program_.eval(program_.code.get(), root, &event_, scratch_);
  }

  bool holds(match::Root root) const {
    rt_list list = values(root);
    return list.count > 0 && list.values[0].kind == RT_TRUE;
  }

  std::string message(const std::vector<match::MessagePiece>& pieces) const {
    std::string out;
    for (const match::MessagePiece& piece : pieces) {
      out += piece.text;
      if (piece.kind == match::MessagePiece::Kind::text) continue;
      rt_list list = values(piece.root);
      bool any = false;
      for (uint32_t i = 0; i < list.count; ++i) {
        if (list.values[i].kind == RT_NULL) continue;  // as if it were not there
        if (std::exchange(any, true)) out += ", ";
        append_text(list.values[i], out);
      }
      if (!any) out += '-';
    }
    return out;
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

}  // namespace

Alert make_alert(const match::Program& program, uint32_t rule, const match::Decoder& decoder,
                 rt_scratch* scratch, std::string where) {
  const match::RuleInfo& info = program.rules[rule];
  const rt_event& event = decoder.event();
  Alert alert;
  alert.rule = rule;
  alert.level = info.level;
  alert.order.time = event.time;
  alert.order.source = program.sources[event.source].name;
  alert.order.id = decoder.id();
  if (alert.order.id.empty()) alert.order.id = fmt::format("{:016x}", decoder.canonical_hash());
  alert.event = decoder.compact_json();
  alert.where = std::move(where);

  auto on_source = std::find_if(info.sources.begin(), info.sources.end(),
                                [&](const match::RuleOnSource& on) { return on.source == event.source; });
  if (on_source == info.sources.end()) return alert;
  Evaluation evaluation(program, event, scratch);
  alert.message = evaluation.message(on_source->message);
  alert.fields = evaluation.named(on_source->fields);
  alert.key = evaluation.named(on_source->suppress_by);
  for (const match::NamedRoot& by : on_source->suppress_by) {
    append_identity(evaluation.values(by.root), by.identity, alert.key_identity);
  }
  for (const auto& [level, condition] : on_source->level_cases) {
    if (evaluation.holds(condition)) alert.level = level;
  }
  return alert;
}

}  // namespace weir::correlate
