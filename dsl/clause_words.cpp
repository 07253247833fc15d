// The clause words of language.md, section 3; the grammar itself knows only those with a form of their own.
#include "dsl/clause_words.h"

#include <algorithm>
#include <array>

namespace weir::dsl {
namespace {

template <size_t N>
bool among(const std::array<std::string_view, N>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

constexpr std::array<std::string_view, 22> kKeys = {
    "title",    "level",          "source",     "id",      "version",  "status",  "author",
    "date",     "modified",       "license",    "related", "tags",     "mitre",   "description",
    "response", "falsepositives", "references", "fields",  "suppress", "message", "building_block",
    "severity"};
constexpr std::array<std::string_view, 11> kOtherKeys = {"reason",   "until",  "enabled",  "time",
                                                         "late",     "ahead",  "add",      "remove",
                                                         "complete", "format", "delivered"};
constexpr std::array<std::string_view, 4> kBlocks = {"params", "detection", "correlation", "custom"};
constexpr std::array<std::string_view, 5> kCorrelationKeys = {"group_by", "timespan", "warmup", "state",
                                                              "condition"};
constexpr std::array<std::string_view, 12> kSigmaKeys = {"title",       "id",         "name",  "status",
                                                         "description", "author",     "date",  "action",
                                                         "logsource",   "references", "level", "tags"};

struct Words {
  Token word, second, third;
  std::string_view name;
  Words(std::string_view text, uint32_t at)
      : word(token_at(text, at)), second(token_at(text, word.end)), third(token_at(text, second.end)) {
    if (word.kind == Token::Kind::word) name = spelled(text, word);
  }
};

bool is_clause(std::string_view text, const Words& words) {
  const bool colon = is(text, words.second, ":");
  if (colon) return among(kKeys, words.name) || among(kOtherKeys, words.name);
  if (words.name == "let") return words.second.kind == Token::Kind::word && is(text, words.third, "=");
  if (words.name == "test" || words.name == "call") return words.second.kind == Token::Kind::text;
  if (words.name == "exempt" || words.name == "field") return words.second.kind == Token::Kind::word;
  return among(kBlocks, words.name) && is(text, words.second, "{");
}

}  // namespace

bool is_sigma_key(std::string_view word) { return among(kSigmaKeys, word); }

bool is_clause_of_rule(std::string_view text, uint32_t at, const OpenBlock& inner) {
  const Words words(text, at);
  if (words.name.empty() || !is_clause(text, words)) return false;
  if (inner.kind == BlockKind::test && words.name == "params") return false;
  // `fields: {` is a selection with a colon too many, and `params {` may be a selection's name.
  if (is(text, words.second, ":")) return !is(text, words.third, "{");
  if (words.name == "let" || words.name == "test") return true;
  return words.word.first && indentation(text, at).size() <= indentation(text, inner.begin).size() &&
         line_begin(text, at) != line_begin(text, inner.begin);
}

bool is_item_of_block(std::string_view text, uint32_t at, BlockKind kind, bool outside) {
  const Words words(text, at);
  if (words.name.empty()) return false;
  const bool colon = is(text, words.second, ":");
  switch (kind) {
    case BlockKind::file:
      return false;
    case BlockKind::detection:
      if (words.name == "condition") return colon;
      return outside && !is_reserved(words.name) &&
             (is(text, words.second, "{") || is(text, words.second, "[") || is(text, words.second, "|") ||
              is(text, words.second, "on"));
    case BlockKind::correlation:
      return colon && (outside || among(kCorrelationKeys, words.name));
    case BlockKind::test:
      if (words.name == "event") return is(text, words.second, "{") || is(text, words.second, "on");
      if (words.name == "at" || words.name == "expect") return words.second.kind == Token::Kind::word;
      return words.name == "params" && is(text, words.second, "{");
    default:
      return is_clause(text, words) || (outside && colon);
  }
}

}  // namespace weir::dsl
