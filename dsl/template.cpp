// The pieces of a message. It is read as the text says, escapes decoded, and its places are told in the
// source.
#include <fmt/format.h>

#include <algorithm>

#include "dsl/build.h"
#include "dsl/literal.h"
#include "dsl/mistakes.h"
#include "dsl/parse.h"

namespace weir::dsl {
namespace {

// In double quotes, and read just as it stands between them: most messages are.
bool stands_as_read(std::string_view literal) {
  if (literal.size() < 2 || literal.front() != '"' || literal.back() != '"') return false;
  return std::none_of(literal.begin() + 1, literal.end() - 1, [](char c) { return c == '"' || c == '\\' || c == '\n'; });
}

Build::Where places_of(const SourceMap& sources, const Text& text) {
  const std::string_view literal = sources.text(text.span);
  if (stands_as_read(literal))
    return [span = text.span](uint32_t begin, uint32_t end) {
      auto at = [&](uint32_t i) { return std::min(span.begin + 1 + i, span.end - 1); };
      const uint32_t from = at(begin);
      return Span{span.source, from, end > begin ? at(end - 1) + 1 : from};
    };
  if (std::holds_alternative<Failure>(parse_unit(Unit::literal, literal, 0)))
    return [span = text.span](uint32_t, uint32_t) { return span; };  // a text whose quotes were mended
  return [offsets = decode_literal(literal).offsets, span = text.span](uint32_t begin, uint32_t end) {
    auto at = [&](uint32_t i) { return offsets[std::min<size_t>(i, offsets.size() - 1)]; };
    const uint32_t from = at(begin);
    return Span{span.source, span.begin + from, span.begin + (end > begin ? at(end - 1) + 1 : from)};
  };
}

std::string plain_text(std::string_view written) {
  std::string text;
  for (size_t i = 0; i < written.size(); ++i) {
    text += written[i];
    if (written[i] == '{' || written[i] == '}') ++i;  // written twice
  }
  return text;
}

// The `{` that the failure is about, if there is one.
size_t open_brace(std::string_view text, size_t at) {
  size_t open = std::string_view::npos;
  for (size_t i = 0; i < at && i < text.size(); ++i) {
    if (text[i] == '}') open = std::string_view::npos;
    if (text[i] != '{') continue;
    if (open == std::string_view::npos && text.substr(i, 2) == "{{")
      ++i;
    else if (open == std::string_view::npos)
      open = i;
  }
  return open;
}

// Where the name of a field ends that begins at `at`; `at` itself when none does.
uint32_t path_end(std::string_view text, uint32_t at) {
  uint32_t end = at;
  if (at < text.size() && is_digit(text[at])) return at;
  while (end < text.size() && (is_word_character(text[end]) || (text[end] == '.' && end + 1 < text.size() &&
                                                                is_word_character(text[end + 1]))))
    ++end;
  return end;
}

void report(std::string_view text, const Failure& failure, const Build::Where& where,
            Diagnostics& diagnostics) {
  const size_t open = open_brace(text, failure.at);
  const uint32_t at = failure.at;
  if (open == std::string_view::npos) {
    const Span span = where(at, at + 1);
    diagnostics.add(Code::E114, "this `}` closes nothing", span, "no expression is open here")
        .help("for a brace write `}}`")
        .replace(span, "}}");
    return;
  }
  const Span brace = where(uint32_t(open), uint32_t(open) + 1);
  if (text.find('}', open) == std::string_view::npos) {
    Diagnostic& diagnostic =
        diagnostics.add(Code::E114, "this `{` is never closed", brace, "an expression starts here")
            .help("add `}`, or write `{{` for a brace");
    const uint32_t end = path_end(text, uint32_t(open) + 1);
    if (end == open + 1) {
      diagnostic.replace(brace, "{{", Applicability::likely);
    } else {
      const uint32_t after = where(uint32_t(open), end).end;
      diagnostic.replace({brace.source, after, after}, "}", Applicability::likely);
    }
    return;
  }
  const Mistake mistake = explain(Scene(text, uint32_t(open), failure, OpenBlock{}));
  const Span span = mistake.diagnostic.primary.span;
  Diagnostic& diagnostic = diagnostics.add(mistake.diagnostic.code, mistake.diagnostic.title,
                                           where(span.begin, span.end), mistake.diagnostic.primary.text);
  diagnostic.label(brace, "the expression starts here").help("for a brace write `{{`");
}

}  // namespace

std::optional<Template> parse_template(const SourceMap& sources, const Text& text, Diagnostics& diagnostics) {
  const Build::Where where = places_of(sources, text);
  const auto result = parse_unit(Unit::message, text.value, 0);
  if (const Failure* failure = std::get_if<Failure>(&result)) {
    report(text.value, *failure, where, diagnostics);
    return std::nullopt;
  }
  Template made;
  Build build(text.value, where, diagnostics);
  for (const Node* child : std::get<UnitTree>(result)->children) {
    Template::Piece piece;
    if (child->kind == Kind::TemplateExpr)
      piece.expr = build.expr((*child)[0]);
    else
      piece.text = plain_text(std::string_view(text.value).substr(child->begin, child->end - child->begin));
    made.pieces.push_back(std::move(piece));
  }
  return made;
}

}  // namespace weir::dsl
