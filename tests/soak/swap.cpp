// Packs are replaced while events flow, again and again: what hot reload does, without its surroundings. Threads decode
// and match with the pack of the moment; the main thread compiles the next one and puts it in place. The old code goes
// with its last user. No answer may change, and memory must stay where it was after the first fifth of the swaps.
//
//   test_swap --swaps 1000 --threads 2
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <atomic>
#include <fstream>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

#include "compiler/compile.h"
#include "compiler/project.h"
#include "runtime/match/decode.h"

namespace {

using namespace weir;
using Program = std::shared_ptr<const match::Program>;

constexpr size_t kRules = 60;
constexpr size_t kMostGrowth = 32u << 20;  // bytes: what an allocator keeps is not a leak

std::string pack(size_t generation) {
  std::string text;
  for (size_t i = 0; i < kRules; ++i)
    text += fmt::format(
        "rule r{0} {{ title: \"rule {0} of pack {1}\" level: low source: cloudtrail\n"
        "  detection {{ s {{ eventName: \"Call{2}\"; userAgent|contains: \"agent-{0}-\" }} condition: s }}\n"
        "  message: \"pack {1}\"\n}}\n",
        i, generation, i % 7);
  return text;
}

// Event i matches rule i and no other.
std::string event(size_t i) {
  return fmt::format(
      R"({{"eventVersion":"1.08","eventTime":"2026-01-01T00:00:00Z","eventSource":"ec2.amazonaws.com","eventName":"Call{}",)"
      R"("awsRegion":"eu-west-1","userAgent":"x agent-{}- y","eventID":"{}","userIdentity":{{"type":"IAMUser"}}}})",
      i % 7, i, i);
}

Program compiled(size_t generation, compiler::Engine engine) {
  dsl::Diagnostics diagnostics;
  auto project = compiler::load_texts({{"pack.weir", pack(generation)}}, diagnostics);
  return compiler::compile(*project, {.engine = engine}, diagnostics).program;
}

size_t resident_bytes() {
  size_t pages = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> pages >> resident;
  return resident * static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

// The pack of the moment. A lock: an atomic shared pointer of GCC 12 reads without one while another thread writes.
class Current {
 public:
  Program load() {
    std::lock_guard lock(mutex_);
    return program_;
  }
  void store(Program program) {
    std::lock_guard lock(mutex_);
    program_.swap(program);
  }

 private:
  std::mutex mutex_;
  Program program_;
};

struct Flow {
  Current current;
  std::atomic<bool> stop{false};
  std::atomic<uint64_t> events{0}, wrong{0};

  void run() {
    std::vector<std::string> records;
    for (size_t i = 0; i < kRules; ++i) records.push_back(event(i) + std::string(match::kPadding, ' '));
    while (!stop.load(std::memory_order_relaxed)) {
      const Program program = current.load();
      match::Decoder decoder(program);
      const auto scratch = program->make_scratch();
      std::vector<uint64_t> matched(program->match_words());
      for (size_t i = 0; i < kRules; ++i) {
        const std::string_view record(records[i].data(), records[i].size() - match::kPadding);
        bool right = decoder.decode(record).status == match::DecodeStatus::ok;
        if (right) {
          program->match(program->code.get(), &decoder.event(), scratch.get(), matched.data());
          for (size_t rule = 0; rule < kRules; ++rule) right = right && (matched[rule / 64] >> rule % 64 & 1) == (rule == i);
        }
        wrong.fetch_add(!right, std::memory_order_relaxed);
      }
      events.fetch_add(kRules, std::memory_order_relaxed);
    }
  }
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Packs replaced while events flow"};
  size_t swaps = 1000, threads = 2;
  app.add_option("--swaps", swaps)->check(CLI::Range(10, 1'000'000))->capture_default_str();
  app.add_option("--threads", threads)->check(CLI::Range(1, 64))->capture_default_str();
  CLI11_PARSE(app, argc, argv);

  Flow flow;
  flow.current.store(compiled(0, compiler::Engine::automatic));
  std::vector<std::thread> workers;
  for (size_t i = 0; i < threads; ++i) workers.emplace_back([&] { flow.run(); });
  size_t settled = 0;
  for (size_t swap = 1; swap <= swaps; ++swap) {
    // `automatic` is swapped away while its code is still being made.
    flow.current.store(compiled(swap, swap % 2 == 0 ? compiler::Engine::automatic : compiler::Engine::interpreter));
    if (swap % 4 == 1)
      if (Program native = compiled(swap, compiler::Engine::native)) flow.current.store(std::move(native));
    if (swap == swaps / 5) settled = resident_bytes();
  }
  flow.stop = true;
  for (std::thread& worker : workers) worker.join();
  const size_t now = resident_bytes();
  fmt::print("{} swaps, {} events, {} wrong; {:.0f} MB resident after a fifth, {:.0f} MB at the end\n", swaps,
             flow.events.load(), flow.wrong.load(), double(settled) / 1e6, double(now) / 1e6);
  return flow.wrong.load() == 0 && flow.events.load() > 0 && now <= settled + kMostGrowth ? 0 : 1;
}
