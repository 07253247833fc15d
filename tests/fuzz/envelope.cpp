// Whatever the bytes are: no crash, no hang, and every record lies in its place with padding behind it.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "runtime/ingest/files.h"
#include "runtime/match/decode.h"

namespace {

struct Checker : weir::ingest::Receiver {
  uint64_t last = 0;
  volatile char sink = 0;

  void numbered(uint64_t record) {
    if (record != last + 1) std::abort();
    last = record;
  }
  void record(const weir::ingest::Record& record) override {
    numbered(record.place.record);
    if (record.bytes.empty()) std::abort();
    if (!record.text) sink = record.bytes.data()[record.bytes.size() + weir::match::kPadding - 1];
  }
  void unreadable(const weir::ingest::Problem& problem) override {
    if (problem.reason.empty()) std::abort();
    if (problem.place.record != 0) numbered(problem.place.record);
  }
  void skipped(weir::ingest::Skip, const weir::ingest::Place& place, uint64_t) override {
    numbered(place.record);
  }
  void progress(uint64_t) override {}
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Checker checker;
  weir::ingest::ReadLimits limits;
  limits.max_document = 64u << 10;
  weir::ingest::read_bytes("fuzz", {reinterpret_cast<const char*>(data), size}, limits, checker);
  return 0;
}
