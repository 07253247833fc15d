// One record after the other → which rules match it: the steps of decode.h in the order in which they are
// worth their cost. For one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/match/decode.h"
#include "runtime/match/program.h"

namespace weir::match {

class Matcher {
 public:
  explicit Matcher(std::shared_ptr<const Program> program);

  // What it is; `text` is a line rather than JSON. With `only`, no other source is considered.
  Decoded recognise(std::string_view record, bool text, uint32_t only = kNone);

  enum class Outcome : uint8_t {
    nothing,
    matched,   // matched() says what, and the decoder has the whole event
    too_much,  // the event holds more values at one path than are looked at: it is unreadable after all
  };
  // Of the record that was recognised last.
  Outcome match();

  Decoder& decoder() { return decoder_; }
  const rt_event& event() const { return decoder_.event(); }
  rt_scratch* scratch() const { return scratch_.get(); }
  const std::vector<uint64_t>& matched() const { return matched_; }

  // Calls `each` with every rule that matched.
  template <class Each>
  void for_each_rule(Each each) const {
    for (size_t word = 0; word < matched_.size(); ++word)
      for (uint64_t bits = matched_[word]; bits; bits &= bits - 1)
        each(static_cast<uint32_t>(word * 64 + static_cast<size_t>(__builtin_ctzll(bits))));
  }

 private:
  std::shared_ptr<const Program> shared_;
  const Program& program_;
  Decoder decoder_;
  std::shared_ptr<rt_scratch> scratch_;
  std::vector<uint64_t> matched_;
};

// Why a record is unreadable, as a sentence.
std::string reason_of(const Decoded& decoded);
inline constexpr const char* kTooMuch = "more values at one path than are looked at";

}  // namespace weir::match
