// As trails write them: many .json.gz of `{"Records":[...]}`, and the same events as NDJSON.
#include "tests/bench/files.h"

#include <fmt/format.h>
#include <libdeflate.h>

#include <cstdio>

#include "tests/bench/events.h"
#include "tests/bench/goal.h"
#include "tests/bench/packs.h"
#include "tests/bench/stream.h"

namespace weir::bench {
namespace {

constexpr size_t kFiles = 16;
constexpr uint64_t kBytesInFile = 8'000'000;
constexpr size_t kRules = 1'000;

std::string document(const std::string& lines) {
  std::string text = "{\"Records\":[" + lines;
  for (char& c : text)
    if (c == '\n') c = ',';
  text.back() = ']';
  return text + "}";
}

std::string compressed(const std::string& text) {
  libdeflate_compressor* const compressor = libdeflate_alloc_compressor(6);
  std::string out(libdeflate_gzip_compress_bound(compressor, text.size()), '\0');
  out.resize(libdeflate_gzip_compress(compressor, text.data(), text.size(), out.data(), out.size()));
  libdeflate_free_compressor(compressor);
  return out;
}

}  // namespace

bool bench_files(int rounds, bool json) {
  const auto pack = generated_pack(kRules, 0.05, compiler::Engine::native);
  if (!pack) return false;
  std::vector<std::string> plain, archives;
  size_t largest = 0;
  for (size_t i = 0; i < kFiles; ++i) {
    plain.push_back(cloudtrail_events(kBytesInFile, i + 1));
    const std::string one = document(plain.back());
    largest = std::max(largest, one.size());
    archives.push_back(compressed(one));
  }
  const Stream lines(".ndjson", plain), gz(".json.gz", archives);
  uint64_t events = 0;

  std::string buffer(largest, '\0');
  uint64_t all = 0;  // that the scans see, so that candidates agree
  {
    std::vector<Candidate> once = {gz.scan("once", pack->program)};
    if (!measure(once, 1, false, all)) return false;
  }
  std::vector<Candidate> reading = {
      {"libdeflate",
       [&] {
         libdeflate_decompressor* const decompressor = libdeflate_alloc_decompressor();
         bool whole = true;
         for (const std::string& one : archives)
           whole &= libdeflate_gzip_decompress(decompressor, one.data(), one.size(), buffer.data(),
                                               buffer.size(), &largest) == LIBDEFLATE_SUCCESS;
         libdeflate_free_decompressor(decompressor);
         return whole ? all : 0;
       },
       {}},
      gz.scan("scan", pack->program)};
  if (!measure(reading, rounds, false, events)) return false;
  show_goal(".json.gz, 1,000 rules / libdeflate alone", ratio(reading[0].seconds, reading[1].seconds), {0.75},
            json, " x");

  for (const auto& [stream, name] :
       {std::pair{&lines, "two threads / one, NDJSON"}, std::pair{&gz, "two threads / one, .json.gz"}}) {
    std::vector<Candidate> threads = {stream->scan("one", pack->program),
                                      stream->scan("two", pack->program, 2)};
    if (!measure(threads, rounds, true, events)) return false;
    show_goal(name, ratio(threads[0].seconds, threads[1].seconds), {1.7, Bound::at_least, 1.85}, json, " x");
  }
  return true;
}

}  // namespace weir::bench
