// Files, folders and standard input → records.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
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
// Of a file below `paths` that is not there: whether its whole folder is away, or has nothing in it. So a
// folder looks that is not mounted.
bool folder_is_away(const std::string& file, const std::vector<std::string>& paths);

struct ReadLimits {
  uint64_t max_document = 256u << 20;   // one JSON document or one line, decompressed
  uint64_t max_ratio = 2000;            // decompressed : compressed, checked from 64 MiB on: a bomb
};

class WholeGzip;

// Reads one file to its end, decompressing (.gz with many members, .zst: by content, not by name) and
// unwrapping envelopes (envelope.h). Never throws; everything that is wrong with the file is reported and the rest
// goes on. What is wrong with the system, which does not give the file (EIO, ESTALE), may be over the next
// time: what was received then is the beginning of what the whole file gives.
// Memory is bounded: NDJSON is read in blocks, only a document that is one whole, or a small gzip file, is
// held at once.
class FileReader {
 public:
  FileReader();
  ~FileReader();
  // False when the system does not give the file, or not to its end: the receiver is told that, too, as unreadable.
  bool read(const InputFile& file, const ReadLimits& limits, Receiver& receiver);
  // A file that is open at its beginning, which is closed (but not standard input). Reading ends soon after `stop`
  // is set, in the middle of a record: what is received after that is not to be believed. Empty, or why the system
  // does not give it further, which the receiver does not hear of. `content`, if given: the hash of all its bytes
  // (ContentHash), when it was read to its end.
  std::string read_open(int descriptor, const std::string& name, const ReadLimits& limits, Receiver& receiver,
                        const std::atomic<bool>* stop, std::optional<uint64_t>* content = nullptr);

 private:
  std::unique_ptr<WholeGzip> gzip_;  // buffers, kept from file to file
  uint64_t taken_ = 0;               // bytes of the file that was read last
};

// A file alone.
bool read_file(const InputFile& file, const ReadLimits& limits, Receiver& receiver);

// The same for bytes in memory; `name` stands for the file.
void read_bytes(std::string_view name, std::string_view bytes, const ReadLimits& limits, Receiver& receiver);

}  // namespace weir::ingest
