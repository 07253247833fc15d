// Right of the bar and of the colon: modifiers, constants, and what an event must hold to match them.
#include <algorithm>

#include "tests/differential/functions_table.h"
#include "tests/differential/items.h"

namespace weir::differential {
namespace {

bool is_number(Kind kind) { return kind == Kind::integer || kind == Kind::real; }

std::string escaped(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '"' || c == '\\' || c == '*' || c == '?') out += '\\';
    out += c;
  }
  return out;
}

// A place between two characters.
size_t cut_in(Dice& dice, const std::string& value) {
  if (value.empty()) return 0;
  size_t at = dice.below(uint32_t(value.size()) + 1);
  while (at < value.size() && (uint8_t(value[at]) & 0xC0) == 0x80) ++at;
  return at;
}

size_t next_character(const std::string& value, size_t at) {
  do ++at;
  while (at < value.size() && (uint8_t(value[at]) & 0xC0) == 0x80);
  return std::min(at, value.size());
}

struct Wild {
  std::string written, hit;
};

Wild with_wildcards(Dice& dice, const std::string& value) {
  size_t at = cut_in(dice, value);
  std::string head = value.substr(0, at), tail = value.substr(at);
  switch (dice.below(5)) {
    case 0:
      return {escaped(head) + "*" + escaped(tail), head + affix(dice) + tail};
    case 1: {
      std::string rest = tail.substr(tail.empty() ? 0 : next_character(tail, 0));
      return {escaped(head) + "?" + escaped(rest), tail.empty() ? head + "x" : value};
    }
    case 2:
      return {"*" + escaped(value) + "*", affix(dice) + value + affix(dice)};
    case 3:
      return {"?*" + escaped(tail), "x" + affix(dice) + tail};
    default:
      return {escaped(head) + "*?" + escaped(tail) + "*", head + "zz" + tail + affix(dice)};
  }
}

}  // namespace

Items::Comparison Items::compare(Kind kind, const std::vector<std::string>& known,
                                 const std::optional<std::string>& constant) {
  Comparison out;
  bool textual = kind == Kind::text || kind == Kind::domain || kind == Kind::json;
  uint32_t roll = dice_.below(100);
  if (kind == Kind::boolean) {
    std::string wanted = constant ? *constant : dice_.one_in(2) ? "true" : "false";
    out = {"", wanted, {raw(wanted), raw(wanted), text(wanted)}};
  } else if (is_number(kind) || kind == Kind::time || kind == Kind::span) {
    out = compare_order(kind, constant);
  } else if (kind == Kind::json && !constant && roll < 25) {
    out = roll < 8 ? Comparison{"", "true", {raw("true"), text("true")}} : compare_order(kind, {});
  } else if (textual && known.empty() && !constant && roll < 34) {
    out = kind == Kind::domain || roll < 26 ? compare_regex() : compare_transformed();
  } else if (kind != Kind::domain && known.empty() && !constant &&
             roll < (kind == Kind::address ? 60u : 40u)) {
    out = compare_networks();
  } else {
    out = compare_texts(kind, known, constant);
  }
  if (dice_.one_in(10)) out.modifiers += "|neq";
  return out;
}

Items::Comparison Items::compare_texts(Kind kind, const std::vector<std::string>& known,
                                       const std::optional<std::string>& constant) {
  Comparison out;
  const std::vector<std::string>& pool = !known.empty() ? known : constants_.of(kind);
  auto next = [&] { return constant && dice_.percent(80) ? *constant : dice_.of(pool); };
  enum { equal, contains, starts, ends, below, wild };
  uint32_t how = equal;
  if (kind != Kind::address && known.empty()) {
    uint32_t roll = dice_.below(100);
    how = roll < 45   ? equal
          : roll < 60 ? contains
          : roll < 70 ? starts
          : roll < 80 ? ends
          : roll < 88 ? below
                      : wild;
  } else if (dice_.one_in(8)) {
    how = wild;
  }
  static const char* const kWords[] = {"", "|contains", "|startswith", "|endswith", "|domain", ""};
  out.modifiers = kWords[how];
  bool all = how == contains && dice_.one_in(4);
  uint32_t count = all || dice_.one_in(3) ? 2 + dice_.below(dice_.one_in(6) ? 40 : 4) : 1;
  if (how != wild && kind != Kind::address && dice_.one_in(7)) out.modifiers += "|cased";
  if (all) out.modifiers += "|all";
  if (known.empty() && !constant && !all && how != wild && dice_.one_in(10)) {  // a list of the pack, a param
    bool domains = kind == Kind::domain || how == below;
    if (domains) {
      out.value = "$l_domains";
    } else if (kind == Kind::address) {
      out.value = "$l_addresses";
    } else if (dice_.one_in(2) || names_.params.empty()) {
      out.value = dice_.one_in(6) ? "$l_none" : "$l_texts";
    } else {
      for (const auto& [name, type] : names_.params)
        if (type == Kind::text) out.value = "$" + name;
    }
    const std::vector<std::string>& listed = domains ? constants_.domains : constants_.of(kind);
    if (!out.value.empty()) {
      for (int i = 0; i < 3; ++i) out.hits.push_back(text(dice_.of(listed)));
      return out;
    }
  }
  std::string every;
  for (uint32_t i = 0; i < count; ++i) {
    std::string value = how == below ? dice_.of(constants_.domains) : next();
    std::string written, hit = value;
    if (how == wild || (how != below && how != equal && dice_.one_in(12))) {
      Wild wild = with_wildcards(dice_, value);
      written = "\"" + wild.written + "\"";
      hit = wild.hit;
    } else {
      written = quoted(dice_, value);
    }
    if (how == contains) hit = affix(dice_) + hit + affix(dice_);
    if (how == starts) hit += affix(dice_);
    if (how == ends) hit = affix(dice_) + hit;
    if (how == below && dice_.one_in(2)) hit = "www." + hit;
    every += hit;
    out.hits.push_back(text(hit));
    out.value += (i ? ", " : "") + written;
  }
  if (all) out.hits.assign(1, text(every));
  if (count > 1 || dice_.one_in(10)) out.value = "[" + out.value + "]";
  return out;
}

Items::Comparison Items::compare_transformed() {
  Comparison out;
  static const std::vector<const char*> kPlain = {"curl", "http://", "-enc", "/c dir", "abc", "a"};
  std::string value = dice_.word(kPlain);
  switch (dice_.below(6)) {
    case 0:
      out = {"|base64", "", {text(base64(value))}};
      break;
    case 1: {
      std::string before(dice_.below(3), 'x');
      out = {"|base64offset|contains", "", {text(base64(before + value + "yz"))}};
      break;
    }
    case 2:
      out = {dice_.one_in(2) ? "|wide|base64" : "|utf16le|base64", "", {text(base64(utf16(value, false)))}};
      break;
    case 3:
      out = {"|utf16be|base64", "", {text(base64(utf16(value, true)))}};
      break;
    case 4:
      out = {"|windash|contains", "", {text("x /" + value.substr(1)), text("x " + value)}};
      break;
    default:
      out = {"|utf16|base64", "", {text(base64("\xFF\xFE" + utf16(value, false)))}};
  }
  out.value = quoted(dice_, value);
  return out;
}

Items::Comparison Items::compare_regex() {
  Comparison out;
  const Expression& expression = dice_.of(regular_expressions());
  out = {"|re" + expression.flags, "'" + expression.text + "'", {text(expression.hit)}};
  if (expression.flags.empty() && dice_.one_in(4)) {
    const Expression& other = dice_.of(regular_expressions());
    out.value = "[" + out.value + ", '" + other.text + "']";
    out.hits.push_back(text(other.hit));
  }
  return out;
}

Items::Comparison Items::compare_networks() {
  Comparison out{"|cidr", "", {}};
  if (dice_.one_in(6)) {
    out.value = "$l_networks";
  } else {
    uint32_t count = 1 + dice_.below(3);
    for (uint32_t i = 0; i < count; ++i)
      out.value += (i ? ", " : "") + quoted(dice_, dice_.of(constants_.networks));
    if (count > 1) out.value = "[" + out.value + "]";
  }
  for (int i = 0; i < 3; ++i) out.hits.push_back(text(dice_.of(constants_.addresses)));
  return out;
}

std::string Items::literal(Kind kind, const std::string& constant) {
  if (kind != Kind::time) return constant;
  return dice_.one_in(3) ? constant.substr(0, 10) : "\"" + constant + "\"";
}

Items::Comparison Items::compare_order(Kind kind, const std::optional<std::string>& constant) {
  Comparison out;
  bool json = kind == Kind::json;
  if (json) kind = dice_.one_in(2) ? Kind::integer : Kind::real;
  auto next = [&] { return constant ? *constant : dice_.of(constants_.of(kind)); };
  static const std::vector<const char*> kWords = {"|gt", "|gte", "|lt", "|lte"};
  auto hit_of = [&](const std::string& value) {
    if (kind == Kind::time) return text(value);
    return dice_.one_in(4) ? text(value) : raw(value);
  };
  if (!json && dice_.one_in(2)) {
    uint32_t count = dice_.one_in(3) ? 2 + dice_.below(4) : 1;
    for (uint32_t i = 0; i < count; ++i) {
      std::string value = next();
      out.value += (i ? ", " : "") + literal(kind, value);
      out.hits.push_back(hit_of(value));
    }
    if (count > 1) out.value = "[" + out.value + "]";
    return out;
  }
  out.modifiers = dice_.word(kWords);
  std::string value = next();
  out.value = literal(kind, value);
  if (is_number(kind) && !constant && !names_.params.empty() && dice_.one_in(8))
    for (const auto& [name, type] : names_.params)
      if (type == Kind::integer) out.value = "$" + name;
  for (int i = 0; i < 4; ++i) out.hits.push_back(hit_of(dice_.of(constants_.of(kind))));
  out.hits.push_back(hit_of(value));
  return out;
}

}  // namespace weir::differential
