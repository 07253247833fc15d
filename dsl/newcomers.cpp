// What people bring along from other languages into maps, values and clauses: YAML's lists and dashes, other
// operators and quotes, bare text. Each is one error with the fix.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "dsl/mistakes.h"

namespace weir::dsl {
namespace {

constexpr size_t kMaxYamlEntries = 1000;  // a longer list is told, not rewritten

using Part = std::optional<Mistake> (*)(const Scene&);

// Where the blanks begin that stand before `here`, on its line.
uint32_t after_previous(const Scene& s) {
  uint32_t begin = s.here.begin;
  while (begin > s.begin && s.text[begin - 1] == ' ') --begin;
  return begin;
}

bool adjacent(const Token& left, const Token& right) {
  return left.kind != Token::Kind::end && right.kind != Token::Kind::end && left.end == right.begin;
}

// ---- `:` and the operators of other languages -------------------------------------------------------------

std::string_view modifier_for(std::string_view sign) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 12> kModifiers = {
      {{">=", "gte"},
       {">", "gt"},
       {"<=", "lte"},
       {"<", "lt"},
       {"!=", "neq"},
       {"=~", "re"},
       {"contains", "contains"},
       {"startswith", "startswith"},
       {"endswith", "endswith"},
       {"matches", "re"},
       {"not", "neq"},
       {"NOT", "neq"}}};
  for (const auto& [other, modifier] : kModifiers)
    if (sign == other) return modifier;
  return {};
}

std::optional<Mistake> operator_instead_of_colon(const Scene& s) {
  if (s.expected() == Expected::equals && s.here_is(":"))
    return Mistake(Code::E114, "expected `=`, found `:`", s.here.begin, s.here.end, "a `let` is an equation")
        .edit(s.here.begin, s.here.end, " =");
  if (!s.expects({Expected::colon, Expected::item_colon, Expected::json_colon})) return std::nullopt;
  const std::string_view sign = s.spelled(s.here);
  if (sign == "=" || sign == "==") {
    Mistake mistake(Code::E114, fmt::format("expected `:`, found `{}`", sign), s.here.begin, s.here.end,
                    "a field and its value are joined by `:`");
    mistake.help("write `:`");
    return mistake.edit(after_previous(s), s.here.end, ":");
  }
  if (s.expected() != Expected::item_colon || s.before.empty()) return std::nullopt;
  if ((sign == "in" || sign == "IN") && s.next_is("[")) {
    Mistake mistake(Code::E114, fmt::format("`{}` before a list", sign), s.here.begin, s.here.end,
                    "a list is any of its values");
    mistake.help("write `:`");
    return mistake.edit(after_previous(s), s.here.end, ":");
  }
  if (sign == "<" && s.next_is(">") && adjacent(s.here, s.next)) {
    Mistake mistake(Code::E114, "`<>` is the modifier `neq`", s.here.begin, s.next.end,
                    "before the value stands `:`");
    mistake.help("write `|neq:`");
    return mistake.edit(s.back(0).end, s.next.end, "|neq:");
  }
  const std::string_view modifier = modifier_for(sign);
  if (modifier.empty()) return std::nullopt;
  const uint32_t colon = s.next_is(":") ? s.next.end : s.here.end;
  Mistake mistake(Code::E114,
                  sign == modifier ? fmt::format("the modifier `{}` stands after a bar", sign)
                                   : fmt::format("`{}` is the modifier `{}`", sign, modifier),
                  s.here.begin, s.here.end, "before the value stands `:`");
  mistake.help(fmt::format("write `|{}:`", modifier));
  return mistake.edit(s.back(0).end, colon, fmt::format("|{}:", modifier));
}

std::optional<Mistake> colon_missing(const Scene& s) {
  const bool value = (s.here.kind == Token::Kind::text && s.here.closed) || s.here_is("$");
  if (s.expected() != Expected::item_colon || !value || s.back(0).kind != Token::Kind::word)
    return std::nullopt;
  Mistake mistake(Code::E114, "a `:` is missing before the value", s.here.begin, s.here.end,
                  "a field and its value are joined by `:`");
  mistake.help(fmt::format("write `{}: {}`", s.spelled(s.back(0)),
                           s.here_is("$") ? fmt::format("${}", s.spelled(s.next)) : found(s)));
  return mistake.edit(s.back(0).end, s.back(0).end, ":");
}

std::optional<Mistake> operator_after_colon(const Scene& s) {
  if (s.expected() != Expected::value || !s.back_is(0, ":")) return std::nullopt;
  const std::string_view sign = s.spelled(s.here);
  const Token colon = s.back(0);
  if (sign == "=" || sign == "==") {
    Mistake mistake(Code::E114, fmt::format("`:` says equal, so `{}` is one sign too many", sign),
                    s.here.begin, s.here.end, "not needed");
    return mistake.edit(s.here.begin, s.here.end, "");
  }
  const std::string_view modifier = modifier_for(sign);
  if (modifier.empty() || s.here.kind == Token::Kind::end) return std::nullopt;
  Mistake mistake(Code::E114, fmt::format("`{}` is the modifier `{}`", sign, modifier), s.here.begin,
                  s.here.end, "how to compare is said before the `:`");
  mistake.help(fmt::format("write `|{}: {}`", modifier, s.spelled(s.next)));
  mistake.edit(colon.begin, colon.begin, fmt::format("|{}", modifier));
  return mistake.edit(s.here.begin, s.next.kind == Token::Kind::end ? s.here.end : s.next.begin, "");
}

std::optional<Mistake> colon_before_block(const Scene& s) {
  Token colon = s.here, after = s.next;
  if (s.expected() == Expected::value && s.here_is("{") && s.back_is(0, ":")) {
    colon = s.back(0);
    after = s.here;
  } else if (s.expects({Expected::condition_end, Expected::meta_end}) && s.next_is(":")) {
    colon = s.next;
    after = token_at(s.text, s.next.end);
    if (s.expected() == Expected::meta_end) return std::nullopt;
  } else if (!s.expects({Expected::body, Expected::open_brace, Expected::json_object, Expected::item_colon,
                         Expected::list_content, Expected::on_source})) {
    return std::nullopt;
  }
  if (!is(s.text, colon, ":")) return std::nullopt;
  const bool body = s.expects({Expected::body, Expected::condition_end});
  if (!is(s.text, after, "{") && !(body && (is(s.text, after, "[") || is(s.text, after, "-"))))
    return std::nullopt;
  Mistake mistake(Code::E114, fmt::format("no `:` before `{}`", s.spelled(after)), colon.begin, colon.end,
                  "a block follows its name at once");
  mistake.help("leave the `:` out");
  return mistake.edit(colon.begin, colon.end, "");
}

// ---- YAML -------------------------------------------------------------------------------------------------

struct YamlEntry {
  uint32_t dash, begin, end;  // of its value
  bool single = true;         // one token
};

std::vector<YamlEntry> yaml_entries(const Scene& s) {
  std::vector<YamlEntry> entries;
  for (Token dash = s.here; is(s.text, dash, "-");) {
    if (entries.size() == kMaxYamlEntries) return {};
    const uint32_t stop = line_end(s.text, dash.begin);
    const std::vector<Token> line = tokens_between(s.text, dash.end, stop);
    if (line.empty() || (line.size() > 1 && is(s.text, line[1], ":") && line[0].kind == Token::Kind::word &&
                         line[1].end < line.back().begin && s.text[line[1].end] == ' '))
      return {};  // nothing, or a map
    const bool comma = is(s.text, line.back(), ",");
    if (comma && line.size() == 1) return {};
    const Token& last = comma ? line[line.size() - 2] : line.back();
    entries.push_back({dash.begin, line[0].begin, last.end, line[0].begin == last.begin});
    dash = token_at(s.text, line.back().end);
    if (!dash.first) break;
  }
  return entries;
}

// `- 5` on a line with its key: a minus, and no list.
std::optional<Mistake> minus_apart(const Scene& s) {
  const bool number =
      s.next.begin < s.text.size() && s.text[s.next.begin] >= '0' && s.text[s.next.begin] <= '9';
  if (!s.here_is("-") || s.here.first || !number || s.next.first || adjacent(s.here, s.next))
    return std::nullopt;
  const bool in_list = s.expected() == Expected::list_next && (s.back_is(0, "[") || s.back_is(0, ","));
  if (!in_list && !s.expects({Expected::value, Expected::list_content, Expected::meta_value}))
    return std::nullopt;
  Mistake mistake(Code::E114, "a number and its minus stand together", s.here.begin, s.next.end,
                  "without a blank");
  mistake.help(fmt::format("write `-{}`", s.spelled(s.next)));
  return mistake.edit(s.here.begin, s.next.begin, "-", Applicability::likely);
}

std::optional<Mistake> yaml_list(const Scene& s) {
  if (!s.here_is("-") || s.here.end >= s.text.size() || s.text[s.here.end] != ' ') return std::nullopt;
  if (!s.expects(
          {Expected::value, Expected::meta_value, Expected::expression, Expected::list_open, Expected::body}))
    return std::nullopt;
  const std::vector<YamlEntry> entries = yaml_entries(s);
  if (entries.empty()) return std::nullopt;
  Mistake mistake(Code::E114, "a YAML list", s.here.begin, s.here.end, "a list stands between `[` and `]`");
  mistake.help(entries.size() == 1 ? "write `[...]`" : "write `[..., ...]`");
  for (size_t i = 0; i < entries.size(); ++i) {
    const YamlEntry& entry = entries[i];
    const std::string_view value = s.text.substr(entry.begin, entry.end - entry.begin);
    if (value.find_first_of("{}") != value.npos) return std::nullopt;  // what is around it
    const auto text = entry.single ? std::optional(std::string(value)) : quoted(value);
    if (!text) return std::nullopt;
    mistake.edit(entry.dash, entry.end,
                 fmt::format("{}{}{}", i == 0 ? "[" : "", *text, i + 1 == entries.size() ? "]" : ","));
  }
  return mistake;
}

// ---- `and`, `or`, `not` between the items of a map --------------------------------------------------------

std::optional<Mistake> or_in_map(const Scene& s, const Token& word) {
  const Token* open = s.open_bracket();
  const Token after = token_at(s.text, word.end);
  if (!open || word.begin == s.before.front().begin) return std::nullopt;
  const size_t index = size_t(&*std::find_if(s.before.begin(), s.before.end(), [&](const Token& token) {
    return token.begin >= word.begin;
  }) - s.before.data());
  Mistake mistake(Code::E114, fmt::format("`{}` between the items of a map", s.spelled(word)), word.begin,
                  word.end, "a map is all of its items");
  if (after.kind == Token::Kind::text && index > 0 && s.before[index - 1].kind == Token::Kind::text) {
    const Token& left = s.before[index - 1];
    mistake.help(
        fmt::format("any of several values is a list: `[{}, {}]`", s.spelled(left), s.spelled(after)));
    mistake.edit(left.begin, left.begin, "[").edit(left.end, word.end, ",");
    return mistake.edit(after.end, after.end, "]");
  }
  mistake.help("any of several maps is a list of maps: `NAME [ { ... } { ... } ]`");
  const size_t at = size_t(open - s.before.data());
  const uint32_t close = closing_of(s.text, open->begin);
  const std::string_view outer = at > 0 ? s.spelled(s.before[at - 1]) : "";
  const bool listed =
      outer == "[" || outer == "}" || (outer == "," && at > 1 && s.back_is(s.before.size() - at + 1, "}"));
  // Only the braces of a selection may become a list of maps.
  const bool outermost =
      std::count_if(s.before.begin(), s.before.begin() + long(at),
                    [&](const Token& token) { return is_opening(s.text, token); }) == (listed ? 1 : 0);
  if (close == kNowhere || !outermost || s.block.kind == BlockKind::test) return mistake;
  if (!listed) mistake.edit(open->begin, open->begin, "[ ").edit(close + 1, close + 1, " ]");
  return mistake.edit(word.begin, word.end, "} {").likely();
}

std::optional<Mistake> word_in_map(const Scene& s) {
  Token word = s.here;
  if (s.expected() == Expected::item_colon)
    word = s.back(0);  // `OR` was taken for a field
  else if (s.expected() != Expected::map_close)
    return std::nullopt;
  if (word.kind != Token::Kind::word) return std::nullopt;
  std::string lower(s.spelled(word));
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return char(std::tolower(c)); });
  if (s.expected() == Expected::item_colon && (lower == s.spelled(word) || s.here.kind == Token::Kind::sign))
    return std::nullopt;
  const Token after = token_at(s.text, word.end);
  if (is(s.text, after, ":") || is(s.text, after, "|")) return std::nullopt;
  if (lower == "or") return or_in_map(s, word);
  if (lower == "and") {
    Mistake mistake(Code::E114, "`and` between the items of a map", word.begin, word.end,
                    "a map is all of its items: nothing need be said");
    mistake.help("write `;`, or begin a new line");
    return mistake.edit(s.back(word.begin == s.here.begin ? 0 : 1).end, word.end, ";");
  }
  if (lower != "not") return std::nullopt;
  Mistake mistake(Code::E114, "`not` before an item of a map", word.begin, word.end,
                  "an item is turned by `|neq`");
  uint32_t colon = word.end;
  for (Token token = after; token.kind != Token::Kind::end && token.begin < line_end(s.text, word.begin);
       token = token_at(s.text, token.end)) {
    if (is(s.text, token, "{") || is(s.text, token, "}")) break;
    if (!is(s.text, token, ":")) continue;
    colon = token.begin;
    break;
  }
  mistake.help("or name the map and write `not NAME` in the condition");
  if (colon == word.end) return mistake;
  return mistake.edit(word.begin, after.begin, "").edit(colon, colon, "|neq");
}

// ---- names and fields -------------------------------------------------------------------------------------

std::optional<Mistake> dash_in_name(const Scene& s) {
  const Token left = s.back(0);
  if (!s.here_is("-") || left.kind != Token::Kind::word || !adjacent(left, s.here) ||
      !adjacent(s.here, s.next) || s.next.kind != Token::Kind::word)
    return std::nullopt;
  uint32_t end = s.next.end;
  const bool pattern = s.expects({Expected::condition_end, Expected::correlation_end, Expected::open_brace});
  while (end < s.text.size() &&
         (is_word_character(s.text[end]) || s.text[end] == '-' || (pattern && s.text[end] == '*')))
    ++end;
  const std::string name(s.text.substr(left.begin, end - left.begin));
  const bool constant = s.back_is(1, "$") && adjacent(s.back(1), left);
  const bool call = end < s.text.size() && s.text[end] == '(';
  const bool field = !constant && !call &&
                     s.expects({Expected::item_colon, Expected::list_next, Expected::call_close,
                                Expected::type, Expected::template_close});
  const bool plain = constant || call || pattern ||
                     s.expects({Expected::body, Expected::colon, Expected::equals, Expected::paren_close,
                                Expected::on_source, Expected::name, Expected::list_content});
  if (!field && !plain) return std::nullopt;
  std::string better = fmt::format("`{}`", name);
  if (!field) {
    better = name;
    std::replace(better.begin(), better.end(), '-', '_');
  }
  Mistake mistake(Code::E114, fmt::format("a `-` in the {} `{}`", field ? "key" : "name", name), left.begin,
                  end, field ? "a key that is no word stands between backticks" : "letters, digits and `_`");
  mistake.help(field ? fmt::format("write `` {} ``", better) : fmt::format("write `{}`", better));
  return mistake.edit(left.begin, end, better);
}

std::optional<Mistake> keyword_as_field(const Scene& s) {
  if (s.here.kind != Token::Kind::word || !is_reserved(s.spelled(s.here))) return std::nullopt;
  const bool item =
      s.expected() == Expected::map_close && (s.next_is(":") || s.next_is("|") || s.next_is("["));
  const bool argument = s.here_is("where") && s.back_is(0, ",");  // a comma too many, not a name
  const bool operand = s.expected() == Expected::expression && !s.next_is("(") && !argument;
  if (!item && !operand) return std::nullopt;
  const std::string word(s.spelled(s.here));
  Mistake mistake(Code::E110, fmt::format("`{}` is a reserved word", word), s.here.begin, s.here.end,
                  "as the name of a field it stands between backticks");
  mistake.help(fmt::format("write `` `{}` ``", word));
  return mistake.edit(s.here.begin, s.here.end, fmt::format("`{}`", word));
}

std::optional<Mistake> star_in_brackets(const Scene& s) {
  if (!s.here_is("[") || !adjacent(s.back(0), s.here)) return std::nullopt;
  if (s.back(0).kind != Token::Kind::word && s.back(0).kind != Token::Kind::backtick) return std::nullopt;
  if (s.expected() == Expected::body || s.expected() == Expected::open_brace) return std::nullopt;
  const Token close = s.next_is("*") ? token_at(s.text, s.next.end) : s.next;
  if (!is(s.text, close, "]")) return std::nullopt;
  const bool schema = s.expected() == Expected::type;
  const std::string better = schema ? "[]" : "[any]";
  Mistake mistake(Code::E114,
                  fmt::format("`{}` picks no element", s.text.substr(s.here.begin, close.end - s.here.begin)),
                  s.here.begin, close.end,
                  schema ? "an array in a schema is `[]`" : "one of any, all, none, or a number");
  mistake.help(fmt::format("write `{}`", better));
  return mistake.edit(s.here.begin, close.end, better);
}

std::optional<Mistake> arithmetic_in_item(const Scene& s) {
  static constexpr std::string_view kSigns = "+-*/";
  if (s.expected() != Expected::item_colon || s.here.kind != Token::Kind::sign || s.before.empty() ||
      kSigns.find(s.text[s.here.begin]) == std::string_view::npos)
    return std::nullopt;
  size_t first =
      s.before.size() - 1;  // the item begins where its line does, or after a sign that parts items
  int depth = 0;
  for (;; --first) {
    if (is_closing(s.text, s.before[first])) ++depth;
    if (is_opening(s.text, s.before[first])) --depth;
    if (first == 0 || depth < 0 || (depth == 0 && s.before[first].first)) break;
    const Token& left = s.before[first - 1];
    if (depth == 0 && (is(s.text, left, "{") || is(s.text, left, ";") || is(s.text, left, ","))) break;
  }
  uint32_t end = s.here.end;
  for (Token token = s.next; token.kind != Token::Kind::end && !is(s.text, token, ":") &&
                             !is(s.text, token, "|") && token.begin < line_end(s.text, s.here.begin);
       token = token_at(s.text, token.end))
    end = token.end;
  const uint32_t begin = s.before[first].begin;
  std::string name = "computed";
  while (s.text.find(name) != std::string_view::npos) name += "_";
  const std::string let = fmt::format("let {} = {}", name, s.text.substr(begin, end - begin));
  Mistake mistake(Code::E114, "arithmetic on the left of an item", s.here.begin, s.here.end,
                  "an item looks at one field or one call");
  mistake.help(fmt::format("give it a name: `{}`, before `detection`", let));
  if (s.block.kind != BlockKind::detection) return mistake;
  mistake.edit(s.block.begin, s.block.begin, fmt::format("{}\n{}", let, indentation(s.text, s.block.begin)));
  return mistake.edit(begin, end, name).likely();
}

// ---- text without quotes, and with others -----------------------------------------------------------------

constexpr std::array<std::string_view, 7> kDoubleQuotes = {"\u201C", "\u201D", "\u201E", "\u201F",
                                                           "\u00AB", "\u00BB", "\u2033"};
constexpr std::array<std::string_view, 6> kSingleQuotes = {"\u2018", "\u2019", "\u201A",
                                                           "\u201B", "\u2039", "\u203A"};

size_t quote_length(std::string_view text, uint32_t at, bool single) {
  auto among = [&](const auto& quotes) -> size_t {
    for (std::string_view quote : quotes)
      if (text.substr(at, quote.size()) == quote) return quote.size();
    return 0;
  };
  return single ? among(kSingleQuotes) : among(kDoubleQuotes);
}

std::optional<Mistake> typographic_quotes(const Scene& s) {
  if (s.here.kind != Token::Kind::other) return std::nullopt;
  const bool single = quote_length(s.text, s.here.begin, true) != 0;
  const size_t length = quote_length(s.text, s.here.begin, single);
  if (length == 0) return std::nullopt;
  const bool json = s.expects({Expected::json_name, Expected::json_value});
  const std::string straight = single && !json ? "'" : "\"";
  Mistake mistake(Code::E114, "typographic quotes", s.here.begin, s.here.end, "not the quotes of a text");
  mistake.help(fmt::format("write `{}`", straight));
  for (uint32_t at = s.here.end; at < line_end(s.text, s.here.begin); ++at) {
    const size_t closing = s.text[at] == straight[0] ? 1 : quote_length(s.text, at, single);
    if (closing == 0) continue;
    return mistake.edit(s.here.begin, s.here.end, straight).edit(at, at + uint32_t(closing), straight);
  }
  return mistake;
}

bool ends_bare(char c) {
  return c <= ' ' || std::string_view(",;{}[]()\"'#|").find(c) != std::string_view::npos;
}

// `|re: /^Get/`: the slashes of other languages, around an expression.
// `/^Create/`, and with flags behind it.
std::optional<Mistake> expression_in_slashes(const Scene& s, uint32_t begin, uint32_t end) {
  const std::string_view bare = s.text.substr(begin, end - begin);
  const size_t last = bare.rfind('/');
  if (bare.size() < 3 || !bare.starts_with('/') || last < 2 || bare.find('\'') != bare.npos ||
      bare.find_first_not_of("ims", last + 1) != bare.npos)
    return std::nullopt;
  const uint32_t from = line_begin(s.text, begin);
  const std::string_view line = s.text.substr(from, begin - from), inside = bare.substr(1, last - 1);
  const size_t re = line.rfind("|re"), colon = line.rfind(':');
  const bool plainly = inside.find_first_of("^$*+()[]|\\") != inside.npos;
  if (re == line.npos && (!plainly || colon == line.npos)) return std::nullopt;
  const std::string better = fmt::format("'{}'", inside);
  std::string modifiers = re == line.npos ? "|re" : "";
  for (const char flag : bare.substr(last + 1)) modifiers += fmt::format("|{}", flag);
  Mistake mistake(Code::E114, fmt::format("`{}` is an expression without quotes", bare), begin, end,
                  "slashes would be part of it");
  mistake.help(
      modifiers.empty()
          ? fmt::format("an expression stands between single quotes: `{}`", better)
          : fmt::format("an expression stands between single quotes, behind its modifier: `{}{}: {}`",
                        re == line.npos ? "" : "|re", modifiers, better));
  if (!modifiers.empty()) {
    const uint32_t at = from + static_cast<uint32_t>(re == line.npos ? colon : re + 3);
    mistake.edit(at, at, modifiers, Applicability::likely);
  }
  return mistake.edit(begin, end, better, Applicability::likely);
}

Mistake quote_it(const Scene& s, uint32_t begin, uint32_t end, const char* label) {
  if (auto expression = expression_in_slashes(s, begin, end)) return *expression;
  const std::string_view bare = s.text.substr(begin, end - begin);
  Mistake mistake(Code::E114, fmt::format("`{}` is text without quotes", bare), begin, end, label);
  const auto better = quoted(bare);
  if (!better) return mistake;
  mistake.help(fmt::format("text is quoted: `{}`", *better));
  return mistake.edit(begin, end, *better, Applicability::likely);
}

// `us-east-1`, `10.0.0.1/8`, `Put*`, `arn:aws:…`: signs that touch the word before them.
std::optional<Mistake> bare_text(const Scene& s) {
  if (s.here.kind == Token::Kind::end || ends_bare(s.text[s.here.begin])) return std::nullopt;
  uint32_t begin = s.here.begin;
  if (s.expects({Expected::map_close, Expected::params_close, Expected::list_close, Expected::list_next})) {
    if (!adjacent(s.back(0), s.here)) return std::nullopt;
    for (size_t i = 0; i < s.before.size(); ++i) {
      const Token token = s.back(i);
      const bool part = token.end == begin && !ends_bare(s.text[token.begin]) && !is(s.text, token, ":");
      if (!part) break;
      begin = token.begin;
    }
  } else if (s.expected() != Expected::value || s.here_is("-")) {
    return std::nullopt;
  }
  uint32_t end = s.here.begin;
  while (end < s.text.size() && !ends_bare(s.text[end])) ++end;
  return begin == end ? std::nullopt : std::optional(quote_it(s, begin, end, "a bare word is a field"));
}

// `title: Suspicious thing`: the clause ends with the line.
std::optional<Mistake> bare_sentence(const Scene& s) {
  uint32_t begin = s.here.begin;
  if (s.expected() == Expected::meta_end) {
    const bool another_clause = is(s.text, token_at(s.text, s.next.end), ":") || s.next_is("field") || s.next_is("call") ||
                                s.next.begin >= line_end(s.text, s.here.begin);
    const bool separator = (s.here_is(";") || s.here_is(",")) && another_clause;
    if (separator || s.before.size() < 3 || s.before[2].kind == Token::Kind::text) return std::nullopt;
    begin = s.before[2].begin;
  } else if (s.expected() != Expected::meta_value || s.here.first || is_opening(s.text, s.here) ||
             is_closing(s.text, s.here) || s.here.kind == Token::Kind::text) {
    return std::nullopt;
  }
  const std::vector<Token> rest = tokens_between(s.text, begin, line_end(s.text, begin));
  if (rest.empty()) return std::nullopt;
  uint32_t end = rest.back().end;
  if (is(s.text, rest.back(), "}") && rest.size() > 1) end = rest[rest.size() - 2].end;
  return quote_it(s, begin, end, "what is not one word is a text");
}

}  // namespace

std::optional<Mistake> explain_items(const Scene& scene) {
  static constexpr Part kParts[] = {
      operator_instead_of_colon,
      operator_after_colon,
      colon_before_block,
      minus_apart,
      yaml_list,
      word_in_map,
      colon_missing,
      dash_in_name,
      keyword_as_field,
      star_in_brackets,
      arithmetic_in_item,
      typographic_quotes,
      bare_text,
      bare_sentence,
  };
  for (Part part : kParts)
    if (auto mistake = part(scene)) return mistake;
  return std::nullopt;
}

}  // namespace weir::dsl
