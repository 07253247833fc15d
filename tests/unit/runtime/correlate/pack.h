// A pack made by hand: two sources of events and the alerts, rules whose conditions ask whether a name begins
// with a letter, and the way from lines of JSON to alerts, in one thread or many, in any order.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/correlate/correlator.h"

namespace weir::correlate {

// Slots are also roots.
enum Slot : uint32_t { kAt, kId, kName, kUser, kSize, kTags, kRule, kSlots };
inline constexpr match::Root kAlways = 100, kNever = 101;
inline constexpr uint16_t kOne = 0, kTwo = 1, kAlerts = 2;  // `one` has ids, `two` has none

class Pack {
 public:
  Pack();

  // A root: the slot is a text that begins with `prefix`.
  match::Root begins(Slot slot, std::string prefix);
  // A root: the one does not hold.
  match::Root no(match::Root root);

  // A rule over `one` (or others) that lets in what `match` says; fields of it may be changed until alerts()
  // is called.
  match::RuleInfo& rule(std::string name, match::Root match = kAlways,
                        std::vector<uint16_t> sources = {kOne});
  // The same with a correlation over groups of kUser, whose conditions are names that begin with `a`, `b`,
  // `c`, `d`, and whose values are kSize, kTags, kName.
  match::Correlation& correlation(std::string name, int64_t span_s, std::vector<uint16_t> sources = {kOne});
  match::RuleInfo& last() { return program_->rules.back(); }

  struct Line {
    uint16_t source = kOne;
    std::string json;
  };
  match::SourceInfo& source_info(uint16_t source) { return program_->sources[source]; }
  // `horizon`: what is decided at the end; else the newest event's time. `shuffle`: the order of the lines, and how many parts they are split into; 0: as they are, in one.
  Replay run(std::vector<Line> lines, uint32_t shuffle = 0, bool for_ever = true,
             std::optional<int64_t> horizon = std::nullopt) const;
  std::vector<std::string> told(const Replay& replay) const;  // "@seconds rule message"
  std::shared_ptr<const match::Program> program() const { return program_; }

  struct Test {
    uint32_t slot = 0;
    std::string prefix;
    match::Root turned = match::kNone;
  };
  struct Code {
    std::map<match::Root, Test> tests;
    std::vector<std::vector<match::Root>> matches;  // by rule, by source
  };

 private:
  std::shared_ptr<Code> code_;
  std::shared_ptr<match::Program> program_;
};

// An event `at` seconds after the first of January 2026.
Pack::Line event(int64_t at, const std::string& name, const std::string& more = "", uint16_t source = kOne);

// `count() >= least` and its like.
void asks(match::Correlation& correlation, match::Aggregate::Kind kind, std::vector<uint32_t> values,
          double least);
// Steps by conditions: "a then not b", "3 a then b", "a and b and not c".
void steps(match::Correlation& correlation, const std::string& text);

}  // namespace weir::correlate
