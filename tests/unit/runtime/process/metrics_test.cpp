// Instruments and their text.
#include "runtime/process/metrics.h"

#include <doctest/doctest.h>

#include <thread>
#include <vector>

namespace weir::process {
namespace {

TEST_CASE("a counter, a gauge and what is asked, by name and in the order of their labels") {
  Metrics metrics;
  metrics.counter("weir_b_total", "Bees.", {{"source", "two"}}).add(3);
  metrics.counter("weir_b_total", "Bees.", {{"source", "one"}}).add();
  metrics.gauge("weir_a_bytes", "A's.").set(1.5);
  metrics.measured("weir_c_seconds", "Cees.", {}, [] { return 7.0; });
  CHECK(metrics.text() ==
        "# HELP weir_a_bytes A's.\n# TYPE weir_a_bytes gauge\nweir_a_bytes 1.5\n"
        "# HELP weir_b_total Bees.\n# TYPE weir_b_total counter\n"
        "weir_b_total{source=\"one\"} 1\nweir_b_total{source=\"two\"} 3\n"
        "# HELP weir_c_seconds Cees.\n# TYPE weir_c_seconds gauge\nweir_c_seconds 7\n");
}

TEST_CASE("the same name and labels are the same instrument") {
  Metrics metrics;
  Counter& first = metrics.counter("weir_x_total", "X.", {{"a", "1"}});
  CHECK(&first == &metrics.counter("weir_x_total", "X.", {{"a", "1"}}));
  CHECK(&first != &metrics.counter("weir_x_total", "X.", {{"a", "2"}}));
}

TEST_CASE("values of labels and help are escaped") {
  Metrics metrics;
  metrics.gauge("weir_x", "One\ntwo \\ \"three\".", {{"a", "q\"b\\s\nn"}}).set(0);
  CHECK(metrics.text() ==
        "# HELP weir_x One\\ntwo \\\\ \"three\".\n# TYPE weir_x gauge\nweir_x{a=\"q\\\"b\\\\s\\nn\"} 0\n");
}

TEST_CASE("a histogram sums its buckets up, and a value on a bound is within it") {
  Metrics metrics;
  Histogram& histogram = metrics.histogram("weir_t_seconds", "T.", {0.5, 1}, {{"s", "x"}});
  for (double value : {0.25, 0.5, 0.75, 8.0}) histogram.observe(value);
  CHECK(metrics.text() ==
        "# HELP weir_t_seconds T.\n# TYPE weir_t_seconds histogram\n"
        "weir_t_seconds_bucket{s=\"x\",le=\"0.5\"} 2\nweir_t_seconds_bucket{s=\"x\",le=\"1\"} 3\n"
        "weir_t_seconds_bucket{s=\"x\",le=\"+Inf\"} 4\nweir_t_seconds_sum{s=\"x\"} 9.5\n"
        "weir_t_seconds_count{s=\"x\"} 4\n");
}

TEST_CASE("a family does not grow without end") {
  Metrics metrics;
  for (size_t i = 0; i < kMostSeries + 500; ++i)
    metrics.counter("weir_x_total", "X.", {{"a", std::to_string(i)}}).add();
  const std::string text = metrics.text();
  CHECK(text.find("weir_x_total{a=\"other\"} 500\n") != std::string::npos);
  CHECK(text.find("{a=\"1200\"}") == std::string::npos);
}

TEST_CASE("threads lose nothing") {
  Metrics metrics;
  Counter& counter = metrics.counter("weir_x_total", "X.");
  Histogram& histogram = metrics.histogram("weir_h", "H.", {1});
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 10'000; ++i) {
        counter.add();
        histogram.observe(0.5);
      }
    });
  for (std::thread& thread : threads) thread.join();
  CHECK(counter.value() == 40'000);
  CHECK(histogram.counts()[0] == 40'000);
  CHECK(histogram.sum() == 20'000);
}

TEST_CASE("what is known of the process") {
  Metrics metrics;
  add_process_metrics(metrics, "1.2.3");
  const std::string text = metrics.text();
  CHECK(text.find("weir_build_info{version=\"1.2.3\"} 1\n") != std::string::npos);
  CHECK(text.find("\nprocess_resident_memory_bytes 0\n") == std::string::npos);
  CHECK(text.find("\nprocess_resident_memory_bytes ") != std::string::npos);
}

}  // namespace
}  // namespace weir::process
