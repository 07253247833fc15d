// libyaml's events, with places. Its marks count characters, ours bytes.
#include "cli/config/yaml.h"

#include <fmt/format.h>
#include <yaml.h>

#include <algorithm>
#include <map>

namespace weir::config {
namespace {

class Parser {
 public:
  Parser(const std::string& text, dsl::SourceId source, dsl::Diagnostics& diagnostics)
      : own_(lines_.add({}, text)), source_(source), diagnostics_(diagnostics) {
    yaml_parser_initialize(&parser_);
    const std::string_view kept = lines_.text(own_);
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(kept.data()), kept.size());
  }
  ~Parser() { yaml_parser_delete(&parser_); }

  std::optional<Node> run() {
    Event event;
    if (!next(event) || !next(event)) return std::nullopt;  // the stream, and the document or its end
    if (event.type() == YAML_STREAM_END_EVENT) {
      Node empty;
      empty.kind = Node::Kind::map;
      empty.span = {source_, 0, 0};
      return empty;
    }
    if (!next(event)) return std::nullopt;
    std::optional<Node> root = node(event, 0);
    if (!root || !next(event) || !next(event)) return std::nullopt;
    if (event.type() != YAML_STREAM_END_EVENT) return fail(span_of(event), "a second document begins here");
    return root;
  }

 private:
  struct Event {
    yaml_event_t raw{};
    bool held = false;
    ~Event() { drop(); }
    void drop() {
      if (held) yaml_event_delete(&raw);
      held = false;
    }
    yaml_event_type_t type() const { return raw.type; }
  };

  bool next(Event& event) {
    event.drop();
    if (yaml_parser_parse(&parser_, &event.raw)) {
      event.held = true;
      return true;
    }
    const uint32_t at = parser_.problem_mark.line || parser_.problem_mark.column
                            ? offset(parser_.problem_mark)
                            : static_cast<uint32_t>(std::min<size_t>(parser_.problem_offset, size()));
    fail({source_, at, std::min<uint32_t>(at + 1, size())},
         fmt::format("this is not YAML: {}", parser_.problem ? parser_.problem : "it cannot be read"));
    return false;
  }

  std::optional<Node> node(Event& event, int depth) {
    const dsl::Span span = span_of(event);
    if (depth > kMostDepth) return fail(span, fmt::format("nested deeper than {} levels", kMostDepth));
    if (++nodes_ > kMostNodes) return fail(span, "more values than a configuration ever has");
    std::optional<Node> out;
    std::string anchor;
    switch (event.type()) {
      case YAML_SCALAR_EVENT:
        anchor = name(event.raw.data.scalar.anchor);
        out = tagged(event.raw.data.scalar.tag, span) ? std::nullopt : scalar(event, span);
        break;
      case YAML_SEQUENCE_START_EVENT:
        anchor = name(event.raw.data.sequence_start.anchor);
        out = tagged(event.raw.data.sequence_start.tag, span) ? std::nullopt : list(event, span, depth);
        break;
      case YAML_MAPPING_START_EVENT:
        anchor = name(event.raw.data.mapping_start.anchor);
        out = tagged(event.raw.data.mapping_start.tag, span) ? std::nullopt : map(event, span, depth);
        break;
      case YAML_ALIAS_EVENT:
        return alias(event, span);
      default:
        return fail(span, "a value is missing here");
    }
    if (out && !anchor.empty()) anchors_[anchor] = *out;
    return out;
  }

  std::optional<Node> scalar(const Event& event, dsl::Span span) {
    const auto& raw = event.raw.data.scalar;
    Node out;
    out.span = span;
    out.text.assign(reinterpret_cast<const char*>(raw.value), raw.length);
    out.quoted = raw.style != YAML_PLAIN_SCALAR_STYLE;
    return out;
  }

  std::optional<Node> list(Event& event, dsl::Span span, int depth) {
    Node out;
    out.kind = Node::Kind::list;
    for (;;) {
      if (!next(event)) return std::nullopt;
      if (event.type() == YAML_SEQUENCE_END_EVENT) break;
      std::optional<Node> item = node(event, depth + 1);
      if (!item) return std::nullopt;
      out.items.push_back(std::move(*item));
    }
    out.span = dsl::join(span, span_of(event));
    return out;
  }

  std::optional<Node> map(Event& event, dsl::Span span, int depth) {
    Node out;
    out.kind = Node::Kind::map;
    std::map<std::string, dsl::Span, std::less<>> seen;
    for (;;) {
      if (!next(event)) return std::nullopt;
      if (event.type() == YAML_MAPPING_END_EVENT) break;
      std::optional<Node> key = node(event, depth + 1);
      if (!key) return std::nullopt;
      if (key->kind != Node::Kind::scalar) return fail(key->span, "a key is a name");
      if (const auto [first, fresh] = seen.emplace(key->text, key->span); !fresh) {
        diagnostics_.add(dsl::Code::E901, fmt::format("`{}` stands twice", key->text), key->span, "again")
            .label(first->second, "first here");
      }
      if (!next(event)) return std::nullopt;
      std::optional<Node> value = node(event, depth + 1);
      if (!value) return std::nullopt;
      out.members.emplace_back(std::move(*key), std::move(*value));
    }
    out.span = dsl::join(span, span_of(event));
    return out;
  }

  std::optional<Node> alias(const Event& event, dsl::Span span) {
    const auto found = anchors_.find(name(event.raw.data.alias.anchor));
    if (found == anchors_.end()) return fail(span, "no `&` of that name stands before it");
    if (nodes_ += count(found->second); nodes_ > kMostNodes)
      return fail(span, "aliases stand for more values than a configuration ever has");
    return found->second;
  }

  static size_t count(const Node& node) {
    size_t all = 1;
    for (const Node& item : node.items) all += count(item);
    for (const auto& [key, value] : node.members) all += 1 + count(value);
    return all;
  }

  bool tagged(const yaml_char_t* tag, dsl::Span span) {
    if (!tag) return false;
    fail(span, "tags mean nothing here");
    return true;
  }

  static std::string name(const yaml_char_t* text) { return text ? reinterpret_cast<const char*>(text) : ""; }

  std::nullopt_t fail(dsl::Span span, std::string title) {
    diagnostics_.add(dsl::Code::E901, std::move(title), span);
    return std::nullopt;
  }

  uint32_t size() const { return static_cast<uint32_t>(lines_.text(own_).size()); }

  uint32_t offset(const yaml_mark_t& mark) const {
    const auto line = static_cast<uint32_t>(mark.line) + 1;
    if (line > lines_.line_count(own_)) return size();
    const std::string_view text = lines_.line(own_, line);
    size_t at = 0;
    for (size_t left = mark.column; left > 0 && at < text.size(); --left) do
        ++at;
      while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80);
    return lines_.line_begin(own_, line) + static_cast<uint32_t>(at);
  }

  dsl::Span span_of(const Event& event) const {
    const uint32_t begin = offset(event.raw.start_mark);
    return {source_, begin, std::max(begin, offset(event.raw.end_mark))};
  }

  dsl::SourceMap lines_;  // of the text alone
  dsl::SourceId own_;
  dsl::SourceId source_;
  dsl::Diagnostics& diagnostics_;
  yaml_parser_t parser_{};
  std::map<std::string, Node> anchors_;
  size_t nodes_ = 0;
};

}  // namespace

std::optional<Node> parse_yaml(const std::string& text, dsl::SourceId source, dsl::Diagnostics& diagnostics) {
  return Parser(text, source, diagnostics).run();
}

}  // namespace weir::config
