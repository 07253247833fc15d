// Public DNS query log lines, through the splitter and the columns to an event: never a crash, and what is
// accepted has a time, and one value a column at most.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "runtime/ingest/files.h"
#include "runtime/match/decode.h"

using namespace weir;

namespace {

match::Step key(const std::string& name) { return {match::Step::Kind::key, name, 0}; }

std::shared_ptr<const match::Program> make_program() {
  match::SourceInfo lines;
  lines.name = "lines";
  lines.columns = true;
  lines.column_names = {"version", "query_timestamp", "zone", "name",     "type",
                        "rcode",   "protocol",        "edge", "resolver", "subnet"};
  lines.time_path = {key("query_timestamp")};
  lines.required = {{lines.time_path, match::Want::time, "query_timestamp"}};
  for (const std::string& column : lines.column_names) {
    lines.projection.slots.push_back({0, {key(column)}, match::Want::text});
  }
  auto program = std::make_shared<match::Program>();
  program->sources = {lines};
  return program;
}

class Reader : public ingest::Receiver {
 public:
  void record(const ingest::Record& record) override {
    if (!record.text) {
      decoder_.decode(record.bytes);
    } else if (decoder_.decode_columns(record.bytes).status == match::DecodeStatus::ok) {
      const rt_event& event = decoder_.event();
      if (event.slots[1].count != 1) std::abort();
      for (int column = 0; column < 10; ++column) {
        if (event.slots[column].count > 1) std::abort();
      }
      decoder_.compact_json();
    }
  }
  void unreadable(const ingest::Problem& problem) override {
    if (problem.reason.empty()) std::abort();
  }
  void skipped(ingest::Skip, const ingest::Place&, uint64_t) override {}
  void progress(uint64_t) override {}

 private:
  match::Decoder decoder_{make_program()};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static Reader reader;
  ingest::ReadLimits limits;
  limits.max_document = 64u << 10;
  ingest::read_bytes("fuzz", {reinterpret_cast<const char*>(data), size}, limits, reader);
  return 0;
}
