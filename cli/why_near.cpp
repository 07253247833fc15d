// A scan of one rule, and of those that it hears, that keeps the rows.
#include "cli/why_near.h"

#include "cli/load.h"
#include "cli/scanner.h"
#include "cli/terminal.h"
#include "cli/verbs.h"
#include "compiler/compile.h"
#include "dsl/shown.h"
#include "runtime/correlate/correlator.h"
#include "runtime/correlate/duplicates.h"
#include "runtime/correlate/near.h"
#include "runtime/match/decode.h"
#include "runtime/match/functions.h"

namespace weir::cli {
namespace {

class RowCollector final : public ingest::Receiver {
 public:
  explicit RowCollector(std::shared_ptr<const match::Program> program)
      : admissions(*program),
        program_(*program),
        decoder_(program),
        scratch_(program->make_scratch()),
        matched_(program->match_words()) {}

  void record(const ingest::Record& record) override {
    const match::Decoded decoded =
        record.text ? decoder_.decode_columns(record.bytes) : decoder_.decode(record.bytes);
    if (decoded.status == match::DecodeStatus::unreadable)
      unreadable({record.place, decoded.detail.empty() ? decoded.reason : decoded.detail, {}});
    if (decoded.status != match::DecodeStatus::ok || is_duplicate()) return;
    ++events;
    const rt_event& event = decoder_.event();
    admissions.saw(event.source, event.time);
    program_.match(program_.code.get(), &event, scratch_.get(), matched_.data());
    correlate::EventRef stored;
    for (uint32_t rule = 0; rule < program_.rules.size(); ++rule) {
      if (!(matched_[rule / 64] >> (rule % 64) & 1)) continue;
      const std::string where = where_text(record.place);
      if (!program_.rules[rule].correlation) {
        candidates.push_back(correlate::make_alert(program_, rule, decoder_, scratch_.get(), where));
        continue;
      }
      if (!stored) stored = correlate::store_event(program_, decoder_, record.bytes, record.text, where);
      correlate::add_rows(program_, rule, decoder_, scratch_.get(), stored, admissions);
    }
  }
  void unreadable(const ingest::Problem& problem) override {
    print_error("{}: {}", where_text(problem.place), problem.reason);
  }
  void skipped(ingest::Skip, const ingest::Place&, uint64_t) override {}
  void progress(uint64_t) override {}

  uint64_t events = 0;
  correlate::Admissions admissions;
  std::vector<correlate::Alert> candidates;

 private:
  bool is_duplicate() {
    const std::string_view id = decoder_.id();
    if (id.empty()) return false;
    const rt_event& event = decoder_.event();
    const int64_t keep = correlate::remembered_for(program_.sources[event.source].late_ms);
    return duplicates_.see(event.source, id, decoder_.canonical_hash(), event.time, keep) ==
           correlate::Duplicates::Verdict::duplicate;
  }

  const match::Program& program_;
  match::Decoder decoder_;
  std::shared_ptr<rt_scratch> scratch_;
  std::vector<uint64_t> matched_;
  correlate::Duplicates duplicates_;
};

void print_group(const std::string& rule, const correlate::NearGroup& group, bool json) {
  if (!json) {
    print_out("  {}  ({}){}\n", group.key.empty() ? "all events" : dsl::shown(group.key), counted(group.events, "event"),
              group.told ? "  fired" : "");
    for (const std::string& line : group.lines) print_out("    {}\n", dsl::shown(line));
    return;
  }
  std::string lines;
  for (const std::string& line : group.lines) lines += (lines.empty() ? "" : ",") + json_quoted(line);
  print_out("{{\"rule\":{},\"group\":{},\"events\":{},\"fired\":{},\"closeness\":{:.3f},\"lines\":[{}]}}\n",
            json_quoted(rule), json_quoted(group.key), group.events, group.told, group.closeness, lines);
}

}  // namespace

int why_near(const compiler::Project& project, const std::string& rule, size_t most,
             const std::vector<ingest::InputFile>& files, bool json) {
  compiler::CompileOptions compile_options;
  compile_options.only = compiler::heard_rules(project, rule);
  compile_options.only.push_back(rule);
  dsl::Diagnostics diagnostics;
  const compiler::Compiled compiled = compiler::compile(project, compile_options, diagnostics);
  const match::Program& program = *compiled.program;
  uint32_t index = 0;
  while (index < program.rules.size() && program.rules[index].name != rule) ++index;
  if (index == program.rules.size()) {
    diagnostics.sort();
    print_diagnostics(project, diagnostics);
    return kNo;
  }
  if (!program.rules[index].correlation) {
    print_error("{} looks at one event at a time: --most shows the events that came nearest", rule);
    return kUsage;
  }
  RowCollector collector(compiled.program);
  for (const ingest::InputFile& file : files) ingest::read_file(file, {}, collector);
  const correlate::Replay replay = correlate::replay(compiled.program, std::move(collector.admissions),
                                                     std::move(collector.candidates), {.keep_rows = true});
  uint64_t alerts = 0;
  for (const correlate::Alert& alert : replay.alerts) alerts += alert.rule == index;

  correlate::FireAlerts events(compiled.program);
  correlate::NearOptions options;
  options.most = most;
  options.ready_from = replay.ready_from[index];
  options.time_text = match::format_time;
  size_t groups = 0;
  const auto nearest = correlate::nearest_groups(program, index, replay.rows[index], options, events, groups);
  if (!json)
    print_out("{}: {} in {}; {} let in, {}{}\n", rule, alerts ? counted(alerts, "alert") : "no alert",
              counted(collector.events, "event"), grouped(replay.counts[index].rows), counted(groups, "group"),
              nearest.empty() ? "" : "; the nearest:");
  for (const correlate::NearGroup& group : nearest) print_group(rule, group, json);
  return kOk;
}

}  // namespace weir::cli
