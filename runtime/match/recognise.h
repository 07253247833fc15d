// Which source is a record of? The one whose required fields it has.
#pragma once

#include <string>
#include <vector>

#include "runtime/match/decode_walk.h"
#include "runtime/match/program.h"

namespace weir::match {

struct Recognised {
  uint32_t source = kNone;  // the best there is; kNone: not one required field of any
  bool complete = false;    // it has all required fields
  bool plausible = false;   // at least half of them
  std::string missing;      // the first that is not there
};

class Recogniser {
 public:
  explicit Recogniser(const Program& program);
  // With `only`, no other source is considered. False: the record holds more values than a slot may.
  bool run(simdjson::dom::element record, uint32_t only, EmbeddedReaders& readers, Arena& arena,
           Recognised& found);

 private:
  struct Candidate {
    uint32_t source;
    std::vector<uint32_t> slots;  // of the walk, one for each required field
    std::vector<std::string> names;
    bool by_itself;  // considered when no source is asked for
  };
  bool has(uint32_t slot) const;

  std::vector<Candidate> candidates_;  // most demanding first
  Walk walk_;
};

// How a path is written: "answers[0].Rdata".
std::string path_text(const std::vector<Step>& path);

}  // namespace weir::match
