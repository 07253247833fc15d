#include "tests/differential/shrink.h"

#include <algorithm>
#include <sstream>

namespace weir::differential {
namespace {

class Shrinker {
 public:
  Shrinker(Case& of, const Differs& differs, std::chrono::seconds at_most)
      : case_(of), differs_(differs), end_(std::chrono::steady_clock::now() + at_most) {}

  void run() {
    do {
      progress_ = false;
      fewer(case_.pack.pieces, [&](std::vector<Piece> pieces) {
        Case next = case_;
        next.pack.pieces = std::move(pieces);
        return take(std::move(next));
      });
      for (size_t i = 0; i < case_.pack.pieces.size(); ++i) fewer_lines(i);
      fewer_nodes();
    } while (progress_ && in_time());
  }

 private:
  bool in_time() const { return std::chrono::steady_clock::now() < end_; }

  bool take(Case next) {
    if (!in_time() || !differs_(next)) return false;
    case_ = std::move(next);
    return progress_ = true;
  }

  // Leaves out runs of items, long ones first.
  template <class Item, class Take>
  void fewer(std::vector<Item> items, Take take) {
    for (size_t run = std::max<size_t>(items.size() / 2, 1); run > 0; run /= 2)
      for (size_t at = 0; at < items.size() && in_time();) {
        std::vector<Item> rest = items;
        rest.erase(rest.begin() + long(at), rest.begin() + long(std::min(at + run, items.size())));
        if (take(rest))
          items = std::move(rest);
        else
          at += run == 1 ? 1 : std::max<size_t>(run / 2, 1);
      }
  }

  void fewer_lines(size_t piece) {
    std::vector<std::string> lines;
    std::istringstream in(case_.pack.pieces[piece].text);
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    fewer(lines, [&](const std::vector<std::string>& rest) {
      Case next = case_;
      next.pack.pieces[piece].text.clear();
      for (const std::string& line : rest) next.pack.pieces[piece].text += line + "\n";
      return take(std::move(next));
    });
  }

  // Node by node in the order of writing; what cannot be left out is entered.
  void fewer_nodes() {
    if (case_.event.line) return;
    std::vector<size_t> way;
    fewer_below(way);
  }

  static Json& node_at(Json& root, const std::vector<size_t>& way) {
    Json* at = &root;
    for (size_t i : way) at = at->form == Json::Form::object ? &at->members[i].value : &at->items[i];
    return *at;
  }

  void fewer_below(std::vector<size_t>& way) {
    for (size_t i = 0; in_time();) {
      Case next = case_;
      Json& node = node_at(next.event.tree, way);
      size_t size = node.form == Json::Form::object ? node.members.size() : node.items.size();
      if (i >= size) return;
      if (node.form == Json::Form::object)
        node.members.erase(node.members.begin() + long(i));
      else
        node.items.erase(node.items.begin() + long(i));
      next.event.text = to_text(next.event.tree);
      if (take(std::move(next))) continue;
      way.push_back(i++);
      fewer_below(way);
      way.pop_back();
    }
  }

  Case& case_;
  const Differs& differs_;
  std::chrono::steady_clock::time_point end_;
  bool progress_ = false;
};

}  // namespace

void shrink(Case& of, const Differs& differs, std::chrono::seconds at_most) {
  Shrinker(of, differs, at_most).run();
}

}  // namespace weir::differential
