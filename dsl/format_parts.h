// The parts of a document with the comments that belong to them: what every declaration and clause of
// dsl/format is made with.
#pragma once

#include <string>
#include <vector>

#include "dsl/ast.h"
#include "dsl/format_values.h"
#include "dsl/layout.h"
#include "dsl/source.h"

namespace weir::dsl {

class PartMaker {
 public:
  PartMaker(const SourceMap& sources, const File& file)
      : file_(file), source_(sources.text(file.source)), values_(sources) {}

 protected:
  // A part with nothing inside that could have comments of its own; with a comment in it, it stays as it was
  // written.
  template <class Build>
  Part leaf(Span span, Build build) const {
    return has_comment(span.begin, span.end) ? as_written(span) : build();
  }
  Part part(Span span, std::vector<std::string> columns, Doc doc, int align = -1) const;

  // A clause with a block: `open` is where the opening bracket stands. Comments before it have no line of
  // their own there: they go above the clause.
  Part clause(Span span, std::string head, uint32_t open, Doc body) const;
  // `end` is one past the closing bracket.
  Doc block(uint32_t open, uint32_t end, std::vector<Part> parts, const char* separator,
            bool always_open = false) const;
  // The next `{` that is in no comment; the end of the text when there is none.
  uint32_t brace_after(uint32_t at) const;

  // Gives each comment between `begin` and `end` that is outside the parts to a part, or to the owner: after
  // its opening bracket, or before the closing one. The parts stand in the order of the text.
  void attach(std::vector<Part>& parts, uint32_t begin, uint32_t end, Doc& owner) const;
  void hoist(Part& part, uint32_t begin, uint32_t end) const;
  bool has_comment(uint32_t begin, uint32_t end) const { return !comments(begin, end).empty(); }
  Part as_written(Span span) const;

  const File& file_;
  std::string_view source_;
  ValueFormatter values_;

 private:
  std::vector<const Comment*> comments(uint32_t begin, uint32_t end) const;
  bool line_ends(uint32_t begin, uint32_t end) const {
    return values_.broken_between(begin, end, file_.source);
  }
  bool blank_line_before(uint32_t at) const;
};

}  // namespace weir::dsl
