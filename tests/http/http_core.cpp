// A core for tests of the HTTP source: reads units, "commits" them a moment later into a file, then
// acknowledges. The file stands for the store: what it names is finished, also for the next process.
//
//   http_core STORE [key=value…]     prints `ports SOURCE PAGES`, then obeys lines on standard input:
//   hold | go | ready | unready | reload | quit        each is answered by a line
//
// A line of STORE: the time of the commit (CLOCK_MONOTONIC, ns), the key in hex, records, unreadable, bytes,
// name.
#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "runtime/ingest/http/http_source.h"
#include "runtime/serve/serve.h"

namespace {

using namespace weir;
using std::chrono::milliseconds;

std::map<std::string, std::string> arguments;

std::string text_of(const char* key, const char* fallback = "") {
  const auto found = arguments.find(key);
  return found == arguments.end() ? fallback : found->second;
}

void set(const char* key, milliseconds& value) {
  if (arguments.contains(key)) value = milliseconds(std::stoll(arguments[key]));
}

template <class Number>
void set_number(const char* key, Number& value) {
  if (arguments.contains(key)) value = static_cast<Number>(std::stoull(arguments[key]));
}

std::string hex(const std::string& bytes) {
  std::string out;
  for (unsigned char c : bytes) out += fmt::format("{:02x}", c);
  return out.empty() ? "-" : out;
}

struct Counting final : ingest::Receiver {
  uint64_t records = 0, unreadable_ = 0, bytes = 0;
  void record(const ingest::Record& record) override {
    ++records;
    bytes += record.bytes.size();
  }
  void unreadable(const ingest::Problem&) override { ++unreadable_; }
  void skipped(ingest::Skip, const ingest::Place&, uint64_t) override {}
  void progress(uint64_t) override {}
};

class Core {
 public:
  Core(const std::string& path, ingest::HttpSource& source) : path_(path), source_(source) {
    std::ifstream file(path);
    for (std::string line, time, key; std::getline(file, line);)
      if (std::istringstream(line) >> time >> key && key != "-") finished_[key];
  }

  void run() {
    while (!stop) {
      std::this_thread::sleep_for(milliseconds(10));
      if (hold) continue;
      std::vector<std::unique_ptr<ingest::Unit>> read;
      std::string lines;
      while (std::unique_ptr<ingest::Unit> unit = source_.next()) take(std::move(unit), read, lines);
      if (read.empty()) continue;
      std::this_thread::sleep_for(milliseconds(50));
      commit(lines);
      for (auto& unit : read) source_.acknowledge(*unit);
    }
  }

  std::atomic<bool> stop{false}, hold{false};

 private:
  void take(std::unique_ptr<ingest::Unit> unit, std::vector<std::unique_ptr<ingest::Unit>>& read,
            std::string& lines) {
    const std::string key = hex(unit->key);
    if (const auto finished = finished_.find(key); finished != finished_.end()) {
      const bool other = !finished->second.empty() && finished->second != unit->from;
      return other ? source_.refuse(std::move(unit)) : source_.acknowledge(*unit);
    }
    Counting counting;
    const std::string problem = unit->read(reader_, {.max_document = 64u << 20}, counting, stop);
    if (!problem.empty()) std::fprintf(stderr, "%s\n", problem.c_str());
    if (!problem.empty() || stop) return source_.give_back(std::move(unit));
    lines += fmt::format("{{}} {} {} {} {} {}\n", key, counting.records, counting.unreadable_, counting.bytes,
                         unit->name);
    if (key != "-") finished_[key] = unit->from;
    read.push_back(std::move(unit));
  }

  void commit(const std::string& lines) {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    std::ofstream file(path_, std::ios::app);
    std::istringstream in(lines);
    for (std::string line; std::getline(in, line);) file << now.count() << line.substr(2) << '\n';
    file.flush();
  }

  std::string path_;
  ingest::HttpSource& source_;
  ingest::FileReader reader_;
  std::map<std::string, std::string> finished_;  // key → Unit::from, of this process
};

long peak_kib() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmHWM:")) return std::stol(line.substr(6));
  return 0;
}

ingest::HttpOptions source_options(process::Metrics& metrics) {
  ingest::HttpOptions options;
  options.name = "test";
  options.listen = text_of("listen", "127.0.0.1:0");
  if (arguments.contains("cert")) options.tls = {text_of("cert"), text_of("key")};
  options.endpoints = {{"/firehose", ingest::HttpProtocol::firehose, {"key-one", "key-two"}},
                       {"/ingest", ingest::HttpProtocol::plain, {}},
                       {"/guarded", ingest::HttpProtocol::plain, {"token"}}};
  http::Limits& limits = options.limits;
  set("header_ms", limits.header_within);
  set("idle_ms", limits.idle);
  set("stall_ms", limits.body_stall);
  set("grace_ms", limits.body_grace);
  set("answer_ms", limits.answer_within);
  set_number("rate", limits.body_rate);
  set_number("connections", limits.connections);
  set_number("held", limits.bodies.held_all);
  set_number("waiting", options.waiting_requests);
  options.metrics = &metrics;
  options.notify = [](process::Severity, const std::string& text) {
    std::fprintf(stderr, "%s\n", text.c_str());
  };
  return options;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  for (int i = 2; i < argc; ++i) {
    const std::string argument = argv[i];
    arguments[argument.substr(0, argument.find('='))] = argument.substr(argument.find('=') + 1);
  }
  process::Metrics metrics;
  process::add_process_metrics(metrics, "test");
  std::string problem;
  auto source = ingest::HttpSource::open(source_options(metrics), problem);
  if (!source) {
    std::fprintf(stderr, "%s\n", problem.c_str());
    return 1;
  }
  std::atomic<bool> ready{true};
  serve::ServeOptions pages;
  pages.listen = "127.0.0.1:0";
  pages.metrics = &metrics;
  pages.ready = [&] { return std::vector<serve::Condition>{{"test", ready, "the test says so"}}; };
  auto serve = serve::Serve::open(std::move(pages), problem);
  if (!serve) return 1;

  Core core(argv[1], *source);
  std::thread thread([&] { core.run(); });
  std::cout << "ports " << source->port() << ' ' << serve->port() << std::endl;
  for (std::string line; std::getline(std::cin, line) && line != "quit";) {
    if (line == "hold" || line == "go") core.hold = line == "hold";
    if (line == "ready" || line == "unready") ready = line == "ready";
    const std::string why = line == "reload" ? source->reload() : "";
    std::cout << (why.empty() ? "ok" : why) << std::endl;
  }
  core.stop = true;
  thread.join();
  source.reset();
  serve.reset();
  std::cout << "peak " << peak_kib() << std::endl;
}
