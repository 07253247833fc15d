// How texts are compared: case, wildcards, dots of domains. Support functions of both engines.
//
// Case folding is Unicode's *simple* folding (CaseFolding.txt, status C and S): one code point to one, so
// that `?` stays one character. All functions are total over any bytes; what is not UTF-8 is compared as it is.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace weir::match {

struct TextRule {
  bool cased = false;   // case matters
  bool domain = false;  // compare without one trailing dot; a part looked for at the beginning or anywhere
                        // keeps its own ("www." is not "www"), and so does the root, "."
  bool operator==(const TextRule&) const = default;
};

std::string fold(std::string_view text);                        // simple case folding
std::string normal(std::string_view text, TextRule rule);       // folded unless cased, dot off when domain

bool equal(std::string_view a, std::string_view b, TextRule rule);
bool contains(std::string_view value, std::string_view part, TextRule rule);
bool starts_with(std::string_view value, std::string_view part, TextRule rule);
bool ends_with(std::string_view value, std::string_view part, TextRule rule);
// The name itself, or a name below it: at a label boundary, without regard to case and a final dot.
bool below(std::string_view name, std::string_view domain, bool cased = false);

// A text with wildcards, made ready: `*` any run, `?` exactly one character (code point), anchored at both ends.
class Pattern {
 public:
  // `wildcards`: offsets in `text` of the * and ? that are wildcards.
  Pattern(std::string_view text, const std::vector<uint32_t>& wildcards, TextRule rule);
  bool matches(std::string_view value) const;  // linear in the value for each `*` segment

 private:
  struct Piece {
    std::string text;     // normalised
    bool any_one = false;  // `?`
  };
  std::vector<std::vector<Piece>> segments_;  // between the `*`
  bool open_begin_ = false, open_end_ = false;
  TextRule rule_;
};

// Many texts at once; needles are normalised when made. One call normalises the value once.
class TextSet {
 public:
  enum class How : uint8_t { equal, contains, starts, ends, below };
  TextSet(How how, TextRule rule, std::vector<std::string> needles);
  bool matches(std::string_view value, bool ascii = false) const;  // ascii: the value is known to be
  How how() const { return how_; }
  TextRule rule() const { return rule_; }
  const std::vector<std::string>& needles() const { return needles_; }  // normalised, sorted, once each

 private:
  struct Index;
  template <class Same, class Contains>
  bool matches_few(std::string_view value, Same same, Contains contains) const;
  bool matches_index(std::string_view normal_value) const;

  How how_;
  TextRule rule_;
  std::vector<std::string> needles_;
  std::shared_ptr<const Index> index_;
};

}  // namespace weir::match
