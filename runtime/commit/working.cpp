// See working.h.
#include "runtime/commit/working.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "runtime/process/clock.h"

namespace weir::commit {

struct Place::Slot {
  enum Phase : uint32_t { idle, reading, deciding };
  char source[64];  // cut to fit: names are short
  char unit[16];
  std::atomic<uint64_t> record;
  std::atomic<uint32_t> phase;
  std::atomic<uint32_t> crashed;
  char unused[32];
};

namespace {

constexpr size_t kSlots = 256;  // of earlier processes, too, which may have had more threads
constexpr size_t kStampBytes = 64;  // after the slots
constexpr int kFaults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};

thread_local std::atomic<uint32_t>* crashed_here = nullptr;
struct sigaction before[std::size(kFaults)];

void note_fault(int signal) {
  if (crashed_here) crashed_here->store(1, std::memory_order_relaxed);
  for (size_t i = 0; i < std::size(kFaults); ++i)
    if (kFaults[i] == signal) ::sigaction(signal, &before[i], nullptr);
  // The faulting instruction runs again, or abort() goes on.
}

}  // namespace

void Place::begin(std::string_view source, std::string_view unit, uint64_t record) {
  if (unit.empty()) return;
  std::memset(slot_->source, 0, sizeof slot_->source);
  std::memcpy(slot_->source, source.data(), std::min(source.size(), sizeof slot_->source));
  std::memset(slot_->unit, 0, sizeof slot_->unit);
  std::memcpy(slot_->unit, unit.data(), std::min(unit.size(), sizeof slot_->unit));
  slot_->crashed.store(0, std::memory_order_relaxed);
  slot_->record.store(record, std::memory_order_relaxed);
  slot_->phase.store(Slot::reading, std::memory_order_release);
  crashed_here = &slot_->crashed;
}

void Place::deciding(uint64_t record) {
  slot_->record.store(record, std::memory_order_relaxed);
  if (slot_->phase.load(std::memory_order_relaxed) != Slot::idle)
    slot_->phase.store(Slot::deciding, std::memory_order_relaxed);
}

void Place::reading(uint64_t record) {
  slot_->record.store(record, std::memory_order_relaxed);
  if (slot_->phase.load(std::memory_order_relaxed) != Slot::idle)
    slot_->phase.store(Slot::reading, std::memory_order_relaxed);
}

void Place::end() {
  slot_->phase.store(Slot::idle, std::memory_order_relaxed);
  crashed_here = nullptr;
}

std::string Working::open(const std::string& folder, size_t threads) {
  const std::string path = folder + "/working";
  bytes_ = kSlots * sizeof(Place::Slot) + kStampBytes;
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) return fmt::format("{}: {}", path, std::strerror(errno));
  const bool well = ::ftruncate(descriptor, static_cast<off_t>(bytes_)) == 0;
  void* memory =
      well ? ::mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0) : MAP_FAILED;
  const int error = errno;
  ::close(descriptor);
  if (memory == MAP_FAILED) return fmt::format("{}: {}", path, std::strerror(error));
  memory_ = memory;
  auto* slots = static_cast<Place::Slot*>(memory_);
  for (size_t i = 0; i < kSlots; ++i) {
    const uint32_t phase = slots[i].phase;
    if (phase == Place::Slot::idle) continue;
    store::Death death;
    death.source.assign(slots[i].source, ::strnlen(slots[i].source, sizeof slots[i].source));
    death.unit.assign(slots[i].unit, sizeof slots[i].unit);
    death.record = slots[i].record;
    death.deciding = phase == Place::Slot::deciding;
    death.crashes = slots[i].crashed != 0;
    death.deaths = 1;
    left_.push_back(std::move(death));
  }
  places_.resize(std::min(threads, kSlots));
  for (size_t i = 0; i < places_.size(); ++i) places_[i].slot_ = &slots[i];
  return {};
}

int64_t Working::stamp() const {
  int64_t stamp = 0;
  std::memcpy(&stamp, static_cast<const char*>(memory_) + kSlots * sizeof(Place::Slot), sizeof stamp);
  return stamp;
}

// The slots first: whoever ends in between finds a stamp that was noted.
void Working::clear() {
  const int64_t stamp = std::max(process::now_us(), this->stamp() + 1);
  std::memset(memory_, 0, kSlots * sizeof(Place::Slot));
  std::atomic_signal_fence(std::memory_order_seq_cst);
  std::memcpy(static_cast<char*>(memory_) + kSlots * sizeof(Place::Slot), &stamp, sizeof stamp);
}

Working::~Working() {
  if (memory_) ::munmap(memory_, bytes_);
}

void Working::catch_faults() {
  struct sigaction action = {};
  action.sa_handler = note_fault;
  action.sa_flags = SA_ONSTACK;
  for (size_t i = 0; i < std::size(kFaults); ++i) ::sigaction(kFaults[i], &action, &before[i]);
}

}  // namespace weir::commit
