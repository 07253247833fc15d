// The part of a stream that is in memory: what was read and not yet taken, in one piece.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string_view>

#include "runtime/ingest/stream.h"

namespace weir::ingest {

class Window {
 public:
  static constexpr size_t kFirstBytes = 64u << 10;  // small files are many
  static constexpr size_t kBlockBytes = 1u << 20;  // grown to while reading; beyond, only while one long record lasts

  explicit Window(ByteStream& stream) : stream_(stream) {}

  // What is not taken yet; match::kPadding readable bytes follow. Good until fill().
  std::string_view rest() const { return {data_ + begin_, end_ - begin_}; }
  // Reads on, keeping rest(), which only grows. False when there is no more.
  bool fill();
  // Reads on until there are `count` bytes or the stream ends.
  void need(size_t count);
  void consume(size_t count);       // counts the lines in it
  void consume_line(size_t count);  // the same for what holds one line end, at its end

  // Before anything is read: where in its file the stream begins.
  void begin_at(uint64_t offset, uint64_t line) {
    offset_ = searched_from_ = searched_to_ = offset;
    line_ = line;
  }

  bool ended() const { return ended_; }
  uint64_t offset() const { return offset_; }  // of rest() in the stream
  uint64_t line() const { return line_; }      // of rest(), from 1
  uint64_t bytes_read() const { return offset_ + (end_ - begin_); }

  // Position in rest() of the first line end at or after `from`; npos when none was read yet. Remembered, so
  // that asking for each of the thousand records of one line does not search it a thousand times.
  size_t find_newline(size_t from);

 private:
  bool look_at_held();
  void make_room();

  ByteStream& stream_;
  struct Free {
    void operator()(char* buffer) const { std::free(buffer); }
  };
  std::unique_ptr<char, Free> buffer_;  // from realloc: a giant record moves to a larger place uncopied
  const char* data_ = nullptr;          // the buffer, or what the stream holds
  size_t capacity_ = 0, begin_ = 0, end_ = 0;
  bool ended_ = false;
  uint64_t offset_ = 0, line_ = 1;
  uint64_t searched_from_ = 0, searched_to_ = 0;  // no line end there; positions in the stream
};

}  // namespace weir::ingest
