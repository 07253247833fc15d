// Bytes choose a random pack and a random event for it, and the rest of them spoil the event's text: every
// way to run the pack gives the same answers.
//
//   8 bytes pack · 8 bytes event · then, for each change: 2 bytes where, 1 byte what
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "tests/differential/compare.h"
#include "tests/differential/event.h"
#include "tests/differential/pack.h"

using namespace weir;

namespace {

constexpr size_t kHead = 16;
constexpr size_t kMostChanges = 64;

uint64_t number_at(const uint8_t* data) {
  uint64_t out;
  std::memcpy(&out, data, sizeof out);
  return out;
}

void spoil(std::string& text, const uint8_t* data, size_t size) {
  for (size_t i = 0; i + 3 <= size && i < 3 * kMostChanges; i += 3) {
    const size_t at = (size_t{data[i]} << 8 | data[i + 1]) % (text.size() + 1);
    const uint8_t what = data[i + 2];
    if (what == 0xFF && at < text.size())
      text.erase(at, 1);
    else if (what >= 0x80 && at < text.size())
      text[at] = char(what);
    else if (what >= 0x7F)
      text.insert(at, text.substr(at / 2, 16));
    else
      text.insert(at, 1, char(what));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < kHead) return 0;
  const differential::Pack pack = differential::make_pack(number_at(data));
  differential::Event event = differential::make_event(number_at(data + 8), pack);
  spoil(event.text, data + kHead, size - kHead);
  dsl::Diagnostics diagnostics;
  auto project = compiler::load_texts(pack.files(), diagnostics);
  differential::Comparison comparison(*project, {}, diagnostics);
  if (auto what = comparison.difference(event.text, event.line)) {
    std::fprintf(stderr, "%s\n%s\n%s\n", what->c_str(), pack.text().c_str(), event.text.c_str());
    std::abort();
  }
  return 0;
}
