// weir explain: the page behind a diagnostic's code.

#include <memory>

#include "cli/load.h"
#include "cli/terminal.h"
#include "cli/verbs.h"
#include "dsl/diagnostic.h"

namespace weir::cli {
namespace {

std::string json_of(const dsl::CodeInfo& info) {
  return fmt::format("{{\"code\":\"{}\",\"severity\":\"{}\",\"summary\":{},\"explanation\":{}}}\n", info.name,
                     info.severity == dsl::Severity::error ? "error" : "warning", json_quoted(info.summary),
                     json_quoted(info.explanation));
}

int explain(const std::string& code, bool json) {
  if (code.empty()) {
    for (const dsl::CodeInfo& info : dsl::all_codes())
      print(json ? json_of(info) : fmt::format("{}  {}\n", info.name, info.summary));
    return kOk;
  }
  auto known = dsl::code_named(code);
  if (!known) {
    print_error("there is no code {}; `weir explain` lists them all", code);
    return kUsage;
  }
  const dsl::CodeInfo& info = dsl::info(*known);
  if (json) {
    print(json_of(info));
  } else {
    print_out("# {}: {}\n{}", info.name, info.summary, info.explanation);
  }
  return kOk;
}

}  // namespace

void add_explain(Verb& app, Run& run) {
  auto code = std::make_shared<std::string>();
  auto format = std::make_shared<std::string>("text");
  Verb verb = app.add("explain", "Explain a code such as E304");
  verb.option("CODE", *code, "The code (default: list all)");
  verb.format(*format, "text or json");
  verb.footer("Examples:\n  weir explain E304\n  weir explain | grep list");
  verb.runs(run, [=] { return explain(*code, *format == "json"); });
}

}  // namespace weir::cli
