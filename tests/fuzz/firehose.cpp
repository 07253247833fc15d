// Whatever the body of a Firehose request is: no crash, no hang; what is refused has told nothing; and how
// the bytes arrive changes nothing.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "runtime/ingest/http/firehose_reader.h"

namespace {

using namespace weir::ingest;

class Pieces final : public ByteStream {
 public:
  Pieces(std::string_view bytes, size_t piece) : bytes_(bytes), piece_(piece) {}
  size_t read(char* out, size_t room) override {
    const size_t count = std::min({room, piece_, bytes_.size()});
    std::copy_n(bytes_.data(), count, out);
    bytes_.remove_prefix(count);
    return count;
  }

 private:
  std::string_view bytes_;
  size_t piece_;
};

struct Told final : Receiver {
  std::string all;
  void record(const Record& record) override { all.append("record ").append(record.bytes).append("\n"); }
  void unreadable(const Problem& problem) override {
    if (problem.reason.empty()) std::abort();
    all.append("unreadable\n");
  }
  void skipped(Skip, const Place&, uint64_t) override { all.append("skipped\n"); }
  void progress(uint64_t) override {}
};

std::string read(std::string_view bytes, size_t piece, std::string& told) {
  Told receiver;
  ReadLimits limits;
  limits.max_document = 64u << 10;
  Budget budget{limits.max_ratio, bytes.size(), 0};
  Pieces stream(bytes, piece);
  Unwrapper unwrapper(limits, budget, 0, receiver);
  std::string refusal = read_firehose(stream, unwrapper, Place{"fuzz"});
  if (!refusal.empty() && !receiver.all.empty()) std::abort();
  told = std::move(receiver.all);
  return refusal;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  std::string whole, pieces;
  const std::string refusal = read(bytes, size + 1, whole);
  if (read(bytes, 3, pieces) != refusal || pieces != whole) std::abort();
  return 0;
}
