// Files, folders and standard input → records.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "runtime/ingest/record.h"

namespace weir::ingest {

struct InputFile {
  std::string path;     // "-" is standard input
  uint64_t bytes = 0;   // on disk; 0 when not known
};

struct InputList {
  std::vector<InputFile> files;        // sorted by path; each file once
  std::vector<std::string> unreadable; // a sentence each: a path that does not exist, no permission
};

// Walks folders (symbolic links to files are followed, to folders not; hidden files are left out).
InputList list_inputs(const std::vector<std::string>& paths);

struct ReadLimits {
  uint64_t max_document = 256u << 20;   // one JSON document or one line, decompressed
  uint64_t max_ratio = 2000;            // decompressed : compressed, checked from 64 MiB on: a bomb
};

class WholeGzip;

// Reads one file to its end, decompressing (.gz with many members, .zst: by content, not by name) and
// unwrapping envelopes (envelope.h). Never throws; everything that is wrong is reported and the rest goes on.
// Memory is bounded: NDJSON is read in blocks, only a document that is one whole, or a small gzip file, is
// held at once.
class FileReader {
 public:
  FileReader();
  ~FileReader();
  void read(const InputFile& file, const ReadLimits& limits, Receiver& receiver);
  // A file that is open at its beginning, which is closed (but not standard input). Reading ends soon after `stop`
  // is set, in the middle of a record: what is received after that is not to be believed.
  void read_open(int descriptor, const std::string& name, const ReadLimits& limits, Receiver& receiver,
                 const std::atomic<bool>* stop);

 private:
  std::unique_ptr<WholeGzip> gzip_;  // buffers, kept from file to file
};

// A file alone.
void read_file(const InputFile& file, const ReadLimits& limits, Receiver& receiver);

// The same for bytes in memory; `name` stands for the file.
void read_bytes(std::string_view name, std::string_view bytes, const ReadLimits& limits, Receiver& receiver);

}  // namespace weir::ingest
