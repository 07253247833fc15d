// Events made by hand: what comes out of evaluating them, as text.
#include "tests/unit/compiler/ir_event.h"

#include <fmt/format.h>

namespace weir::test {

std::string shown(rt_list list) {
  std::string text;
  for (uint32_t i = 0; i < list.count; ++i) {
    const rt_value& value = list.values[i];
    if (i > 0) text += ", ";
    switch (value.kind) {
      case RT_NULL:
        text += "null";
        break;
      case RT_FALSE:
        text += "false";
        break;
      case RT_TRUE:
        text += "true";
        break;
      case RT_INT:
        text += fmt::format("{}", value.integer);
        break;
      case RT_REAL:
        text += fmt::format("real {}", value.real);
        break;
      case RT_TEXT:
        text += fmt::format("\"{}\"", std::string_view(value.data, value.size));
        break;
      case RT_TIME:
        text += fmt::format("time {} {}", value.integer, std::string_view(value.data, value.size));
        break;
      case RT_SPAN:
        text += fmt::format("span {}", value.integer);
        break;
      case RT_OBJECT:
        text += "object";
        break;
      case RT_ARRAY:
        text += "array";
        break;
    }
  }
  return text;
}

std::string Runner::match(Event& event) {
  std::vector<uint64_t> matched(program_->match_words() + 1, ~uint64_t{0});
  program_->match(program_->code.get(), &event.get(), scratch_.get(), matched.data());
  std::string names;
  for (size_t rule = 0; rule < program_->rules.size(); ++rule) {
    if ((matched[rule / 64] >> rule % 64 & 1) != 0)
      names += (names.empty() ? "" : " ") + program_->rules[rule].name;
  }
  return names;
}

}  // namespace weir::test
