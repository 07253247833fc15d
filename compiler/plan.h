// How each list of rules that an event may meet is run. It decides nothing about meaning.
//
// What an event's bucket says of its key values need not be asked again: the rules of a bucket go on with the rest of
// their conditions, which are added to the module.
//
// A *chain* is one function with its rules one after the other: best for few that are quickly refused. In a *guarded* list each rule, where
// it can, waits for texts or networks of which every match of it needs one; one look-up per field and event finds the
// rules whose text is there, and only these run. A regular expression waits for a text that stands in all it matches.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "compiler/ir.h"
#include "compiler/passes.h"

namespace weir::ir {

struct Plan {
  // Rules that each compare a field with a short text; others count for more. Native code goes through a
  // longer chain in less time than the look-ups of its guards take.
  static constexpr size_t kMostInChain = 40, kMostInNativeChain = 100;
  static constexpr uint32_t kGeneric = UINT32_MAX;

  struct Rule {
    uint32_t rule;
    Value match;             // what is left to ask
    // `texts` and `networks` of fields of the event, of which every match needs one; empty: it always runs.
    std::vector<Value> guards = {};
  };
  struct List {
    uint16_t source = 0;
    uint32_t bucket = kGeneric;  // of the source's dispatch
    bool guarded = false;        // else a chain
    std::vector<Rule> rules;
  };
  // Of each source its generic rules, then its buckets in order.
  std::vector<List> lists;
  std::vector<size_t> first_of;  // by source: where its lists begin
};

// A dispatch without sources: every rule is generic.
Plan plan(Module& module, const Dispatch& dispatch, size_t most_in_chain = Plan::kMostInChain);

// Why a list is run as it is: "chain", "guarded (41 of 52 rules wait: userAgent contains 12, …)".
std::string reason(const Module& module, const Plan::List& list);
// The dispatch, and how each of its lists is run.
std::string dump(const Module& module, const Dispatch& dispatch, const Plan& plan);

}  // namespace weir::ir
