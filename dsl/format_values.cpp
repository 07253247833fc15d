// See format_values.h.
#include "dsl/format_values.h"

#include <fmt/format.h>

#include <algorithm>

namespace weir::dsl {

namespace {

Doc list_doc(std::string open, std::string close) {
  Doc doc;
  doc.kind = Doc::Kind::list;
  doc.text = std::move(open);
  doc.close = std::move(close);
  return doc;
}

Part word(std::string text) {
  Part part;
  part.doc = text_doc(std::move(text));
  return part;
}

size_t indentation(std::string_view line) { return std::min(line.find_first_not_of(" \t"), line.size()); }

}  // namespace

bool ValueFormatter::broken_between(uint32_t begin, uint32_t end, SourceId source) const {
  return begin < end && sources_.text(source).substr(begin, end - begin).find('\n') != std::string_view::npos;
}

// ---- expressions ------------------------------------------------------------------------------------------

std::string ValueFormatter::line(const Path& path) const {
  std::string line;
  for (const Segment& segment : path.segments) {
    if (!line.empty()) line += '.';
    line += segment.quoted ? '`' + segment.name + '`' : segment.name;
    switch (segment.pick) {
      case Segment::Pick::implicit:
        break;
      case Segment::Pick::any:
        line += "[any]";
        break;
      case Segment::Pick::all:
        line += "[all]";
        break;
      case Segment::Pick::none:
        line += "[none]";
        break;
      case Segment::Pick::index:
        line += fmt::format("[{}]", segment.index);
        break;
    }
  }
  return line;
}

std::string ValueFormatter::line(const Expr& expr) const {
  struct Lines {
    const ValueFormatter& self;
    std::string operator()(const Path& path) const { return self.line(path); }
    std::string operator()(const Const& name) const { return '$' + name.name.text; }
    std::string operator()(const Binary& binary) const {
      return fmt::format("{} {} {}", self.line(*binary.left), binary.op, self.line(*binary.right));
    }
    std::string operator()(const Call& call) const { return self.line(call); }
    std::string operator()(const Attack& attack) const { return attack.id; }
    std::string operator()(const Text& text) const { return self.text(text.span); }
    std::string operator()(const Number& number) const { return self.text(number.span); }
    std::string operator()(const Duration& duration) const { return self.text(duration.span); }
    std::string operator()(const Date& date) const { return self.text(date.span); }
    std::string operator()(const Bool& value) const { return value.value ? "true" : "false"; }
    std::string operator()(const Null&) const { return "null"; }
  };
  std::string line = std::visit(Lines{*this}, expr.node);
  return expr.parenthesised ? '(' + line + ')' : line;
}

std::string ValueFormatter::line(const Call& call) const {
  std::string line = call.name.text + '(';
  for (size_t i = 0; i < call.args.size(); ++i) line += (i > 0 ? ", " : "") + this->line(call.args[i]);
  if (call.where) line += (call.args.empty() ? "where " : " where ") + call.where->text;
  return line + ')';
}

Doc ValueFormatter::doc(const Expr& expr) const {
  if (!expr.parenthesised) {
    if (const Call* call = std::get_if<Call>(&expr.node)) return this->call(*call);
    if (const Text* text = std::get_if<Text>(&expr.node)) return literal(*text);
  }
  return text_doc(line(expr));
}

Doc ValueFormatter::call(const Call& call) const {
  Doc doc = list_doc(call.name.text + '(', ")");
  for (const Expr& arg : call.args) doc.parts.push_back(word(line(arg)));
  if (call.where) {
    if (doc.parts.empty()) doc.parts.emplace_back();
    std::string& last = doc.parts.back().doc.text;
    last += (last.empty() ? "where " : " where ") + call.where->text;
  }
  keep_breaks(doc, call.span,
              [&](size_t i) { return i < call.args.size() ? call.args[i].span : call.where->span; });
  return doc;
}

Doc ValueFormatter::values(const std::vector<Expr>& values) const {
  Doc doc = list_doc("[", "]");
  for (const Expr& value : values) {
    doc.parts.emplace_back();
    doc.parts.back().doc = this->doc(value);
  }
  if (!values.empty()) {
    Span whole = join(values.front().span, values.back().span);
    // What stands before the first value on its line is the bracket, or nothing.
    std::string_view before = sources_.text(whole.source).substr(0, whole.begin);
    size_t bracket = before.find_last_not_of(" \t\r\n");
    whole.begin = bracket == std::string_view::npos ? 0 : uint32_t(bracket);
    keep_breaks(doc, whole, [&](size_t i) { return values[i].span; });
  }
  return doc;
}

Doc ValueFormatter::one_or_list(const std::vector<Expr>& values, bool is_list) const {
  return is_list || values.size() != 1 ? this->values(values) : doc(values.front());
}

Doc ValueFormatter::literal(const Text& text) const {
  return text.quote == Quote::prose ? prose(text) : text_doc(this->text(text.span));
}

Doc ValueFormatter::prose(const Text& text) const {
  constexpr size_t kQuotes = 3;
  std::string_view source = sources_.text(text.span);
  if (source.find('\n') == std::string_view::npos || source.size() < 2 * kQuotes)
    return text_doc(std::string(source));
  source = source.substr(kQuotes, source.size() - 2 * kQuotes);

  Doc doc;
  doc.kind = Doc::Kind::prose;
  while (true) {
    size_t end = source.find('\n');
    std::string line(source.substr(0, end));
    while (!line.empty() && (line.back() == ' ' || line.back() == '\t' || line.back() == '\r'))
      line.pop_back();
    doc.lines.push_back(std::move(line));
    if (end == std::string_view::npos) break;
    source.remove_prefix(end + 1);
  }
  size_t common = SIZE_MAX;  // of all lines but the first, which follows the quotes
  for (size_t i = 1; i < doc.lines.size(); ++i)
    if (!doc.lines[i].empty()) common = std::min(common, indentation(doc.lines[i]));
  for (size_t i = 0; i < doc.lines.size(); ++i)
    doc.lines[i].erase(0, i == 0 ? indentation(doc.lines[i]) : std::min(common, doc.lines[i].size()));
  while (!doc.lines.empty() && doc.lines.back().empty()) doc.lines.pop_back();
  while (!doc.lines.empty() && doc.lines.front().empty()) doc.lines.erase(doc.lines.begin());
  return doc;
}

template <class Spans>
void ValueFormatter::keep_breaks(Doc& list, Span whole, const Spans& span_of) const {
  for (size_t i = 0; i < list.parts.size(); ++i) {
    Span span = span_of(i);
    if (i == 0)
      list.open = broken_between(whole.begin, span.begin, span.source);
    else
      list.parts[i].break_before = broken_between(span_of(i - 1).end, span.begin, span.source);
  }
}

// ---- conditions -------------------------------------------------------------------------------------------

template <class C>
Doc ValueFormatter::chain(const C& condition) const {
  Doc doc;
  doc.kind = Doc::Kind::chain;
  words(condition, 0, doc.parts);
  return doc;
}
Doc ValueFormatter::condition(const Cond& condition) const { return chain(condition); }
Doc ValueFormatter::condition(const KCond& condition) const { return chain(condition); }

std::string ValueFormatter::line(const KCond& condition) const {
  std::vector<Part> parts;
  words(condition, 0, parts);
  std::string line;
  for (const Part& part : parts) line += (line.empty() ? "" : " ") + part.doc.text;
  return line;
}

template <class C>
void ValueFormatter::joined(const C& condition, const char* operation, int depth,
                            std::vector<Part>& out) const {
  const std::vector<C>& children = condition.children;
  for (size_t i = 0; i < children.size(); ++i) {
    if (i > 0) {
      out.push_back(word(operation));
      out.back().align = depth;
      out.back().break_before =
          broken_between(children[i - 1].span.end, children[i].span.begin, children[i].span.source);
    }
    words(children[i], depth + 1, out);
  }
}

void ValueFormatter::words(const Cond& condition, int depth, std::vector<Part>& out) const {
  size_t first = out.size();
  switch (condition.kind) {
    case Cond::Kind::all:
      joined(condition, "and", depth, out);
      break;
    case Cond::Kind::any:
      joined(condition, "or", depth, out);
      break;
    case Cond::Kind::negation:
      out.push_back(word("not"));
      words(condition.children.front(), depth + 1, out);
      break;
    case Cond::Kind::quantifier: {
      std::string count = condition.count == Cond::Count::any   ? "any"
                          : condition.count == Cond::Count::all ? "all"
                                                                : fmt::format("{}", condition.number);
      out.push_back(word(count + " of " + (condition.them ? "them" : condition.name.text)));
      break;
    }
    case Cond::Kind::name:
      out.push_back(word(condition.name.text));
      break;
    case Cond::Kind::always:
      out.push_back(word("true"));
      break;
  }
  if (!condition.parenthesised || first == out.size()) return;
  out[first].doc.text.insert(0, "(");
  out.back().doc.text += ')';
}

void ValueFormatter::words(const KCond& condition, int depth, std::vector<Part>& out) const {
  size_t first = out.size();
  switch (condition.kind) {
    case KCond::Kind::all:
      joined(condition, "and", depth, out);
      break;
    case KCond::Kind::any:
      joined(condition, "or", depth, out);
      break;
    case KCond::Kind::then:
      joined(condition, "then", depth, out);
      break;
    case KCond::Kind::negation:
      out.push_back(word("not"));
      words(condition.children.front(), depth + 1, out);
      break;
    case KCond::Kind::compare:
      out.push_back(
          word(fmt::format("{} {} {}", line(*condition.left), condition.op, line(*condition.right))));
      break;
    case KCond::Kind::quantifier:
      out.push_back(word(fmt::format("{} of", condition.number)));
      for (size_t i = 0; i < condition.children.size(); ++i) {
        size_t begin = out.size();
        words(condition.children[i], depth + 1, out);
        if (i == 0)
          out[begin].doc.text.insert(0, "[");
        else
          out[begin].break_before = broken_between(condition.children[i - 1].span.end,
                                                   condition.children[i].span.begin, condition.span.source);
        out.back().doc.text += i + 1 < condition.children.size() ? "," : "]";
      }
      break;
    case KCond::Kind::first_seen: {
      std::string seen = "new(";
      for (size_t i = 0; i < condition.exprs.size(); ++i)
        seen += (i > 0 ? ", " : "") + line(condition.exprs[i]);
      out.push_back(word(seen + ')'));
      break;
    }
    case KCond::Kind::step:
      out.push_back(word(condition.numbered ? fmt::format("{} {}", condition.number, condition.name.text)
                                            : condition.name.text));
      break;
  }
  if (!condition.parenthesised || first == out.size()) return;
  out[first].doc.text.insert(0, "(");
  out.back().doc.text += ')';
}

// ---- JSON -------------------------------------------------------------------------------------------------

Doc ValueFormatter::json(const Json& json, bool padded) const {
  if (json.kind == Json::Kind::array) {
    Doc doc = list_doc("[", "]");
    doc.width = kDataWidth;
    for (const Json& element : json.elements) {
      doc.parts.emplace_back();
      doc.parts.back().doc = this->json(element);
    }
    keep_breaks(doc, json.span, [&](size_t i) { return json.elements[i].span; });
    return doc;
  }
  if (json.kind == Json::Kind::object) {
    Doc doc = list_doc("{", "}");
    doc.width = kDataWidth;
    if (padded) doc.padding = " ";
    for (const JsonMember& member : json.members) {
      doc.parts.emplace_back();
      doc.parts.back().columns = {text(member.key_span) + ':'};
      doc.parts.back().doc = this->json(member.value);
    }
    keep_breaks(doc, json.span,
                [&](size_t i) { return join(json.members[i].key_span, json.members[i].value.span); });
    return doc;
  }
  return text_doc(text(json.span));
}

}  // namespace weir::dsl
