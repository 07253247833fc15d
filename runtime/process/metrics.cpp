// The registry, and its text.
#include "runtime/process/metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <map>
#include <mutex>

namespace weir::process {
namespace {

enum class Kind : uint8_t { counter, gauge, histogram };

const char* name_of(Kind kind) {
  switch (kind) {
    case Kind::counter:
      return "counter";
    case Kind::gauge:
      return "gauge";
    case Kind::histogram:
      return "histogram";
  }
  return "";
}

std::string escaped(std::string_view text, bool quotes) {
  std::string out;
  for (char c : text) {
    if (c == '\\') {
      out += "\\\\";
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '"' && quotes) {
      out += "\\\"";
    } else {
      out += c;
    }
  }
  return out;
}

// `source="trail",code="200"`.
std::string written(const Labels& labels) {
  std::string out;
  for (const auto& [name, value] : labels)
    out += fmt::format("{}{}=\"{}\"", out.empty() ? "" : ",", name, escaped(value, true));
  return out;
}

std::string written(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  return fmt::format("{}", value);
}

std::string in_braces(std::string_view labels) { return labels.empty() ? "" : fmt::format("{{{}}}", labels); }

// One of these is set.
struct Series {
  std::unique_ptr<Counter> counter;
  std::unique_ptr<Gauge> gauge;
  std::unique_ptr<Histogram> histogram;
  std::function<double()> asked;
};

struct Family {
  Kind kind = Kind::counter;
  std::string help;
  std::map<std::string, Series> series;  // by labels as they are written
};

void append(std::string& out, const std::string& name, const std::string& labels,
            const Histogram& histogram) {
  const std::string before = labels.empty() ? "" : labels + ",";
  const std::vector<uint64_t> counts = histogram.counts();
  uint64_t total = 0;
  for (size_t i = 0; i < counts.size(); ++i) {
    total += counts[i];
    const std::string bound = i < histogram.bounds().size() ? written(histogram.bounds()[i]) : "+Inf";
    out += fmt::format("{}_bucket{{{}le=\"{}\"}} {}\n", name, before, bound, total);
  }
  out += fmt::format("{0}_sum{1} {2}\n{0}_count{1} {3}\n", name, in_braces(labels), written(histogram.sum()),
                     total);
}

void append(std::string& out, const std::string& name, const std::string& labels, const Series& series) {
  if (series.histogram) {
    append(out, name, labels, *series.histogram);
    return;
  }
  std::string value;
  if (series.asked) {
    value = written(series.asked());
  } else {
    value = series.counter ? fmt::format("{}", series.counter->value()) : written(series.gauge->value());
  }
  out += fmt::format("{}{} {}\n", name, in_braces(labels), value);
}

}  // namespace

// ---- histogram

Histogram::Histogram(std::vector<double> bounds)
    : bounds_(std::move(bounds)), counts_(std::make_unique<std::atomic<uint64_t>[]>(bounds_.size() + 1)) {}

void Histogram::observe(double value) {
  const auto bound = std::lower_bound(bounds_.begin(), bounds_.end(), value);
  counts_[static_cast<size_t>(bound - bounds_.begin())].fetch_add(1, std::memory_order_relaxed);
  sum_.fetch_add(value, std::memory_order_relaxed);
}

std::vector<uint64_t> Histogram::counts() const {
  std::vector<uint64_t> counts(bounds_.size() + 1);
  for (size_t i = 0; i < counts.size(); ++i) counts[i] = counts_[i].load(std::memory_order_relaxed);
  return counts;
}

std::vector<double> time_bounds() {
  return {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60};
}

// ---- registry

struct Metrics::Impl {
  mutable std::mutex mutex;
  std::map<std::string, Family, std::less<>> families;

  // The caller holds the lock.
  Series& series(Kind kind, std::string_view name, std::string_view help, const Labels& labels) {
    const auto [found, is_new] = families.try_emplace(std::string(name));
    Family& family = found->second;
    if (is_new) {
      family.kind = kind;
      family.help = help;
    }
    assert(family.kind == kind);
    std::string written_labels = written(labels);
    if (!family.series.contains(written_labels) && family.series.size() >= kMostSeries) {
      Labels other = labels;
      for (auto& label : other) label.second = "other";
      written_labels = written(other);
    }
    return family.series[written_labels];
  }
};

Metrics::Metrics() : impl_(std::make_unique<Impl>()) {}
Metrics::~Metrics() = default;

Counter& Metrics::counter(std::string_view name, std::string_view help, const Labels& labels) {
  std::lock_guard lock(impl_->mutex);
  Series& series = impl_->series(Kind::counter, name, help, labels);
  if (!series.counter) series.counter = std::make_unique<Counter>();
  return *series.counter;
}

Gauge& Metrics::gauge(std::string_view name, std::string_view help, const Labels& labels) {
  std::lock_guard lock(impl_->mutex);
  Series& series = impl_->series(Kind::gauge, name, help, labels);
  if (!series.gauge) series.gauge = std::make_unique<Gauge>();
  return *series.gauge;
}

Histogram& Metrics::histogram(std::string_view name, std::string_view help, std::vector<double> bounds,
                              const Labels& labels) {
  std::lock_guard lock(impl_->mutex);
  Series& series = impl_->series(Kind::histogram, name, help, labels);
  if (!series.histogram) series.histogram = std::make_unique<Histogram>(std::move(bounds));
  return *series.histogram;
}

void Metrics::counted(std::string_view name, std::string_view help, const Labels& labels,
                      std::function<double()> value) {
  std::lock_guard lock(impl_->mutex);
  impl_->series(Kind::counter, name, help, labels).asked = std::move(value);
}

void Metrics::measured(std::string_view name, std::string_view help, const Labels& labels,
                       std::function<double()> value) {
  std::lock_guard lock(impl_->mutex);
  impl_->series(Kind::gauge, name, help, labels).asked = std::move(value);
}

std::string Metrics::text() const {
  std::lock_guard lock(impl_->mutex);
  std::string out;
  for (const auto& [name, family] : impl_->families) {
    out += fmt::format("# HELP {0} {1}\n# TYPE {0} {2}\n", name, escaped(family.help, false),
                       name_of(family.kind));
    for (const auto& [labels, series] : family.series) append(out, name, labels, series);
  }
  return out;
}

}  // namespace weir::process
