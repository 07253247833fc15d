// weir quarantine and weir outbox: what a store holds back, and what to do about it.

#include <algorithm>
#include <functional>
#include <memory>

#include "cli/config_file.h"
#include "cli/load.h"
#include "cli/terminal.h"
#include "cli/verbs.h"
#include "runtime/deliver/alert_facts.h"
#include "runtime/match/functions.h"

namespace weir::cli {
namespace {

constexpr size_t kPage = 500;
constexpr size_t kShownBytes = 120;

struct Options {
  std::string config, format = "text", sink;
  std::vector<int64_t> rows;
  bool all = false;
};

std::string printable(std::string_view bytes) {
  std::string out;
  for (char c : bytes.substr(0, kShownBytes)) out += uint8_t(c) >= 0x20 && uint8_t(c) < 0x7f ? c : '.';
  return bytes.size() > kShownBytes ? out + "…" : out;
}

std::string place_of(const store::QuarantineRow& row) {
  return row.line ? fmt::format("{}:{}", row.file, row.line)
                  : fmt::format("{}, record {}", row.file, row.record);
}

// What is gone for want of room.
void list_dropped(store::Store& store, const Options& options) {
  for (const store::DroppedRecords& gone : store.dropped_records()) {
    if (options.format == "json") {
      print_out(
          "{{\"row\":null,\"dropped\":true,\"source\":{},\"events\":{},\"reason\":{},\"first\":\"{}\",\"last\":\"{}\"}}\n",
          json_quoted(gone.source), gone.events, json_quoted(gone.reason), match::format_time(gone.first_at),
          match::format_time(gone.last_at));
    } else {
      print_out("  gone  {} to {}  {}  {} for want of room: {}\n", match::format_time(gone.first_at),
                match::format_time(gone.last_at), gone.source,
                counted(static_cast<uint64_t>(gone.events), "record"), gone.reason);
    }
  }
}

int list_quarantine(store::Store& store, const Options& options) {
  list_dropped(store, options);
  int64_t last = 0;
  for (;;) {
    const std::vector<store::QuarantineRow> rows = store.quarantine(last, kPage, false);
    for (const store::QuarantineRow& row : rows) {
      if (options.format == "json") {
        print_out(
            "{{\"row\":{},\"at\":\"{}\",\"source\":{},\"file\":{},\"line\":{},\"record\":{},\"offset\":{},"
            "\"events\":{},\"reason\":{},\"head\":{}}}\n",
            row.row, match::format_time(row.at), json_quoted(row.source), json_quoted(row.file), row.line,
            row.record, row.offset, row.events, json_quoted(row.reason), json_quoted(row.bytes));
      } else {
        print_out("{:>6}  {}  {}  {} (byte {}): {}{}{}\n", row.row, match::format_time(row.at), row.source,
                  place_of(row), row.offset, row.reason,
                  row.events > 1 ? fmt::format(" ({})", counted(row.events, "record")) : "",
                  row.bytes.empty() ? "" : ": " + printable(row.bytes));
      }
    }
    if (rows.size() < kPage) return kOk;
    last = rows.back().row;
  }
}

int show_quarantine(store::Store& store, const Options& options) {
  if (options.rows.empty()) {
    print_error("name rows: `weir quarantine ls {}` shows their numbers", options.config);
    return kUsage;
  }
  int exit = kOk;
  for (int64_t wanted : options.rows) {
    const std::vector<store::QuarantineRow> rows = store.quarantine(wanted - 1, 1, true);
    if (rows.empty() || rows[0].row != wanted) {
      print_error("there is no row {}", wanted);
      exit = kNo;
      continue;
    }
    print(rows[0].bytes + "\n");
  }
  return exit;
}

// Of the rows that are meant those of which not everything was kept.
int64_t count_fragments(store::Store& store, const Options& options) {
  int64_t fragments = 0, last = 0;
  for (;;) {
    const std::vector<store::QuarantineRow> rows = store.quarantine(last, kPage, false);
    for (const store::QuarantineRow& row : rows)
      if (options.all || std::find(options.rows.begin(), options.rows.end(), row.row) != options.rows.end())
        fragments += !row.whole;
    if (rows.size() < kPage) return fragments;
    last = rows.back().row;
  }
}

// When a row goes next, for people.
std::string next_of(const store::OutboxRow& row) {
  if (row.next_at == store::kNotByItself) return "set aside";
  if (row.next_at == store::kAskedFor) return "asked for";
  if (row.attempts == 0) return "waits";
  return fmt::format("{}, next {}", counted(static_cast<uint64_t>(row.attempts), "attempt"),
                     match::format_time(row.next_at));
}

std::string rule_of(const std::string& body) {
  const std::optional<deliver::AlertFacts> facts = deliver::read_alert(body);
  return facts ? facts->rule : "";
}

// Open alerts that wait for the end of a silence, as rows of each sink that has not heard of them.
int list_held(store::Store& store, const Options& options) {
  int64_t last = 0;
  for (;;) {
    const std::vector<store::HeldAlert> some = store.held(last, kPage);
    for (const store::HeldAlert& held : some)
      for (const std::string& sink : held.sinks) {
        if (options.format == "json") {
          print_out("{{\"row\":null,\"sink\":{},\"alert\":{},\"rule\":{},\"state\":{},\"since\":\"{}\",\"silence\":{}}}\n",
                    json_quoted(sink), json_quoted(held.id), json_quoted(rule_of(held.body)), json_quoted(held.state),
                    match::format_time(held.at), json_quoted(held.silence));
        } else {
          print_out("{:>8}  {}  {:<16}  {}  {:<9}  {}  held by silence {}\n", "-", match::format_time(held.at), sink, held.id,
                    held.state, rule_of(held.body), held.silence);
        }
      }
    if (some.size() < kPage) return kOk;
    last = some.back().row;
  }
}

int list_outbox(store::Store& store, const Options& options) {
  int64_t last = 0;
  for (;;) {
    const std::vector<store::OutboxRow> rows = store.outbox(last, kPage);
    for (const store::OutboxRow& row : rows) {
      if (options.format == "json") {
        print_out(
            "{{\"row\":{},\"sink\":{},\"alert\":{},\"rule\":{},\"state\":{},\"since\":\"{}\",\"attempts\":{},"
            "\"next\":{},\"set_aside\":{},\"error\":{}}}\n",
            row.row, json_quoted(row.sink), json_quoted(row.id), json_quoted(rule_of(row.body)),
            json_quoted(row.state), match::format_time(row.first_at), row.attempts,
            row.next_at > 0 && row.next_at != store::kNotByItself
                ? json_quoted(match::format_time(row.next_at))
                : "null",
            row.next_at == store::kNotByItself, json_quoted(row.error));
      } else {
        print_out("{:>8}  {}  {:<16}  {}  {:<9}  {}  {}{}{}\n", row.row, match::format_time(row.first_at),
                  row.sink, row.id, row.state, rule_of(row.body), next_of(row), row.error.empty() ? "" : ": ",
                  row.error);
      }
    }
    if (rows.size() < kPage) return list_held(store, options);
    last = rows.back().row;
  }
}

using Change = int64_t (store::Store::*)(const std::vector<int64_t>&);

int say_changed(store::Store& store, int64_t changed, const char* done) {
  if (!store.problem().empty()) return kFailed;
  print_error("{} {}", counted(static_cast<uint64_t>(changed), "row"), done);
  return changed > 0 ? kOk : kNo;
}

// Rows by number, or --all of them: never all because none were named.
int change(store::Store& store, const Options& options, Change how, const char* done) {
  if (options.rows.empty() != options.all) {
    print_error("name rows, or --all of them");
    return kUsage;
  }
  return say_changed(store, (store.*how)(options.rows), done);
}

int drop_outbox(store::Store& store, const Options& options) {
  if (options.all + !options.rows.empty() + !options.sink.empty() != 1) {
    print_error("name rows, a --sink whose rows are meant, or --all of them");
    return kUsage;
  }
  return say_changed(store, store.drop_outbox(options.rows, options.sink), "dropped");
}

int retry_quarantine(store::Store& store, const Options& options) {
  if (options.rows.empty() != options.all) {
    print_error("name rows, or --all of them");
    return kUsage;
  }
  const int64_t fragments = count_fragments(store, options), changed = store.retry_quarantine(options.rows) - fragments;
  if (std::string problem = store.problem(); !problem.empty()) {
    print_error("{}", problem);
    return kFailed;
  }
  print_error("{} will be evaluated again", counted(static_cast<uint64_t>(std::max<int64_t>(changed, 0)), "row"));
  if (fragments > 0)
    print_error("{} cannot be and stay{}: not all of the record's bytes were there, or kept",
                counted(static_cast<uint64_t>(fragments), "row"), fragments == 1 ? "s" : "");
  return changed > 0 ? kOk : kNo;
}

void add(Verb& parent, Run& run, const char* name, const char* help, bool rows, bool all, bool formats,
         const char* example, std::function<int(store::Store&, const Options&)> what, bool by_sink = false) {
  auto options = std::make_shared<Options>();
  Verb verb = parent.add(name, help);
  verb.option("CONFIG", options->config, "weir.yaml").required();
  if (rows) verb.option("ROW", options->rows, "By the numbers that `ls` shows");
  if (all) verb.flag("--all", options->all, "Every row");
  if (by_sink) verb.option("--sink", options->sink, "Every row of this sink, which may be one that is gone");
  if (formats) verb.format(options->format, "text, or json: one row a line");
  verb.footer(example);
  verb.runs(run, [=] {
    int exit = kOk;
    auto store = look_at_store(options->config, exit);
    return store ? unless_failed(*store, what(*store, *options)) : exit;
  });
}

}  // namespace

void add_quarantine(Verb& app, Run& run) {
  Verb verb = app.add("quarantine", "Records that could not be evaluated");
  verb.asks_for_one_below();
  verb.footer("Examples:\n  weir quarantine ls weir.yaml\n  weir quarantine retry weir.yaml 17");
  add(verb, run, "ls", "What is there, and why", false, false, true,
      "Examples:\n  weir quarantine ls weir.yaml --format json | jq .reason", list_quarantine);
  add(verb, run, "show", "The bytes of a record, as far as they were kept", true, false, false,
      "Examples:\n  weir quarantine show weir.yaml 17", show_quarantine);
  add(verb, run, "retry", "Have whole records evaluated again, by the process that runs or the next one",
      true, true, false, "Examples:\n  weir quarantine retry weir.yaml --all",
      [](store::Store& store, const Options& options) {
        return retry_quarantine(store, options);
      });
  add(verb, run, "drop", "Forget records; they stay counted as quarantined", true, true, false,
      "Examples:\n  weir quarantine drop weir.yaml 17 18", [](store::Store& store, const Options& options) {
        return change(store, options, &store::Store::drop_quarantine, "dropped");
      });
}

void add_outbox(Verb& app, Run& run) {
  Verb verb = app.add("outbox", "Alerts that sinks have not taken yet");
  verb.asks_for_one_below();
  verb.footer("Examples:\n  weir outbox ls weir.yaml");
  add(verb, run, "ls", "What is to be sent, and what went wrong", false, false, true,
      "Examples:\n  weir outbox ls weir.yaml --format json", list_outbox);
  add(verb, run, "retry", "Send now what is waiting for its next attempt", true, true, false,
      "Examples:\n  weir outbox retry weir.yaml --all", [](store::Store& store, const Options& options) {
        return change(store, options, &store::Store::retry_outbox, "will be sent now");
      });
  add(verb, run, "drop", "Do not send them any more: of a sink that is gone, or that will never take them",
      true, true, false,
      "Examples:\n  weir outbox drop weir.yaml --sink old_hook\n  weir outbox drop weir.yaml 17 18",
      drop_outbox, true);
}

}  // namespace weir::cli
