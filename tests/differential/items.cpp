#include "tests/differential/items.h"

#include <algorithm>

#include "tests/differential/functions_table.h"

namespace weir::differential {
namespace {

bool is_text(Kind kind) { return kind == Kind::text || kind == Kind::domain || kind == Kind::address; }
bool is_number(Kind kind) { return kind == Kind::integer || kind == Kind::real; }

bool is_unshaped(const Place& place) {
  return std::any_of(place.source->unshaped.begin(), place.source->unshaped.end(),
                     [&](const std::string& part) { return place.prefix.starts_with(part); });
}

const std::vector<const char*> kPicks = {"[any]", "[all]", "[none]", "[0]", "[1]", "[-1]"};

}  // namespace

std::vector<Field> Items::fields(const Place& place, bool with_derived) const {
  std::vector<Field> out;
  std::string prefix = place.prefix.empty() ? "" : place.prefix + ".";
  auto take = [&](const std::vector<Field>& from) {
    for (const Field& field : from)
      if (field.path.starts_with(prefix)) out.push_back(field);
  };
  take(place.source->fields);
  if (place.call)
    for (int i = 0; i < 3; ++i) take(place.call->fields);  // chosen more often
  if (with_derived && prefix.empty()) take(place.source->derived);
  return out;
}

std::optional<Field> Items::field_of(const Place& place, const std::vector<Kind>& kinds) {
  std::vector<Field> fitting;
  for (const Field& field : fields(place, true))
    if (std::find(kinds.begin(), kinds.end(), field.kind) != kinds.end()) fitting.push_back(field);
  if (fitting.empty()) return std::nullopt;
  return dice_.of(fitting);
}

std::string Items::path(const Place& place, const std::string& full, bool quantified) {
  std::string_view rest = full;
  if (!place.prefix.empty()) rest.remove_prefix(place.prefix.size() + 1);
  std::string out = place.qualifier;
  for (const Segment& segment : segments_of(rest)) {
    if (!out.empty() && out.back() != '.') out += '.';
    out += segment.name;
    if (segment.array && quantified && dice_.one_in(3)) out += dice_.word(kPicks);
  }
  return out;
}

// ---- maps
// ---------------------------------------------------------------------------------------------------

Written Items::map(const Place& place, int depth) {
  Written out;
  out.text = "{\n";
  uint32_t before = group_;
  group_ = ++groups_;
  Place inner = place;
  if (depth == 0 && !place.source->calls.empty() && dice_.one_in(4)) {
    inner.call = &dice_.of(place.source->calls);
    out.text += "eventSource: \"" + inner.call->service + "\"\neventName: \"" + inner.call->name + "\"\n";
    out.hints.push_back({"eventSource", Kind::text, {text(inner.call->service)}, group_});
    out.hints.push_back({"eventName", Kind::text, {text(inner.call->name)}, group_});
  }
  uint32_t count = 1 + (dice_.one_in(2) ? 0 : dice_.below(3));
  std::vector<std::string> subjects;
  for (uint32_t i = 0; i < count; ++i) {
    Written one = entry(inner, depth);
    // One item a subject: two often exclude each other, which is an error.
    std::string subject = one.text.substr(0, one.text.find_first_of("|:{"));
    if (inner.call && (subject == "eventSource" || subject == "eventName")) continue;
    if (std::find(subjects.begin(), subjects.end(), subject) != subjects.end()) continue;
    subjects.push_back(subject);
    out.text += one.text + "\n";
    out.take(one);
  }
  if (out.text == "{\n") out.text += place.source->time + "|exists: true\n";
  out.text += "}";
  group_ = before;
  return out;
}

Written Items::entry(const Place& place, int depth) {
  bool lists = !place.source->lists.empty();
  if (lists && depth < 3 && dice_.percent(depth == 0 ? 15 : 20))
    if (Written out = block(place, depth); !out.text.empty()) return out;
  return item(place);
}

Written Items::block(const Place& place, int depth) {
  std::vector<std::string> below;
  std::string prefix = place.prefix.empty() ? "" : place.prefix + ".";
  for (const auto* from : {&place.source->lists, &place.source->objects})
    for (const std::string& list : *from)
      if (list.starts_with(prefix)) below.push_back(list);
  if (place.call && place.prefix.empty() && place.call->name == "ChangeResourceRecordSets")
    below.assign(1, "requestParameters.changes[]");
  if (below.empty()) return {};
  Place inner = place;
  inner.prefix = dice_.of(below);
  inner.qualifier.clear();
  std::string written;
  for (const Segment& segment : segments_of(std::string_view(inner.prefix).substr(prefix.size()))) {
    if (!written.empty()) written += '.';
    written += segment.name;
    if (segment.array && dice_.percent(60)) written += dice_.word(kPicks);
  }
  Written out = map(inner, depth + 1);
  out.text = written + " " + out.text;
  return out;
}

// ---- items
// --------------------------------------------------------------------------------------------------

Written Items::item(const Place& place) {
  uint32_t roll = dice_.below(100);
  Written out;
  if (roll < 14)
    out = function_item(place);
  else if (roll < 19)
    out = size_item(place);
  else if (roll < 29)
    out = field_against_field(place);
  else if (roll < 33)
    out = choice_item(place);
  else if (roll < 41 && !names_.lets.empty() && !is_unshaped(place)) {
    const auto& [name, kind] = dice_.of(names_.lets);
    Comparison comparison = compare(kind, {}, {});
    out.text = name + comparison.modifiers + ": " + comparison.value;
  }
  if (!out.text.empty()) return out;
  return field_item(place, dice_.of(fields(place, true)));
}

Written Items::field_item(const Place& place, const Field& field) {
  Written out;
  std::string subject = path(place, field.path, true);
  Comparison comparison;
  uint32_t roll = dice_.below(100);
  if (roll < 4) {
    comparison = {dice_.one_in(4) ? "|neq" : "", "null", {absent(), raw("null"), raw("[]")}};
  } else if (roll < 9) {
    bool there = dice_.one_in(2);
    comparison = {"|exists", there ? "true" : "false",
                  there ? std::vector{text("x"), raw("null"), raw("1")} : std::vector{absent()}};
  } else {
    comparison = compare(field.kind, field.known, {});
  }
  out.text = subject + comparison.modifiers + ": " + comparison.value;
  if (!place.source->is_derived(field))
    out.hints.push_back({field.path, field.kind, std::move(comparison.hits), group_});
  return out;
}

Written Items::function_item(const Place& place) {
  Written out;
  const Function& function = dice_.of(functions());
  std::optional<Field> field = field_of(place, function.takes);
  if (!field) return out;
  const auto& [input, output] = dice_.of(function.samples);
  // `lower` of a domain is a domain.
  Kind gives = function.text == "lower(@)" && field->kind == Kind::domain ? Kind::domain : function.gives;
  Comparison comparison = compare(gives, {}, output);
  std::string called = function.text, subject = path(place, field->path, true);
  called.replace(called.find('@'), 1, subject);
  out.text = called + comparison.modifiers + ": " + comparison.value;
  if (!place.source->is_derived(*field))
    out.hints.push_back({field->path,
                         field->kind,
                         {field->kind == Kind::json ? text(input) : scalar_of(field->kind, input)},
                         group_});
  return out;
}

Written Items::size_item(const Place& place) {
  Written out;
  std::string argument;
  if (!names_.element_selections.empty() && place.prefix.empty() && dice_.one_in(2)) {
    const auto& [list, selection] = dice_.of(names_.element_selections);
    argument = list + " where " + selection;
  } else {
    std::vector<std::string> lists;
    for (const std::string& list : place.source->lists)
      if (place.prefix.empty() || list.starts_with(place.prefix + ".")) lists.push_back(list);
    for (const Field& field : fields(place, false))
      if (field.path.find("[]") != std::string::npos) lists.push_back(field.path);
    if (lists.empty()) return out;
    const std::string& list = dice_.of(lists);
    argument = path(place, list, true);
    if (!list.ends_with("[]") && argument.empty()) return out;
  }
  static const std::vector<const char*> kComparisons = {": ", "|gte: ", "|lt: ", "|lte: ", "|gt: "};
  out.text = "size(" + argument + ")" + dice_.word(kComparisons) + std::to_string(1 + dice_.below(2));
  return out;
}

// if(selection, field, constant), on the event and on an element.
Written Items::choice_item(const Place& place) {
  Written out;
  std::optional<Field> field = field_of(place, {Kind::text, Kind::integer});
  if (names_.selections.empty() || !field) return out;
  std::string constant = dice_.of(constants_.of(field->kind));
  std::string other = field->kind == Kind::text ? quoted(dice_, constant) : constant;
  Comparison comparison = compare(field->kind, {}, dice_.one_in(2) ? std::optional(constant) : std::nullopt);
  out.text = "if(" + dice_.of(names_.selections) + ", " + path(place, field->path, true) + ", " + other +
             ")" + comparison.modifiers + ": " + comparison.value;
  if (!place.source->is_derived(*field))
    out.hints.push_back({field->path, field->kind, std::move(comparison.hits), group_});
  return out;
}

Written Items::field_against_field(const Place& place) {
  Written out;
  const Field left = dice_.of(fields(place, true));
  std::vector<Kind> kinds = {left.kind};
  if (is_text(left.kind)) kinds = {Kind::text, Kind::domain, Kind::address, Kind::json};
  if (is_number(left.kind)) kinds = {Kind::integer, Kind::real, Kind::json};
  if (left.kind == Kind::json) kinds = {Kind::text, Kind::domain, Kind::integer, Kind::boolean, Kind::json};
  // The right side is of the event, or of the same element.
  Place from = place;
  if (dice_.one_in(2)) from.prefix.clear();
  std::optional<Field> right = field_of(from, kinds);
  if (!right || right->path == left.path) return out;
  std::string modifiers;
  bool textual = left.kind == Kind::text || left.kind == Kind::domain || left.kind == Kind::json;
  bool ordered =
      is_number(left.kind) || left.kind == Kind::time || (left.kind == Kind::json && is_number(right->kind));
  static const std::vector<const char*> kTextual = {"",          "|contains", "|startswith",
                                                    "|endswith", "|domain",   "|cased"};
  static const std::vector<const char*> kOrdered = {"", "|gt", "|gte", "|lt", "|lte"};
  if (ordered) {
    modifiers = dice_.word(kOrdered);
  } else if (textual && (is_text(right->kind) || right->kind == Kind::json)) {
    modifiers = dice_.word(kTextual);
  }
  if (dice_.one_in(8)) modifiers += "|neq";
  std::string value = path(from, right->path, true);
  bool list = dice_.one_in(6) && (left.kind == Kind::text || left.kind == Kind::domain) &&
              !modifiers.starts_with("|domain");
  if (list)
    value = "[" + value + ", " +
            quoted(dice_, dice_.of(left.known.empty() ? constants_.of(left.kind) : left.known)) + "]";
  if (list && dice_.one_in(2)) modifiers += "|all";
  out.text = path(place, left.path, true) + modifiers + ": " + value;
  std::string shared = dice_.of(constants_.of(left.kind == Kind::json ? right->kind : left.kind));
  if (left.kind == Kind::boolean || right->kind == Kind::boolean) shared = "true";
  for (const Field& side : {left, *right})
    if (!place.source->is_derived(side))
      out.hints.push_back({side.path, side.kind, {scalar_of(side.kind, shared)}, group_});
  return out;
}

}  // namespace weir::differential
