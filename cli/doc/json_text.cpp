// See json_text.h.
#include "cli/doc/json_text.h"

#include <vector>

namespace weir::cli::doc {
namespace {

constexpr int kDeepest = 256;

struct Node {        // a scalar, or what stands between brackets
  std::string text;  // of a scalar; of a member with its key: `"key": ` is in `key`
  std::string key;
  char open = 0;
  std::vector<Node> children;
};

class Reader {
 public:
  explicit Reader(std::string_view json) : json_(json) {}

  bool value(Node& out, int depth) {
    blanks();
    if (at_ >= json_.size() || depth > kDeepest) return false;
    char c = json_[at_];
    if (c == '"') return string(out.text);
    if (c != '{' && c != '[') {
      size_t end = json_.find_first_of(",]} \n\t\r", at_);
      out.text = json_.substr(at_, std::min(end, json_.size()) - at_);
      at_ += out.text.size();
      return !out.text.empty();
    }
    out.open = c;
    ++at_;
    const char close = c == '{' ? '}' : ']';
    for (blanks(); at_ < json_.size() && json_[at_] != close; blanks()) {
      if (!out.children.empty() && !take(',')) return false;
      Node child;
      blanks();
      if (c == '{' && (!string(child.key) || !take(':'))) return false;
      if (!value(child, depth + 1)) return false;
      out.children.push_back(std::move(child));
    }
    return take(close);
  }
  bool at_end() {
    blanks();
    return at_ == json_.size();
  }

 private:
  void blanks() {
    while (at_ < json_.size() &&
           (json_[at_] == ' ' || json_[at_] == '\n' || json_[at_] == '\t' || json_[at_] == '\r'))
      ++at_;
  }
  bool take(char c) {
    blanks();
    if (at_ >= json_.size() || json_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool string(std::string& out) {
    if (at_ >= json_.size() || json_[at_] != '"') return false;
    size_t end = at_ + 1;
    while (end < json_.size() && json_[end] != '"') end += json_[end] == '\\' ? 2 : 1;
    if (end >= json_.size()) return false;
    out = json_.substr(at_, end + 1 - at_);
    at_ = end + 1;
    return true;
  }

  std::string_view json_;
  size_t at_ = 0;
};

std::string on_one_line(const Node& node) {
  std::string out = node.key.empty() ? "" : node.key + ": ";
  if (!node.open) return out + node.text;
  out += node.open;
  for (size_t i = 0; i < node.children.size(); ++i)
    out += (i > 0 ? ", " : "") + on_one_line(node.children[i]);
  return out + (node.open == '{' ? '}' : ']');
}

void write(const Node& node, size_t indent, size_t width, bool outermost, std::string& out) {
  std::string line = on_one_line(node);
  if (!node.open || node.children.empty() || (!outermost && indent + line.size() <= width)) {
    out += line;
    return;
  }
  out += (node.key.empty() ? "" : node.key + ": ") + node.open + "\n";
  for (size_t i = 0; i < node.children.size(); ++i) {
    out.append(indent + 2, ' ');
    write(node.children[i], indent + 2, width, false, out);
    out += i + 1 < node.children.size() ? ",\n" : "\n";
  }
  out.append(indent, ' ');
  out += node.open == '{' ? '}' : ']';
}

}  // namespace

std::string readable_json(std::string_view json, size_t width) {
  Node root;
  Reader reader(json);
  if (!reader.value(root, 0) || !reader.at_end()) return std::string(json);
  std::string out;
  write(root, 0, width, on_one_line(root).size() > width, out);
  return out;
}

}  // namespace weir::cli::doc
