// weir dump: what the stages of the compiler made, and an event as the engine sees it.

#include <memory>

#include "cli/config/reader.h"
#include "cli/config/schema.h"
#include "cli/load.h"
#include "cli/scanner.h"
#include "cli/terminal.h"
#include "cli/verbs.h"
#include "cli/why_text.h"
#include "compiler/compile.h"
#include "compiler/machine.h"
#include "compiler/native.h"
#include "compiler/nearest.h"
#include "compiler/passes.h"
#include "compiler/plan.h"
#include "dsl/dump.h"
#include "runtime/ingest/files.h"
#include "runtime/match/decode.h"

namespace weir::cli {
namespace {

struct Options {
  std::vector<std::string> paths, events;
  std::string stage, schema, rule, format = "text";
  bool config_schema = false;
};

int dump_schema(const Options& options, const compiler::Project& project) {
  auto found = project.schemas.find(options.schema);
  if (found == project.schemas.end()) {
    std::vector<std::string> names;
    for (const auto& [name, schema] : project.schemas) names.push_back(name);
    print_error("there is no schema `{}`: {}", options.schema, fmt::join(names, ", "));
    return kUsage;
  }
  const compiler::SchemaInfo& schema = found->second;
  bool json = options.format == "json";
  auto known_of = [](const compiler::FieldInfo& field) {
    std::string known;
    for (const std::string& value : field.known) known += (known.empty() ? "" : ", ") + json_quoted(value);
    return known;
  };
  auto write = [&](const compiler::FieldInfo& field, std::string_view call) {
    if (json) {
      print_out("{{\"field\":{},\"call\":{},\"type\":\"{}\",\"required\":{},\"usual\":{},\"open\":{},\"derived\":{},"
                "\"known\":[{}],\"description\":{}}}\n",
                json_quoted(field.name()), json_quoted(call), compiler::name_of(field.type), field.required,
                field.usual, field.open, field.derived != nullptr, known_of(field), json_quoted(field.description));
      return;
    }
    std::string notes = field.required ? "required" : field.usual ? "usual" : "";
    if (field.derived) notes += " derived";
    if (!field.known.empty()) notes += fmt::format(" {}[{}]", field.open ? "open " : "", known_of(field));
    if (!field.description.empty()) notes += "  # " + field.description;
    std::string line = fmt::format("{}{:<44} {:<7} {}", call.empty() ? "" : "  ", field.name(),
                                   compiler::name_of(field.type), notes);
    line.erase(line.find_last_not_of(' ') + 1);
    print(line + "\n");
  };
  if (!json)
    print_out("# an event is late {} after its time, and ahead when it is dated {} after its delivery\n",
              config::duration_text(schema.late_ms * 1000), config::duration_text(schema.ahead_ms * 1000));
  for (const compiler::FieldInfo& field : schema.fields) write(field, "");
  for (const compiler::CallInfo& call : schema.calls) {
    std::string name = call.service + " " + call.name;
    if (!json) print_out("call {}\n", name);
    for (const compiler::FieldInfo& field : call.fields) write(field, name);
  }
  return kOk;
}

// Prints each event: its source and time, and every slot that the pack reads.
class EventPrinter final : public ingest::Receiver {
 public:
  explicit EventPrinter(std::shared_ptr<const match::Program> program) : program_(program), decoder_(program) {}

  void record(const ingest::Record& record) override {
    match::Decoded decoded =
        record.text ? decoder_.decode_columns(record.bytes) : decoder_.decode(record.bytes);
    std::string where = where_text(record.place);
    if (decoded.status == match::DecodeStatus::foreign) {
      print_out("{}: of no source\n", where);
      return;
    }
    if (decoded.status == match::DecodeStatus::unreadable) {
      print_out("{}: unreadable: {} {}\n", where, decoded.reason, decoded.detail);
      return;
    }
    const rt_event& event = decoder_.event();
    const match::SourceInfo& source = program_->sources[event.source];
    print_out("{}: {} at {}\n", where, source.name, match::format_time(event.time));
    for (size_t i = 0; i < source.projection.slots.size(); ++i) print(slot_line(source.projection, i, event.slots[i]));
    ++events;
  }
  void unreadable(const ingest::Problem& problem) override {
    print_out("{}: unreadable: {}\n", where_text(problem.place), problem.reason);
  }
  void skipped(ingest::Skip why, const ingest::Place& place, uint64_t) override {
    print_out("{}: skipped: {}\n", where_text(place), ingest::name_of(why));
  }
  void progress(uint64_t) override {}

  uint64_t events = 0;

 private:
  static std::string path_text(const std::vector<match::Step>& path) {
    std::string out;
    for (const match::Step& step : path)
      out += step.kind == match::Step::Kind::index ? fmt::format("[{}]", step.index)
                                                   : (out.empty() ? "" : ".") + step.key;
    return out;
  }

  static std::string slot_line(const match::Projection& projection, size_t index, const rt_slot& slot) {
    const match::SlotSpec& spec = projection.slots[index];
    std::string name = path_text(spec.path);
    for (uint32_t axis = spec.axis; axis != 0; axis = projection.axes[axis].parent)
      name = path_text(projection.axes[axis].path) + "[]" + (name.empty() ? "" : ".") + name;
    std::string values;
    for (uint32_t i = 0; i < slot.count; ++i) values += (i ? ", " : "") + shown(slot.values[i]);
    return fmt::format("  {:<48} {}\n", name, slot.count ? values : "absent");
  }

  std::shared_ptr<const match::Program> program_;
  match::Decoder decoder_;
};

int dump_events(const Options& options, const compiler::Compiled& compiled) {
  ingest::InputList inputs = ingest::list_inputs(options.events);
  for (const std::string& sentence : inputs.unreadable) print_error("{}", sentence);
  if (!inputs.unreadable.empty()) return kUsage;
  EventPrinter printer(compiled.program);
  for (const ingest::InputFile& file : inputs.files) ingest::read_file(file, {}, printer);
  if (printer.events == 0) print_error("no events");
  return printer.events ? kOk : kNo;
}

int dump_native(ir::Module module, bool assembly) {
  const ir::Dispatch dispatch = ir::dispatch(module);
  const ir::Plan plan = ir::plan(module, dispatch, ir::Plan::kMostInNativeChain);
  std::string problem;
  const std::string text =
      compiler::native_text(compiler::Machine(std::move(module), dispatch, plan), assembly, problem);
  if (!problem.empty()) {
    print_error("{}", problem);
    return kUsage;
  }
  print(text);
  return kOk;
}

int dump_verb(const Options& options) {
  if (options.stage.empty() && options.schema.empty() && options.events.empty() && !options.config_schema) {
    print_error("one of --stage, --schema, --event, --config-schema is required; see weir dump --help");
    return kUsage;
  }
  if (options.config_schema) {
    print(config::json_schema());
    return kOk;
  }
  Loaded loaded = load_project(options.paths);
  if (loaded.exit) return loaded.exit;
  const compiler::Project& project = *loaded.project;
  if (!options.schema.empty()) return dump_schema(options, project);

  if (options.stage == "ast") {
    for (const auto& file : project.files) {
      const std::string& path = project.sources.path(file->source);
      if (options.paths.empty() || !path.starts_with("shipped/schemas/"))
        print_out("# {}\n{}", path, dsl::dump(*file));
    }
    return kOk;
  }
  compiler::CompileOptions compile_options;
  if (!options.rule.empty()) compile_options.only = {options.rule};
  if (!options.events.empty()) {
    compiler::Compiled compiled = compiler::compile(project, compile_options, loaded.diagnostics);
    return dump_events(options, compiled);
  }
  ir::Module module = compiler::lower(project, compile_options, loaded.diagnostics, nullptr);
  if (options.stage == "lowered") {
    print(ir::dump(module, options.rule));
  } else if (options.stage == "correlation") {
    print(ir::dump_correlations(module, options.rule));
  } else if (options.stage == "plan") {
    module = ir::run_passes(std::move(module));
    const ir::Dispatch dispatch = ir::dispatch(module);
    const bool native = compiler::native_available();
    const ir::Plan plan =
        ir::plan(module, dispatch, native ? ir::Plan::kMostInNativeChain : ir::Plan::kMostInChain);
    print(ir::dump(module, dispatch, plan));
  } else if (options.stage == "llvm" || options.stage == "asm") {
    return dump_native(ir::run_passes(std::move(module)), options.stage == "asm");
  } else {
    std::string last = options.stage.size() > 3 ? options.stage.substr(3) : "";
    print(ir::dump(ir::run_passes(std::move(module), last), options.rule));
  }
  return kOk;
}

}  // namespace

void add_dump(Verb& app, Run& run) {
  auto options = std::make_shared<Options>();
  std::vector<std::string> stages = {"ast", "lowered", "ir", "plan", "correlation", "llvm", "asm"};
  for (const ir::Pass& pass : ir::passes()) stages.push_back(std::string("ir:") + pass.name);
  Verb verb = app.add("dump", "Show what a stage of the compiler made, a schema, or an event");
  verb.option("PATH", options->paths, "Rule files and folders; `shipped` is the built-in pack (default)");
  verb.option("--stage", options->stage,
              "ast, lowered, ir (after all passes), ir:PASS (after that one), plan (the dispatch, and how "
              "each list of rules "
              "runs), correlation, or the native code: llvm, asm")
      .one_of(stages);
  verb.option("--schema", options->schema, "The fields and calls of this source");
  verb.flag("--config-schema", options->config_schema, "The JSON Schema of weir.yaml, for editors");
  verb.option("--event", options->events, "Events in this file, as the rules see them").shown_as("FILE");
  verb.option("--rule", options->rule, "Only this rule");
  verb.format(options->format, "of --schema: text, or json: one field a line");
  verb.footer(
      "Examples:\n  weir dump --schema resolver\n  weir dump my.weir --stage ir:share --rule my_rule");
  verb.runs(run, [=] { return dump_verb(*options); });
}

}  // namespace weir::cli
