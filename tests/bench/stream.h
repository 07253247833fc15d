// Events on disk for as long as this lives, and candidates that scan them.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/ingest/files.h"
#include "runtime/match/program.h"
#include "tests/bench/measure.h"

namespace weir::bench {

class Stream {
 public:
  // One file per text, of this extension (".ndjson", ".json.gz").
  Stream(std::string_view extension, const std::vector<std::string>& texts);
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  // What `weir scan` does, from the page cache to ordered alerts.
  Candidate scan(const char* name, std::shared_ptr<const match::Program> program, unsigned threads = 1) const;

 private:
  std::vector<ingest::InputFile> files_;
};

}  // namespace weir::bench
