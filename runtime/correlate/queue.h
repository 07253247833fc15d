// A queue in one array: an empty one owns no memory and a copy is one allocation, which a million groups of
// few entries need and std::deque does not give.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "runtime/match/kept.h"

namespace weir::correlate {

template <class T>
class Queue {
 public:
  bool empty() const { return head_ == items_.size(); }
  size_t size() const { return items_.size() - head_; }
  const T& front() const { return items_[head_]; }
  T& back() { return items_.back(); }
  const T& back() const { return items_.back(); }
  const T* begin() const { return items_.data() + head_; }
  const T* end() const { return items_.data() + items_.size(); }
  const T& operator[](size_t i) const { return items_[head_ + i]; }
  T& operator[](size_t i) { return items_[head_ + i]; }

  void push_back(T item) {
    make_room();
    items_.push_back(std::move(item));
  }
  // In front of the i-th, or behind all.
  void insert(size_t i, T item) {
    make_room();
    items_.insert(items_.begin() + static_cast<std::ptrdiff_t>(head_ + i), std::move(item));
  }
  void erase(size_t i) {
    items_.erase(items_.begin() + static_cast<std::ptrdiff_t>(head_ + i));
    if (empty()) clear();
  }
  void pop_back() {
    items_.pop_back();
    if (empty()) clear();
  }
  void pop_front() {
    ++head_;
    if (empty()) {
      clear();
    } else if (head_ >= 16 && head_ * 2 >= items_.size()) {
      drop_head();
    }
  }
  void clear() {
    items_.clear();
    head_ = 0;
  }

  size_t bytes() const { return match::heap_bytes(items_.capacity() * sizeof(T)); }

 private:
  // For one more: where a fifth of the room has become free, there; so the room is at most room_for() of the room
  // that the most it ever held needs.
  void make_room() {
    if (items_.size() < items_.capacity()) return;
    if (head_ > 0 && head_ * 5 >= items_.size()) {
      drop_head();
    } else {
      items_.reserve(match::room_for(items_.size()));
    }
  }
  void drop_head() {
    items_.erase(items_.begin(), items_.begin() + static_cast<std::ptrdiff_t>(head_));
    head_ = 0;
  }

  std::vector<T> items_;
  size_t head_ = 0;
};

}  // namespace weir::correlate
