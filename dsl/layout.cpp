// See layout.h. No layout is tried and thrown away: each decision is made from widths on one line, so the
// work is linear in the text times its nesting.
#include "dsl/layout.h"

#include <algorithm>
#include <optional>

namespace weir::dsl {

namespace {

constexpr uint32_t kIndent = 2;
constexpr uint32_t kWidestAligned = 30;  // a longer word keeps its neighbours where they are
constexpr const char* kBeforeComment = "   ";

uint32_t width_of(std::string_view text) {
  return uint32_t(
      std::count_if(text.begin(), text.end(), [](char c) { return (uint8_t(c) & 0xC0) != 0x80; }));
}

void trim_right(std::string& text) {
  while (text.ends_with(' ')) text.pop_back();
}

bool has_comments(const Part& part) { return !part.leading.empty() || !part.trailing.empty(); }

std::optional<std::string> flat(const Doc& doc);

std::optional<std::string> flat_words(const Part& part) {
  std::optional<std::string> rest = flat(part.doc);
  if (!rest) return std::nullopt;
  std::string line;
  for (const std::string& column : part.columns)
    if (!column.empty()) line += column + ' ';
  line += *rest;
  if (rest->empty()) trim_right(line);
  return line;
}

std::optional<std::string> flat(const Part& part) {
  return has_comments(part) ? std::nullopt : flat_words(part);
}

std::optional<std::string> flat_parts(const Doc& doc, std::string_view separator) {
  std::string line;
  for (size_t i = 0; i < doc.parts.size(); ++i) {
    if (doc.parts[i].break_before) return std::nullopt;
    std::optional<std::string> part = flat(doc.parts[i]);
    if (!part) return std::nullopt;
    if (i > 0) line += separator;
    line += *part;
  }
  return line;
}

// The whole on one line; nothing when it has breaks that must stay.
std::optional<std::string> flat(const Doc& doc) {
  switch (doc.kind) {
    case Doc::Kind::text:
      return doc.text;
    case Doc::Kind::verbatim:
    case Doc::Kind::prose:
      return std::nullopt;
    case Doc::Kind::concat:
      return flat_parts(doc, "");
    case Doc::Kind::chain:
      return flat_parts(doc, " ");
    case Doc::Kind::list:
    case Doc::Kind::block:
      break;
  }
  if (doc.open || !doc.opener_comment.empty() || !doc.closing.empty()) return std::nullopt;
  if (doc.parts.empty()) return doc.text + doc.padding + doc.close;
  std::optional<std::string> inside = flat_parts(doc, doc.kind == Doc::Kind::list ? ", " : doc.separator);
  if (!inside) return std::nullopt;
  return doc.text + doc.padding + *inside + doc.padding + doc.close;
}

class Printer {
 public:
  void parts(const std::vector<Part>& parts, uint32_t indent, const std::vector<Doc::Comment>& closing);
  std::string take() { return std::move(out_); }

 private:
  void doc(const Doc& doc, uint32_t indent, uint32_t suffix);
  void verbatim(const Doc& doc);
  void prose(const Doc& doc, uint32_t indent);
  void chain(const Doc& doc);
  void list(const Doc& doc, uint32_t indent, uint32_t suffix);
  void block(const Doc& doc, uint32_t indent, uint32_t suffix);
  void part(const Part& part, const std::vector<uint32_t>& widths, uint32_t indent);

  uint32_t column() const {
    size_t begin = out_.rfind('\n');
    return width_of(std::string_view(out_).substr(begin == std::string::npos ? 0 : begin + 1));
  }
  void new_line(uint32_t indent) {
    trim_right(out_);
    out_ += '\n';
    out_.append(indent, ' ');
  }
  void comment_line(const Doc::Comment& comment, bool first, uint32_t indent) {
    if (comment.blank_before && !first) out_ += '\n';
    out_.append(indent, ' ');
    out_ += comment.text + '\n';
  }

  std::string out_;
};

void Printer::doc(const Doc& doc, uint32_t indent, uint32_t suffix) {
  switch (doc.kind) {
    case Doc::Kind::text:
      out_ += doc.text;
      return;
    case Doc::Kind::verbatim:
      return verbatim(doc);
    case Doc::Kind::prose:
      return prose(doc, indent);
    case Doc::Kind::concat:
      for (const Part& part : doc.parts) this->doc(part.doc, indent, suffix);
      return;
    case Doc::Kind::chain:
      return chain(doc);
    case Doc::Kind::list:
      return list(doc, indent, suffix);
    case Doc::Kind::block:
      return block(doc, indent, suffix);
  }
}

void Printer::verbatim(const Doc& doc) {
  int shift = int(column()) - int(doc.column);
  std::string_view rest = doc.text;
  for (bool first = true;; first = false) {
    size_t end = rest.find('\n');
    std::string line(rest.substr(0, end));
    while (!line.empty() && (line.back() == ' ' || line.back() == '\t' || line.back() == '\r'))
      line.pop_back();
    if (!first) {
      size_t spaces = std::min(line.find_first_not_of(" \t"), line.size());
      line.erase(0, spaces);
      out_ += '\n';
      if (!line.empty()) out_.append(size_t(std::max(0, int(spaces) + shift)), ' ');
    }
    out_ += line;
    if (end == std::string_view::npos) return;
    rest.remove_prefix(end + 1);
  }
}

void Printer::prose(const Doc& doc, uint32_t indent) {
  out_ += "\"\"\"";
  for (const std::string& line : doc.lines) {
    new_line(line.empty() ? 0 : indent + kIndent);
    out_ += line;
  }
  new_line(indent + kIndent);
  out_ += "\"\"\"";
}

void Printer::chain(const Doc& doc) {
  uint32_t begin = column();
  std::optional<std::string> line = flat(doc);
  bool authors_breaks = !line;
  bool fits = line && begin + width_of(*line) <= kWidth;
  for (size_t i = 0; i < doc.parts.size(); ++i) {
    const Part& word = doc.parts[i];
    // `align` 0 marks the operators of the outermost level: where a condition may be broken.
    bool break_here = i > 0 && (authors_breaks ? word.break_before : !fits && word.align == 0);
    if (break_here)
      new_line(begin);
    else if (i > 0)
      out_ += ' ';
    out_ += word.doc.text;
  }
}

bool can_break(const Part& part) {
  return (part.doc.kind == Doc::Kind::list || part.doc.kind == Doc::Kind::block) && part.doc.parts.size() > 1;
}

bool each_fits(const Doc& list, uint32_t column, bool or_breaks) {
  return std::all_of(list.parts.begin(), list.parts.end(), [&](const Part& part) {
    std::optional<std::string> line = flat(part);
    return !line || column + width_of(*line) + 1 <= list.width || (or_breaks && can_break(part));
  });
}

void Printer::list(const Doc& doc, uint32_t indent, uint32_t suffix) {
  uint32_t begin = column();
  if (std::optional<std::string> line = flat(doc); line && begin + width_of(*line) + suffix <= doc.width) {
    out_ += *line;
    return;
  }
  uint32_t hanging = begin + width_of(doc.text + doc.padding);
  bool below = doc.open || (!each_fits(doc, hanging, false) && each_fits(doc, indent + kIndent, true));
  uint32_t inner = below ? indent + kIndent : hanging;
  out_ += doc.text;
  if (!below) out_ += doc.padding;
  for (size_t i = 0; i < doc.parts.size(); ++i) {
    const Part& part = doc.parts[i];
    std::optional<std::string> line = flat(part);
    bool overflows = line && column() + 1 + width_of(*line) + 1 > doc.width;
    if (i == 0 ? below : part.break_before || overflows)
      new_line(inner);
    else if (i > 0)
      out_ += ' ';
    for (const std::string& word : part.columns) out_ += word + ' ';
    this->doc(part.doc, inner, 1);
    if (i + 1 < doc.parts.size()) out_ += ',';
  }
  if (below)
    new_line(indent);
  else
    out_ += doc.padding;
  out_ += doc.close;
}

void Printer::block(const Doc& doc, uint32_t indent, uint32_t suffix) {
  std::optional<std::string> line = flat(doc);
  bool fits = line && column() + width_of(*line) + suffix <= kWidth;
  // Breaking gains nothing when the one entry is too long even on a line of its own.
  if (line && !fits && doc.parts.size() == 1 && !can_break(doc.parts[0])) {
    std::optional<std::string> entry = flat(doc.parts[0]);
    fits = indent + kIndent + width_of(*entry) > kWidth;
  }
  bool empty = doc.parts.empty() && doc.opener_comment.empty() && doc.closing.empty();
  if (empty) {
    out_ += doc.text + doc.padding + doc.close;
  } else if (fits) {
    out_ += *line;
  } else {
    out_ += doc.text;
    if (!doc.opener_comment.empty()) out_ += kBeforeComment + doc.opener_comment;
    out_ += '\n';
    parts(doc.parts, indent + kIndent, doc.closing);
    out_.append(indent, ' ');
    out_ += doc.close;
  }
}

bool may_align(const Part& part, uint32_t indent) {
  if (part.align < 0) return false;
  if (!part.only_if_flat) return true;
  std::optional<std::string> line = flat_words(part);
  return line && indent + width_of(*line) <= kWidth;
}

std::vector<uint32_t> widths_of_run(const std::vector<Part>& parts, size_t begin, size_t end,
                                    uint32_t indent) {
  bool alike = std::all_of(parts.begin() + long(begin), parts.begin() + long(end), [&](const Part& part) {
    return part.columns.size() == parts[begin].columns.size();
  });
  std::vector<uint32_t> widths(alike ? parts[begin].columns.size() : 1, 0);
  for (size_t i = begin; i < end; ++i) {
    widths[0] = std::max(widths[0], parts[i].min_width);
    for (size_t k = 0; k < widths.size(); ++k)
      if (uint32_t width = width_of(parts[i].columns[k]); width <= kWidestAligned)
        widths[k] = std::max(widths[k], width);
  }
  // A block that the padding would push over the edge would be broken, and then not be aligned next time.
  for (size_t i = begin; i < end; ++i)
    if (parts[i].only_if_flat && indent + widths[0] + 1 + width_of(*flat(parts[i].doc)) > kWidth) return {};
  return widths;
}

void Printer::part(const Part& part, const std::vector<uint32_t>& widths, uint32_t indent) {
  for (size_t i = 0; i < part.leading.size(); ++i) comment_line(part.leading[i], i == 0, indent);
  if (part.blank_after_leading) out_ += '\n';
  out_.append(indent, ' ');
  for (size_t k = 0; k < part.columns.size(); ++k) {
    uint32_t width = width_of(part.columns[k]);
    uint32_t padded = k < widths.size() ? std::max(width, widths[k]) : width;
    if (padded == 0) continue;
    out_ += part.columns[k];
    out_.append(padded - width + 1, ' ');
  }
  doc(part.doc, indent, 0);
  trim_right(out_);
  if (!part.trailing.empty()) out_ += kBeforeComment + part.trailing;
  out_ += '\n';
}

void Printer::parts(const std::vector<Part>& parts, uint32_t indent,
                    const std::vector<Doc::Comment>& closing) {
  for (size_t begin = 0; begin < parts.size();) {
    size_t end = begin + 1;
    std::vector<uint32_t> widths;
    if (may_align(parts[begin], indent)) {
      while (end < parts.size() && parts[end].align == parts[begin].align && !parts[end].blank_before &&
             may_align(parts[end], indent))
        ++end;
      widths = widths_of_run(parts, begin, end, indent);
    }
    for (size_t i = begin; i < end; ++i) {
      if (i > 0 && parts[i].blank_before) out_ += '\n';
      part(parts[i], widths, indent);
    }
    begin = end;
  }
  for (size_t i = 0; i < closing.size(); ++i) comment_line(closing[i], i == 0 && parts.empty(), indent);
}

}  // namespace

Doc text_doc(std::string text) {
  Doc doc;
  doc.text = std::move(text);
  return doc;
}

Doc concat_doc(std::vector<Doc> docs) {
  Doc doc;
  doc.kind = Doc::Kind::concat;
  for (Doc& one : docs) {
    doc.parts.emplace_back();
    doc.parts.back().doc = std::move(one);
  }
  return doc;
}

bool fits_on_one_line(const Doc& doc) {
  std::optional<std::string> line = flat(doc);
  return line && width_of(*line) <= kWidth;
}

std::string lay_out(const std::vector<Part>& parts, const std::vector<Doc::Comment>& closing) {
  Printer printer;
  printer.parts(parts, 0, closing);
  return printer.take();
}

}  // namespace weir::dsl
