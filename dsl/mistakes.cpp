// What is wrong whatever the clause: texts and blocks that are never closed, escapes, commas, reserved words,
// lengths of time, depth; and the plain "expected …, found …" where nothing better is known.
#include "dsl/mistakes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <tuple>

#include "dsl/build.h"
#include "dsl/clause_words.h"
#include "dsl/literal.h"

namespace weir::dsl {
namespace {

constexpr size_t kMaxShown = 40;

bool is_value_start(const Scene& s) {
  return s.here.kind == Token::Kind::text || s.here.kind == Token::Kind::word || s.here_is("$") ||
         s.here.kind == Token::Kind::backtick;
}

// ---- texts ------------------------------------------------------------------------------------------------

// Where a text of one line ends that is never closed: before the brackets that this line opened and that it
// seems to close.
uint32_t end_of_unclosed(std::string_view text, uint32_t begin, uint32_t end) {
  int open = 0;
  for (const Token& token : tokens_between(text, line_begin(text, begin), begin))
    open += is_opening(text, token) - is_closing(text, token);
  const auto skip_back = [&](std::string_view what) {
    while (end > begin + 1 && what.find(text[end - 1]) != std::string_view::npos) --end;
  };
  skip_back(" \t");
  for (; open > 0 && end > begin + 1 && std::string_view("}])").find(text[end - 1]) != std::string_view::npos;
       --open) {
    --end;
    skip_back(" \t;");
  }
  return end;
}

std::optional<Mistake> unclosed_text(const Scene& s) {
  // A prose text that runs into the next declaration is closed only by accident.
  const auto ends_badly = [&](const Token& token) {
    if (token.kind != Token::Kind::text && token.kind != Token::Kind::backtick) return false;
    return !token.closed || (token.end > s.failure.at && s.expected() != Expected::escape);
  };
  const auto first = std::find_if(s.before.begin(), s.before.end(), ends_badly);
  if (first == s.before.end()) return std::nullopt;
  const Token open = *first;
  const uint32_t end = line_end(s.text, open.begin);
  if (s.spelled(open).starts_with("\"\"\"")) {
    Mistake mistake(Code::E101, "this text is never closed", open.begin, open.begin + 3,
                    "the text starts here");
    mistake.help("add `\"\"\"` where it ends");
    return mistake;
  }
  const std::string quote(1, s.text[open.begin]);
  const uint32_t last = end_of_unclosed(s.text, open.begin, end);
  Mistake mistake(Code::E101, "this text is never closed", open.begin, last,
                  "the text starts here and the line ends");
  if (last > open.begin + 1 && end - last > 1)
    mistake.help(fmt::format("write `{}{}`", s.text.substr(open.begin, last - open.begin), quote));
  else
    mistake.help(fmt::format("add `{}` at the end of the line", quote));
  return mistake.edit(last, last, quote, Applicability::likely);
}

// What escapes between double quotes stand for, where between single ones nothing is escaped.
std::string with_single_backslashes(std::string_view inside) {
  std::string out;
  for (size_t i = 0; i < inside.size(); ++i) {
    const bool escaped =
        inside[i] == '\\' && i + 1 < inside.size() && (inside[i + 1] == '\\' || inside[i + 1] == '"');
    out += inside[i + escaped];
    i += escaped;
  }
  return out;
}

std::optional<Mistake> meaningless_escape(const Scene& s) {
  if (s.expected() != Expected::escape || s.before.empty()) return std::nullopt;
  const Token literal = s.before.back();
  const uint32_t slash = s.failure.at - 1;
  const Token character = token_at(s.text, s.failure.at);
  const uint32_t end = std::max(
      slash + 2, character.kind == Token::Kind::other && character.begin == slash + 1 ? character.end : 0);
  Mistake mistake(Code::E103,
                  fmt::format("`{}` means nothing between double quotes", s.text.substr(slash, end - slash)),
                  slash, end, "not one of \\\\ \\\" \\* \\? \\u{...}");
  const std::string_view written = s.spelled(literal);
  if (quote_of(written) == Quote::prose) {
    mistake.help("a backslash itself is `\\\\`");
    return mistake.edit(slash, slash, "\\");
  }
  const std::string_view inside = written.substr(1, written.size() - 2);
  if (inside.find('\'') != std::string_view::npos) {
    mistake.help("a backslash itself is `\\\\`");
    return mistake.edit(slash, slash, "\\", Applicability::likely);
  }
  bool regex = false;
  for (size_t i = 0; i < s.before.size(); ++i)
    regex = regex || (s.before[i].begin < slash && is(s.text, s.before[i], "re"));
  const std::string raw = with_single_backslashes(inside);
  std::string verbatim = fmt::format("'{}'", raw);
  mistake.help(fmt::format("{} goes between single quotes, where nothing is special: {}",
                           regex ? "a regular expression" : "such a text", verbatim));
  // In a verbatim text a star is a star: beyond doubt only where there is none, or where it never was a
  // wildcard. And whoever wrote `\\\\` and `\\d` may have meant either in either way.
  const bool safe = raw == inside && (regex || inside.find_first_of("*?") == std::string_view::npos);
  return mistake.edit(literal.begin, literal.end, std::move(verbatim),
                      safe ? Applicability::safe : Applicability::likely);
}

// ---- blocks and lists -------------------------------------------------------------------------------------

std::string opener_text(std::string_view text, uint32_t begin, uint32_t brace) {
  std::string shown(text.substr(begin, brace - begin));
  const size_t line = shown.find('\n');
  if (line != std::string::npos) shown.resize(line);
  if (shown.size() > kMaxShown) shown = shown.substr(0, kMaxShown) + "...";
  while (shown.ends_with(' ') || shown.ends_with('\r')) shown.pop_back();
  return shown.empty() ? std::string(1, text[brace]) : fmt::format("{} {}", shown, text[brace]);
}

bool clause_follows(const Scene& s) {
  return s.here.kind == Token::Kind::word && (s.next_is(":") || s.next_is("{"));
}

std::optional<Mistake> unclosed_bracket(const Scene& s) {
  const bool ends = s.here.kind == Token::Kind::end || declaration_starts(s.text, s.here.begin);
  const Token* open = s.open_bracket();
  if (!open && s.expects({Expected::condition_end, Expected::correlation_end}) &&
      is_clause_of_rule(s.text, s.here.begin, s.block))
    return block_left_open(s.text, s.block, s.here, s.back(0).end, kClauseFollows);
  if (s.here_is("(") && closing_of(s.text, s.here.begin) == kNowhere)
    return Mistake(Code::E102, "`(` is never closed", s.here.begin, s.here.end, "opened here");
  if (!open) {
    if (!ends || s.block.kind == BlockKind::file) return std::nullopt;
    return never_closed(
        s.text, s.block.begin, s.block.brace, s.here.begin, s.here.end,
        s.here.kind == Token::Kind::end ? "the file ends here" : "a new declaration begins here");
  }
  const bool list = s.text[open->begin] == '[';
  const Token value = token_at(s.text, s.next.end);
  const bool condition = s.expected() == Expected::map_close && s.here_is("condition") && s.here.first &&
                         value.kind != Token::Kind::text && !is(s.text, value, "[");
  const bool clause = list && s.expected() == Expected::list_next && s.here.first && clause_follows(s);
  const bool brace = list && s.expected() == Expected::list_next && s.here_is("}");
  if (!ends && !condition && !clause && !brace) return std::nullopt;
  const size_t index = size_t(open - s.before.data());
  const uint32_t begin =
      index > 0 && s.before[index - 1].kind == Token::Kind::word ? s.before[index - 1].begin : open->begin;
  const std::string_view close = list ? "]" : s.text[open->begin] == '(' ? ")" : "}";
  const std::string reason = s.here.kind == Token::Kind::end ? "the file ends here"
                             : ends                          ? "a new declaration begins here"
                             : condition ? "the detection goes on here, so `}` is missing before it"
                                         : fmt::format("`{}` is missing before this", close);
  Mistake mistake = never_closed(s.text, begin, open->begin, s.here.begin, s.here.end, reason);
  if (ends) return mistake;
  const uint32_t after = s.back(0).end;
  const bool same_line = line_begin(s.text, after) == line_begin(s.text, open->begin);
  const std::string with = same_line ? fmt::format("{}{}", list ? "" : " ", close)
                                     : fmt::format("\n{}{}", indentation(s.text, open->begin), close);
  return mistake.edit(after, after, with, Applicability::likely);
}

// `level: "high"`
std::optional<Mistake> quoted_level(const Scene& s) {
  if (s.expected() != Expected::level || s.here.kind != Token::Kind::text || !s.here.closed)
    return std::nullopt;
  const std::string_view written = s.spelled(s.here);
  const std::string_view level = written.substr(1, written.size() - 2);
  if (level.empty() || !std::all_of(level.begin(), level.end(), [](char c) { return c >= 'a' && c <= 'z'; }))
    return std::nullopt;
  Mistake mistake(Code::E114, "a level stands without quotes", s.here.begin, s.here.end, "this is a text");
  mistake.help(fmt::format("write `{}`", level));
  return mistake.edit(s.here.begin, s.here.end, std::string(level));
}

std::optional<Mistake> missing_comma(const Scene& s) {
  if (s.expected() != Expected::list_next || s.before.empty() || s.back_is(0, "[") || s.back_is(0, ",") ||
      !is_value_start(s))
    return std::nullopt;
  if (s.here.begin == s.back(0).end) return std::nullopt;
  Mistake mistake(Code::E104, "a comma is missing between two values", s.here.begin, s.here.end,
                  "a second value starts here");
  const uint32_t after = s.back(0).end;
  if (const Token* open = s.open_bracket()) {
    const uint32_t close = closing_of(s.text, open->begin);
    if (close != kNowhere && close - open->begin < kMaxShown * 2 && close < line_end(s.text, open->begin))
      mistake.help(fmt::format("write `{},{}`", s.text.substr(open->begin, after - open->begin),
                               s.text.substr(after, close + 1 - after)));
  }
  if (mistake.diagnostic.footers.empty()) mistake.help("add `,` before it");
  return mistake.edit(after, after, ",");
}

// ---- names ------------------------------------------------------------------------------------------------

std::optional<Mistake> reserved_name(const Scene& s) {
  if (s.here.kind != Token::Kind::word || !is_reserved(s.spelled(s.here))) return std::nullopt;
  const bool name = s.expects({Expected::name, Expected::targets, Expected::level}) ||
                    (s.expected() == Expected::detection_item && !s.here_is("condition")) ||
                    (s.expected() == Expected::params_close && s.next_is(":"));
  const bool use = s.expects({Expected::condition, Expected::many_condition}) && !s.next_is("of");
  if (!name && !use) return std::nullopt;
  const std::string word(s.spelled(s.here));
  Mistake mistake(Code::E110, fmt::format("`{}` is a reserved word", word), s.here.begin, s.here.end,
                  use ? "not the name of a selection" : "not to be had as a name");
  mistake.help(fmt::format("with a `_` it is a name: `{}_`", word));
  return mistake.edit(s.here.end, s.here.end, "_", Applicability::likely);
}

std::optional<Mistake> quoted_name(const Scene& s) {
  if (s.expected() != Expected::name || s.here.kind != Token::Kind::text || !s.here.closed)
    return std::nullopt;
  std::string name;
  for (char c : s.spelled(s.here).substr(1, s.spelled(s.here).size() - 2)) {
    if (is_word_character(c))
      name += c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c;
    else if (!name.empty() && name.back() != '_')
      name += '_';
  }
  if (name.empty() || is_digit(name[0]) || is_reserved(name)) return std::nullopt;
  Mistake mistake(Code::E114, fmt::format("a name is a word, and {} is a text", found(s)), s.here.begin,
                  s.here.end, "letters, digits and `_`, without quotes");
  mistake.help(fmt::format("write `{}`", name));
  return mistake.edit(s.here.begin, s.here.end, name, Applicability::likely);
}

// ---- lengths of time --------------------------------------------------------------------------------------

Mistake not_a_length(const Scene& s, const Token& first, const Token& last, std::string label,
                     const std::string& better) {
  Mistake mistake(
      Code::E107,
      fmt::format("`{}` is not a length of time", s.text.substr(first.begin, last.end - first.begin)),
      first.begin, last.end, std::move(label));
  mistake.help(fmt::format("{}the units are ms, s, m, h, d, w, as in `1h30m`",
                           better.empty() ? "" : fmt::format("write `{}`; ", better)));
  if (!better.empty()) mistake.edit(first.begin, last.end, better);
  return mistake;
}

// 1.5h is 1h30m; nothing where that is no whole number of the next smaller unit.
std::string as_whole_units(std::string_view whole, std::string_view fraction, char unit) {
  static constexpr std::array<std::tuple<char, unsigned, const char*>, 5> kBelow = {
      {{'s', 1000, "ms"}, {'m', 60, "s"}, {'h', 60, "m"}, {'d', 24, "h"}, {'w', 7, "d"}}};
  const auto* below =
      std::find_if(kBelow.begin(), kBelow.end(), [&](const auto& row) { return std::get<0>(row) == unit; });
  if (below == kBelow.end() || fraction.empty() || fraction.size() > 3) return {};
  unsigned parts = 0, of = 1;
  for (const char digit : fraction) {
    parts = parts * 10 + static_cast<unsigned>(digit - '0');
    of *= 10;
  }
  const unsigned rest = parts * std::get<1>(*below);
  if (rest % of != 0) return {};
  const bool none = whole.find_first_not_of('0') == std::string_view::npos;
  return fmt::format("{}{}{}", none ? "" : fmt::format("{}{}", whole, unit), rest / of, std::get<2>(*below));
}

bool is_number(std::string_view word) {
  return !word.empty() &&
         std::all_of(word.begin(), word.end(), [](char c) { return is_digit(c) || c == '_'; });
}

std::optional<Mistake> time_before_start(const Scene& s) {
  if (s.expected() != Expected::duration || s.block.kind != BlockKind::test || !s.here_is("-"))
    return std::nullopt;
  Mistake mistake(Code::E604, "a test begins at 0s", s.here.begin,
                  s.next.kind == Token::Kind::word ? s.next.end : s.here.end, "before the start");
  return mistake.help("move every event of the test to a later time: only differences matter");
}

std::optional<Mistake> length_of_time(const Scene& s) {
  // `10 minutes`, where the number alone was taken for the value
  const std::string_view here = s.here.kind == Token::Kind::word ? s.spelled(s.here) : "";
  if (!s.before.empty() && is_number(s.spelled(s.back(0))) &&
      !as_duration(s.spelled(s.back(0)), here).empty() &&
      s.expects({Expected::map_close, Expected::params_close, Expected::meta_end}))
    return not_a_length(s, s.back(0), s.here, "a number and a unit, without a space",
                        as_duration(s.spelled(s.back(0)), here));
  if (s.expects({Expected::colon, Expected::item_colon}) && s.before.size() > 1 &&
      is_number(s.spelled(s.back(1)))) {
    const std::string better = as_duration(s.spelled(s.back(1)), s.spelled(s.back(0)));
    if (!better.empty())
      return not_a_length(s, s.back(1), s.back(0), "a number and a unit, without a space", better);
  }
  const bool wanted = s.expected() == Expected::duration;
  if ((!wanted && !s.expects({Expected::value, Expected::meta_value})) || here.empty() || !is_digit(here[0]))
    return std::nullopt;
  const size_t unit = here.find_first_not_of("0123456789_");
  if (unit != std::string_view::npos) {  // 1day
    const std::string better = as_duration(here.substr(0, unit), here.substr(unit));
    if (!wanted && better.empty()) return std::nullopt;
    return not_a_length(s, s.here, s.here, "no such unit", better);
  }
  if (!wanted) return std::nullopt;
  if (s.next_is(".")) {
    const Token behind = token_at(s.text, s.next.end);
    const std::string_view rest = s.spelled(behind);
    const size_t digits = rest.find_first_not_of("0123456789");
    if (behind.kind == Token::Kind::word && digits != std::string_view::npos && digits + 1 == rest.size())
      return not_a_length(s, s.here, behind, "lengths of time are whole numbers",
                          as_whole_units(here, rest.substr(0, digits), rest.back()));
  }
  const std::string better = s.next.kind == Token::Kind::word ? as_duration(here, s.spelled(s.next)) : "";
  if (!better.empty()) return not_a_length(s, s.here, s.next, "a number and a unit, without a space", better);
  return not_a_length(s, s.here, s.here, "a number without a unit", std::string(here) + "s").likely();
}

// ---- the rest ---------------------------------------------------------------------------------------------

std::optional<Mistake> stray_separator(const Scene& s) {
  if (!s.here_is(";") && !s.here_is(",")) return std::nullopt;
  if (!s.expects({Expected::rule_clause, Expected::detection_item, Expected::correlation_item,
                  Expected::test_item, Expected::tune_list_clause, Expected::tune_rules_clause,
                  Expected::schema_clause, Expected::correlation_end, Expected::condition_end,
                  Expected::meta_end, Expected::declaration}))
    return std::nullopt;
  Mistake mistake(Code::E114, fmt::format("no `{}` between clauses", s.spelled(s.here)), s.here.begin,
                  s.here.end, "a clause ends by itself");
  mistake.help("leave it out");
  return mistake.edit(s.here.begin, s.here.end, "");
}

// The end of the selections and conditions that follow each other from `at` on.
uint32_t end_of_detection(std::string_view text, uint32_t at) {
  uint32_t end = at;
  for (Token token = token_at(text, at); token.kind == Token::Kind::word; token = token_at(text, end)) {
    const Token next = token_at(text, token.end);
    if (is(text, token, "condition") && is(text, next, ":")) {
      Token last = next;
      for (Token part = token_at(text, next.end); part.kind != Token::Kind::end && !is(text, part, "}");
           part = token_at(text, part.end)) {
        const Token after = token_at(text, part.end);
        if (part.first && (is(text, after, ":") || is(text, after, "{") || after.kind == Token::Kind::text))
          break;
        last = part;
      }
      end = last.end;
      continue;
    }
    const bool clause = spelled(text, token) == "params" || spelled(text, token) == "correlation" ||
                        spelled(text, token) == "custom";
    const uint32_t close = is(text, next, "{") && !clause ? closing_of(text, next.begin) : kNowhere;
    if (close == kNowhere) break;
    end = close + 1;
  }
  return end;
}

std::optional<Mistake> unknown_block(const Scene& s) {
  if (!s.here_is("{") || s.before.empty() || s.block.kind != BlockKind::rule) return std::nullopt;
  const Token word = s.before.front();
  const bool logsource = is(s.text, word, "logsource");
  const bool colon = logsource && s.expected() == Expected::meta_value && s.before.size() == 2;
  if (!colon && (s.expected() != Expected::colon || s.before.size() != 1)) return std::nullopt;
  Mistake mistake(Code::E105, fmt::format("a rule has no clause `{}`", s.spelled(word)), word.begin, word.end,
                  "not a clause");
  if (!logsource) {
    mistake.help("a selection stands inside `detection { ... }`");
    for (Token token = token_at(s.text, s.block.brace); token.kind != Token::Kind::end;
         token = token_at(s.text, token.end)) {
      if (token.first && declaration_starts(s.text, token.begin)) break;
      if (is(s.text, token, "detection")) return mistake;
    }
    const uint32_t end = end_of_detection(s.text, word.begin);
    if (end == word.begin) return mistake;
    return mistake.edit(word.begin, word.begin, "detection { ").edit(end, end, " }").likely();
  }
  mistake.help("the clause is `source`, and names a schema: `source: cloudtrail`");
  const uint32_t close = closing_of(s.text, s.here.begin);
  if (close == kNowhere) return mistake;
  for (const Token& token : tokens_between(s.text, s.here.end, close))
    if (is(s.text, token, "cloudtrail"))
      return mistake.edit(word.begin, close + 1, "source: cloudtrail", Applicability::likely);
  return mistake;
}

std::optional<Mistake> slash_comment(const Scene& s) {
  uint32_t begin = s.here.begin;
  if (!s.here_is("/")) return std::nullopt;
  if (s.next_is("/") && s.next.begin == s.here.end)
    begin = s.here.begin;
  else if (s.back_is(0, "/") && s.back(0).end == s.here.begin)
    begin = s.back(0).begin;
  else
    return std::nullopt;
  Mistake mistake(Code::E114, "`//` starts no comment", begin, begin + 2, "a comment starts with `#`");
  mistake.help("write `#`");
  return mistake.edit(begin, begin + 2, "#");
}

Mistake plain(const Scene& s) {
  const uint32_t end = s.here.kind == Token::Kind::end ? s.here.begin : s.here.end;
  if (s.here_is("}") && s.block.kind == BlockKind::file)
    return Mistake(Code::E114, "`}` closes nothing", s.here.begin, end, "every block before it is closed");
  return Mistake(Code::E114, fmt::format("expected {}, found {}", words(s.expected()), found(s)),
                 s.here.begin, end, "not expected here");
}

}  // namespace

Scene::Scene(std::string_view text, uint32_t begin, const Failure& failure, const OpenBlock& block)
    : text(text),
      begin(begin),
      failure(failure),
      block(block),
      before(tokens_between(text, begin, failure.at)),
      here(token_at(text, failure.at)),
      next(token_at(text, here.end)) {}

const Token* Scene::open_bracket() const {
  size_t closed = 0;
  for (size_t i = before.size(); i-- > 0;) {
    if (is_closing(text, before[i])) ++closed;
    if (is_opening(text, before[i]) && closed-- == 0) return &before[i];
  }
  return nullptr;
}

Mistake never_closed(std::string_view text, uint32_t begin_of_opener, uint32_t brace, uint32_t begin,
                     uint32_t end, std::string reason) {
  Mistake mistake(Code::E102, fmt::format("`{}` is never closed", opener_text(text, begin_of_opener, brace)),
                  begin, end, std::move(reason));
  mistake.diagnostic.label({0, brace, brace + 1}, "opened here");
  return mistake;
}

Mistake block_left_open(std::string_view text, const OpenBlock& block, const Token& here, uint32_t after,
                        std::string reason) {
  Mistake mistake = never_closed(text, block.begin, block.brace, here.begin, here.end, std::move(reason));
  mistake.help("add `}` on the line above");
  return mistake.edit(after, after, fmt::format("\n{}}}", indentation(text, block.begin)),
                      Applicability::likely);
}

Diagnostic& add_twice(Diagnostics& diagnostics, std::string_view what, Span first, Span second) {
  return diagnostics.add(Code::E109, fmt::format("a second `{}`", what), second, "here again")
      .label(first, "the first")
      .help("keep one of them");
}

std::string found(const Scene& s) {
  if (s.here.kind == Token::Kind::end) return "the end of the file";
  std::string shown(s.spelled(s.here));
  if (shown.size() > kMaxShown) {
    size_t cut = kMaxShown;
    while (cut > 0 && (uint8_t(shown[cut]) & 0xC0) == 0x80) --cut;
    shown = shown.substr(0, cut) + "...";
  }
  return s.here.kind == Token::Kind::text ? shown : fmt::format("`{}`", shown);
}

std::optional<std::string> quoted(std::string_view text) {
  if (text.find_first_of("\"\\\n") == std::string_view::npos) return fmt::format("\"{}\"", text);
  if (text.find_first_of("'\n") == std::string_view::npos) return fmt::format("'{}'", text);
  return std::nullopt;
}

std::string as_duration(std::string_view number, std::string_view unit) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 33> kUnits = {{
      {"ms", "ms"},
      {"msec", "ms"},
      {"msecs", "ms"},
      {"millisecond", "ms"},
      {"milliseconds", "ms"},
      {"s", "s"},
      {"sec", "s"},
      {"secs", "s"},
      {"second", "s"},
      {"seconds", "s"},
      {"m", "m"},
      {"min", "m"},
      {"mins", "m"},
      {"minute", "m"},
      {"minutes", "m"},
      {"h", "h"},
      {"hr", "h"},
      {"hrs", "h"},
      {"hour", "h"},
      {"hours", "h"},
      {"d", "d"},
      {"day", "d"},
      {"days", "d"},
      {"w", "w"},
      {"wk", "w"},
      {"week", "w"},
      {"weeks", "w"},
      {"S", "s"},
      {"Sec", "s"},
      {"H", "h"},
      {"D", "d"},
      {"Days", "d"},
      {"W", "w"},
  }};
  if (!is_number(number)) return "";
  for (const auto& [word, letter] : kUnits)
    if (word == unit) return fmt::format("{}{}", number, letter);
  return "";
}

Mistake explain(const Scene& s) {
  if (s.failure.too_deep) {
    Diagnostics deep;
    report_depth(deep, {0, s.here.begin, s.here.end});
    return Mistake(deep.list().front());
  }
  using Part = std::optional<Mistake> (*)(const Scene&);
  static constexpr Part kParts[] = {
      explain_json,      meaningless_escape, unclosed_text, slash_comment,     unclosed_bracket,
      time_before_start, length_of_time,     explain_items, explain_condition, reserved_name,
      quoted_name,       quoted_level,       missing_comma, stray_separator,   unknown_block,
  };
  // What runs into the next declaration lacks an end, and nothing else can be said of it.
  const bool ran_on = s.failure.at > s.begin && declaration_starts(s.text, s.failure.at);
  for (Part part : kParts) {
    if (ran_on && part != unclosed_text && part != unclosed_bracket) continue;
    if (auto mistake = part(s)) return std::move(*mistake);
  }
  return plain(s);
}

}  // namespace weir::dsl
