// Bytes from somewhere, pulled: a file, memory, and (inflate.h) what another stream decompresses to.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace weir::ingest {

class ContentHash;

// What decompression may cost, counted over every layer of one file: wraps inside wraps multiply, so a limit
// for each alone would not be one.
struct Budget {
  static constexpr uint64_t kFree = 64u << 20;  // below, any ratio will do

  uint64_t max_ratio = 2000;
  uint64_t taken = 0;  // bytes of the file itself
  uint64_t given = 0;  // bytes that came out of decompression
  bool failed = false;  // the system did not give the file to its end: nothing more is told of it

  bool exceeded() const { return given > kFree && given / max_ratio > taken; }
};

class ByteStream {
 public:
  virtual ~ByteStream() = default;
  // Fills up to `room` bytes (at least one) and returns how many; 0 is the end, or an error.
  virtual size_t read(char* out, size_t room) = 0;
  // All of it, where that is in memory, with match::kPadding readable bytes behind, and stays there as long
  // as the stream does: whoever looks at it has read it all. Else empty.
  virtual std::string_view held() { return {}; }
  const std::string& error() const { return error_; }  // a sentence; empty when all is well

 protected:
  std::string error_;
};

// A file that is open already; closes it, unless it is standard input. Counts what it reads as `taken`; when
// the system does not give it further, it has `failed`, and nothing more is read. Once `stop` is set, if
// given, the file has ended; it is looked at ten times a second while there is nothing to read.
class FileStream : public ByteStream {
 public:
  FileStream(int descriptor, Budget& budget, const std::atomic<bool>* stop = nullptr)
      : descriptor_(descriptor), budget_(budget), stop_(stop) {}
  ~FileStream() override;
  FileStream(const FileStream&) = delete;
  FileStream& operator=(const FileStream&) = delete;
  size_t read(char* out, size_t room) override;

  void note(ContentHash& hash) { hash_ = &hash; }  // of what is read
  bool ended() const { return ended_; }            // there was no more of it

 private:
  bool wait_for_bytes() const;

  int descriptor_;
  Budget& budget_;
  const std::atomic<bool>* stop_;
  ContentHash* hash_ = nullptr;
  bool ended_ = false;
};

class MemoryStream : public ByteStream {
 public:
  explicit MemoryStream(std::string_view bytes) : bytes_(bytes) {}
  size_t read(char* out, size_t room) override;

 private:
  std::string_view bytes_;
};

}  // namespace weir::ingest
