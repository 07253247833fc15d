// See matcher.h.
#include "runtime/match/matcher.h"

#include <algorithm>

namespace weir::match {

Matcher::Matcher(std::shared_ptr<const Program> program)
    : shared_(program),
      program_(*shared_),
      decoder_(program),
      scratch_(program_.make_scratch()),
      matched_(program_.match_words()) {}

Decoded Matcher::recognise(std::string_view record, bool text, uint32_t only) {
  return text ? decoder_.decode_columns(record, only) : decoder_.recognise(record, only);
}

Matcher::Outcome Matcher::match() {
  const rt_reach reach = program_.may_match(program_.code.get(), &decoder_.event(), scratch_.get());
  if (reach == RT_NO_RULE) return Outcome::nothing;
  if (!decoder_.complete(reach)) return Outcome::too_much;
  program_.match(program_.code.get(), &decoder_.event(), scratch_.get(), matched_.data());
  if (std::all_of(matched_.begin(), matched_.end(), [](uint64_t word) { return word == 0; }))
    return Outcome::nothing;
  return decoder_.complete_rest() ? Outcome::matched : Outcome::too_much;
}

std::string reason_of(const Decoded& decoded) {
  return decoded.detail.empty() ? decoded.reason : std::string(decoded.reason) + ": " + decoded.detail;
}

}  // namespace weir::match
