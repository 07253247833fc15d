// Which source is a record of? The one whose required fields it has.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/match/program.h"

namespace weir::match {

struct Recognised {
  uint32_t source = kNone;  // the best there is; kNone: not one required field of any
  bool complete = false;    // it has all required fields
  bool plausible = false;   // at least half of them
  std::string_view missing;  // the first that is not there
};

class Recogniser {
 public:
  explicit Recogniser(const Program& program);
  // What a walk has to mark for it: the required fields of all sources.
  const std::vector<std::vector<Step>>& paths() const { return paths_; }
  // By the bits of those that were there. With `only`, no other source is considered.
  Recognised best(const std::vector<uint64_t>& marked, uint32_t only) const;

 private:
  struct Candidate {
    uint32_t source;
    std::vector<uint64_t> needs;                           // bits of paths_
    size_t count = 0;                                      // of them
    std::vector<std::pair<uint32_t, std::string>> fields;  // each with its bit, in the order of the schema
    bool by_itself;                                        // considered when no source is asked for
  };

  static bool is_considered(const Candidate& candidate, uint32_t only);
  // When no source is complete.
  Recognised nearest(const std::vector<uint64_t>& marked, uint32_t only) const;

  std::vector<std::vector<Step>> paths_;
  std::vector<Candidate> candidates_;  // most demanding first
};

// How a path is written: "answers[0].Rdata".
std::string path_text(const std::vector<Step>& path);

}  // namespace weir::match
