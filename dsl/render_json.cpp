// Diagnostics for programs: one JSON object each.
#include <fmt/format.h>

#include "dsl/render.h"
#include "dsl/shown.h"

namespace weir::dsl {

std::string quoted_json(std::string_view text) {
  std::string json = "\"";
  for (size_t at = 0; at < text.size();) {
    CodePoint point = code_point_at(text, at);
    if (point.length == 0) {
      json += "\xEF\xBF\xBD";
      ++at;
      continue;
    }
    if (point.value == '"' || point.value == '\\')
      json += {'\\', char(point.value)};
    else if (point.value < 0x20)
      json += fmt::format("\\u{:04x}", point.value);
    else
      json += text.substr(at, point.length);
    at += point.length;
  }
  return json + '"';
}

namespace {

std::string place_members(const SourceMap& sources, Span span) {
  Place begin = sources.place(span.source, span.begin), end = sources.place(span.source, span.end);
  return fmt::format(R"("file":{},"line":{},"column":{},"end_line":{},"end_column":{})",
                     quoted_json(sources.path(span.source)), begin.line, begin.column, end.line, end.column);
}

std::string label_object(const SourceMap& sources, const Label& label, bool primary) {
  return fmt::format(R"({{{},"primary":{},"text":{}}})", place_members(sources, label.span), primary,
                     quoted_json(label.text));
}

template <class Range, class Write>
std::string array_of(const Range& range, Write write) {
  std::string json = "[";
  for (const auto& element : range) {
    std::string one = write(element);
    if (one.empty()) continue;
    if (json.size() > 1) json += ',';
    json += one;
  }
  return json + ']';
}

std::string footers_of(const Diagnostic& diagnostic, Footer::Kind kind) {
  return array_of(diagnostic.footers,
                  [&](const Footer& f) { return f.kind == kind ? quoted_json(f.text) : std::string(); });
}

std::string fix_object(const SourceMap& sources, const Fix& fix) {
  std::string edits = array_of(fix.edits, [&](const Edit& edit) {
    return fmt::format(R"({{{},"begin":{},"end":{},"replacement":{}}})", place_members(sources, edit.span),
                       edit.span.begin, edit.span.end, quoted_json(edit.replacement));
  });
  return fmt::format(R"({{"applicability":"{}","edits":{}}})",
                     fix.applicability == Applicability::safe ? "safe" : "likely", edits);
}

}  // namespace

std::string to_json(const SourceMap& sources, const Diagnostic& diagnostic) {
  std::string labels =
      array_of(diagnostic.secondary, [&](const Label& label) { return label_object(sources, label, false); });
  labels.insert(1, label_object(sources, diagnostic.primary, true) + (labels == "[]" ? "" : ","));
  return fmt::format(
      R"({{"code":"{}","severity":"{}","title":{},{},"labels":{},"notes":{},"helps":{},"fix":{}}})",
      info(diagnostic.code).name, diagnostic.severity() == Severity::error ? "error" : "warning",
      quoted_json(diagnostic.title), place_members(sources, diagnostic.primary.span), labels,
      footers_of(diagnostic, Footer::Kind::note), footers_of(diagnostic, Footer::Kind::help),
      diagnostic.fix ? fix_object(sources, *diagnostic.fix) : "null");
}

}  // namespace weir::dsl
