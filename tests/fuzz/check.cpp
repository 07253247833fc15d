// Any bytes as a rule file, through everything that `weir check` does, and, where nothing is wrong, through the
// engine with an event.

#include <string>

#include "compiler/compile.h"
#include "runtime/match/decode.h"

// In place of the shipped schemas, which take a hundred times as long to read as what is fuzzed.
static const std::string kSchemas = R"(edition 1
schema cloudtrail { title: "c" time: eventTime
  field eventTime time required
  field eventSource string required
  field eventName string required
  field userIdentity.arn string
  field sourceIPAddress ip
  field requestParameters.a[].b string
}
schema resolver { title: "r" time: t field t time required field query_name domain required field n int }
schema public_dns { title: "p" time: t format: columns "t n" field t time required field n int }
schema alert { title: "a" time: t field t time required field rule string required field level string }
)";

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace weir;
  std::string text(reinterpret_cast<const char*>(data), size);
  dsl::Diagnostics diagnostics;
  auto project = compiler::load_texts({{"schemas.weir", kSchemas}, {"fuzz.weir", text}}, diagnostics);
  compiler::check(*project, diagnostics);
  compiler::Compiled compiled = compiler::compile(*project, {}, diagnostics);
  if (compiled.program->rules.empty()) return 0;

  static const std::string kEvent =
      R"({"eventTime":"2026-01-15T10:00:00Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","userIdentity":{"arn":"a"},"requestParameters":{"a":[{"b":1},{"b":"x"}]}})";
  std::string record = kEvent + std::string(match::kPadding, ' ');
  match::Decoder decoder(compiled.program);
  auto decoded = decoder.decode(std::string_view(record).substr(0, kEvent.size()));
  if (decoded.status != match::DecodeStatus::ok) return 0;
  auto scratch = compiled.program->make_scratch();
  std::vector<uint64_t> matched(compiled.program->match_words());
  compiled.program->match(compiled.program->code.get(), &decoder.event(), scratch.get(), matched.data());
  return 0;
}
