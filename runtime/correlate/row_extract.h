// From a match to rows: what a rule over many events asks of an event while the event is at hand.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/correlate/on_source.h"
#include "runtime/correlate/rule_rows.h"
#include "runtime/match/decode.h"
#include "runtime/match/program.h"

namespace weir::correlate {

// The decoder's current event, kept. `record` is what was decoded; `where` is for people.
EventRef store_event(const match::Program& program, const match::Decoder& decoder, std::string_view record,
                     bool columns, std::string where);

// What rules ask of one event, and the groups that this puts it in. Rules that ask the same are answered once, and the
// memory to work in is kept from one event to the next.
class RowExtraction {
 public:
  // Rule `rule` has a correlation and matched the decoder's current event, which is `stored`. False when the event
  // lacks a part of the key; no groups when it does not concern the rule.
  bool extract(const match::Program& program, uint32_t rule, const match::Decoder& decoder, rt_scratch* scratch,
               const EventRef& stored);

  // Until the next call.
  const Observation& seen() const { return *seen_; }
  const std::vector<RowGroup>& groups() const { return groups_; }  // each once, by rising combination

 private:
  struct Value {  // that is not null
    Identity128 identity;
    Number number;
    uint32_t begin = 0, end = 0;  // of the bytes that its identity was made of
    uint32_t text = 0, text_end = 0;  // of those of its text, where a rule asked for it
  };
  struct Answer {
    match::Root root = match::kNone;
    match::Identity identity = match::Identity::exact;
    uint32_t begin = 0, end = 0;  // of values_
    bool has_texts = false;
  };
  // What rules group by: the same for all that ask for the same parts. Of an event whose parts have one value
  // each, it says which group that is.
  struct Key {
    std::vector<std::pair<match::Root, match::Identity>> parts;
    uint64_t event = 0;  // that it was read of
    bool missing = false, single = false;
    std::vector<Answer> answers;
    Identity128 group;
  };
  // What a silence is by, of an event whose key is single.
  struct Silence {
    struct Part {
      match::Root root = match::kNone;
      match::Identity identity = match::Identity::exact;
      bool of_key = false;  // the one element, not the list that it is in
      bool operator==(const Part&) const = default;
    };
    std::vector<Part> parts;
    uint64_t event = 0;
    Identity128 key;
  };
  // By which of those a rule goes, on one source.
  struct Asks {
    static constexpr uint32_t kUnknown = UINT32_MAX;
    uint32_t key = kUnknown, silence = kUnknown;
    std::vector<bool> shown;  // by Correlation::values: whether a sample shows it
  };
  const Asks& asks_of(const match::Program& program, uint32_t rule, const match::RuleOnSource& on);
  void read(Key& key, const Evaluation& evaluation);
  bool enter_all(const match::RuleOnSource& on, const Evaluation& evaluation, bool own_silence);

  // Good until the next one.
  Answer answer(const Evaluation& evaluation, match::Root root, match::Identity identity);
  void add_texts(const Evaluation& evaluation, const Answer& answer);
  void observe(const match::Correlation& correlation, const match::RuleOnSource& on,
               const std::vector<bool>& shown, const Evaluation& evaluation);
  Identity128 group_at(const std::vector<uint32_t>& positions);
  Identity128 silence_at(const std::vector<uint32_t>& positions, const match::RuleOnSource& on,
                         const Evaluation& evaluation);

  const match::Program* program_ = nullptr;
  std::vector<Asks> asks_;  // by rule and source
  std::vector<Key> keys_;
  std::vector<Silence> silences_;

  EventRef event_;  // held, so that no other is taken for it
  uint64_t event_number_ = 0;
  std::vector<Answer> answers_;
  std::vector<uint32_t> places_;  // by root: where its latest answer may be
  std::vector<Value> values_;
  std::string bytes_;  // of values_

  std::vector<Observation> observations_;  // by how many values they have, so that nothing is allocated anew
  Observation* seen_ = nullptr;
  std::vector<RowGroup> groups_;
  const std::vector<Answer>* key_ = nullptr;
  std::vector<uint32_t> sizes_, firsts_;
  std::string work_;
};

// What one thread has seen of the input; the order does not matter.
struct Admissions {
  explicit Admissions(const match::Program& program, SpillOptions spill = {});

  // Every event that came in, let in by a rule or not: warm-ups and the end of input go by it.
  void saw(uint16_t source, int64_t time);
  void merge(Admissions&& other);

  RuleRows rows;
  RowExtraction extraction;
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

// The rows of rule `rule`, as for RowExtraction, one for each of its groups. None when the event lacks a part of the
// key.
std::optional<std::vector<Row>> rows_of(const match::Program& program, uint32_t rule,
                                        const match::Decoder& decoder, rt_scratch* scratch,
                                        const EventRef& stored, RowExtraction& extraction);

// Adds them to what was seen, or the event to those without a key.
void add_rows(const match::Program& program, uint32_t rule, const match::Decoder& decoder,
              rt_scratch* scratch, const EventRef& stored, Admissions& admissions);

}  // namespace weir::correlate
