// See standard_input.h.
#include "runtime/ingest/standard_input.h"

#include <unistd.h>

namespace weir::ingest {
namespace {

class Stream final : public Unit {
 public:
  std::string read(FileReader& reader, const ReadLimits& limits, Receiver& receiver,
                   const std::atomic<bool>& stop) override {
    // Nobody can read it again: what is missing is told as what cannot be read.
    const std::string failure = reader.read_open(STDIN_FILENO, name, limits, receiver, &stop);
    if (!failure.empty()) receiver.unreadable({Place{name}, failure, {}});
    return {};
  }
};

class StandardInput final : public Source {
 public:
  std::unique_ptr<Unit> next() override {
    if (given_) return nullptr;
    given_ = true;
    auto unit = std::make_unique<Stream>();
    unit->name = "-";
    unit->endless = true;
    return unit;
  }
  bool drained() const override { return given_; }

 private:
  bool given_ = false;
};

}  // namespace

std::unique_ptr<Source> standard_input() { return std::make_unique<StandardInput>(); }

}  // namespace weir::ingest
