// Weir inside another program: embed RULES… < records.ndjson prints the names of the rules that match each
// record. Rules over many events only say there that they let the record in; runtime/correlate goes on from that.
#include <iostream>

#include "compiler/compile.h"
#include "runtime/match/decode.h"

int main(int argc, char** argv) {
  using namespace weir;
  dsl::Diagnostics diagnostics;
  std::vector<std::string> unreadable;
  auto project = compiler::load({.paths = {argv + 1, argv + argc}}, diagnostics, unreadable);
  auto program = compiler::compile(*project, {}, diagnostics).program;  // rules with errors are left out
  for (const std::string& sentence : unreadable) std::cerr << sentence << '\n';
  for (const dsl::Diagnostic& diagnostic : diagnostics.list())
    if (diagnostic.severity() == dsl::Severity::error) std::cerr << diagnostic.title << '\n';

  match::Decoder decoder(program);  // a thread has a decoder and a scratch of its own, and shares the program
  std::shared_ptr<rt_scratch> scratch = program->make_scratch();
  std::vector<uint64_t> matched(program->match_words());
  for (std::string line; std::getline(std::cin, line);) {
    size_t size = line.size();
    line.resize(size + match::kPadding);
    if (decoder.decode({line.data(), size}).status != match::DecodeStatus::ok) continue;
    program->match(program->code.get(), &decoder.event(), scratch.get(), matched.data());
    for (size_t rule = 0; rule < program->rules.size(); ++rule)
      if ((matched[rule / 64] >> rule % 64 & 1) && !program->rules[rule].correlation) std::cout << program->rules[rule].name << '\n';
  }
}
