// What a running process counts, for whoever asks: Prometheus' text format.
//
// Instruments are registered once, under a lock, and live as long as the registry; to count with one costs an
// atomic addition and takes no lock, so the event path may. Labels say *which* of a few: a source, a sink, a
// result. Never what comes out of an event: a family of more than kMostSeries folds the rest into one series
// of "other".
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::process {

inline constexpr size_t kMostSeries = 1000;  // of one name

// Only ever grows.
class alignas(64) Counter {
 public:
  void add(uint64_t count = 1) { value_.fetch_add(count, std::memory_order_relaxed); }
  uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> value_{0};
};

class alignas(64) Gauge {
 public:
  void set(double value) { value_.store(value, std::memory_order_relaxed); }
  void add(double difference) { value_.fetch_add(difference, std::memory_order_relaxed); }
  double value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<double> value_{0};
};

// How many values were at most each of some bounds. Threads that observe at once may be seen one before the
// other.
class alignas(64) Histogram {
 public:
  explicit Histogram(std::vector<double> bounds);  // ascending
  void observe(double value);

  const std::vector<double>& bounds() const { return bounds_; }
  std::vector<uint64_t> counts() const;  // by bound, and one for what is beyond all; not summed up
  double sum() const { return sum_.load(std::memory_order_relaxed); }

 private:
  std::vector<double> bounds_;
  std::unique_ptr<std::atomic<uint64_t>[]> counts_;
  std::atomic<double> sum_{0};
};

using Labels = std::vector<std::pair<std::string, std::string>>;

// Bounds for what takes between a millisecond and a minute, in seconds.
std::vector<double> time_bounds();

class Metrics {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // The instrument of that name and those labels, made when there is none. `name`: letters, digits and `_`,
  // with its unit last (`_seconds`, `_bytes`) and, of a counter, `_total` after it; `help` a sentence. The
  // same name has one kind, one help and the same label names everywhere.
  Counter& counter(std::string_view name, std::string_view help, const Labels& labels = {});
  Gauge& gauge(std::string_view name, std::string_view help, const Labels& labels = {});
  Histogram& histogram(std::string_view name, std::string_view help, std::vector<double> bounds,
                       const Labels& labels = {});
  // What somebody knows anyway: asked at each reading, by the thread that reads, as long as the registry is
  // there.
  void counted(std::string_view name, std::string_view help, const Labels& labels,
               std::function<double()> value);
  void measured(std::string_view name, std::string_view help, const Labels& labels,
                std::function<double()> value);

  // Prometheus' text format 0.0.4: families by name, series in the order of their labels.
  std::string text() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Memory, processor time, descriptors and start of this process (`process_…`), and `weir_build_info`.
void add_process_metrics(Metrics& metrics, std::string_view version);

}  // namespace weir::process
