// See annotations.h. The escapes are those of actions/toolkit: three characters in a message, five in a
// property.
#include "cli/annotations.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/findings.h"

namespace weir::cli {
namespace {

std::string escaped(std::string_view text, std::string_view special) {
  std::string out;
  for (char c : text) {
    if (special.find(c) == std::string_view::npos) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", uint8_t(c));
    }
  }
  return out;
}

std::string property(std::string_view text) { return escaped(text, "%\r\n:,"); }

}  // namespace

std::string github_annotation(const dsl::SourceMap& sources, const dsl::Diagnostic& diagnostic) {
  dsl::Span span = diagnostic.primary.span;
  dsl::Place begin = sources.place(span.source, span.begin), end = sources.place(span.source, span.end);
  uint32_t last_column = begin.line == end.line ? std::max(begin.column, end.column - 1) : end.column;
  const dsl::CodeInfo& info = dsl::info(diagnostic.code);
  return fmt::format("::{} file={},line={},col={},endLine={},endColumn={},title={}::{}",
                     diagnostic.severity() == dsl::Severity::error ? "error" : "warning",
                     property(reported_path(sources.path(span.source))), begin.line, begin.column, end.line,
                     last_column, property(fmt::format("{}: {}", info.name, info.summary)),
                     escaped(message_text(diagnostic), "%\r\n"));
}

}  // namespace weir::cli
