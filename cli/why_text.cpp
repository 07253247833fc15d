#include "cli/why_text.h"

#include "cli/load.h"
#include "cli/terminal.h"
#include "cli/why_words.h"
#include "runtime/match/functions.h"

namespace weir::cli {
namespace {

constexpr size_t kMostShownBytes = 120;
constexpr uint32_t kMostShownValues = 4;

class Writer {
 public:
  Writer(const compiler::Project& project, const compiler::Compiled& compiled, const rt_event& event,
         rt_scratch* scratch, bool color)
      : project_(project), program_(*compiled.program), event_(event), scratch_(scratch), color_(color) {}

  WhyResult run(const compiler::RuleTrace& trace) {
    const match::RuleInfo& rule = program_.rules[trace.rule];
    for (const match::RuleOnSource& on : rule.sources)
      if (on.source == trace.source) result_.alert = holds(on.match);

    for (const compiler::TracedSelection& selection : trace.selections)
      width_ = std::max(width_, selection.name.size());
    std::string selections;
    for (const compiler::TracedSelection& selection : trace.selections) {
      if (!selections.empty()) selections += ',';
      selections += write(selection);
    }
    bool condition = holds(trace.condition_holds);
    line("condition", condition, trace.condition);
    std::string exempted;
    for (const compiler::TracedExemption& exemption : trace.exemptions) {
      if (!holds(exemption.selection.holds)) continue;
      bool active = exemption.active == match::kNone || holds(exemption.active);
      std::string reason = first_reason(exemption.selection);
      dsl::Place place = project_.sources.place(exemption.span.source, exemption.span.begin);
      result_.text += fmt::format("  {} `{}` ({}:{}, \"{}\"){}\n", active ? "exempted by" : "no longer exempted by",
                                  exemption.name, project_.sources.path(exemption.span.source), place.line,
                                  exemption.reason, reason.empty() ? "" : ": " + reason);
      exempted += fmt::format("{}{{\"name\":{},\"reason\":{},\"active\":{}}}", exempted.empty() ? "" : ",",
                              json_quoted(exemption.name), json_quoted(exemption.reason), active);
    }
    result_.json = fmt::format(
        "\"alert\":{},\"condition\":{},\"condition_text\":{},\"selections\":[{}],\"exemptions\":[{}]", result_.alert,
        condition, json_quoted(trace.condition), selections, exempted);
    return std::move(result_);
  }

 private:
  bool holds(match::Root root) {
    if (root == match::kNone) return false;
    rt_list list = program_.eval(program_.code.get(), root, &event_, scratch_);
    return list.count && list.values[0].kind == RT_TRUE;
  }

  std::string actual(const compiler::TracedItem& item) {
    if (item.subject == match::kNone) return {};
    rt_list list = program_.eval(program_.code.get(), item.subject, &event_, scratch_);
    if (list.count == 0) return "absent";
    std::string out;
    for (uint32_t i = 0; i < std::min(list.count, kMostShownValues); ++i)
      out += (i ? ", " : "") + shown(list.values[i]);
    if (list.count > kMostShownValues) out += fmt::format(", … ({} values)", list.count);
    return out;
  }

  std::string described(const compiler::TracedItem& item, bool yes) {
    if (item.kind == compiler::TracedItem::Kind::keywords)
      return fmt::format("{} {}", yes ? "the event holds" : "nowhere in the event:", item.expected);
    std::string value = actual(item);
    if (item.kind == compiler::TracedItem::Kind::block)
      return fmt::format("{} {}", item.text, yes ? "has an element that fits" : "has no element that fits");
    if (item.expected.empty()) return fmt::format("{} {}", item.text, value);
    if (value == "absent" && !yes) value = "is absent, so it";
    return why_words(item.text, value, item.expected, yes);
  }

  std::string write(const compiler::TracedSelection& selection) {
    bool yes = holds(selection.holds);
    size_t items = 0;
    for (const auto& map : selection.maps) items += map.size();
    bool single = items == 1 && selection.maps[0][0].children.empty();
    std::string one = single ? described(selection.maps[0][0], holds(selection.maps[0][0].holds)) : "";
    line(selection.name, yes, one);
    std::string maps;
    for (size_t m = 0; m < selection.maps.size(); ++m) {
      if (selection.maps.size() > 1) result_.text += fmt::format("    {}any of these maps: {}\n", m ? "or " : "", m + 1);
      std::string parts;
      for (const compiler::TracedItem& item : selection.maps[m]) {
        if (!parts.empty()) parts += ',';
        parts += write(item, single ? -1 : 2);
      }
      maps += fmt::format("{}[{}]", m ? "," : "", parts);
    }
    return fmt::format("{{\"name\":{},\"holds\":{},\"maps\":[{}]}}", json_quoted(selection.name), yes, maps);
  }

  // Writes an item and what is in it as JSON, and, from a depth of 0 on, as lines.
  std::string write(const compiler::TracedItem& item, int depth) {
    bool yes = holds(item.holds);
    ++result_.items;
    result_.holding += yes;
    if (depth >= 0)
      result_.text += fmt::format("{:{}}{}  {}\n", "", 2 * size_t(depth), mark(yes), described(item, yes));
    std::string values, children;
    if (item.subject != match::kNone) {
      rt_list list = program_.eval(program_.code.get(), item.subject, &event_, scratch_);
      for (uint32_t i = 0; i < list.count; ++i) {
        std::string text = shown(list.values[i]);
        values += (i ? "," : "") + (list.values[i].kind == RT_TIME ? json_quoted(text) : text);
      }
    }
    for (const compiler::TracedItem& child : item.children) {
      if (!children.empty()) children += ',';
      children += write(child, depth < 0 ? depth : depth + 1);
    }
    return fmt::format("{{\"item\":{},\"expected\":{},\"holds\":{},\"values\":[{}],\"children\":[{}]}}",
                       json_quoted(item.text), json_quoted(item.expected), yes, values, children);
  }

  std::string first_reason(const compiler::TracedSelection& selection) {
    for (const auto& map : selection.maps)
      for (const compiler::TracedItem& item : map)
        if (holds(item.holds)) return described(item, true);
    return {};
  }

  std::string mark(bool yes) {
    return yes ? paint("YES", fmt::fg(fmt::terminal_color::green), color_)
               : paint("no ", fmt::fg(fmt::terminal_color::red), color_);
  }

  void line(std::string_view name, bool yes, std::string_view rest) {
    std::string text = fmt::format("  {:<{}}  {}   {}", name, std::max(width_, size_t(9)), mark(yes), rest);
    text.erase(text.find_last_not_of(' ') + 1);
    result_.text += text + "\n";
  }

  const compiler::Project& project_;
  const match::Program& program_;
  const rt_event& event_;
  rt_scratch* scratch_;
  bool color_;
  size_t width_ = 0;
  WhyResult result_;
};

}  // namespace

std::string shown(const rt_value& value) {
  auto bytes = [&] { return std::string_view(value.data, value.size); };
  auto cut = [](std::string_view text) {
    if (text.size() <= kMostShownBytes) return std::string(text);
    size_t end = kMostShownBytes;
    while (end && (uint8_t(text[end]) & 0xC0) == 0x80) --end;
    return std::string(text.substr(0, end)) + "…";
  };
  switch (value.kind) {
    case RT_NULL: return "null";
    case RT_FALSE: return "false";
    case RT_TRUE: return "true";
    case RT_INT: return std::to_string(value.integer);
    case RT_REAL: return match::format_real(value.real);
    case RT_TIME: return value.data ? cut(bytes()) : match::format_time(value.integer);
    case RT_SPAN: return match::format_duration(value.integer);
    case RT_OBJECT: return value.size ? json_quoted(cut(bytes())) : "{}";
    case RT_ARRAY: return "[]";
    default: return json_quoted(cut(bytes()));
  }
}

const compiler::RuleTrace* trace_of(const compiler::Compiled& compiled, std::string_view rule, uint16_t source) {
  for (const compiler::RuleTrace& trace : compiled.trace.rules)
    if (trace.source == source && compiled.program->rules[trace.rule].name == rule) return &trace;
  return nullptr;
}

WhyResult why(const compiler::Project& project, const compiler::Compiled& compiled,
              const compiler::RuleTrace& trace, const rt_event& event, rt_scratch* scratch, bool color) {
  return Writer(project, compiled, event, scratch, color).run(trace);
}

}  // namespace weir::cli
