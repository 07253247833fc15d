// Compressed framing: the first byte chooses the magic, so that the fuzzer need not find it; the rest is the
// stream, cut, joined and damaged as it likes.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "runtime/ingest/files.h"

namespace {

struct Counter : weir::ingest::Receiver {
  uint64_t bytes = 0;
  void record(const weir::ingest::Record& record) override { bytes += record.bytes.size(); }
  void unreadable(const weir::ingest::Problem& problem) override {
    if (problem.reason.empty()) std::abort();
  }
  void skipped(weir::ingest::Skip, const weir::ingest::Place&, uint64_t) override {}
  void progress(uint64_t) override {}
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr std::string_view kBeginnings[] = {
      "", "\x1f\x8b\x08", std::string_view("\x1f\x8b\x08\0\0\0\0\0\0\3", 10), "\x28\xb5\x2f\xfd"};
  if (size == 0) return 0;
  std::string bytes(kBeginnings[data[0] % std::size(kBeginnings)]);
  bytes.append(reinterpret_cast<const char*>(data) + 1, size - 1);
  Counter counter;
  weir::ingest::ReadLimits limits;
  limits.max_document = 64u << 10;
  weir::ingest::read_bytes("fuzz", bytes, limits, counter);
  return 0;
}
