// Where in the source each condition of the IR comes from: what `why` and coverage show.
#pragma once

#include <string>
#include <vector>

#include "compiler/ir.h"
#include "dsl/source.h"

namespace weir::compiler {

struct TracedItem {
  enum class Kind : uint8_t { item, block, keywords };
  Kind kind = Kind::item;
  std::string text;              // "query_name|domain"
  std::string expected;          // "one of 5 patterns", "\"X\"", "10.9.9.0/28": what it is compared with
  dsl::Span span;
  match::Root holds = match::kNone;    // the item
  match::Root subject = match::kNone;  // the values that were looked at; kNone for keywords and blocks
  bool never = false;            // compares with an empty list: cannot hold
  std::vector<TracedItem> children;    // of a block: its items for *some* element (any of them)
};

struct TracedSelection {
  std::string name;
  bool shared = false;
  dsl::Span span;
  match::Root holds = match::kNone;
  std::vector<std::vector<TracedItem>> maps;  // any of them; items of a map all hold
};

struct TracedExemption {
  std::string name, reason;
  dsl::Span span;                       // of the tuning
  TracedSelection selection;
  match::Root active = match::kNone;    // `until` has not passed
};

// One rule on one of its sources. Not every source has every selection.
struct RuleTrace {
  uint32_t rule = 0;                    // index in Module::rules
  uint16_t source = 0;
  std::vector<TracedSelection> selections;  // in the order of the rule, shared ones that it uses after
  std::string condition;                // as formatted
  dsl::Span condition_span;
  match::Root condition_holds = match::kNone;  // before exemptions
  std::vector<TracedExemption> exemptions;
};

struct Trace {
  std::vector<RuleTrace> rules;
};

}  // namespace weir::compiler
