// A small gzip file at once: in, out, done, at twice the speed of a stream. What is large, cut, damaged or
// odd in any way is left to inflate.h, which says what is wrong with it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

struct libdeflate_decompressor;

namespace weir::ingest {

// Decompressed, no more than may come of any file: never a bomb (Budget::kFree).
inline constexpr size_t kWholeOutput = 64u << 20;
inline constexpr size_t kWholeInput = 16u << 20;

// Keeps its buffers from one file to the next; for one thread.
class WholeGzip {
 public:
  WholeGzip();
  ~WholeGzip();

  struct Bytes {
    std::string_view plain;  // good until the next call
    std::string_view packed;  // the file; likewise
  };
  // All members of the file; nothing when it is to be read as a stream, whose position is untouched.
  std::optional<Bytes> read(int descriptor);

 private:
  struct Buffer {
    std::unique_ptr<char[]> bytes;
    size_t capacity = 0;
    void grow(size_t size, size_t kept);
  };
  bool inflate(size_t size, size_t& written);

  libdeflate_decompressor* inflater_;
  Buffer input_, output_;
};

}  // namespace weir::ingest
