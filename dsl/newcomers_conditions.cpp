// What people bring along into conditions, correlations and tests: shouted operators, Sigma's correlation
// keys and aggregation pipe, SQL's `by`, and ways to say how many alerts are expected.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "dsl/mistakes.h"

namespace weir::dsl {
namespace {

// Of the key in the block around: its value begins after its colon. An end token when there is no such key.
Token value_in_block(const Scene& s, std::string_view key) {
  const uint32_t close = closing_of(s.text, s.block.brace);
  const uint32_t end = close == kNowhere ? uint32_t(s.text.size()) : close;
  const std::vector<Token> tokens = tokens_between(s.text, s.block.brace, end);
  for (size_t i = 0; i + 1 < tokens.size(); ++i)
    if (is(s.text, tokens[i], key) && is(s.text, tokens[i + 1], ":"))
      return token_at(s.text, tokens[i + 1].end);
  return {};
}

bool block_has(const Scene& s, std::string_view key) {
  return value_in_block(s, key).kind != Token::Kind::end;
}

// ---- words of conditions ----------------------------------------------------------------------------------

std::string_view operator_meant(std::string_view word) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 12> kOperators = {
      {{"AND", "and"},
       {"And", "and"},
       {"&&", "and"},
       {"&", "and"},
       {"OR", "or"},
       {"Or", "or"},
       {"||", "or"},
       {"NOT", "not"},
       {"Not", "not"},
       {"!", "not"},
       {"THEN", "then"},
       {"->", "then"}}};
  for (const auto& [other, meant] : kOperators)
    if (word == other) return meant;
  return {};
}

std::optional<Mistake> other_operator(const Scene& s) {
  const bool arrow = s.expected() == Expected::expression && s.back_is(0, "->");  // taken for a minus
  if (!arrow && !s.expects({Expected::condition, Expected::condition_end, Expected::many_condition,
                            Expected::correlation_end, Expected::paren_close}))
    return std::nullopt;
  Token word = s.here;
  std::string_view meant = operator_meant(s.spelled(word));
  if (meant.empty()) {  // `NOT` was taken for a name
    word = s.back(0);
    meant = operator_meant(s.spelled(word));
  }
  if (meant.empty()) return std::nullopt;
  Mistake mistake(Code::E114, fmt::format("`{}` is written `{}`", s.spelled(word), meant), word.begin,
                  word.end, "not an operator");
  mistake.help(fmt::format("write `{}`", meant));
  const bool before = word.begin > 0 && is_word_character(s.text[word.begin - 1]);
  const bool after = word.end < s.text.size() && s.text[word.end] != ' ' && s.text[word.end] != '\n';
  return mistake.edit(word.begin, word.end,
                      fmt::format("{}{}{}", before ? " " : "", meant, after ? " " : ""));
}

std::optional<Mistake> quoted_pattern(const Scene& s) {
  if (!s.expects({Expected::pattern, Expected::condition, Expected::many_condition}) ||
      s.here.kind != Token::Kind::text || !s.here.closed)
    return std::nullopt;
  const bool name = s.expected() != Expected::pattern;
  const std::string_view written = s.spelled(s.here);
  const std::string pattern(written.substr(1, written.size() - 2));
  if (pattern.empty() || is_digit(pattern[0]) || !std::all_of(pattern.begin(), pattern.end(), [&](char c) {
        return is_word_character(c) || (c == '*' && !name);
      }))
    return std::nullopt;
  Mistake mistake(
      Code::E114,
      name ? "the name of a selection stands without quotes" : "a pattern of names stands without quotes",
      s.here.begin, s.here.end, "this is a text");
  mistake.help(fmt::format("write `{}`", pattern));
  return mistake.edit(s.here.begin, s.here.end, pattern);
}

// `all s_*`, `1 s_*`
std::optional<Mistake> of_missing(const Scene& s) {
  const std::string_view word = s.spelled(s.here);
  const bool many =
      word == "all" || word == "any" || (!word.empty() && std::all_of(word.begin(), word.end(), is_digit));
  if (s.expected() != Expected::condition || !many || (s.next.kind != Token::Kind::word && !s.next_is("*")) ||
      s.next_is("of"))
    return std::nullopt;
  uint32_t end = s.next.end;
  while (end < s.text.size() && (is_word_character(s.text[end]) || s.text[end] == '*')) ++end;
  Mistake mistake(Code::E114, fmt::format("`of` is missing after `{}`", word), s.here.begin, s.here.end,
                  "of which selections?");
  mistake.help(fmt::format("write `{} of {}`", word, s.text.substr(s.next.begin, end - s.next.begin)));
  return mistake.edit(s.here.end, s.here.end, " of");
}

// ---- correlations -----------------------------------------------------------------------------------------

std::string_view key_meant(std::string_view word) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 13> kKeys = {
      {{"timeframe", "timespan"},
       {"window", "timespan"},
       {"within", "timespan"},
       {"period", "timespan"},
       {"interval", "timespan"},
       {"time", "timespan"},
       {"group-by", "group_by"},
       {"groupby", "group_by"},
       {"groupBy", "group_by"},
       {"group", "group_by"},
       {"by", "group_by"},
       {"warm_up", "warmup"},
       {"where", "condition"}}};
  for (const auto& [other, meant] : kKeys)
    if (word == other) return meant;
  return {};
}

// A length of time as it is to be spelled (`5m`, `$window`, and `2m` of `2 minutes`), and where it ends.
struct Length {
  std::string text;
  uint32_t end = 0;
};
Length length_at(const Scene& s, const Token& first) {
  const Token second = token_at(s.text, first.end);
  if (is(s.text, first, "$")) return {fmt::format("${}", s.spelled(second)), second.end};
  if (std::string one = as_duration(s.spelled(first), s.spelled(second)); !one.empty())
    return {one, second.end};
  return {std::string(s.spelled(first)), first.end};
}

// Another word for `timespan` where a window cannot be written as it stands: there is one already, or it
// stands between two steps. Which is meant is not known unless both say the same.
std::optional<Mistake> window_too_many(const Scene& s, Mistake mistake, const Token& value) {
  const Length length = length_at(s, value);
  const Token behind = token_at(s.text, length.end);
  const Token said = value_in_block(s, "timespan");
  if (said.kind != Token::Kind::end) {
    if (length_at(s, said).text == length.text) {
      mistake.help("the window is said once, as `timespan:`");
      const uint32_t begin = s.before.empty() ? s.here.begin : s.back(0).end;
      return mistake.edit(begin, length.end, "", Applicability::likely);
    }
    return mistake.help(
        fmt::format("a correlation has one window: make it `timespan: {}`, or leave this out", length.text));
  }
  for (std::string_view operation : {"then", "and", "or", "where"})
    if (is(s.text, behind, operation))
      return mistake.help(fmt::format(
          "one window holds the whole condition: write `timespan: {}` on a line of its own", length.text));
  return std::nullopt;
}

std::optional<Mistake> other_key(const Scene& s) {
  if (s.block.kind != BlockKind::correlation ||
      !s.expects({Expected::correlation_item, Expected::correlation_end}))
    return std::nullopt;
  if (s.here.kind != Token::Kind::word) return std::nullopt;
  uint32_t end = s.here.end;
  if (s.next_is("-") && s.next.begin == end) end = token_at(s.text, s.next.end).end;
  const std::string_view word = s.text.substr(s.here.begin, end - s.here.begin);
  const std::string_view meant = key_meant(word);
  if (meant.empty()) return std::nullopt;
  const Token after = token_at(s.text, end);
  const bool colon = is(s.text, after, ":");
  if (!colon && word != "within") return std::nullopt;
  Mistake mistake(Code::E105, fmt::format("a correlation has no key `{}`", word), s.here.begin, end,
                  "not a key");
  if (meant == "timespan")
    if (auto told = window_too_many(s, mistake, colon ? token_at(s.text, after.end) : after)) return told;
  mistake.help(fmt::format("the key is `{}`", meant));
  return mistake.edit(s.here.begin, end, fmt::format("{}{}", meant, colon ? "" : ":"));
}

// `count() by x > 3`, `count() > 3 by x`
std::optional<Mistake> by_in_condition(const Scene& s) {
  if (!s.here_is("by") || s.block.kind != BlockKind::correlation ||
      !s.expects({Expected::comparison, Expected::correlation_end}) || s.next_is(":"))
    return std::nullopt;
  uint32_t end = s.here.end;
  for (Token token = s.next; token.kind == Token::Kind::word || is(s.text, token, ".") ||
                             is(s.text, token, ",") || token.kind == Token::Kind::backtick;
       token = token_at(s.text, token.end)) {
    if (token.first || is_reserved(s.spelled(token))) break;
    end = token.end;
  }
  const std::string_view keys = s.text.substr(s.next.begin, end > s.next.begin ? end - s.next.begin : 0);
  Mistake mistake(Code::E114, "`by` in a condition", s.here.begin, end, "each group has its own window");
  if (keys.empty()) return mistake;
  mistake.help(fmt::format("say it once: `group_by: [{}]`", keys));
  if (!block_has(s, "group_by"))
    mistake.edit(s.begin, s.begin, fmt::format("group_by: [{}]\n{}", keys, indentation(s.text, s.begin)));
  return mistake.edit(s.back(0).end, end, "").likely();
}

std::optional<Mistake> unbracketed_groups(const Scene& s) {
  if (s.expected() != Expected::correlation_end || !s.here_is(",") ||
      !is(s.text, s.before.front(), "group_by"))
    return std::nullopt;
  uint32_t end = s.here.end;
  const uint32_t stop = line_end(s.text, s.here.begin);
  for (const Token& token : tokens_between(s.text, s.here.end, stop)) {
    if (is(s.text, token, "}") || is(s.text, token, "timespan") || is(s.text, token, "condition")) break;
    end = token.end;
  }
  Mistake mistake(Code::E114, "several keys stand between brackets", s.here.begin, s.here.end,
                  "a second key follows");
  const uint32_t begin = s.before.size() > 2 ? s.before[2].begin : s.here.begin;
  mistake.help(fmt::format("write `[{}]`", s.text.substr(begin, end - begin)));
  return mistake.edit(begin, begin, "[").edit(end, end, "]");
}

// ---- numbers: `gte: 3`, `= 3`, `| count() > 3` ------------------------------------------------------------

std::string_view comparison_for(std::string_view word) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kComparisons = {
      {{"gte", ">="},
       {"gt", ">"},
       {"lte", "<="},
       {"lt", "<"},
       {"eq", "=="},
       {"neq", "!="},
       {"=", "=="},
       {":", "=="}}};
  for (const auto& [other, sign] : kComparisons)
    if (word == other) return sign;
  return {};
}

std::optional<Mistake> sigma_threshold(const Scene& s) {
  if (s.block.kind != BlockKind::correlation) return std::nullopt;
  Token word, colon;
  if (s.expects({Expected::correlation_item, Expected::correlation_end, Expected::many_condition}) &&
      s.next_is(":")) {
    word = s.here;
    colon = s.next;
  } else if (s.expected() == Expected::correlation_end && s.here_is(":")) {
    word = s.back(0);
    colon = s.here;
  }
  const std::string_view sign = comparison_for(s.spelled(word));
  if (word.kind != Token::Kind::word || sign.empty()) return std::nullopt;
  const bool key = word.begin == s.here.begin && s.expected() != Expected::many_condition;
  Mistake mistake(Code::E114, fmt::format("`{}:` is Sigma's way to compare", s.spelled(word)), word.begin,
                  colon.end, "a number is compared with a sign");
  mistake.help(fmt::format("write `{}count() {} {}`", key ? "condition: " : "", sign,
                           s.spelled(token_at(s.text, colon.end))));
  return mistake.edit(word.begin, colon.end, fmt::format("{}count() {}", key ? "condition: " : "", sign),
                      Applicability::likely);
}

std::optional<Mistake> bare_comparison(const Scene& s) {
  if (s.expected() == Expected::comparison && s.here_is("=") && (s.next_is(">") || s.next_is("<")) &&
      s.next.begin == s.here.end) {
    const std::string better = std::string(s.spelled(s.next)) + "=";
    Mistake mistake(Code::E114, fmt::format("`={}` is written `{}`", s.spelled(s.next), better), s.here.begin,
                    s.next.end, "the other way round");
    mistake.help(fmt::format("write `{}`", better));
    return mistake.edit(s.here.begin, s.next.end, better);
  }
  if (s.expected() == Expected::comparison && (s.here_is("=") || s.here_is(":"))) {
    Mistake mistake(Code::E114, fmt::format("`{}` compares nothing", s.spelled(s.here)), s.here.begin,
                    s.here.end, "equal is `==`");
    mistake.help("write `==`");
    return mistake.edit(s.here.begin, s.here.end, s.back(0).end == s.here.begin ? " ==" : "==");
  }
  if (s.expected() != Expected::many_condition || s.here.kind != Token::Kind::sign) return std::nullopt;
  static constexpr std::array<std::string_view, 7> kSigns = {"=", "==", ">=", "<=", ">", "<", "!="};
  const std::string_view sign = s.spelled(s.here);
  if (std::find(kSigns.begin(), kSigns.end(), sign) == kSigns.end()) return std::nullopt;
  const std::string better = fmt::format("count() {}", sign == "=" ? "==" : sign);
  Mistake mistake(Code::E114, fmt::format("nothing stands before `{}`", sign), s.here.begin, s.here.end,
                  "what is compared?");
  mistake.help(fmt::format("for the number of events write `{} {}`", better, s.spelled(s.next)));
  return mistake.edit(s.here.begin, s.here.end, better, Applicability::likely);
}

struct Aggregation {
  std::string function, argument, keys, comparison;
};

// `count(x) by y > 3`, from the token after the pipe.
std::optional<Aggregation> read_aggregation(const Scene& s, uint32_t& end) {
  Aggregation read;
  Token token = s.next;
  auto until = [&](auto stop) {
    const uint32_t begin = token.begin;
    uint32_t last = begin;
    for (; token.kind != Token::Kind::end && !token.first && !stop(token);
         token = token_at(s.text, token.end))
      last = token.end;
    return std::string(s.text.substr(begin, last - begin));
  };
  auto compares = [&](const Token& t) {
    return t.kind == Token::Kind::sign &&
           (s.text[t.begin] == '<' || s.text[t.begin] == '>' || s.text[t.begin] == '=');
  };
  read.function = s.spelled(token);
  token = token_at(s.text, token.end);
  if (!is(s.text, token, "(")) return std::nullopt;
  token = token_at(s.text, token.end);
  read.argument = until([&](const Token& t) { return is(s.text, t, ")"); });
  token = token_at(s.text, token.end);
  if (is(s.text, token, "by")) {
    token = token_at(s.text, token.end);
    read.keys = until(compares);
  }
  if (!compares(token)) return std::nullopt;
  read.comparison = s.spelled(token) == "=" ? "==" : std::string(s.spelled(token));
  const Token number = token_at(s.text, token.end);
  if (number.kind != Token::Kind::word || !is_digit(s.text[number.begin])) return std::nullopt;
  read.comparison += " " + std::string(s.spelled(number));
  if (read.function == "count" && !read.argument.empty()) read.function = "distinct";
  end = number.end;
  return read;
}

// `|exists: true`, `|contains|all: [...]`
bool is_modifier_here(const Scene& s) {
  const Token after = token_at(s.text, s.next.end);
  return s.here_is("|") && s.next.kind == Token::Kind::word &&
         (is(s.text, after, ":") || is(s.text, after, "|"));
}

std::optional<Mistake> item_in_condition(const Scene& s) {
  if (s.expected() != Expected::condition_end || s.back(0).kind != Token::Kind::word || s.back(0).first)
    return std::nullopt;
  if (!is_modifier_here(s) && !s.here_is(":") && !s.here_is(".")) return std::nullopt;
  return Mistake(Code::E114, "an item in a condition", s.back(0).begin, s.here.end,
                 "a condition joins selections by their names")
      .help(
          "give it a selection of its own, such as `failed { errorCode|exists: true }`, and write `failed` "
          "here");
}

// `distinct(x, where s)`
std::optional<Mistake> comma_before_where(const Scene& s) {
  if (!s.here_is("where") || !s.back_is(0, ",") || !s.open_bracket()) return std::nullopt;
  Mistake mistake(Code::E114, "a comma before `where`", s.back(0).begin, s.here.end,
                  "not one of the arguments");
  mistake.help("write ` where`");
  return mistake.edit(s.back(0).begin, s.here.end, " where");
}

// `count(where rcode: "NXDOMAIN")`, `count(where not a)`: what is asked for stands where its name should.
std::optional<Mistake> test_after_where(const Scene& s) {
  const bool first = s.back_is(0, "where") && (s.here_is("not") || s.here.kind == Token::Kind::text);
  const bool behind_name = s.expected() == Expected::call_close && s.back_is(1, "where");
  const bool behind_path = s.expected() == Expected::call_close && s.here.kind == Token::Kind::sign;
  const Token* open = s.open_bracket();
  if ((!first && !behind_name && !behind_path) || !open || open == s.before.data()) return std::nullopt;
  const uint32_t close = closing_of(s.text, open->begin), call = (open - 1)->begin;
  if (close == kNowhere) return std::nullopt;
  const std::vector<Token> inside = tokens_between(s.text, open->end, close);
  const auto where = std::find_if(inside.begin(), inside.end(),
                                  [&](const Token& token) { return is(s.text, token, "where"); });
  if (where == inside.end() || where + 1 == inside.end() || where->begin > s.here.begin) return std::nullopt;
  const uint32_t begin = (where + 1)->begin, end = inside.back().end;
  Mistake mistake(Code::E114, "a test after `where`", begin, end, "`where` takes the name of a selection");

  const auto sign = std::find_if(where + 2, inside.end(), [&](const Token& token) {
    return is(s.text, token, "==") || is(s.text, token, "=");
  });
  const bool one_item =
      std::none_of(
          where + 1, inside.end(),
          [&](const Token& token) { return !s.spelled(token).empty() && is_reserved(s.spelled(token)); }) &&
      std::any_of(where + 1, inside.end(), [&](const Token& token) { return is(s.text, token, ":"); });
  std::string item = "...";
  if (sign != inside.end() && sign + 1 != inside.end())
    item = fmt::format("{}: {}", s.text.substr(begin, (sign - 1)->end - begin),
                       s.text.substr((sign + 1)->begin, end - (sign + 1)->begin));
  else if (one_item)
    item = s.text.substr(begin, end - begin);
  return mistake.help(
      fmt::format("give it a selection of its own, `counted {{ {} }}`, and write `{}counted)`", item,
                  s.text.substr(call, begin - call)));
}

std::optional<Mistake> aggregation_pipe(const Scene& s) {
  if (!s.here_is("|") || s.expected() != Expected::condition_end || is_modifier_here(s)) return std::nullopt;
  Mistake mistake(Code::E114, "a pipe in a condition", s.here.begin, s.here.end,
                  "a detection looks at one event");
  uint32_t end = s.here.end;
  const auto read = read_aggregation(s, end);
  const uint32_t close = closing_of(s.text, s.block.brace);
  if (!read || close == kNowhere) return mistake.help("numbers of events stand in `correlation { ... }`");
  std::string span = "10m";
  const std::vector<Token> block = tokens_between(s.text, s.block.brace, close);
  for (size_t i = 0; i + 2 < block.size(); ++i) {
    if (!is(s.text, block[i], "timeframe") || !is(s.text, block[i + 1], ":")) continue;
    span = s.spelled(block[i + 2]);
    mistake.edit(block[i].begin, block[i + 2].end, "");
  }
  const std::string indent(indentation(s.text, s.block.begin));
  const std::string correlation =
      fmt::format("\n\n{0}correlation {{\n{1}{0}  timespan: {2}\n{0}  condition: {3}({4}) {5}\n{0}}}", indent,
                  read->keys.empty() ? "" : fmt::format("{}  group_by: [{}]\n", indent, read->keys), span,
                  read->function, read->argument, read->comparison);
  mistake.help(fmt::format("move it: `correlation {{ {}timespan: {} condition: {}({}) {} }}`",
                           read->keys.empty() ? "" : fmt::format("group_by: [{}] ", read->keys), span,
                           read->function, read->argument, read->comparison));
  mistake.edit(s.back(0).end, end, "").edit(close + 1, close + 1, correlation);
  return mistake.likely();
}

// The bar of `condition: selection | count() > 3`, behind the unit's begin; an end token when there is none.
Token aggregation_bar(const Scene& s) {
  bool condition = false;
  int depth = 0;
  for (Token token = token_at(s.text, s.begin); token.kind != Token::Kind::end && depth >= 0;) {
    const Token next = token_at(s.text, token.end);
    depth += is_opening(s.text, token) - is_closing(s.text, token);
    if (depth == 0 && is(s.text, token, "condition") && is(s.text, next, ":")) condition = true;
    if (depth == 0 && condition && is(s.text, token, "|") && is(s.text, token_at(s.text, next.end), "("))
      return token;
    token = next;
  }
  return {};
}

std::optional<Mistake> timeframe_in_detection(const Scene& s) {
  const bool here = s.expected() == Expected::condition_end && s.here_is("timeframe");
  const bool back = s.expected() == Expected::body && s.back_is(0, "timeframe");
  if (s.block.kind != BlockKind::detection || (!here && !back)) return std::nullopt;
  // With an aggregation it is one mistake, and only together are they mended.
  if (const Token bar = aggregation_bar(s); back && bar.kind != Token::Kind::end)
    return aggregation_pipe(Scene(s.text, s.begin, {bar.begin, Expected::condition_end, false}, s.block));
  const Token word = here ? s.here : s.back(0);
  const Token value = token_at(s.text, token_at(s.text, word.end).end);
  Mistake mistake(Code::E105, "a detection has no key `timeframe`", word.begin, word.end, "not a key");
  mistake.help("the window is `timespan:` in `correlation { ... }`");
  return mistake.edit(word.begin, value.end, "", Applicability::likely);
}

// An item that stands in the detection itself, with those that follow it.
std::optional<Mistake> item_outside_selection(const Scene& s) {
  if (s.expected() != Expected::body || s.block.kind != BlockKind::detection ||
      (!s.here_is(":") && !s.here_is(".")))
    return std::nullopt;
  const uint32_t close = closing_of(s.text, s.block.brace);
  if (close == kNowhere) return std::nullopt;
  auto opens_selection = [&](const Token& name, const Token& after) {
    return is(s.text, after, "{") || (is(s.text, after, "[") && after.begin > name.end) ||
           is(s.text, after, "on") || (is(s.text, name, "condition") && is(s.text, after, ":"));
  };
  const std::vector<Token> block = tokens_between(s.text, s.block.brace, close);
  std::string name = "selection";
  uint32_t end = s.here.end;
  int depth = 0;
  for (size_t i = 0; i + 1 < block.size(); ++i)
    if (is(s.text, block[i], name) && opens_selection(block[i], block[i + 1])) name += "_";
  for (size_t i = 0; i < block.size(); ++i) {
    if (block[i].begin < s.begin) continue;
    const Token after = i + 1 < block.size() ? block[i + 1] : Token{};
    if (depth == 0 && block[i].first && opens_selection(block[i], after)) break;
    depth += is_opening(s.text, block[i]) - is_closing(s.text, block[i]);
    end = block[i].end;
  }
  Mistake mistake(Code::E114, "an item outside of a selection", s.begin, s.here.begin,
                  "a detection holds selections and a condition");
  const uint32_t line = std::min(end, line_end(s.text, s.begin));
  mistake.help(fmt::format("give it a name: `{} {{ {} }}`", name, s.text.substr(s.begin, line - s.begin)));
  return mistake.edit(s.begin, s.begin, name + " { ").edit(end, end, " }").likely();
}

// ---- tests ------------------------------------------------------------------------------------------------

std::optional<Mistake> how_many_alerts(const Scene& s) {
  if (s.expected() != Expected::alert_count) return std::nullopt;
  const std::string_view word = s.spelled(s.here);
  const bool alert_next = s.next_is("alert") || s.next_is("alerts");
  std::string better;
  uint32_t end = s.here.end;
  if (word == "alert" || word == "alerts") {
    better = fmt::format("1 {}", word);
  } else if ((word == "an" || word == "a" || word == "one") && alert_next) {
    better = "1";
  } else if ((word == "no" || word == "zero") && alert_next) {
    better = "no alert";
    end = s.next.end;
  } else if (word == "none" || word == "nothing" || word == "silence") {
    better = "no alert";
  } else if (!word.empty() && std::all_of(word.begin(), word.end(), is_digit)) {
    better = fmt::format("{} alert{}", word, word == "1" ? "" : "s");
  } else {
    return std::nullopt;
  }
  Mistake mistake(Code::E114, fmt::format("expected {}, found {}", words(s.expected()), found(s)),
                  s.here.begin, end, "how many?");
  mistake.help(fmt::format("write `expect {}`", better == "1" ? "1 alert" : better));
  return mistake.edit(s.here.begin, end, better);
}

}  // namespace

std::optional<Mistake> explain_condition(const Scene& scene) {
  using Part = std::optional<Mistake> (*)(const Scene&);
  static constexpr Part kParts[] = {
      other_operator,  quoted_pattern,         of_missing,        sigma_threshold,    other_key,
      by_in_condition, unbracketed_groups,     bare_comparison,   aggregation_pipe,   timeframe_in_detection,
      how_many_alerts, item_outside_selection, item_in_condition, comma_before_where, test_after_where,
  };
  for (Part part : kParts)
    if (auto mistake = part(scene)) return mistake;
  return std::nullopt;
}

}  // namespace weir::dsl
