// What one thread knows of the rules on a live feed. In four parts: what comes in (live_take.cpp), what is
// called for (live_settle.cpp), what is decided (live_decide.cpp), and what is kept over a restart
// (live_saved.cpp).
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "runtime/correlate/live.h"
#include "runtime/correlate/live_hand.h"
#include "runtime/correlate/live_parts.h"
#include "runtime/correlate/live_rule.h"
#include "runtime/correlate/open_alerts.h"
#include "runtime/correlate/ordinals.h"
#include "runtime/correlate/packed_rows.h"
#include "runtime/correlate/row_extract.h"
#include "runtime/correlate/saved_groups.h"
#include "runtime/correlate/state_bytes.h"
#include "runtime/correlate/waiting_events.h"

namespace weir::correlate {

// A rule whose alerts may wait for the watermark.
struct LiveLine {
  explicit LiveLine(bool in_groups) : open(in_groups) {}

  std::unique_ptr<LiveRule> state;
  SavedGroups saved;
  std::vector<SavedPart> last_groups;  // saved when they were decided, at the end of a replay
  OpenAlerts open;
  bool hears = false;         // its events are alerts, or are among others
  // Of a rule that hears alerts: one more than the deepest of those that it was seen to hear.
  uint32_t depth = 0;
  int64_t rests_until = INT64_MIN;  // by LiveOptions::steady_us
  int64_t watermark = INT64_MIN;  // up to which it is decided
  std::optional<int64_t> first;   // time of the first event of its sources: its warm-up begins
  int64_t knows_from = INT64_MIN;  // its state is complete for windows that begin then or later
  int64_t called_for_from = INT64_MAX;   // nothing is called for that is earlier
  uint64_t evicted = 0;                  // as state->state()->evicted() when last looked at
  std::optional<int64_t> told_eviction;  // when an alert last said so, in event time
};

// CalledFor::content of what is told.
Identity128 content_of(const Telling& telling);

struct Live::Impl {
  Impl(std::shared_ptr<const match::Program> program, const LiveOptions& options);
  void make_line(uint32_t rule);

  // ---- what comes in
  enum class Coming : uint8_t { in_time, late, ahead };
  Coming coming(uint16_t source, int64_t time, int64_t delivered) const;
  bool comes_in(uint16_t source, int64_t time, int64_t delivered);
  void begin_warmups_of_alerts(int64_t time);
  bool prepare(Hand& hand, const uint64_t* matched) const;
  void pack(Hand& hand, uint32_t rule, const EventRef& stored) const;
  void save_packed(Hand& hand) const;
  Asked ask(uint32_t rule, match::Decoder& decoder, rt_scratch* scratch, const EventRef& stored,
            RowExtraction& extraction) const;
  Identity128 unit_of(const match::RuleInfo& rule, match::Decoder& decoder, rt_scratch* scratch,
                      const StoredEvent& stored) const;
  void take(Hand& hand);
  void tell_at_once(uint32_t rule, uint16_t source, Alert made, bool in_time);
  // The units in which the rows wait.
  std::vector<std::pair<uint32_t, Identity128>> wait(Asked& asked, const std::string& of_alert);
  void wait_packed(uint32_t rule, match::Decoder& decoder, rt_scratch* scratch, const EventRef& stored);
  void gather();  // what the hands counted
  void begin_warmups(uint16_t source, int64_t time);
  bool is_packed(uint32_t rule) const { return packed && program.rules[rule].correlation && !lines[rule]->hears; }
  // Rows that wait are looked at before the end after all. Before any event.
  void unpack();
  // Decides the oldest rows of the rules that hold most of them, until there is room.
  void make_room();

  // ---- what is called for
  void settle();
  void look_at_all();  // that is touched and does not rest; tells nothing
  bool rests(uint32_t rule) const;
  int64_t steady_us() const { return options.steady_us ? options.steady_us() : 0; }
  void look_at_restored();  // the first time after a restart
  void look_again(uint32_t rule);
  std::vector<CalledFor> called_for(uint32_t rule, std::vector<Telling> tellings, std::vector<CalledFor> before);
  void number(uint32_t rule, std::vector<Telling>& tellings);
  Alert alert_of(uint32_t rule, const Telling& telling);
  std::vector<HeardAlert> hear(const Alert& alert);
  std::optional<std::vector<HeardAlert>> heard_before(const Alert& alert, std::string_view line);
  void unhear(const std::vector<HeardAlert>& heard);
  void emit(const AlertRef& alert, const char* state, const std::string* replaces);
  std::vector<uint32_t> by_depth();
  void find_sources();

  // ---- what is kept over a restart
  std::vector<SavedPart> take_saved();
  StateWriter saved_batch(std::span<const WaitingEvents::Fresh> events) const;
  void save_batches(std::vector<SavedPart>& parts);
  std::vector<SavedPart> saved_of(uint32_t rule);
  std::vector<SavedPart> saved_groups(uint32_t rule);
  std::optional<std::string> restore(const std::vector<SavedPart>& parts, std::vector<std::string>& forgotten,
                                     const EachPart& more);

  // ---- what is decided
  void advance(const std::vector<int64_t>& delivered);
  void end();
  void withdraw_all();
  void decide_all();
  void decide_unheard();
  void decide(uint32_t rule, int64_t watermark);
  void tell_decided(uint32_t rule, std::vector<Telling> tellings);
  void tell_final(uint32_t rule, std::vector<Telling> tellings);
  void drop_called_for(LiveLine& line);
  void tell_eviction(uint32_t rule);
  int64_t delivered_to(uint32_t rule) const;
  int64_t watermark_of(uint32_t rule) const;

  std::shared_ptr<const match::Program> shared;
  const match::Program& program;
  LiveOptions options;
  FireAlerts alerts;
  std::vector<std::unique_ptr<LiveLine>> lines;  // by rule; null: its alerts are final at once
  std::vector<std::vector<uint16_t>> waits_for;  // by rule: sources of events, its own and those of the rules it may hear
  std::vector<std::vector<uint32_t>> warming;    // by source: rules whose warm-up it begins
  bool has_alert_sources = false;
  WaitingEvents waiting;
  std::unique_ptr<RuleRows>
      packed;  // of rules that hear no alerts, in a replay: those that were restored; at its end all
  std::vector<std::shared_ptr<Hand>> hands;
  std::shared_ptr<Hand> own_hand;
  std::string failure;
  Ordinals ordinals;
  std::vector<uint32_t> order;     // of lines, by depth; empty when a depth has changed
  std::vector<int64_t> delivered;  // by source
  std::vector<int64_t> woken_to;   // by rule: deadlines up to it have been seen
  std::optional<int64_t> newest;   // event time
  // LiveOptions::steady_us at the last advance(): what rests then rests for all of a commit, so take_saved()
  // tells nothing that take_alerts() did not.
  int64_t advanced_us = 0;
  bool may_rest = true;
  int64_t busy = 0;  // rules that were touched when rules were last looked at
  bool ended = false;
  bool missed = false;  // a rule that decided early could not hear of an event
  std::vector<uint64_t> heard_match;  // memory to match in
  RowExtraction extraction;
  std::vector<Alert> told;
  OpenAlerts::Amended amended;
  LiveCounts counts;
  std::unordered_map<std::string, std::vector<HeardAlert>> restored;  // by id, what rules heard of alerts
  std::vector<std::string> restored_open;                             // ids of alerts that were open then
  SavedHead saved_head;                                               // as it was last saved
  std::vector<std::string> dropped;                                   // keys of parts that are of no use now
};

}  // namespace weir::correlate
