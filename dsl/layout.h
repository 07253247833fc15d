// A small document of nested pieces, and how it is laid out in lines of bounded width. What the pieces mean
// is the business of dsl/format; here are widths, line breaks, alignment and comments.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace weir::dsl {

struct Part;

inline constexpr uint32_t kWidth = 100;      // of a line
inline constexpr uint32_t kDataWidth = 120;  // of a line of JSON, which is read less often than it is copied

struct Doc {
  enum class Kind : uint8_t {
    text,      // as it is
    verbatim,  // source text of several lines; moves as a whole to its new column
    prose,     // lines between """, indented
    concat,    // the parts one after another
    chain,     // words with possible breaks between them: a condition
    list,      // open, parts with commas, close; filled, breaks kept
    block,     // open, one part a line, close; or all on one line
  };
  Kind kind = Kind::text;
  std::string text;         // text, verbatim; list, block: what opens it
  std::string close;        // list, block
  std::string separator;    // block: between parts on one line
  std::string padding;      // list, block: inside the brackets on one line
  uint32_t column = 0;      // verbatim: the column at which it was written
  uint32_t width = kWidth;  // list: of its lines
  bool open = false;        // list: the first part stands on a line of its own; block: was on several lines
  std::vector<Part> parts;
  std::vector<std::string> lines;  // prose

  struct Comment {
    std::string text;
    bool blank_before = false;
  };
  std::string opener_comment;    // block: after the opening bracket
  std::vector<Comment> closing;  // block: before the closing bracket
};

struct Part {
  std::vector<std::string> columns;  // words before `doc`; those of neighbours are aligned
  Doc doc;
  int align = -1;               // neighbours of the same number are aligned (all columns, or the first when
                                // they have not the same number of them); -1: never
  bool only_if_flat = false;    // …and only while `doc` stands on one line
  uint32_t min_width = 0;       // of the first column, when it is aligned
  bool break_before = false;    // list, chain: a line break of the author's
  bool blank_before = false;    // block: a blank line
  uint32_t begin = 0, end = 0;  // where it stands in the source
  std::pair<int, int> place;    // sorts the clauses of a rule

  std::vector<Doc::Comment> leading;
  bool blank_after_leading = false;
  std::string trailing;
};

Doc text_doc(std::string text);
Doc concat_doc(std::vector<Doc> docs);

// Whether it can stand on one line of that width, at column 0.
bool fits_on_one_line(const Doc& doc);

// The parts, one below the other, at no indentation; then the closing comments.
std::string lay_out(const std::vector<Part>& parts, const std::vector<Doc::Comment>& closing);

}  // namespace weir::dsl
