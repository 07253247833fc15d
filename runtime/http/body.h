// Bodies of requests: short ones in memory, long ones in files without a name, all of them within one budget.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace weir::http {

struct BodyLimits {
  uint64_t memory_each = 16u << 20;  // a longer body goes to a file
  uint64_t memory_all = 64u << 20;  // of all bodies in memory; beyond it they go to files
  uint64_t held_all = 1024u << 20;  // of all bodies, wherever they are; beyond it none is taken
  std::string folder = "/tmp";      // for the files
};

// What all bodies share. By any thread.
class BodyRoom {
 public:
  explicit BodyRoom(BodyLimits limits) : limits_(std::move(limits)) {}
  const BodyLimits& limits() const { return limits_; }
  bool has_room(uint64_t bytes) const { return held() + bytes <= limits_.held_all; }
  uint64_t held() const { return held_.load(std::memory_order_relaxed); }
  uint64_t in_memory() const { return in_memory_.load(std::memory_order_relaxed); }
  uint64_t spilled() const { return spilled_.load(std::memory_order_relaxed); }  // bodies, ever

 private:
  friend class Body;
  bool hold(uint64_t bytes);
  bool take_memory(uint64_t bytes);

  BodyLimits limits_;
  std::atomic<uint64_t> held_{0}, in_memory_{0}, spilled_{0};
};

// Written by one thread, then read by another.
class Body {
 public:
  enum class Added : uint8_t { yes, no_room, no_file };

  Body() = default;  // empty for ever
  explicit Body(std::shared_ptr<BodyRoom> room) : room_(std::move(room)) {}
  ~Body();
  Body(Body&& other) noexcept { *this = std::move(other); }
  Body& operator=(Body&& other) noexcept;

  // After anything but `yes` the body is of no use.
  Added append(std::string_view bytes);
  uint64_t size() const { return size_; }
  bool in_file() const { return descriptor_ >= 0; }

  // From byte `offset` on: how many were read, 0 at the end and when the file cannot be read (`failed`).
  size_t read(uint64_t offset, char* out, size_t room, bool& failed) const;

 private:
  bool grow(size_t wanted);
  bool spill();
  bool write(std::string_view bytes);

  std::shared_ptr<BodyRoom> room_;
  std::unique_ptr<char[]> memory_;
  size_t capacity_ = 0;
  int descriptor_ = -1;
  uint64_t size_ = 0;
};

}  // namespace weir::http
