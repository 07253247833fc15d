// A compiled pack: what the compiler hands to the runtime, and all that the runtime knows of rules.
//
// Two back ends fill it (the interpreter and native code); the runtime cannot tell which one it runs. A
// Program is immutable and shared by threads; each thread has a scratch of its own.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/match/abi.h"
#include "runtime/match/correlation.h"
#include "runtime/match/projection.h"

namespace weir::match {

// ---- sources ------------------------------------------------------------------------------------------------

struct RequiredField {
  std::vector<Step> path;
  Want want = Want::any;
  std::string name;  // as in the schema, for messages
};

struct SourceInfo {
  std::string name;   // "cloudtrail"
  std::string title;
  bool columns = false;                   // text lines, else JSON
  std::vector<std::string> column_names;  // with `columns`
  std::vector<RequiredField> required;    // what a record of this source has; how it is recognised
  std::vector<Step> time_path;
  std::vector<Step> id_path;              // empty: records have no id, equal ones are different events
  int64_t late_ms = 0;
  int64_t ahead_ms = 300'000;
  bool is_alert = false;                  // other rules' alerts; never read from input
  Projection projection;
  uint32_t id_slot = kNone;               // the slot of id_path
  std::vector<uint32_t> deciding_slots;   // what may_match looks at; on axis 0
  std::vector<uint32_t> matching_slots;   // what match looks at; the others are for what is made of a match
  bool has_generic = false;               // there are rules that may match any event
  std::vector<uint32_t> generic_slots;    // what match looks at for these
};

// ---- rules --------------------------------------------------------------------------------------------------

inline constexpr int kLevels = 5;
extern const char* const kLevelNames[kLevels];  // "informational" … "critical", rising

// An expression of a rule, for events of one source: a root that rt_eval_fn understands.
using Root = uint32_t;

// The pieces of a message have the same numbers on every source of the rule.
struct MessagePiece {
  enum class Kind : uint8_t {
    text,
    root,       // of the completing event; values are joined by ", ", none prints "-"
    key,        // a part of the group's key: what this group has there
    aggregate,  // one aggregate over the window
    number,     // what is calculated of aggregates: `count(where failed) / count()`, `baseline(count(), 7d)`
    step,       // `a.field`: `root` asked of the event of the step
  };
  Kind kind = Kind::text;
  std::string text;    // literal
  Root root = kNone;   // root, key (where there is no group), step
  // Of Correlation: key of group_by, aggregate of aggregates, number of numbers, step of conditions.
  uint32_t index = 0;
};

struct NamedRoot {
  std::string name;    // as written in the rule
  Root root = kNone;   // kNone: this source has no such thing
  Identity identity = Identity::exact;  // of `suppress_by`
  uint32_t key = kNone;    // suppress_by: of Correlation::group_by, what this group has there; else `root`
  uint32_t step = kNone;   // fields: of Correlation::conditions, `root` is asked of the event of that step
};

// What a rule needs to make an alert out of an event of one source.
struct RuleOnSource {
  uint16_t source = 0;
  Root match = kNone;                   // the condition, exemptions applied
  std::vector<MessagePiece> message;
  std::vector<NamedRoot> fields;
  std::vector<NamedRoot> suppress_by;
  std::vector<std::pair<uint8_t, Root>> level_cases;  // level where root; the last that holds
  // What the schema derives of the record, for rules that hear this one's alerts (`event.client`); empty when
  // nothing in the pack does.
  std::vector<NamedRoot> derived;
  std::vector<NamedRoot> exemptions;    // by name; true: the event would have matched without it

  // With a correlation: `match` lets exempted events in too (their absence counts, and `new` remembers them);
  // `counted` holds for the others.
  Root counted = kNone;
  std::vector<Root> group_by, values, conditions;  // by the numbers of Correlation
};

// The name under which Weir tells that groups of a rule went for want of room.
inline constexpr const char* kEvictionName = "weir.state_evicted";

struct RuleInfo {
  std::string name, id, title, status, description, response, author;
  int64_t version = 1;
  uint8_t level = 0;                    // index of kLevelNames; before level_cases
  std::vector<std::string> mitre, tags, falsepositives, references;
  bool building_block = false;
  // Its alerts are made by windows: it has a correlation, or it hears nothing but other rules' alerts. A rule of the
  // latter kind without a `correlation` is legal, fires for each alert that it matches, and has none below.
  bool has_correlation = false;
  std::shared_ptr<const Correlation> correlation;
  std::optional<int64_t> suppress_ms;
  std::string file;                     // for people: where the rule stands
  uint32_t line = 0;
  std::vector<RuleOnSource> sources;    // one for each of its sources
  // Of a rule over alerts: whose alerts it may hear, by their index in the program. Nothing: anyone's.
  std::optional<std::vector<uint32_t>> hears;
};

// ---- the program --------------------------------------------------------------------------------------------

struct Program {
  std::vector<SourceInfo> sources;
  std::vector<RuleInfo> rules;          // in the order of the project; their index is the bit in `matched`

  std::shared_ptr<const void> code;     // what the two functions understand
  rt_may_match_fn may_match = nullptr;
  rt_match_fn match = nullptr;
  rt_eval_fn eval = nullptr;
  std::function<std::shared_ptr<rt_scratch>()> make_scratch;
  std::string engine;                   // "interpreter" or "native", for people

  size_t match_words() const { return (rules.size() + 63) / 64; }
};

}  // namespace weir::match
