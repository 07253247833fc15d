// The units of a file, one after the other, and block by block; how reading goes on after a mistake. A unit
// that fails is explained; if the explanation mends it, the mended draft is read again, else the unit is
// skipped.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dsl/build.h"
#include "dsl/diagnostic.h"
#include "dsl/draft.h"
#include "dsl/mistakes.h"

namespace weir::dsl {

class UnitReader {
 protected:
  UnitReader(const SourceMap& sources, SourceId source, Diagnostics& diagnostics);

  std::string_view text() const { return draft_.text(); }
  std::string_view word_here() const { return spelled(text(), token_at(text(), at_)); }

  // Nothing when it could not be read, or the fix left it out.
  UnitTree take(Unit unit);
  // Takes one unit and hands its node over; false when there is none.
  template <class Use>
  bool one(Unit unit, Use use) {
    const UnitTree tree = take(unit);
    if (tree) use((*tree)[0]);
    return bool(tree);
  }
  // Behind its opening brace, whose head that is: item() till the block ends; what item() cannot read (false)
  // is skipped. Where the head begins, which a mended draft may have moved.
  template <class Item>
  uint32_t block(BlockKind kind, const Node& head, Item item) {
    open_.push_back({kind, head.begin, head.end - 1});
    while (!at_end_of_block(kind))
      if (!item() && !stopped_ && !std::exchange(left_out_, false)) skip_item();
    const uint32_t begin = open_.back().begin;
    open_.pop_back();
    return begin;
  }

  void begin_declaration() { open_text_ = open_block_ = false; }
  // What stands here begins no declaration: true when the explanation mended it, and it is to be read again.
  bool explain_no_declaration();
  void skip_to_declaration();
  bool stopped() const { return stopped_; }

  const SourceMap& sources_;
  SourceId source_;
  Diagnostics& out_;
  Draft draft_;
  uint32_t at_ = 0;

 private:
  // A unit that runs into the next declaration stopped there, whatever it made of it.
  Failure before_next_declaration(Failure failure) const;
  void report(const Mistake& mistake);
  void mend(const Mistake& mistake);

  bool at_end_of_block(BlockKind kind);  // and behind it, when it is closed
  bool is_left_open(BlockKind kind);
  void left_open(std::string reason, bool inner);
  void skip_item();
  bool restarts(const Token& token, bool outside) const;

  uint32_t failed_at_ = 0;
  uint32_t resumed_at_ = kNowhere;  // where the last skip ended
  bool open_text_ = false;          // a text of this declaration is never closed: its braces prove nothing
  bool open_block_ = false;         // E102 is said of this declaration
  bool left_out_ = false;           // the fix left the whole unit out, or made it one of another kind
  bool stopped_ = false;            // at kMaxReportedPerFile
  size_t reported_ = 0, reread_ = 0;
  std::vector<OpenBlock> open_ = {OpenBlock{}};
};

}  // namespace weir::dsl
