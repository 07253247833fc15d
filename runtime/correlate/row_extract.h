// From a match to rows: what a rule over many events asks of an event while the event is at hand.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/correlate/rule_rows.h"
#include "runtime/match/decode.h"
#include "runtime/match/program.h"

namespace weir::correlate {

// The decoder's current event, kept. `record` is what was decoded; `where` is for people.
EventRef store_event(const match::Program& program, const match::Decoder& decoder, std::string_view record,
                     bool columns, std::string where);

// What one thread has seen of the input; the order does not matter.
struct Admissions {
  explicit Admissions(const match::Program& program, SpillOptions spill = {});

  // Every event that came in, let in by a rule or not: warm-ups and the end of input go by it.
  void saw(uint16_t source, int64_t time);
  void merge(Admissions&& other);

  RuleRows rows;
  std::vector<uint64_t> without_key;          // by rule: events that lack a part of the key
  std::vector<std::optional<int64_t>> first;  // by source: time of the first event
  std::optional<int64_t> newest;              // time, of all sources
};

// The positions of an alert's group key: one value of each part. `number` as Place::combination counts them.
struct KeyPart {
  rt_value value;
  match::Identity identity;
};
std::vector<KeyPart> key_of(const match::Program& program, const match::RuleInfo& rule, const rt_event& event,
                            rt_scratch* scratch, uint32_t number);
// The bytes that say which group it is.
std::string identity_bytes(const std::vector<KeyPart>& key);

// The rows of rule `rule`, which has a correlation and matched the decoder's current event, one for each of its
// groups; `stored` is that event. None when it lacks a part of the key.
std::optional<std::vector<Row>> rows_of(const match::Program& program, uint32_t rule,
                                        const match::Decoder& decoder, rt_scratch* scratch,
                                        const EventRef& stored);

// Adds them to what was seen, or the event to those without a key.
void add_rows(const match::Program& program, uint32_t rule, const match::Decoder& decoder,
              rt_scratch* scratch, const EventRef& stored, Admissions& admissions);

}  // namespace weir::correlate
