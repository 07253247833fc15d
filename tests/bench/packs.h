// The bench of whole packs: from bytes in memory to the bits of the rules that match, against ref, with the distance
// to each goal.
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "compiler/compile.h"

namespace weir::bench {

// Generated rules, compiled; null, with a line on stderr, when they do not compile as they should.
std::unique_ptr<compiler::Compiled> generated_pack(size_t rules, double generic_share, compiler::Engine engine);

struct Matched {
  uint64_t events = 0;     // that could be read
  uint64_t completed = 0;  // of them, those that a rule might match
  uint64_t matches = 0;
};
// Each line of the text recognised, completed where a rule may match, and matched; nothing is made of the matches.
Matched match_lines(const std::shared_ptr<const match::Program>& program, const simdjson::padded_string& text);

// Prints a line for each cell, or for those named in `only`. False when something goes wrong, not when a goal is missed.
bool bench_packs(const simdjson::padded_string& text, const std::vector<std::string>& only, int rounds, bool wall,
                 bool json);

// How much of its main thread's time a new process has used when the first event is decided by the pack in `rules`;
// to be called before anything else.
double first_event_ms(const std::vector<std::string>& rules);

}  // namespace weir::bench
