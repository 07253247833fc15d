// See secrets.h.
#include "cli/config/secrets.h"

#include <algorithm>
#include <cctype>

#include "cli/config/shape.h"
#include "compiler/nearest.h"

namespace weir::config {
namespace {

using Shapes = std::vector<const Shape*>;

constexpr size_t kLeastRun = 16;  // of what looks like a key

bool takes_secrets(Key::Kind kind) {
  return kind == Key::Kind::secret || kind == Key::Kind::secrets || kind == Key::Kind::headers;
}

bool is_variable(std::string_view text) {
  return text.starts_with("${") && text.find('}') == text.size() - 1 &&
         text.find(":-") == std::string_view::npos;
}

bool is_address(std::string_view text) { return text.find("://") != std::string_view::npos; }

// Those that a section of this `type` has; all of them when it says none that is known.
Shapes shapes_of(const Node& section, const Shapes& shapes) {
  for (const auto& [name, value] : section.members)
    if (name.text == "type")
      for (const Shape* shape : shapes)
        if (value.text == shape->name) return {shape};
  return shapes;
}

const Key* key_of(const Shapes& shapes, std::string_view name) {
  for (const Shape* shape : shapes)
    if (const Key* key = shape->find(name)) return key;
  return nullptr;
}

// The key that was meant by one that is not there; null when that cannot be told.
const Key* meant_by(const Shapes& shapes, const std::string& name) {
  std::vector<std::string> names;
  for (const Shape* shape : shapes)
    for (const Key& key : shape->keys) names.emplace_back(key.name);
  const Key* meant = nullptr;
  for (const std::string& near : compiler::nearest(name, names)) {
    const Key* const key = key_of(shapes, near);
    if (!meant || takes_secrets(key->kind)) meant = key;
  }
  return meant;
}

class Concealer {
 public:
  explicit Concealer(std::string_view text) : text_(text) { out_.text = text; }

  Concealed of_tree(const Node& root) {
    section(root, {&whole_shape()});
    return std::move(out_);
  }

  Concealed of_lines() {
    for (size_t begin = 0; begin < text_.size();) {
      const size_t end = std::min(text_.find('\n', begin), text_.size());
      line(begin, end);
      begin = end + 1;
    }
    return std::move(out_);
  }

 private:
  void section(const Node& node, const Shapes& all) {
    if (node.kind != Node::Kind::map) return value(node, node.kind == Node::Kind::scalar);
    const Shapes shapes = shapes_of(node, all);
    for (const auto& [name, member] : node.members) {
      value(name, false);
      const Key* key = key_of(shapes, name.text);
      if (!key && member.kind != Node::Kind::scalar && all.size() == 1) key = meant_by(shapes, name.text);
      if (!key) {
        const Key* const meant = meant_by(shapes, name.text);
        value(member, !meant || takes_secrets(meant->kind));
      } else {
        known(member, *key);
      }
    }
  }

  void known(const Node& node, const Key& key) {
    switch (key.kind) {
      case Key::Kind::named:
        for (const auto& [name, member] : node.members) section(member, key.shapes);
        if (node.kind != Node::Kind::map) value(node, true);
        return;
      case Key::Kind::section:
        return section(node, key.shapes);
      case Key::Kind::sections:
        for (const Node& item : node.items) section(item, key.shapes);
        return;
      default:
        return value(node, takes_secrets(key.kind));
    }
  }

  // All that stands in it; when it is secret, but for the names of variables and files.
  void value(const Node& node, bool secret) {
    if (node.kind == Node::Kind::scalar && (secret || is_address(node.text)) && !is_variable(node.text))
      hide(node);
    for (const Node& item : node.items) value(item, secret);
    for (const auto& [name, member] : node.members) {
      value(name, false);
      value(member, secret && name.text != "env" && name.text != "file");
    }
  }

  void hide(const Node& node) {
    if (node.text.size() >= kLeastSecret) out_.secrets.push_back(node.text);
    hide(node.span.begin, node.span.end);
  }

  void hide(size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i)
      if (!std::isspace(static_cast<unsigned char>(text_[i])) && text_[i] != '"' && text_[i] != '\'')
        out_.text[i] = '*';
  }

  // ---- what is not YAML

  void line(size_t begin, size_t end) {
    constexpr std::string_view kEnds = " \t\r,{}[]\"'";
    for (size_t at = begin; at < end;) {
      const size_t word = std::min(text_.find_first_not_of(kEnds, at), end);
      const size_t word_end = std::min(text_.find_first_of(kEnds, word), end);
      const std::string_view text = text_.substr(word, word_end - word);
      if (const size_t colon = text.find(':');
          colon != std::string_view::npos || next_is_colon(word_end, end)) {
        if (is_secret_key(std::string(text.substr(0, colon))))
          return hide(word + std::min(colon, text.size()) + 1, end);
      }
      const size_t digits =
          std::count_if(text.begin(), text.end(), [](unsigned char c) { return std::isdigit(c); });
      if (is_address(text) || (text.size() >= kLeastRun && digits > 0)) hide(word, word_end);
      at = word_end;
    }
  }

  bool next_is_colon(size_t at, size_t end) const {
    const size_t next = text_.find_first_not_of(" \t\"'", at);
    return next < end && text_[next] == ':';
  }

  static bool is_secret_key(const std::string& name) {
    Shapes shapes = sink_shapes();
    shapes.insert(shapes.end(), source_shapes().begin(), source_shapes().end());
    const Key* key = key_of(shapes, name);
    if (!key) key = meant_by(shapes, name);
    return key && takes_secrets(key->kind);
  }

  std::string_view text_;
  Concealed out_;
};

}  // namespace

Concealed conceal(std::string_view text, const Node* root) {
  Concealer concealer(text);
  return root ? concealer.of_tree(*root) : concealer.of_lines();
}

std::string without(std::string text, const std::vector<std::string>& secrets) {
  for (const std::string& secret : secrets)
    for (size_t at = text.find(secret); at != std::string::npos; at = text.find(secret, at + 1))
      text.replace(at, secret.size(), "…");
  return text;
}

}  // namespace weir::config
