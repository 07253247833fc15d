// Bodies of requests: short ones in memory, long ones in files without a name, all of them within one budget.
#pragma once

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

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
  struct Free {
    void operator()(char* memory) const { std::free(memory); }
  };
  using Memory = std::unique_ptr<char[], Free>;

  bool hold(uint64_t bytes);
  // Null when there is none, or not enough: room for `bytes`, or what a body had that is gone and `bytes` fit
  // in.
  Memory take_memory(size_t& bytes);
  void give_back(Memory memory, size_t bytes);

  BodyLimits limits_;
  std::atomic<uint64_t> held_{0}, in_memory_{0}, spilled_{0};
  struct Spare {
    Memory memory;
    size_t bytes;
  };
  std::mutex mutex_;
  std::vector<Spare> spares_;  // of the large: the kernel clears each page of those that it gives
};

// Written by one thread, then read by another.
class Body {
 public:
  enum class Added : uint8_t { yes, no_room, no_file };

  Body() = default;  // empty for ever
  // `announced`: how long it is to be, where that is known.
  explicit Body(std::shared_ptr<BodyRoom> room, uint64_t announced = 0)
      : room_(std::move(room)), announced_(announced) {}
  ~Body();
  Body(Body&& other) noexcept { *this = std::move(other); }
  Body& operator=(Body&& other) noexcept;

  static constexpr size_t kPiece = 64u << 10;
  // How many readable bytes follow what is in memory; their content does not matter.
  static constexpr size_t kPadding = 64;

  // Where the next bytes are to be put, `most` of them or less; then added() says how many were.
  std::span<char> space(uint64_t most);
  // After anything but `yes` the body is empty for ever.
  Added added(size_t count);
  uint64_t size() const { return size_; }
  bool in_file() const { return descriptor_ >= 0; }
  // All of it, when it is in memory; else empty. Good while nothing is added and the body is there, wherever
  // it moves.
  std::string_view in_memory() const {
    return in_file() ? std::string_view() : std::string_view(memory_.get(), size_);
  }

  // From byte `offset` on: how many were read, 0 at the end and when the file cannot be read (`failed`).
  size_t read(uint64_t offset, char* out, size_t room, bool& failed) const;

 private:
  bool grow();
  bool spill(size_t size);  // what is in memory
  bool write(std::string_view bytes);

  std::shared_ptr<BodyRoom> room_;
  uint64_t announced_ = 0;
  BodyRoom::Memory memory_;
  size_t capacity_ = 0;
  std::unique_ptr<char[]> piece_;  // on its way to the file
  bool into_piece_ = false;        // what space() gave
  int descriptor_ = -1;
  uint64_t size_ = 0;
};

}  // namespace weir::http
