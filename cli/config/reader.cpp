// See reader.h.
#include "cli/config/reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "compiler/nearest.h"
#include "runtime/match/functions.h"

namespace weir::config {
namespace {

const char* kind_of(const Node& node) {
  switch (node.kind) {
    case Node::Kind::list:
      return "a list";
    case Node::Kind::map:
      return "a map";
    case Node::Kind::scalar:
      break;
  }
  return node.is_nothing() ? "nothing" : "a text";
}

struct Unit {
  const char* name;
  uint64_t size;
};
constexpr Unit kDurations[] = {{"us", 1},
                               {"ms", 1'000},
                               {"s", 1'000'000},
                               {"m", 60'000'000},
                               {"h", 3'600'000'000},
                               {"d", 86'400'000'000},
                               {"w", 604'800'000'000}};
constexpr Unit kSizes[] = {{"B", 1},         {"KB", 1'000},    {"MB", 1'000'000},   {"GB", 1'000'000'000},
                           {"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1ull << 30}, {"TiB", 1ull << 40}};

// A number and its unit, off the front of `text`.
template <size_t N>
std::optional<uint64_t> one_measure(std::string_view& text, const Unit (&units)[N]) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  const size_t letters = std::min(text.size(), text.find_first_not_of("abcdefghijklmnopqrstuvwxyzKMGTB"));
  for (const Unit& unit : units) {
    if (text.substr(0, letters) != unit.name) continue;
    text.remove_prefix(letters);
    if (number > (uint64_t{1} << 62) / unit.size) return std::nullopt;
    return number * unit.size;
  }
  return std::nullopt;
}

}  // namespace

std::optional<int64_t> read_duration(std::string_view text) {
  uint64_t all = 0;
  bool well = !text.empty();
  while (well && !text.empty()) {
    const std::optional<uint64_t> part = one_measure(text, kDurations);
    well = part && (all += *part) < uint64_t{1} << 62;
  }
  return well ? std::optional<int64_t>(static_cast<int64_t>(all)) : std::nullopt;
}

namespace {

// In the largest unit of which it is a whole number; of two such (KiB and KB) the later one.
template <size_t N>
std::string measure_text(uint64_t number, const Unit (&units)[N]) {
  if (number == 0) return "0";
  const Unit* best = &units[0];
  for (const Unit& unit : units)
    if (number % unit.size == 0 && unit.size >= best->size) best = &unit;
  return fmt::format("{}{}", number / best->size, best->name);
}

}  // namespace

std::string duration_text(int64_t us) { return measure_text(static_cast<uint64_t>(us), kDurations); }
std::string size_text(uint64_t bytes) { return measure_text(bytes, kSizes); }

// ---- reader

std::optional<std::string> Reader::filled(const Node& node) {
  std::string out;
  std::string_view rest = node.text;
  for (;;) {
    const size_t at = rest.find("${");
    if (at == std::string_view::npos) break;
    if (at > 0 && rest[at - 1] == '$') {  // $${ is ${
      out += rest.substr(0, at - 1);
      out += "${";
      rest.remove_prefix(at + 2);
      continue;
    }
    out += rest.substr(0, at);
    const size_t end = rest.find('}', at);
    if (end == std::string_view::npos) {
      add(dsl::Code::E903, "`${` without its `}`", node.span).help("`$${` is a `${` that is meant");
      return std::nullopt;
    }
    const std::string_view inside = rest.substr(at + 2, end - at - 2);
    const size_t fallback = inside.find(":-");
    const std::string name(inside.substr(0, fallback));
    std::optional<std::string> value = surroundings_.variable(name);
    if ((!value || value->empty()) && fallback != std::string_view::npos) value = inside.substr(fallback + 2);
    if (!value) {
      add(dsl::Code::E905, fmt::format("the variable `{}` is not set", name), node.span)
          .help(fmt::format("set it, or write `${{{}:-a default}}`", name));
      return std::nullopt;
    }
    out += *value;
    rest.remove_prefix(end + 1);
  }
  out += rest;
  (filled_in_ += out) += '\0';
  return out;
}

std::optional<std::string> Reader::text(const Node& node) {
  if (node.kind == Node::Kind::scalar && !node.is_nothing()) return filled(node);
  add(dsl::Code::E903, "a text belongs here", node.span, fmt::format("this is {}", kind_of(node)));
  return std::nullopt;
}

std::optional<std::vector<std::string>> Reader::texts(const Node& node) {
  std::vector<std::string> out;
  if (node.kind == Node::Kind::scalar && !node.is_nothing()) {
    std::optional<std::string> one = filled(node);
    if (!one) return std::nullopt;
    out.push_back(std::move(*one));
    return out;
  }
  if (node.kind != Node::Kind::list || node.items.empty()) {
    add(dsl::Code::E903, "a list of texts belongs here, or one text", node.span,
        node.kind == Node::Kind::list ? "this is an empty list" : fmt::format("this is {}", kind_of(node)));
    return std::nullopt;
  }
  for (const Node& item : node.items) {
    std::optional<std::string> one = text(item);
    if (!one) return std::nullopt;
    out.push_back(std::move(*one));
  }
  return out;
}

std::optional<std::string> Reader::path(const Node& node) {
  std::optional<std::string> out = text(node);
  if (!out || !out->empty()) return out;
  add(dsl::Code::E903, "`path` is empty", node.span);
  return std::nullopt;
}

std::optional<std::vector<std::string>> Reader::paths(const Node& node) {
  std::optional<std::vector<std::string>> out = texts(node);
  for (size_t i = 0; out && i < out->size(); ++i) {
    if (!(*out)[i].empty()) continue;
    add(dsl::Code::E903, "`path` is empty", node.items.empty() ? node.span : node.items[i].span);
    return std::nullopt;
  }
  return out;
}

std::optional<std::string> Reader::secret(const Node& node) {
  if (node.kind == Node::Kind::scalar) return text(node);
  Section section(*this, node, "a secret", &secret_shape());
  const Node* variable = section.find("env");
  const Node* file = section.find("file");
  section.finish();
  if (!variable == !file) {
    add(dsl::Code::E903, "a secret is `{env: NAME}` or `{file: PATH}`", node.span);
    return std::nullopt;
  }
  const std::optional<std::string> name = text(variable ? *variable : *file);
  if (!name) return std::nullopt;
  std::string problem = "it is not set";
  std::optional<std::string> value =
      variable ? surroundings_.variable(*name) : surroundings_.file(*name, problem);
  while (value && file && (value->ends_with('\n') || value->ends_with('\r'))) value->pop_back();
  if (value && value->empty()) {
    value.reset();
    problem = "it is empty";
  }
  if (value) {
    (filled_in_ += *value) += '\0';
    if (value->size() >= kLeastSecret) secrets_.push_back(*value);
  }
  if (!value) add(dsl::Code::E905, fmt::format("no secret in `{}`: {}", *name, problem), node.span);
  return value;
}

std::vector<std::string> Reader::secrets(const Node& node) {
  std::vector<std::string> out;
  const auto take = [&](const Node& one) {
    if (std::optional<std::string> value = secret(one)) out.push_back(std::move(*value));
  };
  if (node.kind == Node::Kind::list) {
    for (const Node& one : node.items) take(one);
  } else {
    take(node);
  }
  return out;
}

std::optional<int64_t> Reader::duration_us(const Node& node) {
  const std::optional<std::string> written = text(node);
  if (!written) return std::nullopt;
  if (const std::optional<int64_t> us = read_duration(*written)) return us;
  add(dsl::Code::E903, fmt::format("`{}` is no duration", *written), node.span)
      .help("a number and a unit: `250ms`, `10s`, `4h`, `1h30m`, `7d`");
  return std::nullopt;
}

std::optional<int64_t> Reader::time_us(const Node& node) {
  const std::optional<std::string> written = text(node);
  if (!written) return std::nullopt;
  if (const std::optional<int64_t> us = match::parse_time(*written)) return us;
  add(dsl::Code::E903, fmt::format("`{}` is no time", *written), node.span)
      .help("`2026-01-31T08:00:00Z`, `2026-01-31T09:00:00+01:00`");
  return std::nullopt;
}

std::optional<uint64_t> Reader::bytes(const Node& node) {
  const std::optional<std::string> written = text(node);
  if (!written) return std::nullopt;
  std::string_view rest = *written;
  const std::optional<uint64_t> all = one_measure(rest, kSizes);
  if (all && rest.empty()) return all;
  add(dsl::Code::E903, fmt::format("`{}` is no size", *written), node.span)
      .help("a number and a unit: `512KiB`, `64MiB`, `10GB`");
  return std::nullopt;
}

std::optional<uint64_t> Reader::number(const Node& node, uint64_t least, uint64_t most) {
  const std::optional<std::string> written = text(node);
  if (!written) return std::nullopt;
  uint64_t out = 0;
  const auto [end, error] = std::from_chars(written->data(), written->data() + written->size(), out);
  if (error == std::errc() && end == written->data() + written->size() && out >= least && out <= most)
    return out;
  add(dsl::Code::E903, fmt::format("`{}` is no number from {} to {}", *written, least, most), node.span);
  return std::nullopt;
}

// ---- section

Section::Section(Reader& reader, const Node& map, std::string what, const Shape* shape)
    : reader_(reader), map_(map), what_(std::move(what)), shape_(shape) {
  if (map.kind != Node::Kind::map)
    reader_.add(dsl::Code::E903, fmt::format("{} is a map of keys and values", what_), map.span,
                fmt::format("this is {}", kind_of(map)));
}

const Node* Section::find(const char* key) {
  for (const auto& [name, value] : map_.members)
    if (name.text == key && !value.is_nothing()) return &value;
  return nullptr;
}

const Node* Section::require(const char* key) {
  const Node* found = find(key);
  if (!found && map_.kind == Node::Kind::map)
    reader_.add(dsl::Code::E904, fmt::format("{} has no `{}`", what_, key), map_.span);
  return found;
}

void Section::finish() {
  for (const auto& [name, value] : map_.members) {
    if (shape_->find(name.text)) continue;
    dsl::Diagnostic& unknown =
        reader_.add(dsl::Code::E902, fmt::format("{} has no key `{}`", what_, name.text), name.span);
    const std::vector<std::string> known = shape_->names(), near = compiler::nearest(name.text, known);
    const auto other = std::find_if(elsewhere_.begin(), elsewhere_.end(),
                                    [&](const auto& key) { return key.first == name.text; });
    if (other != elsewhere_.end()) {
      unknown.help(other->second);
    } else if (!near.empty()) {
      unknown.help(compiler::did_you_mean(near));
    } else {
      unknown.note(fmt::format("the keys are `{}`", fmt::join(known, "`, `")));
    }
  }
}

}  // namespace weir::config
