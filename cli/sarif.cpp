// See sarif.h. The order of the members is that of the standard's examples.
#include "cli/sarif.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/findings.h"
#include "dsl/render.h"
#include "dsl/shown.h"

namespace weir::cli {
namespace {

constexpr const char* kSchema =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
constexpr const char* kBase = "%SRCROOT%";  // what hosts take for the root of the repository

const char* level_of(dsl::Severity severity) {
  return severity == dsl::Severity::error ? "error" : "warning";
}

std::string text_object(std::string_view text) {
  return fmt::format(R"({{"text":{}}})", dsl::quoted_json(text));
}

std::string uri_of(std::string_view path) {
  std::string uri = path.starts_with('/') ? "file://" : "";
  for (char c : path) {
    bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                 std::string_view("-._~/").find(c) != std::string_view::npos;
    uri += plain ? std::string(1, c) : fmt::format("%{:02X}", uint8_t(c));
  }
  return uri;
}

std::string artifact(const dsl::SourceMap& sources, dsl::SourceId source) {
  std::string uri = uri_of(reported_path(sources.path(source)));
  std::string base = uri.starts_with("file:") ? "" : fmt::format(R"(,"uriBaseId":"{}")", kBase);
  return fmt::format(R"({{"uri":{}{}}})", dsl::quoted_json(uri), base);
}

// A place as SARIF counts: a byte-order mark is not there, a character outside the BMP is two columns.
dsl::Place utf16_place(const dsl::SourceMap& sources, dsl::SourceId source, uint32_t offset) {
  std::string_view text = sources.text(source);
  offset = std::min(offset, uint32_t(text.size()));
  dsl::Place place{sources.place(source, offset).line, 1};
  size_t at = sources.line_begin(source, place.line);
  if (at == 0 && text.starts_with("\xEF\xBB\xBF")) at = 3;
  while (at < offset) {
    dsl::CodePoint point = dsl::code_point_at(text, at);
    place.column += point.value > 0xFFFF ? 2 : 1;
    at += std::max(point.length, 1u);
  }
  return place;
}

std::string region(const dsl::SourceMap& sources, dsl::Span span) {
  dsl::Place begin = utf16_place(sources, span.source, span.begin),
             end = utf16_place(sources, span.source, span.end);
  return fmt::format(R"({{"startLine":{},"startColumn":{},"endLine":{},"endColumn":{}}})", begin.line,
                     begin.column, end.line, end.column);
}

std::string physical_location(const dsl::SourceMap& sources, dsl::Span span) {
  return fmt::format(R"("physicalLocation":{{"artifactLocation":{},"region":{}}})",
                     artifact(sources, span.source), region(sources, span));
}

template <class Range, class Write>
std::string array_of(const Range& range, Write write) {
  std::string json = "[";
  for (const auto& element : range) json += (json.size() > 1 ? "," : "") + write(element);
  return json + "]";
}

std::string rule_object(const dsl::CodeInfo& info) {
  return fmt::format(
      R"({{"id":"{0}","shortDescription":{1},"fullDescription":{1},"help":{{"text":{2},"markdown":{2}}},)"
      R"("defaultConfiguration":{{"level":"{3}"}}}})",
      info.name, text_object(info.summary), dsl::quoted_json(info.explanation), level_of(info.severity));
}

std::string related(const dsl::SourceMap& sources, const dsl::Label& label) {
  return fmt::format(R"({{{},"message":{}}})", physical_location(sources, label.span),
                     text_object(label.text));
}

// Half a fix is none, so a fix is one artifactChange: its edits are of one source.
std::string fix_object(const dsl::SourceMap& sources, const dsl::Fix& fix) {
  std::string replacements = array_of(fix.edits, [&](const dsl::Edit& edit) {
    return fmt::format(R"({{"deletedRegion":{},"insertedContent":{}}})", region(sources, edit.span),
                       text_object(edit.replacement));
  });
  bool safe = fix.applicability == dsl::Applicability::safe;
  return fmt::format(
      R"({{"description":{},"artifactChanges":[{{"artifactLocation":{},"replacements":{}}}]}})",
      text_object(safe ? "means what the author meant (weir fix)" : "a good guess (weir fix --all)"),
      artifact(sources, fix.edits[0].span.source), replacements);
}

std::string result_object(const dsl::SourceMap& sources, const dsl::Diagnostic& diagnostic) {
  std::string more;
  if (!diagnostic.secondary.empty()) {
    more += R"(,"relatedLocations":)" +
            array_of(diagnostic.secondary, [&](const dsl::Label& label) { return related(sources, label); });
  }
  if (diagnostic.fix && !diagnostic.fix->edits.empty())
    more += fmt::format(R"(,"fixes":[{}])", fix_object(sources, *diagnostic.fix));
  return fmt::format(R"({{"ruleId":"{}","ruleIndex":{},"level":"{}","message":{},"locations":[{{{}}}]{}}})",
                     dsl::info(diagnostic.code).name, size_t(diagnostic.code),
                     level_of(diagnostic.severity()), text_object(message_text(diagnostic)),
                     physical_location(sources, diagnostic.primary.span), more);
}

}  // namespace

std::string to_sarif(const dsl::SourceMap& sources, const dsl::Diagnostics& diagnostics, bool complete) {
  return fmt::format(
      R"({{"$schema":"{}","version":"2.1.0","runs":[{{"tool":{{"driver":{{"name":"weir","version":"{}","rules":{}}}}},)"
      R"("invocations":[{{"executionSuccessful":{}}}],"columnKind":"utf16CodeUnits","results":{}}}]}})"
      "\n",
      kSchema, WEIR_VERSION, array_of(dsl::all_codes(), rule_object), complete,
      array_of(diagnostics.list(),
               [&](const dsl::Diagnostic& diagnostic) { return result_object(sources, diagnostic); }));
}

}  // namespace weir::cli
