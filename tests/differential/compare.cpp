#include "tests/differential/compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "compiler/interpret.h"
#include "runtime/match/decode.h"

namespace weir::differential {
namespace {

using match::Decoded;
using match::DecodeStatus;

// Letter by letter and bit by bit.
std::string shown(const rt_value& value) {
  std::string_view text(value.data ? value.data : "", value.data ? value.size : 0);
  switch (value.kind) {
    case RT_NULL:
      return "null";
    case RT_FALSE:
      return "false";
    case RT_TRUE:
      return "true";
    case RT_INT:
      return fmt::format("int {} `{}`", value.integer, text);
    case RT_REAL:
      return fmt::format("real {} {:x} `{}`", value.real, std::bit_cast<uint64_t>(value.real), text);
    case RT_TIME:
      return fmt::format("time {} `{}`", value.integer, text);
    case RT_SPAN:
      return fmt::format("span {}", value.integer);
    case RT_TEXT:
      if ((value.flags & RT_ASCII) &&
          std::any_of(text.begin(), text.end(), [](char c) { return uint8_t(c) >= 0x80; }))
        return fmt::format("text `{}` that is said to be ASCII", text);
      return fmt::format("text `{}`", text);
    case RT_OBJECT:
      return fmt::format("object `{}`", text);
    default:
      return fmt::format("array `{}`", text);
  }
}

std::string shown(rt_list list) {
  std::string out = "[";
  for (uint32_t i = 0; i < list.count; ++i) out += (i ? ", " : "") + shown(list.values[i]);
  return out + "]";
}

struct Verdict {
  DecodeStatus status = DecodeStatus::ok;
  std::string reason;
  std::string source;
  int64_t time = 0;
  uint64_t asked = 0;                // rules of the event's source
  std::vector<std::string> matched;  // names of rules
  std::vector<std::string> values;   // "rule message 0: [text `x`]"
  bool contradicts_itself = false;   // may_match was false, and something matched
};

// What of `these` is not in `those`; of what is there twice, once more than there.
std::string beyond(const std::vector<std::string>& these, std::vector<std::string> those) {
  std::string out;
  for (const std::string& one : these) {
    auto found = std::find(those.begin(), those.end(), one);
    if (found == those.end())
      out += "\n    " + one;
    else
      those.erase(found);
  }
  return out;
}

std::string disagreement(const Verdict& reference, const Verdict& other) {
  if (other.contradicts_itself) return "may_match says no, and rules match:" + beyond(other.matched, {});
  if (reference.status != other.status || reference.reason != other.reason)
    return fmt::format("decoding: `{}` and `{}`", reference.reason, other.reason);
  if (reference.source != other.source || reference.time != other.time)
    return fmt::format("the event: {} at {} and {} at {}", reference.source, reference.time, other.source,
                       other.time);
  if (reference.matched != other.matched)
    return "matched by the reference only:" + beyond(reference.matched, other.matched) +
           "\n  by the other only:" + beyond(other.matched, reference.matched);
  if (reference.values != other.values)
    return "values of the reference:" + beyond(reference.values, other.values) +
           "\n  of the other:" + beyond(other.values, reference.values);
  return "";
}

}  // namespace

class Comparison::Runner {
 public:
  explicit Runner(std::shared_ptr<const match::Program> program)
      : program_(std::move(program)), decoder_(program_), scratch_(program_->make_scratch()) {}

  Verdict run(std::string_view record, bool line, bool fresh) {
    Verdict out;
    Decoded decoded = line    ? decoder_.decode_columns(record)
                      : fresh ? decoder_.decode(record)
                              : decoder_.recognise(record);
    out.status = decoded.status;
    out.reason = decoded.reason + (" " + decoded.detail);
    if (out.status != DecodeStatus::ok) return out;
    std::shared_ptr<rt_scratch> own = fresh ? program_->make_scratch() : scratch_;
    const void* code = program_->code.get();
    const rt_reach reach = program_->may_match(code, &decoder_.event(), own.get());
    const bool may = reach != RT_NO_RULE;
    if (!line && !fresh && !decoder_.complete(may ? reach : RT_ALL_RULES)) {
      out.status = DecodeStatus::unreadable;
      return out;
    }
    rt_event event = decoder_.event();
    if (fresh) event.serial = 0;
    out.source = program_->sources[event.source].name;
    out.time = event.time;
    std::vector<uint64_t> matched(program_->match_words());
    program_->match(code, &event, own.get(), matched.data());
    if (!line && !fresh) {
      if (!decoder_.complete_rest()) {
        out.status = DecodeStatus::unreadable;
        return out;
      }
      event = decoder_.event();
    }
    for (uint32_t rule = 0; rule < program_->rules.size(); ++rule)
      judge(rule, event, own.get(), matched[rule / 64] >> (rule % 64) & 1, out);
    out.contradicts_itself = !may && !out.matched.empty();
    return out;
  }

 private:
  void judge(uint32_t index, const rt_event& event, rt_scratch* scratch, bool matches, Verdict& out) {
    const match::RuleInfo& rule = program_->rules[index];
    auto found = std::find_if(rule.sources.begin(), rule.sources.end(),
                              [&](const match::RuleOnSource& on) { return on.source == event.source; });
    if (matches) out.matched.push_back(rule.name);
    if (found == rule.sources.end()) {
      if (matches) out.values.push_back(rule.name + " matched an event of another source");
      return;
    }
    ++out.asked;
    auto add = [&](std::string_view what, match::Root root) {
      if (root == match::kNone) return;
      rt_list list = program_->eval(program_->code.get(), root, &event, scratch);
      out.values.push_back(fmt::format("{} {}: {}", rule.name, what, shown(list)));
    };
    for (const match::NamedRoot& exemption : found->exemptions)
      add("exemption " + exemption.name, exemption.root);
    if (!matches) return;
    for (size_t i = 0; i < found->message.size(); ++i)
      add(fmt::format("message {}", i), found->message[i].root);
    for (const match::NamedRoot& field : found->fields) add("field " + field.name, field.root);
    for (const match::NamedRoot& key : found->suppress_by) add("key " + key.name, key.root);
    for (const auto& [level, root] : found->level_cases) add(fmt::format("level {}", level), root);
    add("match", found->match);
  }

  std::shared_ptr<const match::Program> program_;
  match::Decoder decoder_;
  std::shared_ptr<rt_scratch> scratch_;
};

Comparison::Comparison(const compiler::Project& project, const Engines& engines,
                       dsl::Diagnostics& diagnostics) {
  using compiler::Engine;
  const dsl::Diagnostics loading = diagnostics;  // rules with an error in it are left out
  compiler::Compiled lowered = compiler::compile(project, {.optimise = false}, diagnostics);
  for (const ir::Inst& inst : lowered.module.insts) ++operations_[size_t(inst.op)];

  ir::Dispatch none;
  none.sources.resize(lowered.module.sources.size());
  for (uint32_t rule = 0; rule < lowered.module.rules.size(); ++rule)
    for (const match::RuleOnSource& on : lowered.module.rules[rule].sources)
      none.sources[on.source].generic.push_back(rule);
  reference_ = std::make_unique<Runner>(compiler::interpret(lowered.module, none, SIZE_MAX));

  auto compiled = [&](const compiler::CompileOptions& options) {
    dsl::Diagnostics said_already = loading;
    return compiler::compile(project, options, said_already).program;
  };
  if (engines.interpreter) {
    add("guarded", compiler::interpret(lowered.module, none, 0));
    add("interpreter, as lowered", lowered.program);
    add("interpreter", compiled({}));
  }
  if (engines.native)
    for (bool optimise : {true, false}) {
      auto program = compiled({.engine = Engine::native, .optimise = optimise});
      if (program && program->engine == "native") add(optimise ? "native" : "native, as lowered", program);
    }
}

Comparison::~Comparison() = default;

void Comparison::add(std::string name, std::shared_ptr<const match::Program> program) {
  names_.push_back(std::move(name));
  runners_.push_back(std::make_unique<Runner>(std::move(program)));
}

std::optional<std::string> Comparison::difference(std::string_view record, bool line) {
  std::string padded(record);
  padded.append(match::kPadding, '\0');
  record = std::string_view(padded).substr(0, record.size());
  Verdict reference = reference_->run(record, line, true);
  ++tally_.events;
  tally_.foreign += reference.status == DecodeStatus::foreign;
  tally_.unreadable += reference.status == DecodeStatus::unreadable;
  tally_.pairs += reference.asked;
  tally_.matches += reference.matched.size();
  for (size_t i = 0; i < runners_.size(); ++i)
    for (bool fresh : {false, true}) {
      std::string what = disagreement(reference, runners_[i]->run(record, line, fresh));
      if (!what.empty())
        return fmt::format("reference and {} ({} scratch)\n  {}", names_[i], fresh ? "fresh" : "kept", what);
    }
  return std::nullopt;
}

}  // namespace weir::differential
