// The timeline of one test: its events in the order of their arrival, and what came of them (language.md, 9).
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cli/ruletest/run.h"
#include "runtime/correlate/duplicates.h"
#include "runtime/correlate/correlator.h"
#include "runtime/match/decode.h"

namespace weir::cli {

// A time of a test, from its start.
std::string offset_text(int64_t time);

struct Fed {
  std::vector<correlate::Alert> alerts;  // of all rules, in the total order
  std::vector<std::string> notes;        // what was late, ahead or a duplicate
  std::function<std::vector<std::string>()> explanations;  // why the rules of the test did what they did
};

class Feeder {
 public:
  // `rules`: those that the test is about; others of the pack run because these hear them.
  Feeder(const compiler::Project& project, const compiler::Compiled& compiled, const std::vector<std::string>& rules,
         TestRunner::Observer* observer);

  // False when the event cannot be given to any rule; `problem` says why.
  bool feed(const dsl::Feed& feed, std::string& problem);

  // Time runs on for ever after the last event. Once; what it gives may not outlive the feeder.
  Fed end();

 private:
  const match::RuleInfo* tested_rule() const;
  uint32_t source_of(const dsl::Feed& feed) const;
  bool is_tested(uint32_t rule) const;
  void evaluate(std::string_view record, std::optional<int64_t> arrives);
  void explain_event();
  void observe_heard(const std::vector<correlate::Alert>& alerts);
  std::vector<std::string> explain_rules(const correlate::Replay& replay) const;

  const compiler::Project& project_;
  const compiler::Compiled& compiled_;
  const match::Program& program_;
  const std::vector<std::string>& rules_;
  TestRunner::Observer* observer_;
  match::Decoder decoder_;
  std::shared_ptr<rt_scratch> scratch_;
  std::vector<uint64_t> matched_;
  correlate::Duplicates duplicates_;
  correlate::Admissions admissions_;
  std::vector<correlate::Alert> candidates_;
  std::vector<std::string> explanations_;
  std::optional<int64_t> newest_;  // event time so far, of events that were not ahead
  uint64_t late_ = 0, ahead_ = 0, duplicate_ = 0;
  int64_t serial_ = 0;
};

}  // namespace weir::cli
