// Where the results of functions live until the next event: memory that is only ever given back as a whole.
//
// One per thread and engine. After the first few events it has what it needs and allocates no more; what one
// large event took is given back when the next one begins.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace weir::match {

class ResultArena {
 public:
  void* take(size_t bytes) {
    bytes = (bytes + 7) & ~size_t{7};
    if (bytes > left_) grow(bytes);
    char* const begin = next_;
    next_ += bytes;
    left_ -= bytes;
    return begin;
  }

  template <typename T>
  T* take_array(size_t count) {
    return static_cast<T*>(take(count * sizeof(T)));
  }

  std::string_view keep(std::string_view text) {
    char* const copy = static_cast<char*>(take(text.size()));
    if (!text.empty()) std::memcpy(copy, text.data(), text.size());
    return {copy, text.size()};
  }

  // release() gives back what was taken since its mark().
  struct Mark {
    size_t blocks;
    char* next;
    size_t left;
  };
  Mark mark() const { return {blocks_.size(), next_, left_}; }
  void release(const Mark& mark) {
    if (mark.blocks == 0) return reset();
    blocks_.resize(mark.blocks);
    next_ = mark.next;
    left_ = mark.left;
  }

  // Everything that was taken is gone.
  void reset() {
    if (blocks_.size() > 1) blocks_.resize(1);
    if (!blocks_.empty()) use(blocks_.front());
  }

 private:
  static constexpr size_t kBlockBytes = 64u << 10;
  static constexpr size_t kMaxBlockBytes = 8u << 20;

  struct Block {
    std::unique_ptr<char[]> bytes;
    size_t size = 0;
  };

  void use(const Block& block) {
    next_ = block.bytes.get();
    left_ = block.size;
  }

  // Blocks double, so that there are few; the first has the common size, since it is the one that stays.
  void grow(size_t bytes) {
    const size_t size =
        blocks_.empty() ? kBlockBytes : std::max(bytes, std::min(2 * blocks_.back().size, kMaxBlockBytes));
    blocks_.push_back({std::make_unique_for_overwrite<char[]>(size), size});
    use(blocks_.back());
    if (left_ < bytes) grow(bytes);
  }

  std::vector<Block> blocks_;
  char* next_ = nullptr;
  size_t left_ = 0;
};

}  // namespace weir::match
