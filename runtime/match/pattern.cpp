// Wildcard patterns: segments between the `*`, each found as early as possible. For `*` that is enough, so
// nothing is ever tried twice but a segment's own characters.
#include <algorithm>

#include "runtime/match/fold.h"
#include "runtime/match/text.h"
#include "runtime/match/utf8.h"

namespace weir::match {
namespace {

constexpr size_t kNotHere = std::string_view::npos;

// Where the character that ends at `end` (not 0) begins: the one that going forward would have found.
size_t character_before(std::string_view text, size_t end) {
  for (size_t back = 2; back <= 4 && back <= end; ++back) {
    if (first_code_point(text.substr(end - back)).size == back) return end - back;
  }
  return end - 1;
}

// The end of a segment that begins at `at`.
template <class Pieces>
size_t match_from(std::string_view value, size_t at, const Pieces& pieces) {
  for (const auto& piece : pieces) {
    if (piece.any_one) {
      if (at >= value.size()) return kNotHere;
      at += first_code_point(value.substr(at)).size;
    } else {
      if (!value.substr(at).starts_with(piece.text)) return kNotHere;
      at += piece.text.size();
    }
  }
  return at;
}

// The beginning of a segment that ends where the value does; not before `floor`.
template <class Pieces>
size_t match_back(std::string_view value, size_t floor, const Pieces& pieces) {
  size_t end = value.size();
  for (auto piece = pieces.rbegin(); piece != pieces.rend(); ++piece) {
    if (piece->any_one) {
      if (end <= floor) return kNotHere;
      end = character_before(value, end);
    } else {
      if (end - floor < piece->text.size() || !value.substr(floor, end - floor).ends_with(piece->text)) {
        return kNotHere;
      }
      end -= piece->text.size();
    }
  }
  return end;
}

// The end of the first occurrence of a segment at or after `at`.
template <class Pieces>
size_t find_segment(std::string_view value, size_t at, const Pieces& pieces) {
  if (pieces.empty()) return at;
  while (at <= value.size()) {
    if (!pieces.front().any_one) {
      at = value.find(pieces.front().text, at);
      if (at == kNotHere) return kNotHere;
    }
    const size_t end = match_from(value, at, pieces);
    if (end != kNotHere) return end;
    if (at == value.size()) return kNotHere;
    at += first_code_point(value.substr(at)).size;
  }
  return kNotHere;
}

}  // namespace

Pattern::Pattern(std::string_view text, const std::vector<uint32_t>& wildcards, TextRule rule) : rule_(rule) {
  const auto is_wildcard = [&](size_t at) {
    return std::find(wildcards.begin(), wildcards.end(), at) != wildcards.end();
  };
  // The final dot of a name is dropped as it is from the value, unless it is all that stands after a `*`.
  if (rule.domain && text.size() > 1 && text.back() == '.' && !is_wildcard(text.size() - 2)) {
    text.remove_suffix(1);
  }
  segments_.emplace_back();
  std::string literal;
  const auto end_literal = [&] {
    if (!literal.empty()) segments_.back().push_back({normal(literal, {rule.cased, false}), false});
    literal.clear();
  };
  for (size_t at = 0; at < text.size(); ++at) {
    if (!is_wildcard(at)) {
      literal.push_back(text[at]);
      continue;
    }
    end_literal();
    if (text[at] == '?') {
      segments_.back().push_back({std::string(), true});
    } else {
      segments_.emplace_back();
    }
  }
  end_literal();
  open_begin_ = segments_.front().empty() && segments_.size() > 1;
  open_end_ = segments_.back().empty() && segments_.size() > 1;
}

bool Pattern::matches(std::string_view raw) const {
  const Normal normal_value(raw, rule_);
  const std::string_view value = normal_value.view();
  if (segments_.size() == 1) return match_from(value, 0, segments_.front()) == value.size();

  size_t at = 0;
  if (!open_begin_) {
    at = match_from(value, 0, segments_.front());
    if (at == kNotHere) return false;
  }
  for (size_t i = 1; i + 1 < segments_.size(); ++i) {
    at = find_segment(value, at, segments_[i]);
    if (at == kNotHere) return false;
  }
  return open_end_ || match_back(value, at, segments_.back()) != kNotHere;
}

}  // namespace weir::match
