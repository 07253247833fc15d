// See format_parts.h.
#include "dsl/format_parts.h"

#include <algorithm>

namespace weir::dsl {

namespace {

Doc::Comment comment_doc(const Comment& comment, bool blank_before) {
  std::string text = comment.text;
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r')) text.pop_back();
  return {std::move(text), blank_before};
}

}  // namespace

std::vector<const Comment*> PartMaker::comments(uint32_t begin, uint32_t end) const {
  auto at =
      std::lower_bound(file_.comments.begin(), file_.comments.end(), begin,
                       [](const Comment& comment, uint32_t offset) { return comment.span.begin < offset; });
  std::vector<const Comment*> found;
  for (; at != file_.comments.end() && at->span.begin < end; ++at) found.push_back(&*at);
  return found;
}

bool PartMaker::blank_line_before(uint32_t at) const {
  int line_ends = 0;
  while (at > 0 && (source_[at - 1] == ' ' || source_[at - 1] == '\t' || source_[at - 1] == '\r' ||
                    source_[at - 1] == '\n'))
    line_ends += source_[--at] == '\n';
  return line_ends > 1;
}

void PartMaker::attach(std::vector<Part>& parts, uint32_t begin, uint32_t end, Doc& owner) const {
  uint32_t before = begin;
  for (size_t i = 0; i <= parts.size(); ++i) {
    uint32_t next = i < parts.size() ? parts[i].begin : end;
    std::vector<Doc::Comment> leading;
    bool first_blank = false;
    for (const Comment* comment : comments(before, next)) {
      bool same_line = !comment->own_line && !line_ends(before, comment->span.begin);
      bool blank = blank_line_before(comment->span.begin);
      if (same_line && i > 0 && parts[i - 1].trailing.empty()) {
        parts[i - 1].trailing = comment_doc(*comment, false).text;
      } else if (same_line && i == 0 && owner.kind == Doc::Kind::block && owner.opener_comment.empty()) {
        owner.opener_comment = comment_doc(*comment, false).text;
      } else {
        if (leading.empty()) first_blank = blank;
        leading.push_back(comment_doc(*comment, blank));
      }
    }
    if (i == parts.size()) {
      owner.closing = std::move(leading);
      return;
    }
    Part& part = parts[i];
    bool blank = blank_line_before(part.begin);
    part.blank_before = leading.empty() ? blank : first_blank;
    part.blank_after_leading = !leading.empty() && blank;
    // Those hoisted out of the part's own head come last.
    part.leading.insert(part.leading.begin(), leading.begin(), leading.end());
    before = part.end;
  }
}

void PartMaker::hoist(Part& part, uint32_t begin, uint32_t end) const {
  for (const Comment* comment : comments(begin, end)) part.leading.push_back(comment_doc(*comment, false));
}

uint32_t PartMaker::brace_after(uint32_t at) const {
  for (; at < source_.size() && source_[at] != '{'; ++at)
    if (source_[at] == '#') at = uint32_t(std::min(source_.find('\n', at), source_.size() - 1));
  return at;
}

Part PartMaker::part(Span span, std::vector<std::string> columns, Doc doc, int align) const {
  Part part;
  part.columns = std::move(columns);
  part.doc = std::move(doc);
  part.align = align;
  part.begin = span.begin;
  part.end = span.end;
  return part;
}

Doc PartMaker::block(uint32_t open, uint32_t end, std::vector<Part> parts, const char* separator,
                     bool always_open) const {
  Doc doc;
  doc.kind = Doc::Kind::block;
  doc.text = "{";
  doc.close = "}";
  doc.padding = " ";
  doc.separator = separator;
  uint32_t close = end > 0 ? end - 1 : 0;
  attach(parts, open + 1, close, doc);
  doc.open = always_open || line_ends(open, close);
  doc.parts = std::move(parts);
  return doc;
}

Part PartMaker::clause(Span span, std::string head, uint32_t open, Doc body) const {
  Part result = part(span, {std::move(head)}, std::move(body));
  hoist(result, span.begin, open);
  return result;
}

Part PartMaker::as_written(Span span) const {
  Doc doc;
  doc.kind = Doc::Kind::verbatim;
  doc.text = std::string(source_.substr(span.begin, span.end - span.begin));
  size_t line_end = span.begin == 0 ? std::string_view::npos : source_.rfind('\n', span.begin - 1);
  doc.column = uint32_t(span.begin - (line_end == std::string_view::npos ? 0 : line_end + 1));
  return part(span, {}, std::move(doc));
}

}  // namespace weir::dsl
