// Whatever the order of the input, its split into files, the copies in it and the threads that read it: the alerts are
// the bytes that one thread gives for the sorted input in one file (language.md, 7). And these are what the slow model
// says, which looks at all rows of a window anew.
//
//   test_shuffle --packs 1000 --orders 20                  generated packs
//   test_shuffle --pack FOLDER … --orders 20               the tests of the rules of a pack
//   test_shuffle --seed 17 --packs 1                       one seed again
//   … --restart                                            live instead: delivered within `late`, saved and restored
//                                                          after every k-th event, and with the state damaged
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>

#include "cli/scanner.h"
#include "compiler/compile.h"
#include "runtime/correlate/correlator.h"
#include "runtime/correlate/duplicates.h"
#include "runtime/correlate/moment.h"
#include "tests/shuffle/generated.h"
#include "tests/shuffle/live.h"
#include "tests/shuffle/timelines.h"
#include "tests/unit/runtime/correlate/model.h"

namespace {

using namespace weir;
using Program = std::shared_ptr<const match::Program>;
using Lines = std::vector<std::string>;
using shuffle::Dice;

struct Totals {
  uint64_t cases = 0, scans = 0, alerts = 0, undecided = 0, modelled = 0, wrong = 0;
  uint64_t feeds = 0, restarts = 0, opened = 0, amended = 0, withdrawn = 0, damaged = 0;
};

// What is asked of every case.
struct Ask {
  unsigned orders = 20;
  bool restart = false;
  size_t model_lines = SIZE_MAX;  // of more the model, which is quadratic and worse, says nothing
  size_t damage_places = 20;
};

// A folder for the files of one scan.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "weir-shuffle-XXXXXX").string();
    path_ = mkdtemp(name.data()) ? name : std::string();
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::vector<ingest::InputFile> write(const std::vector<Lines>& files) const {
    std::vector<ingest::InputFile> written;
    for (size_t i = 0; i < files.size(); ++i) {
      const std::string path = fmt::format("{}/{}.ndjson", path_, i);
      std::string text;
      for (const std::string& line : files[i]) text += line + "\n";
      std::ofstream(path, std::ios::binary) << text;
      written.push_back({path, text.size()});
    }
    return written;
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// Everything that a scan says, as text.
Lines scan(const Folder& folder, const Program& program, const std::vector<Lines>& files, unsigned threads, uint64_t rows_bytes,
           Totals* totals) {
  cli::ScanProgress progress;
  cli::ScanOptions options;
  options.threads = threads;
  options.rows_bytes = rows_bytes;
  options.temporary_folder = folder.path();
  const cli::ScanResult result = cli::scan_inputs(program, folder.write(files), options, progress);
  Lines said;
  for (const correlate::Alert& alert : result.alerts) said.push_back(correlate::to_json(*program, alert));
  for (const correlate::OpenQuestion& open : result.undecided)
    said.push_back(fmt::format("undecided {} {}", open.deadline, correlate::to_json(*program, open.alert)));
  said.push_back(fmt::format("events {} unreadable {} {}", result.counts.events, result.counts.unreadable, result.failure));
  if (totals) {
    totals->alerts += result.alerts.size();
    totals->undecided += result.undecided.size();
  }
  return said;
}

// One way in which the same events may come.
std::vector<Lines> disordered(Dice& dice, const Lines& lines) {
  Lines all = lines;
  for (const std::string& line : lines)
    if (shuffle::has_id(line) && dice.one_in(4)) all.push_back(line);
  for (size_t i = all.size(); i > 1; --i) std::swap(all[i - 1], all[dice.below(static_cast<uint32_t>(i))]);
  std::vector<Lines> files(1 + dice.below(5));
  for (std::string& line : all) files[dice.below(static_cast<uint32_t>(files.size()))].push_back(std::move(line));
  return files;
}

void show_difference(const std::string& name, const Lines& want, const Lines& got) {
  fmt::print("{}: DIFFERENT\n", name);
  size_t shown = 0;
  for (size_t i = 0; i < std::max(want.size(), got.size()) && shown < 3; ++i) {
    const std::string a = i < want.size() ? want[i] : "(nothing)", b = i < got.size() ? got[i] : "(nothing)";
    if (a == b) continue;
    fmt::print("  sorted:   {}\n  shuffled: {}\n", a, b);
    ++shown;
  }
}

// The rows of every rule over events, by a replay that keeps them, and what the model makes of them.
void compare_with_model(const std::string& name, const Program& program, const Lines& lines, Totals& totals) {
  match::Decoder decoder(program);
  const std::shared_ptr<rt_scratch> scratch = program->make_scratch();
  std::vector<uint64_t> matched(program->match_words());
  correlate::Admissions admissions(*program);
  correlate::Duplicates duplicates;
  for (std::string line : lines) {
    const size_t size = line.size();
    line.resize(size + match::kPadding);
    const std::string_view record = std::string_view(line).substr(0, size);
    if (decoder.decode(record).status != match::DecodeStatus::ok) continue;
    const rt_event& event = decoder.event();
    const int64_t keep = correlate::remembered_for(program->sources[event.source].late_ms);
    if (!decoder.id().empty() && duplicates.see(event.source, decoder.id(), decoder.canonical_hash(), event.time, keep) ==
                                     correlate::Duplicates::Verdict::duplicate)
      continue;
    admissions.saw(event.source, event.time);
    program->match(program->code.get(), &event, scratch.get(), matched.data());
    const correlate::EventRef stored = correlate::store_event(*program, decoder, record, false, "");
    for (uint32_t rule = 0; rule < program->rules.size(); ++rule)
      if (matched[rule / 64] >> (rule % 64) & 1 && program->rules[rule].correlation)
        correlate::add_rows(*program, rule, decoder, scratch.get(), stored, admissions);
  }
  const int64_t newest = admissions.newest.value_or(correlate::kBeginningOfTime);
  const correlate::Replay replay = correlate::replay(program, std::move(admissions), {}, {.keep_rows = true});
  for (uint32_t rule = 0; rule < program->rules.size(); ++rule) {
    const match::RuleInfo& info = program->rules[rule];
    if (!info.correlation || info.sources.empty() || program->sources[info.sources[0].source].is_alert) continue;
    correlate::model::Case one{*info.correlation, {}, replay.ready_from[rule], newest, replay.rows[rule]};
    if (info.suppress_ms) one.suppress_us = *info.suppress_ms * 1000;
    Lines want, got;
    for (const correlate::model::Answer& answer : correlate::model::answers(one))
      want.push_back(fmt::format("{} {} from {} events {} held back {}", answer.time, answer.completing->order.id, answer.from,
                                 answer.events, answer.held_back));
    for (const correlate::Alert& alert : replay.alerts)
      if (alert.rule == rule)
        got.push_back(fmt::format("{} {} from {} events {} held back {}", alert.order.time, alert.order.id,
                                  alert.window ? alert.window->from : alert.order.time, alert.window ? alert.window->events : 1,
                                  alert.held_back));
    totals.modelled += want.size();
    // One event may complete several groups: the model takes them in the order of the keys, alerts in that of their words.
    std::sort(want.begin(), want.end());
    std::sort(got.begin(), got.end());
    if (want == got) continue;
    ++totals.wrong;
    show_difference(fmt::format("{}, rule {}, model against engine", name, info.name), want, got);
  }
}

// Live feeds, restarted after every k-th delivery, against the alerts of the sorted scan.
void try_restarts(const std::string& name, const Program& program, const Lines& lines, uint64_t seed, const Ask& ask,
                  const Lines& scanned, Totals& totals) {
  Dice dice(seed);
  Lines want(scanned);
  std::erase_if(want, [](const std::string& line) { return line.starts_with("undecided") || line.starts_with("events "); });
  std::sort(want.begin(), want.end());
  for (unsigned order = 0; order < ask.orders; ++order) {
    const auto deliveries = shuffle::deliveries(program, lines, dice);
    // After each, each second, … and at random; of many events not so often that the state is read back for hours.
    const size_t least = std::max<size_t>(1, deliveries.size() / 100);
    const size_t every = order == 0 ? least : order == 1 ? 0 : least + dice.below(static_cast<uint32_t>(deliveries.size() / 2 + 1));
    const shuffle::LiveOutcome got = shuffle::run_live(program, deliveries, dice, every);
    ++totals.feeds;
    totals.restarts += got.restarts;
    totals.opened += got.opened;
    totals.amended += got.amended;
    totals.withdrawn += got.withdrawn;
    if (got.wrong.empty() && got.final == want) continue;
    ++totals.wrong;
    show_difference(fmt::format("{}, feed {}, restarted every {}: {}", name, order, every, got.wrong), want, got.final);
    return;
  }
  const shuffle::Damage damage =
      shuffle::damage(program, shuffle::deliveries(program, lines, dice), dice, ask.damage_places);
  totals.damaged += damage.tried;
  if (damage.accepted.empty()) return;
  ++totals.wrong;
  fmt::print("{}: a damaged state was taken up: {}\n", name, damage.accepted);
}

void try_orders(const std::string& name, const Program& program, const Lines& lines, uint64_t seed, const Ask& ask, Totals& totals) {
  const Folder folder;
  ++totals.cases;
  const Lines want = scan(folder, program, {lines}, 1, UINT64_MAX, &totals);
  if (ask.restart) return try_restarts(name, program, lines, seed, ask, want, totals);
  Dice dice(seed);
  for (unsigned order = 0; order < ask.orders; ++order) {
    const unsigned threads = 1 + order % 4;
    const uint64_t rows_bytes = order % 3 == 2 ? 2'000 : UINT64_MAX;  // now and then rows go to a file
    const Lines got = scan(folder, program, disordered(dice, lines), threads, rows_bytes, nullptr);
    ++totals.scans;
    if (got == want) continue;
    ++totals.wrong;
    show_difference(fmt::format("{}, order {}, {} threads", name, order, threads), want, got);
    break;
  }
  if (lines.size() <= ask.model_lines) compare_with_model(name, program, lines, totals);
}

Program compiled(const compiler::Project& project, const compiler::CompileOptions& options, dsl::Diagnostics& diagnostics) {
  compiler::Compiled made = compiler::compile(project, options, diagnostics);
  for (const dsl::Diagnostic& wrong : diagnostics.list())
    if (wrong.severity() == dsl::Severity::error) fmt::print(stderr, "{}: {}\n", project.sources.path(wrong.primary.span.source), wrong.title);
  return diagnostics.error_count() == 0 ? made.program : nullptr;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"The order, the split, the copies and the threads of the input change no alert"};
  std::vector<std::string> pack_paths;
  unsigned packs = 1000;
  Ask ask;
  uint64_t seed = 1;
  size_t most_lines = SIZE_MAX;
  app.add_option("--lines", most_lines, "Of a rule's test: those with more events are left out");
  app.add_option("--model-lines", ask.model_lines, "The slow model says nothing of more events than these");
  app.add_flag("--restart", ask.restart, "Live feeds that are saved and restored, rather than scans");
  app.add_option("--damage", ask.damage_places, "So many bytes of each state are damaged")->capture_default_str();
  app.add_option("--pack", pack_paths, "Rule files and folders: the tests of their rules");
  app.add_option("--packs", packs, "How many generated packs")->capture_default_str();
  app.add_option("--orders", ask.orders, "How many orders of each")->capture_default_str();
  app.add_option("--seed", seed)->capture_default_str();
  CLI11_PARSE(app, argc, argv);

  Totals totals;
  size_t left_out = 0;
  Lines not_modelled;
  if (pack_paths.empty()) {
    for (uint64_t one = seed; one < seed + packs; ++one) {
      Dice dice(one);
      const std::string sources = shuffle::sources(), rules = shuffle::pack(dice, 4);
      dsl::Diagnostics diagnostics;
      const auto project = compiler::load_texts({{"sources.weir", sources}, {"rules.weir", rules}}, diagnostics);
      const Program program = compiled(*project, {}, diagnostics);
      if (!program) {
        fmt::print(stderr, "seed {}:\n{}", one, rules);
        return 2;
      }
      const uint64_t before = totals.wrong;
      try_orders(fmt::format("seed {}", one), program, shuffle::events(dice, 10 + dice.below(60)), one, ask, totals);
      if (totals.wrong != before) fmt::print("{}", rules);
    }
  } else {
    dsl::Diagnostics diagnostics;
    std::vector<std::string> unreadable;
    const auto project = compiler::load({pack_paths}, diagnostics, unreadable);
    for (const shuffle::Timeline& timeline : shuffle::timelines(*project)) {
      if (timeline.lines.size() > most_lines) {
        ++left_out;
        continue;
      }
      compiler::CompileOptions options;
      options.only = compiler::heard_rules(*project, timeline.rule);
      options.only.push_back(timeline.rule);
      for (const dsl::Params* params : timeline.params) options.params.emplace_back(timeline.rule, params);
      const Program program = compiled(*project, options, diagnostics);
      if (!program) return 2;
      try_orders(timeline.name, program, timeline.lines, seed, ask, totals);
      if (!ask.restart && timeline.lines.size() > ask.model_lines)
        not_modelled.push_back(fmt::format("{} ({} events)", timeline.name, timeline.lines.size()));
    }
  }
  if (ask.restart)
    fmt::print(
        "{} cases from seed {}, {} live feeds with {} restarts, {} alerts opened, {} amended, {} withdrawn, {} damaged states "
        "refused: {} different\n",
        totals.cases, seed, totals.feeds, totals.restarts, totals.opened, totals.amended, totals.withdrawn, totals.damaged,
        totals.wrong);
  else
    fmt::print("{} cases from seed {}, {} shuffled scans, {} alerts and {} undecided in the sorted ones, {} answers of the model: {} different\n",
             totals.cases, seed, totals.scans, totals.alerts, totals.undecided, totals.modelled, totals.wrong);
  for (const std::string& name : not_modelled)
    fmt::print("not compared with the model, whose time grows with the square of the events: {}\n", name);
  if (left_out > 0) fmt::print("{} tests with more than {} events were left out\n", left_out, most_lines);
  return totals.wrong == 0 && totals.alerts > 0 ? 0 : 1;
}
