// A queue of plain things in blocks of 4 KiB: what is long grows and shrinks without moving, so that it never
// stands in memory twice, leaves no holes behind that nothing fits, and takes what it holds. What is short is
// one small array, and a single thing that is no larger than a pointer stands inside: most windows of most
// groups never see a second event.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

#include "runtime/match/kept.h"

namespace weir::correlate {

template <class T>
class Blocks {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  static constexpr size_t kPerBlock = match::per_block(sizeof(T));

  Blocks() = default;
  Blocks(const Blocks& other) {
    for (const T& item : other) push_back(item);
  }
  Blocks(Blocks&& other) noexcept { swap(other); }
  Blocks& operator=(Blocks other) noexcept {
    swap(other);
    return *this;
  }
  ~Blocks() { clear(); }

  bool empty() const { return size_ == 0; }
  size_t size() const { return size_; }
  T& operator[](size_t i) { return block((head_ + i) / kPerBlock)[(head_ + i) % kPerBlock]; }
  const T& operator[](size_t i) const { return block((head_ + i) / kPerBlock)[(head_ + i) % kPerBlock]; }
  const T& front() const { return (*this)[0]; }
  T& back() { return (*this)[size_ - 1]; }
  const T& back() const { return (*this)[size_ - 1]; }

  struct Iterator {
    using iterator_category = std::forward_iterator_tag;
    using value_type = T;
    using difference_type = std::ptrdiff_t;
    using pointer = const T*;
    using reference = const T&;

    const T& operator*() const { return (*of)[at]; }
    Iterator& operator++() {
      ++at;
      return *this;
    }
    bool operator==(const Iterator&) const = default;

    const Blocks* of = nullptr;
    size_t at = 0;
  };
  Iterator begin() const { return {this, 0}; }
  Iterator end() const { return {this, size_}; }

  void push_back(const T& item) {
    const T copy = item;
    make_room();
    ++size_;
    back() = copy;
  }
  void pop_back() {
    --size_;
    if (others_ && others_->size() * kPerBlock >= head_ + size_) {
      std::free(others_->back());
      others_->pop_back();
      if (others_->empty()) forget_others();
    }
    if (empty()) head_ = 0;
  }
  void pop_front() {
    ++head_;
    --size_;
    if (head_ == kPerBlock && others_) {
      std::free(first());
      set_first(others_->front());
      others_->erase(others_->begin());
      if (others_->empty()) forget_others();
      head_ = 0;
    }
    if (empty()) head_ = 0;
  }
  void clear() {
    if (others_)
      for (T* other : *others_) std::free(other);
    forget_others();
    if (!is_inside()) std::free(first());
    set_first(nullptr);
    head_ = room_ = 0;
    size_ = 0;
  }

  // What stands inside counts as if it did not: a budget need not know.
  size_t bytes() const {
    const size_t first = match::heap_bytes(room_ * sizeof(T));
    if (!others_) return first;
    return first + match::heap_bytes(sizeof *others_) + match::heap_bytes(others_->capacity() * sizeof(T*)) +
           others_->size() * match::heap_bytes(kPerBlock * sizeof(T));
  }

 private:
  static constexpr bool kOneInside = sizeof(T) <= sizeof(void*) && alignof(T) <= alignof(void*);

  // Room for one is inside, or the first block holds it.
  bool is_inside() const { return kOneInside && room_ == 1; }
  T* first() const {
    if (is_inside()) return reinterpret_cast<T*>(const_cast<unsigned char*>(first_));
    T* block;
    std::memcpy(&block, first_, sizeof block);
    return block;
  }
  void set_first(T* block) { std::memcpy(first_, &block, sizeof block); }
  T* block(size_t i) const { return i == 0 ? first() : (*others_)[i - 1]; }
  void swap(Blocks& other) noexcept {
    std::swap(first_, other.first_);
    std::swap(others_, other.others_);
    std::swap(size_, other.size_);
    std::swap(head_, other.head_);
    std::swap(room_, other.room_);
  }
  // For one more behind the last. There are others only when the first block is whole.
  void make_room() {
    const size_t end = head_ + size_;
    if (end < room_ || (others_ && end < (others_->size() + 1) * kPerBlock)) return;
    if (!others_ && head_ > 0 && head_ * 5 >= end) {
      std::memmove(static_cast<void*>(first()), first() + head_, size_ * sizeof(T));
      head_ = 0;
    } else if (room_ < kPerBlock) {
      enlarge_first(static_cast<uint32_t>(std::min(kPerBlock, match::room_for(room_))));
    } else {
      if (!others_) others_ = new std::vector<T*>;
      if (others_->size() == others_->capacity()) others_->reserve(match::room_for(others_->size()));
      others_->push_back(allocated(nullptr, kPerBlock));
    }
  }
  void enlarge_first(uint32_t room) {
    if (kOneInside && room == 1) {
      room_ = 1;
      return;
    }
    T* const block = allocated(is_inside() ? nullptr : first(), room);
    if (is_inside()) std::memcpy(static_cast<void*>(block), first_, sizeof(T));
    set_first(block);
    room_ = room;
  }
  static T* allocated(T* before, size_t room) {
    void* block = std::realloc(static_cast<void*>(before), room * sizeof(T));
    if (!block) throw std::bad_alloc();
    return static_cast<T*>(block);
  }
  void forget_others() { delete std::exchange(others_, nullptr); }

  alignas(void*) unsigned char first_[sizeof(T*)] = {};  // where the first block is, or the one thing itself
  std::vector<T*>* others_ = nullptr;  // null: the first is all there is
  size_t size_ = 0;
  uint32_t head_ = 0;  // in the first block
  uint32_t room_ = 0;  // of the first block; the others are whole
};

}  // namespace weir::correlate
