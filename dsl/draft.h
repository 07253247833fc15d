// The text being parsed: the file's own, mended where the reader's mistakes were recognised, so that the
// parse goes on as if each fix had been made. Positions in it are told in terms of the file.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dsl/diagnostic.h"
#include "dsl/source.h"

namespace weir::dsl {

class Draft {
 public:
  Draft(SourceId source, std::string_view text) : source_(source), text_(text) {}

  std::string_view text() const { return text_; }
  Span span(uint32_t begin, uint32_t end) const;  // in the file
  Span original(Span in_draft) const { return span(in_draft.begin, in_draft.end); }

  // Edits of the draft, in any order, not overlapping.
  void apply(std::vector<Edit> edits);

 private:
  struct Change {
    uint32_t begin, end;          // in the draft
    uint32_t was_begin, was_end;  // in the file
  };
  void replace(uint32_t begin, uint32_t end, std::string_view with);
  uint32_t was_begin(uint32_t at) const;
  uint32_t was_end(uint32_t at) const;

  SourceId source_;
  std::string text_;
  std::vector<Change> changes_;  // by place
};

}  // namespace weir::dsl
