// A buffer that slides over the stream and grows only while one record does not fit.
#include "runtime/ingest/window.h"

#include <algorithm>
#include <cstring>
#include <new>

#include "runtime/match/decode.h"

namespace weir::ingest {

void Window::make_room() {
  size_t kept = end_ - begin_;
  bool giant_gone = capacity_ > 2 * kBlockBytes && kept <= capacity_ / 8;
  if (!giant_gone && capacity_ - end_ >= kBlockBytes) return;
  bool full_block = end_ == capacity_ && capacity_ < kBlockBytes;
  size_t wanted = capacity_;
  if (capacity_ == 0) {
    wanted = kFirstBytes;
  } else if (giant_gone) {
    wanted = std::max(kBlockBytes, 2 * kept);
  } else if (full_block || kept > capacity_ / 2) {
    wanted = capacity_ * 2;
  }
  if (begin_ > 0) std::memmove(buffer_.get(), buffer_.get() + begin_, kept);
  begin_ = 0;
  end_ = kept;
  if (wanted == capacity_) return;
  void* resized = std::realloc(buffer_.get(), wanted + match::kPadding);
  if (!resized) throw std::bad_alloc();
  (void)buffer_.release();
  buffer_.reset(static_cast<char*>(resized));
  data_ = buffer_.get();
  capacity_ = wanted;
}

// What is in memory already is not copied.
bool Window::look_at_held() {
  const std::string_view held = stream_.held();
  if (held.empty()) return false;
  data_ = held.data();
  end_ = held.size();
  ended_ = true;
  return true;
}

bool Window::fill() {
  if (ended_) return false;
  if (!data_ && look_at_held()) return true;
  make_room();
  size_t got = stream_.read(buffer_.get() + end_, std::min(capacity_ - end_, kBlockBytes));
  end_ += got;
  std::memset(buffer_.get() + end_, 0, match::kPadding);
  ended_ = got == 0;
  return !ended_;
}

void Window::need(size_t count) {
  while (rest().size() < count && fill()) {
  }
}

void Window::consume(size_t count) {
  const char* from = data_ + begin_;
  size_t newline = find_newline(0);
  if (newline < count) line_ += static_cast<uint64_t>(std::count(from + newline, from + count, '\n'));
  begin_ += count;
  offset_ += count;
}

void Window::consume_line(size_t count) {
  begin_ += count;
  offset_ += count;
  ++line_;
}

size_t Window::find_newline(size_t from) {
  uint64_t position = offset_ + from;
  if (position >= searched_from_ && position < searched_to_) position = searched_to_;
  size_t begin = static_cast<size_t>(position - offset_);
  const char* data = data_ + begin_;
  size_t size = end_ - begin_;
  const void* found = begin < size ? std::memchr(data + begin, '\n', size - begin) : nullptr;
  size_t newline = found ? static_cast<size_t>(static_cast<const char*>(found) - data) : size;
  if (offset_ + from < searched_from_ || offset_ + from > searched_to_) searched_from_ = offset_ + from;
  searched_to_ = offset_ + newline;
  return found ? newline : std::string_view::npos;
}

}  // namespace weir::ingest
