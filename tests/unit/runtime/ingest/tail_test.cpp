// Files that grow: every line once, whatever rotation does to them, and after a restart, too.
#include "runtime/ingest/tail.h"

#include <doctest/doctest.h>
#include <stdlib.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>

#include "collector.h"
#include "runtime/ingest/tail_unit.h"

using namespace weir::ingest;
namespace fs = std::filesystem;

namespace {

using Lines = std::vector<std::string>;

std::string line(int number) { return R"({"n":)" + std::to_string(number) + "}"; }
Lines lines(int from, int to) {
  Lines out;
  for (int n = from; n < to; ++n) out.push_back(line(n));
  return out;
}
std::string text(const Lines& lines) {
  std::string out;
  for (const std::string& one : lines) out += one + "\n";
  return out;
}

// A source over a folder, and what a store would remember of it.
struct Following {
  Following() {
    char name[] = "/tmp/weir-tail-XXXXXX";
    folder = ::mkdtemp(name);
    paths = {folder};
  }
  ~Following() { fs::remove_all(folder); }

  void append(const std::string& name, const std::string& bytes) const {
    std::ofstream(folder + "/" + name, std::ios::binary | std::ios::app) << bytes;
  }
  void write(const std::string& name, const std::string& bytes) const {
    std::ofstream(folder + "/" + name, std::ios::binary) << bytes;
  }
  void rename(const std::string& from, const std::string& to) const {
    fs::rename(folder + "/" + from, folder + "/" + to);
  }

  void start() {
    TailOptions options;
    options.paths = paths;
    options.poll_us = 0;
    options.look_us = 0;
    options.absent_us = absent_us;
    source = tail(std::move(options));
    for (const auto& [key, known] : committed) source->recall(key, known.first, known.second);
  }
  void restart() { start(); }

  // All that is there now, each unit committed; sorted, because files take turns.
  Lines read(bool commit = true) {
    if (!source) start();
    Collector collector;
    FileReader reader;
    const std::atomic<bool> stop{false};
    problems.clear();
    for (int idle = 0; idle < 2;) {
      std::unique_ptr<Unit> unit = source->next();
      if (!unit) {
        ++idle;
        ::usleep(55'000);  // a second look may be called for
        continue;
      }
      REQUIRE(unit->read(reader, {}, collector, stop) == "");
      if (!commit) continue;
      committed[unit->key] = {unit->name, unit->upto};
      source->acknowledge(*unit);
    }
    for (const Collector::Bad& bad : collector.problems) problems.push_back(bad.reason);
    places.clear();
    for (const Collector::Got& got : collector.records) places.emplace_back(got.line, got.offset);
    Lines out = collector.texts();
    std::sort(out.begin(), out.end());
    return out;
  }

  std::string folder;
  std::vector<std::string> paths;
  int64_t absent_us = 6 * 3'600'000'000;
  std::unique_ptr<Source> source;
  std::map<std::string, std::pair<std::string, std::string>> committed;
  Lines problems;
  std::vector<std::pair<uint64_t, uint64_t>> places;
};

}  // namespace

TEST_CASE("what is appended is read, a line that is being written is waited for") {
  Following log;
  log.append("a.log", text(lines(10, 13)) + R"({"n":)");
  CHECK(log.read() == lines(10, 13));
  CHECK(log.read().empty());
  log.append("a.log", "13}");
  CHECK(log.read().empty());
  log.append("a.log", "\n\r\n" + line(14) + "\r\n");
  CHECK(log.read() == lines(13, 15));
  CHECK(log.places == std::vector<std::pair<uint64_t, uint64_t>>{{4, 27}, {6, 38}});
  log.append("b.log", text(lines(20, 21)));
  CHECK(log.read() == lines(20, 21));
}

TEST_CASE("a restart goes on at the commit") {
  Following log;
  log.append("a.log", text(lines(10, 20)));
  CHECK(log.read() == lines(10, 20));
  log.append("a.log", text(lines(20, 30)));
  CHECK(log.read(false) == lines(20, 30));  // read, and not committed
  log.restart();
  CHECK(log.read() == lines(20, 30));
  log.restart();
  CHECK(log.read().empty());
  log.append("a.log", text(lines(30, 31)));
  CHECK(log.read() == lines(30, 31));
}

TEST_CASE("rotation by renaming: the rest of the old file, then the new one") {
  for (const bool restarted : {false, true}) {
    for (const bool single : {false, true}) {
      CAPTURE(restarted);
      CAPTURE(single);
      Following log;
      if (single) log.paths = {log.folder + "/app.log"};
      log.append("app.log", text(lines(10, 15)));
      CHECK(log.read() == lines(10, 15));
      log.append("app.log", text(lines(15, 18)));
      log.rename("app.log", "app.log.1");
      log.append("app.log", text(lines(18, 20)));
      log.append("app.log.1", text(lines(20, 21)));  // its writer had it open still
      if (restarted) log.restart();
      CHECK(log.read() == lines(15, 21));
      log.rename("app.log.1", "app.log.2");
      log.rename("app.log", "app.log.1");
      log.append("app.log", text(lines(21, 22)));
      if (restarted) log.restart();
      CHECK(log.read() == lines(21, 22));
    }
  }
}

TEST_CASE("rotation by copying and truncating: the copy is what the file was") {
  for (const bool restarted : {false, true}) {
    for (const bool single : {false, true}) {
      CAPTURE(restarted);
      CAPTURE(single);
      Following log;
      if (single) log.paths = {log.folder + "/app.log"};
      log.append("app.log", text(lines(10, 15)));
      CHECK(log.read() == lines(10, 15));
      log.append("app.log", text(lines(15, 18)));
      fs::copy_file(log.folder + "/app.log", log.folder + "/app.log.1");
      if (!restarted) CHECK(log.read() == lines(15, 18));  // the copy is left alone
      log.write("app.log", text(lines(30, 90)));           // longer than it was
      if (restarted) log.restart();
      Lines wanted = lines(30, 90);
      if (restarted) wanted.insert(wanted.begin(), {line(15), line(16), line(17)});
      CHECK(log.read() == wanted);
      log.write("app.log", text(lines(40, 41)));  // truncated, and nobody has kept it
      CHECK(log.read() == lines(40, 41));
    }
  }
}

TEST_CASE("what was begun and not committed is told again by what it holds") {
  for (const char* at_first : {"", "{", "{\"n\":10}\n"}) {  // nothing, half a line, a line
    CAPTURE(at_first);
    Following log;
    log.write("app.log", at_first);
    log.read();
    log.append("app.log", text(lines(10, 15)).substr(std::strlen(at_first)));
    std::unique_ptr<Unit> begun;
    for (int tries = 0; tries < 5 && !begun; ++tries) {
      begun = log.source->next();
      ::usleep(55'000);
    }
    REQUIRE(begun);
    // A commit of some of its records keeps the mark at which the unit begins.
    log.committed[begun->key] = {begun->name, begun->from};
    fs::copy_file(log.folder + "/app.log", log.folder + "/app.log.1");
    log.write("app.log", text(lines(50, 60)));
    log.start();
    std::map<std::string, std::string> names;  // by key
    for (int idle = 0; idle < 2;) {
      const std::unique_ptr<Unit> unit = log.source->next();
      if (unit) {
        names[unit->key] = fs::path(unit->name).filename();
        if (unit->key == begun->key) CHECK(unit->from == begun->from);
      } else {
        ++idle;
        ::usleep(55'000);
      }
    }
    CHECK(names.size() == 2);
    CHECK(names[begun->key] == "app.log.1");
  }
}

TEST_CASE("a copy of what has not been read yet is a copy") {
  for (const bool compressed : {false, true}) {
    for (const bool half : {false, true}) {
      CAPTURE(compressed);
      CAPTURE(half);
      Following log;
      const std::string all = text(lines(100, 400));
      log.append("app.log", all);
      const std::string copy = compressed ? gzip(all) : all;
      log.write("app.log.1", half ? copy.substr(0, copy.size() / 2) : copy);
      log.start();
      if (half) CHECK(log.source->next());  // both are known, nothing is read
      log.start();
      log.write("app.log.1", copy);
      CHECK(log.read() == lines(100, 400));
      CHECK(log.read().empty());
      log.write("app.log", text(lines(400, 403)));
      CHECK(log.read() == lines(400, 403));
      CHECK(log.read().empty());
    }
  }
}

TEST_CASE("the copy of a file whose unit is out waits for it") {
  Following log;
  log.append("app.log", text(lines(10, 15)));
  log.start();
  std::unique_ptr<Unit> unit = log.source->next();
  REQUIRE(unit);
  Collector collector;
  FileReader reader;
  REQUIRE(unit->read(reader, {}, collector, std::atomic<bool>{false}) == "");
  REQUIRE(collector.records.size() == 5);
  fs::copy_file(log.folder + "/app.log", log.folder + "/app.log.1");
  log.write("app.log", text(lines(20, 22)));
  for (int looks = 0; looks < 3; ++looks) {
    ::usleep(55'000);
    CHECK_FALSE(log.source->next());
  }
  log.committed[unit->key] = {unit->name, unit->upto};
  log.source->acknowledge(*unit);
  CHECK(log.read() == lines(20, 22));
}

TEST_CASE("files that begin alike are read each") {
  Following log;
  const std::string head = "{\"a\":\"" + std::string(2 * kTailProof, 'x') + "\"}";
  for (const char* name : {"a.log", "b.log", "c.log"}) log.append(name, head + "\n" + text({line(name[0])}));
  Lines wanted{head, head, head, line('a'), line('b'), line('c')};
  std::sort(wanted.begin(), wanted.end());
  CHECK(log.read() == wanted);
  CHECK(log.read().empty());
}

TEST_CASE("a file that is truncated while it is read gives nothing of what came after") {
  Following log;
  const std::string long_line(600'000, 'x');
  log.append("a.log", "{\"a\":\"" + long_line + "\"}\n{\"b\":\"" + long_line + "\"}\n" + text(lines(10, 20)));
  log.start();
  std::unique_ptr<Unit> unit = log.source->next();
  REQUIRE(unit);
  struct Truncating final : Collector {
    void record(const Record& one) override {
      Collector::record(one);
      if (records.size() == 1) write();
    }
    std::function<void()> write;
  } collector;
  collector.write = [&] { log.write("a.log", std::string(1'300'000, '\n') + text(lines(50, 60))); };
  FileReader reader;
  REQUIRE(unit->read(reader, {}, collector, std::atomic<bool>{false}) == "");
  CHECK(collector.records.size() == 1);
  CHECK(collector.problems.empty());
  log.committed[unit->key] = {unit->name, unit->upto};
  log.source->acknowledge(*unit);
  CHECK(log.read() == lines(50, 60));
}

TEST_CASE("an inode that is used again is another file") {
  Following log;
  log.append("a.log", text(lines(10, 15)));
  CHECK(log.read() == lines(10, 15));
  // The same inode, longer, with other content: as a new file that was given it.
  std::fstream file(log.folder + "/a.log", std::ios::in | std::ios::out | std::ios::binary);
  file << text(lines(50, 60));
  file.close();
  log.restart();
  CHECK(log.read() == lines(50, 60));
}

TEST_CASE("a file that is removed is read to its end, and a new one of its name from its beginning") {
  Following log;
  log.append("a.log", text(lines(10, 12)));
  CHECK(log.read() == lines(10, 12));
  log.append("a.log", text(lines(12, 14)));
  fs::remove(log.folder + "/a.log");
  CHECK(log.read() == lines(12, 14));
  log.append("a.log", text(lines(20, 21)));
  CHECK(log.read() == lines(20, 21));
}

TEST_CASE("compressed after rotation: known; a .gz that grows is read on, one that is replaced anew") {
  Following log;
  log.append("app.log", text(lines(100, 400)));
  CHECK(log.read() == lines(100, 400));
  log.write("app.log.1.gz", gzip(text(lines(100, 400)) + text(lines(400, 403))));
  log.write("app.log", text(lines(500, 501)));
  Lines wanted = lines(400, 403);
  wanted.push_back(line(500));
  CHECK(log.read() == wanted);

  const std::string whole = gzip(text(lines(1000, 3000)));
  log.write("grows.gz", whole.substr(0, whole.size() / 2));
  const Lines first = log.read();
  CHECK(first.size() > 300);
  CHECK(log.problems.empty());
  log.append("grows.gz", whole.substr(whole.size() / 2));
  log.restart();
  Lines all = first;
  for (const std::string& one : log.read()) all.push_back(one);
  CHECK(all == lines(1000, 3000));
  log.append("grows.gz", gzip(text(lines(3000, 3001))));  // another member
  CHECK(log.read() == lines(3000, 3001));
  log.write("grows.gz", gzip(text(lines(7000, 7010))));
  CHECK(log.read() == lines(7000, 7010));

  std::string broken = gzip(text(lines(1000, 9000)), 1);
  broken[broken.size() / 2] ^= 0x55;
  broken[broken.size() / 2 + 1] ^= 0x55;
  log.write("broken.gz", broken);
  CHECK(log.read().size() < 8000);
  CHECK(log.problems.size() >= 1);
  log.restart();
  CHECK(log.read().empty());
  CHECK(log.problems.empty());
}

TEST_CASE("symbolic links: the file that it shows, once; and the next one when it is changed") {
  Following log;
  log.paths = {log.folder + "/current"};
  log.append("2026-01-01", text(lines(10, 12)));
  fs::create_symlink("2026-01-01", log.folder + "/current");
  CHECK(log.read() == lines(10, 12));
  log.append("2026-01-01", text(lines(12, 13)));
  log.append("2026-01-02", text(lines(20, 22)));
  fs::remove(log.folder + "/current");
  fs::create_symlink("2026-01-02", log.folder + "/current");
  Lines wanted{line(12), line(20), line(21)};
  CHECK(log.read() == wanted);
  Following tree;
  tree.append("a.log", text(lines(10, 12)));
  fs::create_symlink("a.log", tree.folder + "/b.log");
  CHECK(tree.read() == lines(10, 12));
}

TEST_CASE("what is broken takes a line with it, and no more") {
  Following log;
  log.append("a.log", line(10) + "\n{\"n\": \n[[[[\n{\"n\":\"{\n" + line(11) + "\n");
  CHECK(log.read() == lines(10, 12));
  CHECK(log.problems.size() == 3);
  log.append("b.log", "{\"n\":\"" + std::string(kLongestLine + 100, 'x') + "\"}\n" + line(12) + "\n");
  const Lines got = log.read();
  CHECK(std::find(got.begin(), got.end(), line(12)) != got.end());
  CHECK(std::find(log.problems.begin(), log.problems.end(), "a line longer than 16 MiB") != log.problems.end());
}

TEST_CASE("a long file is read in parts, and a mark that was tampered with is none") {
  Following log;
  std::string large;
  while (large.size() < 2 * kTailBytes) large += text(lines(1'000'000, 1'100'000));
  log.append("a.log", large);
  CHECK(log.read().size() == static_cast<size_t>(std::count(large.begin(), large.end(), '\n')));
  CHECK(log.committed.size() == 1);
  CHECK(!TailMark::of(""));
  CHECK(!TailMark::of(log.committed.begin()->second.second + "x"));
  CHECK(!TailMark::of(log.committed.begin()->second.second.substr(1)));
  CHECK(TailMark::of(log.committed.begin()->second.second)->offset == large.size());
}

TEST_CASE("what was given back is read again, also when nothing is added") {
  Following log;
  log.append("a.log", text(lines(10, 12)));
  log.start();
  auto unit = log.source->next();
  REQUIRE(unit);
  log.source->give_back(std::move(unit));
  CHECK(!log.source->next());
  CHECK(log.source->waiting_since() < INT64_MAX);
  Lines got;
  for (int i = 0; i < 100 && got.empty(); ++i) got = log.read();
  CHECK(got == lines(10, 12));
}

TEST_CASE("what is there is not forgotten, nor what may be: its folder may not be mounted yet") {
  constexpr int64_t kLong = int64_t{400} * 86'400'000'000;
  const std::string unknown(16, 'x');
  Following log;
  log.append("a.log", text(lines(10, 12)));
  log.append("b.log", text(lines(20, 22)));
  CHECK(log.read().size() == 4);
  CHECK(log.committed.size() == 2);
  std::string a, b;
  for (const auto& [key, known] : log.committed) (known.first.ends_with("a.log") ? a : b) = key;
  CHECK(log.source->is_there(a));
  CHECK(log.source->may_come_again(a, kLong));
  CHECK(!log.source->is_there(unknown));
  CHECK(log.source->may_come_again(unknown, kLong));

  log.absent_us = 0;
  log.restart();
  CHECK(!log.source->is_there(a));  // it has not looked
  CHECK(log.source->may_come_again(a, kLong));
  CHECK(log.read().empty());
  CHECK(log.source->is_there(a));
  CHECK(!log.source->may_come_again(unknown, kLong));
  CHECK(log.source->may_come_again(unknown, kLong / 400));
  fs::remove(log.folder + "/a.log");
  CHECK(log.read().empty());
  CHECK(!log.source->is_there(a));
  CHECK(!log.source->may_come_again(a, kLong));
  CHECK(log.source->may_come_again(b, kLong));
}

TEST_CASE("a folder that goes and is back: its files are read on, in this process and after a restart") {
  for (const bool restarted : {false, true}) {
    for (const bool empty : {false, true}) {
      for (const bool single : {false, true}) {
        CAPTURE(restarted);
        CAPTURE(empty);
        CAPTURE(single);
        Following log;
        log.absent_us = 0;
        const std::string mounted = log.folder + "/logs", away = log.folder + "/away";
        fs::create_directory(mounted);
        log.paths = {single ? mounted + "/a.log" : mounted};
        log.append("logs/a.log", text(lines(10, 12)));
        CHECK(log.read() == lines(10, 12));
        const std::string key = log.committed.begin()->first;
        log.append("logs/a.log", text(lines(12, 14)));
        log.rename("logs", "away");
        if (empty) fs::create_directory(mounted);
        if (restarted) log.restart();
        CHECK(log.read().size() <= 2);  // what is open still may be read
        CHECK(log.source->may_come_again(key, int64_t{400} * 86'400'000'000));
        CHECK(log.source->waiting_since() == INT64_MAX);
        if (empty) fs::remove(mounted);
        log.append("away/a.log", text(lines(14, 15)));
        fs::rename(away, mounted);
        const Lines got = log.read();
        CHECK(got.size() >= 1);
        CHECK(got.size() <= 3);
        CHECK(got.back() == line(14));
        CHECK(log.committed.size() == 1);
        CHECK(log.source->is_there(key));
        CHECK(log.read().empty());
      }
    }
  }
}
