// The passes, each a function from a module to an equal but better one, in the order in which they run.
//
// All keep the meaning of every root. Each is runnable by name: `weir dump --stage=ir:fold`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "compiler/ir.h"

namespace weir::ir {

// Empty when the module keeps the laws; else one line for each breach.
std::vector<std::string> verify(const Module& module);

// Text, stable under what is unrelated: rules by name, values numbered from %0 within what is shown.
// `rule` empty: the whole module.
std::string dump(const Module& module, std::string_view rule = {});
std::string slot_path(const match::SourceInfo& source, uint32_t slot);  // "eventName", "answers[].type as int"

// The rules with a correlation, by name: what runtime/correlate is handed.
std::string dump_correlations(const Module& module, std::string_view rule = {});

struct Pass {
  const char* name;
  const char* what;  // one line
  Module (*run)(const Module&);
};
const std::vector<Pass>& passes();  // fold, share, order, sweep
Module run_passes(Module module, std::string_view last = {});  // up to and including `last`; all when empty

// What decides early: which rules can match at all, by the constants that every match of a rule needs.
//
// An event runs the generic rules and those of one bucket for each pair of its key values (a, b): the first
// that exists of (a, b), (a, ""), ("", b). A bucket holds every rule that any event which lands in it may match.
struct Dispatch {
  struct Key {
    uint32_t slot;                          // a text slot on axis 0 of the source
    match::TextRule rule;
    std::vector<std::string> values;        // normalised: the match needs one of them
  };
  struct Bucket {                           // the events whose key values are these
    std::vector<std::string> values;        // one for each key slot, "" for any other
    std::vector<uint32_t> rules;
  };
  struct Source {
    std::vector<uint32_t> key_slots;        // at most two, the most telling first
    std::vector<match::TextRule> key_rules;
    std::vector<Bucket> buckets;
    std::vector<uint32_t> generic;          // rules that run for every event
  };
  std::vector<Source> sources;
};
Dispatch dispatch(const Module& module);
std::string dump(const Module& module, const Dispatch& dispatch);

}  // namespace weir::ir
