// What a file that grows holds, as it would be without compression, and by what it is told again: its first
// bytes, and the last ones of what was read. Not its name, which rotation changes; not its inode, which is
// used again, and which a copy does not have.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/ingest/stream.h"

namespace weir::ingest {

inline constexpr size_t kTailProof = 4096;  // bytes of the beginning, and before the end of what was read

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor();
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }

 private:
  int number_;
};
// Null when it cannot be opened, or is no file: errno says why.
std::shared_ptr<Descriptor> open_file(const std::string& path);

// How far a file was read.
struct TailMark {
  uint64_t offset = 0, line = 1;            // of what comes next; in the decompressed file
  uint64_t head = 0, foot = 0;              // hashes of the first bytes, and of those before `offset`
  uint32_t head_bytes = 0, foot_bytes = 0;  // how many that are
  uint64_t device = 0, inode = 0;           // where it was: a hint
  int64_t caught_up = 0;  // microseconds since 1970: nothing beyond `offset` was there then
  bool damaged = false;   // compressed, and broken at `offset`: nothing more can come

  std::string bytes() const;
  static std::optional<TailMark> of(std::string_view bytes);
};

uint64_t hash_of(std::string_view bytes);

class Content {
 public:
  explicit Content(std::shared_ptr<Descriptor> file);
  ~Content();
  Content(const Content&) = delete;
  Content& operator=(const Content&) = delete;

  bool compressed() const { return compressed_; }
  // As many bytes as there are from `offset` on, up to `size`.
  size_t read(uint64_t offset, char* out, size_t size);
  // After read() gave less than was asked for: why what follows can never be read; empty when it may come.
  std::string damage() const;
  // Whether it is the file of the mark, read on or not. A mark without first bytes is of a compressed file
  // that gave none.
  bool holds(const TailMark& mark);
  // The file could not be read: nothing that was said of it counts.
  bool failed() const { return failed_; }

 private:
  class Raw;
  size_t read_raw(uint64_t offset, char* out, size_t size);
  bool go_to(uint64_t offset);

  std::shared_ptr<Descriptor> file_;
  Budget budget_;
  std::unique_ptr<Raw> raw_;
  std::unique_ptr<ByteStream> plain_;
  uint64_t at_ = 0;  // of plain_
  bool compressed_ = false, failed_ = false;
};

}  // namespace weir::ingest
