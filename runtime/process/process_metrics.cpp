// What Linux knows of this process, under the names that every Prometheus client library uses.
#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <string>

#include "runtime/process/metrics.h"

namespace weir::process {
namespace {

// Of /proc/self/statm: 0 virtual, 1 resident.
double memory_bytes(int column) {
  std::ifstream file("/proc/self/statm");
  double pages = 0;
  for (int i = 0; i <= column; ++i) file >> pages;
  return pages * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

double processor_seconds() {
  rusage usage = {};
  ::getrusage(RUSAGE_SELF, &usage);
  auto seconds = [](const timeval& time) { return double(time.tv_sec) + double(time.tv_usec) / 1e6; };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double open_descriptors() {
  DIR* folder = ::opendir("/proc/self/fd");
  if (!folder) return 0;
  double count = -3;  // `.`, `..` and the folder itself
  while (::readdir(folder)) ++count;
  ::closedir(folder);
  return count;
}

double most_descriptors() {
  rlimit limit = {};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  return static_cast<double>(limit.rlim_cur);
}

double seconds_since_1970() {
  using namespace std::chrono;
  return duration<double>(system_clock::now().time_since_epoch()).count();
}

}  // namespace

void add_process_metrics(Metrics& metrics, std::string_view version) {
  metrics
      .gauge("weir_build_info", "Always 1; what runs is in the labels.", {{"version", std::string(version)}})
      .set(1);
  metrics.gauge("process_start_time_seconds", "When the process began, in seconds since 1970.")
      .set(seconds_since_1970());
  metrics.measured("process_resident_memory_bytes", "Memory that is resident.", {},
                   [] { return memory_bytes(1); });
  metrics.measured("process_virtual_memory_bytes", "Memory that is mapped.", {},
                   [] { return memory_bytes(0); });
  metrics.measured("process_open_fds", "Descriptors that are open.", {}, open_descriptors);
  metrics.measured("process_max_fds", "Descriptors that may be open.", {}, most_descriptors);
  metrics.counted("process_cpu_seconds_total", "Processor time, of user and system.", {}, processor_seconds);
}

}  // namespace weir::process
