// Where each thread is, in a file that outlives the process: what was being read or decided when it ended.
//
// A few bytes of shared memory are written for each record and never flushed: the kernel keeps them when the
// process dies, and a power cut is nobody's fault. A place that crashed the process twice is suspect beyond
// doubt; one at which it ended for other reasons (killed, out of memory) becomes so much later, because those
// usually have nothing to do with the record.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/store/store.h"

namespace weir::commit {

inline constexpr int64_t kMostCrashes = 2;  // by a fault of the process itself
inline constexpr int64_t kMostDeaths = 8;   // of any kind, at one and the same place

// One thread's place.
class Place {
 public:
  void begin(std::string_view source, std::string_view unit, uint64_t record);
  void deciding(uint64_t record);
  void reading(uint64_t record);  // what comes after it
  void end();

 private:
  friend class Working;
  struct Slot;
  Slot* slot_ = nullptr;
};

class Working {
 public:
  // Makes room for `threads` places in FOLDER/working; what an earlier process left there is in left(). A
  // sentence when the file cannot be.
  std::string open(const std::string& folder, size_t threads);
  ~Working();

  const std::vector<store::Death>& left() const { return left_; }
  // Of what is left: another one after clear(). 0: it is not known.
  int64_t stamp() const;
  void clear();  // once left() is in the store
  Place& place(size_t thread) { return places_[thread]; }

  // Notes in the place of the thread that faults (SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT) that it did, then
  // lets the fault have its way.
  static void catch_faults();

 private:
  void* memory_ = nullptr;
  size_t bytes_ = 0;
  std::vector<Place> places_;
  std::vector<store::Death> left_;
};

}  // namespace weir::commit
