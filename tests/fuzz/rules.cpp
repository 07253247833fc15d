// Any bytes as a rule file: parsing ends, every finding can be shown, and what parses keeps its meaning through
// the formatter, which changes nothing the second time.

#include <cstdio>
#include <cstdlib>
#include <string>

#include "dsl/format.h"
#include "dsl/parse.h"
#include "dsl/render.h"

namespace {

[[noreturn]] void broken(const char* what, const std::string& text) {
  std::fprintf(stderr, "%s:\n%s\n", what, text.c_str());
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace weir::dsl;
  SourceMap sources;
  Diagnostics diagnostics;
  SourceId source = sources.add("fuzz.weir", std::string(reinterpret_cast<const char*>(data), size));
  File file = parse(sources, source, diagnostics);
  diagnostics.sort();
  for (const Diagnostic& diagnostic : diagnostics.list()) {
    render(sources, diagnostic);
    to_json(sources, diagnostic);
  }
  size_t applied = 0;
  apply_fixes(sources, source, diagnostics.list(), true, applied);
  if (diagnostics.error_count()) return 0;

  std::string once = format(sources, file);
  Diagnostics again;
  SourceId second = sources.add("formatted.weir", once);
  File formatted = parse(sources, second, again);
  if (again.error_count()) broken("the formatted text does not parse", once);
  if (!same_meaning(file, formatted)) broken("the formatter changed the meaning", once);
  if (file.comments.size() != formatted.comments.size()) broken("a comment is lost", once);
  if (format(sources, formatted) != once) broken("the formatter is not done after once", once);
  return 0;
}
