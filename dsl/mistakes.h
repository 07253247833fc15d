// From "the grammar stopped here" to what the writer did: one error at the right place, with the way out.
//
// Where the way out is certain enough to go on with, the mistake is `mended`: the parser applies the fix to
// its draft and reads the unit again. Positions are the draft's; the parser translates them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dsl/diagnostic.h"
#include "dsl/syntax.h"
#include "dsl/tokens.h"

namespace weir::dsl {

enum class BlockKind : uint8_t { file, rule, detection, correlation, test, tune_list, tune_rules, schema };

struct OpenBlock {
  BlockKind kind = BlockKind::file;
  uint32_t begin = 0;  // of the word that opens it
  uint32_t brace = 0;  // its `{`
};

struct Scene {
  std::string_view text;
  uint32_t begin = 0;  // of the unit
  Failure failure;
  OpenBlock block;            // the innermost around the unit
  std::vector<Token> before;  // the unit's, up to the failure
  Token here, next;

  Scene(std::string_view text, uint32_t begin, const Failure& failure, const OpenBlock& block);

  Expected expected() const { return failure.expected; }
  bool expects(std::initializer_list<Expected> any) const {
    for (Expected one : any)
      if (one == failure.expected) return true;
    return false;
  }
  // The i-th token before the failure, the nearest is 0; an end token when there is none.
  Token back(size_t i) const { return i < before.size() ? before[before.size() - 1 - i] : Token{}; }
  std::string_view spelled(const Token& token) const { return dsl::spelled(text, token); }
  bool here_is(std::string_view spelling) const { return is(text, here, spelling); }
  bool next_is(std::string_view spelling) const { return is(text, next, spelling); }
  bool back_is(size_t i, std::string_view spelling) const { return is(text, back(i), spelling); }
  // Of a token of `before`: the innermost bracket that is open at the failure; nullptr when there is none.
  const Token* open_bracket() const;
};

struct Mistake {
  Diagnostic diagnostic;  // spans and edits are places in the draft
  bool mended = false;

  Mistake(Code code, std::string title, uint32_t begin, uint32_t end, std::string label)
      : diagnostic{code, std::move(title), {{0, begin, end}, std::move(label)}, {}, {}, std::nullopt} {}

  explicit Mistake(Diagnostic diagnostic) : diagnostic(std::move(diagnostic)) {}

  Mistake& help(std::string text) {
    diagnostic.help(std::move(text));
    return *this;
  }
  Mistake& note(std::string text) {
    diagnostic.note(std::move(text));
    return *this;
  }
  Mistake& edit(uint32_t begin, uint32_t end, std::string with, Applicability how = Applicability::safe) {
    diagnostic.replace({0, begin, end}, std::move(with), how);
    mended = true;
    return *this;
  }
  Mistake& likely() {
    if (diagnostic.fix) diagnostic.fix->applicability = Applicability::likely;
    return *this;
  }
};

inline constexpr const char* kClauseFollows = "a clause of the rule, so `}` is missing before it";

// Never nothing: at worst "expected …, found …".
Mistake explain(const Scene& scene);

// The parts of explain, in the order in which they are asked.
std::optional<Mistake> explain_json(const Scene& scene);       // E601
std::optional<Mistake> explain_condition(const Scene& scene);  // in `condition:`, correlations and tests
std::optional<Mistake> explain_items(const Scene& scene);      // in maps, values and clauses

// `{` that is opened at `brace` is never closed (E102). The reason is said of [begin, end).
Mistake never_closed(std::string_view text, uint32_t begin_of_opener, uint32_t brace, uint32_t begin,
                     uint32_t end, std::string reason);
// The same of a block of clauses; what shows it is `here`, and the brace belongs after `after`.
Mistake block_left_open(std::string_view text, const OpenBlock& block, const Token& here, uint32_t after,
                        std::string reason);
// E109, with both places.
Diagnostic& add_twice(Diagnostics& diagnostics, std::string_view what, Span first, Span second);

// "`xyz`", cut when long, or "the end of the file".
std::string found(const Scene& scene);
// The text with quotes around it, of the kind that needs no escapes; nothing when neither does.
std::optional<std::string> quoted(std::string_view text);
// `10 minutes`, `1day` → "10m"; empty when the unit is unknown.
std::string as_duration(std::string_view number, std::string_view unit);

}  // namespace weir::dsl
