// Any bytes as a rule file, through everything that `weir check` does, and, where nothing is wrong, through the
// engine with an event.

#include <string>

#include "compiler/compile.h"
#include "runtime/match/decode.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace weir;
  std::string text(reinterpret_cast<const char*>(data), size);
  dsl::Diagnostics diagnostics;
  auto project = compiler::load_texts({{"fuzz.weir", text}}, diagnostics);
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
