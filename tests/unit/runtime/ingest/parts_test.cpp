// A file read in parts, by one thread or several, gives what reading it as a whole gives, whatever it holds.
#include "runtime/ingest/parts.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <thread>
#include <utility>

#include "collector.h"

namespace weir::ingest {
namespace {

namespace fs = std::filesystem;

struct File {
  explicit File(std::string_view bytes) {
    std::string pattern = (fs::temp_directory_path() / "weir-parts-XXXXXX").string();
    ::close(mkstemp(pattern.data()));
    input = {pattern, bytes.size()};
    std::ofstream(pattern, std::ios::binary) << bytes;
  }
  ~File() { fs::remove(input.path); }
  InputFile input;
};

// What parts count is from their own beginnings.
struct PartCollector : Collector {
  uint64_t bytes = 0, part = 0;
  void progress(uint64_t count) override { part = count; }
  void end_part() { bytes += std::exchange(part, 0); }
};

struct Seen {
  std::vector<std::string> records, problems;
  uint64_t skips = 0, bytes = 0;
  bool operator==(const Seen&) const = default;
};

void add(const Collector& collector, Seen& seen) {
  for (const auto& got : collector.records)
    seen.records.push_back(std::to_string(got.offset) + ":" + std::to_string(got.line) + " " +
                           got.bytes.substr(0, 200));
  for (const auto& bad : collector.problems)
    seen.problems.push_back(std::to_string(bad.offset) + ":" + std::to_string(bad.line) + " " + bad.reason +
                            bad.head);
  seen.skips += collector.skips.size();
}

Seen sorted(Seen seen) {
  std::sort(seen.records.begin(), seen.records.end());
  std::sort(seen.problems.begin(), seen.problems.end());
  return seen;
}

Seen whole(const File& file) {
  Collector collector;
  read_file(file.input, {}, collector);
  Seen seen;
  add(collector, seen);
  seen.bytes = collector.total;
  return sorted(std::move(seen));
}

Seen in_parts(const File& file, size_t threads) {
  auto shared = SharedFile::open(file.input, {});
  REQUIRE(shared);
  std::vector<PartCollector> collectors(threads);
  std::vector<std::thread> running;
  for (PartCollector& collector : collectors) {
    running.emplace_back([&] {
      Part part;
      while (shared->read_part(part, collector)) collector.end_part();
    });
  }
  for (std::thread& thread : running) thread.join();
  Seen seen;
  for (const PartCollector& collector : collectors) {
    add(collector, seen);
    seen.bytes += collector.bytes;
  }
  return sorted(std::move(seen));
}

std::string lines(size_t bytes, std::string_view end = "\n") {
  std::string text;
  for (size_t i = 0; text.size() < bytes; ++i)
    text += "{\"number\":" + std::to_string(i) + ",\"fill\":\"" + std::string(i * 37 % 3000, 'x') + "\"}" +
            std::string(end);
  return text;
}

// Puts `text` in at the beginning of the first line after `offset`.
std::string with(std::string bytes, size_t offset, std::string_view text) {
  return bytes.insert(bytes.find('\n', offset) + 1, text);
}

TEST_CASE("parts are the whole") {
  const std::string plain = lines(3 * kPartBytes + 1000);
  struct Row {
    std::string name;
    std::string bytes;
  };
  std::string exact = plain.substr(0, 2 * kPartBytes - 2) + "}\n" + plain;
  const Row rows[] = {
      {"plain lines", plain},
      {"CRLF", lines(3 * kPartBytes, "\r\n")},
      {"no line end at the end", plain.substr(0, plain.size() - 1)},
      {"cut within the last line", plain.substr(0, plain.size() - 7)},
      {"blank lines between", lines(3 * kPartBytes, "\n \t\n\n")},
      {"a byte-order mark", "\xef\xbb\xbf" + plain},
      {"a broken line", with(plain, kPartBytes / 2, "{\"broken\": \n")},
      {"a broken line in each part", with(with(plain, kPartBytes + 99, "{\"a\":}}\n"), 9, "{\"b\": [\n")},
      {"a document over many lines", with(plain, 100, "{\n\"a\":\n{\n}\n}\n")},
      {"a document over a whole part", with(plain, 100, "{\"a\":[" + std::string(5u << 20, '\n') + "1]}\n")},
      {"a line longer than a part", with(plain, 100, "{\"a\":\"" + std::string(5u << 20, 'y') + "\"}\n")},
      {"a line that ends where a part does", exact},
      {"two documents on a line", with(plain, kPartBytes - 100, "{\"a\":1}{\"a\":2}\n")},
      {"an array", with(plain, 2 * kPartBytes, "[{\"a\":1},\n{\"a\":2}]\n")},
      {"a list of records", with(plain, 2 * kPartBytes, "{\"Records\":[{\"a\":1},\n{\"a\":2}]}\n")},
      {"commas", with(plain, 2 * kPartBytes, ",\n,{\"a\":1},\n")},
      {"text", with(plain, 2 * kPartBytes, "what is this\n")},
      {"a text that is not closed", with(plain, kPartBytes / 2, "{\"a\":\"\n")},
      {"envelopes", with(plain, 50,
                         "{\"messageType\":\"DATA_MESSAGE\",\"logEvents\":[{\"message\":\"{}\"},{\"message\":"
                         "\"x y\"}]}\n")},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    File file(row.bytes);
    Seen wanted = whole(file);
    CHECK(wanted.records.size() > 1000);
    for (size_t threads : {1, 3}) {
      Seen got = in_parts(file, threads);
      CHECK(got.records == wanted.records);
      CHECK(got.problems == wanted.problems);
      CHECK(got.skips == wanted.skips);
      CHECK(got.bytes == wanted.bytes);
    }
  }
}

TEST_CASE("other files are left to one thread") {
  auto shared = [](std::string_view bytes) { return SharedFile::open(File(bytes).input, {}) != nullptr; };
  const std::string plain = lines(2 * kPartBytes);
  CHECK_FALSE(shared(lines(1000)));
  CHECK_FALSE(shared("{\"Records\":[\n" + plain));
  CHECK_FALSE(shared("[\n" + plain));
  CHECK_FALSE(shared("a text\n" + plain));
  CHECK_FALSE(shared("{\n" + plain));
  CHECK_FALSE(shared(std::string(3 * kPartBytes, ' ')));
  std::string noise;
  for (uint32_t i = 0; noise.size() < 3 * kPartBytes; ++i) noise += char(i * 2654435761u >> 24);
  CHECK_FALSE(shared(gzip(noise, 0)));
  CHECK_FALSE(SharedFile::open({"/no/such/file", 1u << 30}, {}));
}

}  // namespace
}  // namespace weir::ingest
