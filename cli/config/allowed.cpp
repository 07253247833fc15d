// See allowed.h.
#include "cli/config/allowed.h"

#include <algorithm>

#include "compiler/allow.h"

namespace weir::config {
namespace {

compiler::Allow allowed_at(const dsl::SourceMap& sources, dsl::Span span, dsl::Code code) {
  const auto about = [&](std::string_view comment) {
    compiler::Allow allow = compiler::parse_allow(comment);
    if (std::find(allow.codes.begin(), allow.codes.end(), code) == allow.codes.end()) allow.codes.clear();
    return allow;
  };
  uint32_t line = sources.place(span.source, span.begin).line;
  const std::string_view text = sources.line(span.source, line);
  compiler::Allow allow = about(text.substr(std::min(text.find("# allow:"), text.size())));
  while (allow.codes.empty() && --line > 0) {
    std::string_view above = sources.line(span.source, line);
    above.remove_prefix(std::min(above.find_first_not_of(" \t"), above.size()));
    if (!above.starts_with('#')) break;
    allow = about(above);
  }
  return allow;
}

}  // namespace

dsl::Diagnostic* add_unless_allowed(const dsl::SourceMap& sources, dsl::Diagnostics& diagnostics,
                                    dsl::Code code, std::string title, dsl::Span span, std::string label) {
  const compiler::Allow allow = allowed_at(sources, span, code);
  if (!allow.codes.empty() && allow.reasoned) return nullptr;
  dsl::Diagnostic& added = diagnostics.add(code, std::move(title), span, std::move(label));
  if (!allow.codes.empty()) compiler::ask_for_reason(added);
  return &added;
}

}  // namespace weir::config
