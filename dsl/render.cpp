// Diagnostics as text with carets. The layout is that of language.md, section 15, to the letter: the goldens
// compare whole messages.
#include "dsl/render.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "dsl/shown.h"

namespace weir::dsl {

namespace {

constexpr uint32_t kWidest = 140;        // columns of source shown; a longer line is cut
constexpr uint32_t kBeforeLabel = 50;    // of those, left of the first label
constexpr uint32_t kBytesAround = 4096;  // of a very long line, all that is looked at on either side

struct Mark {
  Span span;
  const std::string* text;
  char sign;  // ^ of the primary label, - of the others
};

using MarksByLine = std::map<uint32_t, std::vector<Mark>>;

struct Excerpt {  // a source line as shown, and where the marks go
  std::string text;
  struct Placed {
    uint32_t column, width;
    const Mark* mark;
  };
  std::vector<Placed> marks;  // rightmost first, as they are printed
};

// The bytes of `text` from column `from` to column `to`.
std::string columns_of(std::string_view text, uint32_t from, uint32_t to) {
  std::string cut;
  uint32_t column = 0;
  for (char c : text) {
    if ((uint8_t(c) & 0xC0) != 0x80) ++column;
    if (column > from && column <= to) cut += c;
  }
  return cut;
}

uint32_t character_begin(std::string_view text, uint32_t at) {
  while (at > 0 && at < text.size() && (uint8_t(text[at]) & 0xC0) == 0x80) --at;
  return at;
}

Excerpt excerpt(const SourceMap& sources, SourceId source, uint32_t line, const std::vector<Mark>& marks) {
  std::string_view text = sources.line(source, line);
  uint32_t base = sources.line_begin(source, line);
  uint32_t first = UINT32_MAX;  // what a cut line must show: the primary label, where the line has it
  for (const Mark& mark : marks) first = std::min(first, mark.span.begin);
  for (const Mark& mark : marks)
    if (mark.sign == '^') first = mark.span.begin;

  bool cut_left = false, cut_right = false;
  uint32_t anchor = std::min(first - base, uint32_t(text.size()));
  if (anchor > kBytesAround) {
    uint32_t begin = character_begin(text, anchor - kBytesAround);
    text.remove_prefix(begin);
    base += begin;
    anchor -= begin;
    cut_left = true;
  }
  if (text.size() - anchor > kBytesAround) {
    text = text.substr(0, character_begin(text, anchor + kBytesAround));
    cut_right = true;
  }

  ShownText line_shown = shown_with_columns(text);
  uint32_t width = line_shown.columns.back();
  auto column_of = [&](uint32_t offset) {
    uint32_t at = offset < base ? 0 : std::min(offset - base, uint32_t(text.size()));
    return line_shown.columns[at];
  };

  uint32_t from = 0, to = width;
  if (width > kWidest) {
    uint32_t column = column_of(first);
    from = column > kBeforeLabel ? column - kBeforeLabel : 0;
    if (width - from < kWidest) from = width - kWidest;
    to = std::min(width, from + kWidest);
  }
  cut_left = cut_left || from > 0;
  cut_right = cut_right || to < width;

  Excerpt result;
  result.text = (cut_left ? "..." : "") + columns_of(line_shown.text, from, to) + (cut_right ? "..." : "");
  uint32_t shift = cut_left ? 3 : 0;
  for (const Mark& mark : marks) {
    uint32_t begin = std::clamp(column_of(mark.span.begin), from, to);
    uint32_t end = std::clamp(column_of(mark.span.end), begin, to);
    result.marks.push_back({begin - from + shift, std::max(end - begin, 1u), &mark});
  }
  std::stable_sort(result.marks.begin(), result.marks.end(),
                   [](const auto& a, const auto& b) { return a.column > b.column; });
  return result;
}

class Renderer {
 public:
  Renderer(const SourceMap& sources, const Diagnostic& diagnostic, const RenderOptions& options)
      : sources_(sources), diagnostic_(diagnostic), options_(options) {
    add({diagnostic.primary.span, &diagnostic.primary.text, '^'});
    for (const Label& label : diagnostic.secondary) add({label.span, &label.text, '-'});
    uint32_t last = 1;
    for (const auto& [source, lines] : places_) last = std::max(last, lines.rbegin()->first);
    gutter_ = fmt::format("{}", last).size();
  }

  std::string run() {
    title();
    SourceId primary = diagnostic_.primary.span.source;
    source_block(primary, "-->");
    for (const auto& [source, lines] : places_)
      if (source != primary) source_block(source, ":::");
    if (!diagnostic_.footers.empty()) line("{:{}} |", "", gutter_);
    for (const Footer& footer : diagnostic_.footers)
      footer_lines(footer.kind == Footer::Kind::help ? "help" : "note", footer.text);
    return std::move(out_);
  }

 private:
  template <class... Args>
  void line(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(out_), format, std::forward<Args>(args)...);
    while (out_.ends_with(' ')) out_.pop_back();
    out_ += '\n';
  }

  void add(Mark mark) {
    uint32_t at = sources_.place(mark.span.source, mark.span.begin).line;
    places_[mark.span.source][at].push_back(mark);
  }

  void title() {
    bool error = diagnostic_.severity() == Severity::error;
    std::string head = fmt::format("{}[{}]", error ? "error" : "warning", info(diagnostic_.code).name);
    if (options_.color) head = fmt::format("\x1b[1;{}m{}\x1b[0m", error ? 31 : 33, head);
    line("{}: {}", head, shown(diagnostic_.title));
  }

  void source_block(SourceId source, const char* arrow) {
    const MarksByLine& lines = places_[source];
    bool primary = source == diagnostic_.primary.span.source;
    const Span& span = primary ? diagnostic_.primary.span : lines.begin()->second.front().span;
    Place place = sources_.place(source, span.begin);
    line("{:{}}{} {}:{}:{}", "", gutter_, arrow, shown(sources_.path(source)), place.line, place.column);
    line("{:{}} |", "", gutter_);
    uint32_t before = 0;
    for (const auto& [number, marks] : lines) {
      if (before != 0 && number != before + 1) line("...");
      before = number;
      Excerpt shown_line = excerpt(sources_, source, number, marks);
      line("{:>{}} | {}", number, gutter_, shown_line.text);
      for (const auto& placed : shown_line.marks)
        line("{:{}} | {:{}}{} {}", "", gutter_, "", placed.column,
             std::string(placed.width, placed.mark->sign), shown(*placed.mark->text));
    }
  }

  void footer_lines(std::string_view kind, std::string_view text) {
    size_t end = text.find('\n');
    line("{:{}} = {}: {}", "", gutter_, kind, shown(text.substr(0, end)));
    while (end != std::string_view::npos) {
      text.remove_prefix(end + 1);
      end = text.find('\n');
      line("{:{}}   {:{}}  {}", "", gutter_, "", kind.size(), shown(text.substr(0, end)));
    }
  }

  const SourceMap& sources_;
  const Diagnostic& diagnostic_;
  const RenderOptions& options_;
  std::map<SourceId, MarksByLine> places_;
  size_t gutter_ = 1;
  std::string out_;
};

}  // namespace

std::string render(const SourceMap& sources, const Diagnostic& diagnostic, const RenderOptions& options) {
  return Renderer(sources, diagnostic, options).run();
}

}  // namespace weir::dsl
