// New complete files, each once; what a file is does not depend on its inode or its time.
#include "runtime/ingest/spool.h"

#include <doctest/doctest.h>
#include <stdlib.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "collector.h"
#include "runtime/ingest/file_identity.h"

using namespace weir::ingest;
namespace fs = std::filesystem;

namespace {

struct Folder {
  Folder() {
    char name[] = "/tmp/weir-spool-XXXXXX";
    path = ::mkdtemp(name);
  }
  ~Folder() { fs::remove_all(path); }
  void put(const std::string& name, const std::string& text) const {
    fs::create_directories(fs::path(path + "/" + name).parent_path());
    std::ofstream(path + "/" + name, std::ios::binary) << text;
  }
  std::string path;
};

std::unique_ptr<Source> watching(const std::string& path, int64_t settle_us = 0) {
  SpoolOptions options;
  options.paths = {path};
  options.settle_us = settle_us;
  options.closed_us = 0;
  return spool(std::move(options));
}

// The names below the folder of all that is there now.
std::vector<std::string> all(Source& source, const std::string& folder) {
  std::vector<std::string> names;
  while (auto unit = source.next()) names.push_back(unit->name.substr(folder.size() + 1));
  return names;
}

using Names = std::vector<std::string>;

SpoolOptions at_once(const std::string& path) {
  SpoolOptions options;
  options.paths = {path};
  options.settle_us = options.closed_us = options.look_us = options.again_us = 0;
  return options;
}

Collector read(Unit& unit, std::string& problem) {
  FileReader reader;
  Collector got;
  const std::atomic<bool> stop = false;
  problem = unit.read(reader, {}, got, stop);
  return got;
}

}  // namespace

TEST_CASE("a spool that is read once gives what is there, in order, and is drained") {
  Folder folder;
  folder.put("b", "2");
  folder.put("a/a", "1");
  folder.put(".hidden", "3");
  SpoolOptions options;
  options.paths = {folder.path};
  options.once = true;
  auto source = spool(std::move(options));
  CHECK(!source->drained());
  CHECK(all(*source, folder.path) == Names{"a/a", "b"});
  CHECK(source->drained());
  folder.put("c", "3");
  CHECK(all(*source, folder.path).empty());
}

TEST_CASE("files that appear are given when they are complete, also in new folders") {
  Folder folder;
  folder.put("old", "1");
  auto source = watching(folder.path);
  CHECK(all(*source, folder.path) == Names{"old"});
  CHECK(all(*source, folder.path).empty());
  folder.put("new", "2");
  CHECK(all(*source, folder.path) == Names{"new"});
  folder.put("2026/01/deep", "3");
  CHECK(all(*source, folder.path) == Names{"2026/01/deep"});
  folder.put(".part", "4");
  CHECK(all(*source, folder.path).empty());
  fs::rename(folder.path + "/.part", folder.path + "/moved");
  CHECK(all(*source, folder.path) == Names{"moved"});
  CHECK(!source->drained());
}

TEST_CASE("a file that was only found waits until nobody has changed it for a while") {
  Folder folder;
  folder.put("young", "1");
  auto source = watching(folder.path, 3'600'000'000);
  CHECK(source->waiting_since() == INT64_MIN);
  CHECK(all(*source, folder.path).empty());
  CHECK(source->waiting_since() > 0);
  CHECK(source->waiting_since() < INT64_MAX);
}

TEST_CASE("what was given back comes again") {
  Folder folder;
  folder.put("a", "1");
  SpoolOptions options;
  options.paths = {folder.path};
  options.settle_us = options.look_us = options.again_us = 0;
  auto source = spool(std::move(options));
  auto unit = source->next();
  REQUIRE(unit);
  CHECK(!source->next());
  const std::string key = unit->key;
  source->give_back(std::move(unit));
  unit = source->next();
  REQUIRE(unit);
  CHECK(unit->key == key);
}

TEST_CASE("a file is its name, its size, its beginning and its end") {
  Folder folder;
  const std::string head(kIdentityHead, 'h'), middle(kIdentityHead, 'm'), tail(kIdentityHead, 't');
  folder.put("a", head + middle + tail);
  const std::string path = folder.path + "/a";
  const auto identity = [&] { return facts_of_file(path, "a")->identity; };
  const std::string first = identity();
  CHECK(first.size() == 16);
  fs::copy_file(path, path + "2");
  CHECK(facts_of_file(path + "2", "a")->identity == first);
  CHECK(facts_of_file(path, "b")->identity != first);
  folder.put("a", head + middle + tail + "!");
  CHECK(identity() != first);
  folder.put("a", "!" + head.substr(1) + middle + tail);
  CHECK(identity() != first);
  folder.put("a", head + middle + tail.substr(1) + "!");
  CHECK(identity() != first);
  folder.put("a", head + middle + tail);
  CHECK(identity() == first);
  CHECK(!facts_of_file(folder.path + "/nothing", "a"));
}

TEST_CASE("a file that was closed waits for a moment, for it may be about to get its name; a moved one does not") {
  Folder folder;
  SpoolOptions options = at_once(folder.path);
  options.closed_us = 150'000;
  options.look_us = 3'600'000'000;
  auto source = spool(std::move(options));
  CHECK(!source->next());
  folder.put("a.6eF3aB1c", "{}");
  CHECK(!source->next());
  CHECK(source->waiting_since() < INT64_MAX);
  fs::rename(folder.path + "/a.6eF3aB1c", folder.path + "/a");
  CHECK(all(*source, folder.path) == Names{"a"});
  folder.put("b", "{}");
  CHECK(!source->next());
  Names later;
  for (int i = 0; i < 400 && later.empty(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    later = all(*source, folder.path);
  }
  CHECK(later == Names{"b"});  // and never a name that is no more
  CHECK(source->waiting_since() == INT64_MAX);
}

TEST_CASE("what the system does not give now is tried again, and nothing of it is told") {
  Folder folder;
  folder.put("a", "{\"n\":1}\n");
  auto source = spool(at_once(folder.path));
  auto unit = source->next();
  REQUIRE(unit);
  fs::remove(folder.path + "/a");
  fs::create_directory(folder.path + "/a");  // opens well, and cannot be read
  std::string problem;
  const Collector nothing = read(*unit, problem);
  CHECK(problem == folder.path + "/a: cannot be read further: Is a directory");
  CHECK(nothing.records.empty());
  CHECK(nothing.problems.empty());
  source->give_back(std::move(unit));
  CHECK(source->waiting_since() < INT64_MAX);
  fs::remove(folder.path + "/a");
  folder.put("a", "{\"n\":1}\n");
  unit = source->next();
  REQUIRE(unit);
  CHECK(read(*unit, problem).records.size() == 1);
  CHECK(problem.empty());
}

TEST_CASE("of what is read once, too, a file that cannot be had now is tried again") {
  Folder folder;
  folder.put("a", "{}");
  SpoolOptions options = at_once(folder.path);
  options.once = true;
  auto source = spool(std::move(options));
  auto unit = source->next();
  REQUIRE(unit);
  source->give_back(std::move(unit));
  CHECK(!source->drained());
  unit = source->next();
  REQUIRE(unit);
  source->acknowledge(*unit);
  CHECK(!source->next());
  CHECK(source->drained());
}

TEST_CASE("a file that had a hole is read again when it is filled; one with another time only is not") {
  Folder folder;
  const std::string path = folder.path + "/a", line = "{\"n\":1}\n";
  std::string body;
  while (body.size() < 4 * kIdentityHead) body += line;
  std::string holed = body;
  holed.replace(kIdentityHead, kIdentityHead, kIdentityHead, '\n');
  folder.put("a", holed);
  auto source = spool(at_once(folder.path));
  std::string problem;
  auto unit = source->next();
  REQUIRE(unit);
  const std::string key = unit->key;
  CHECK(read(*unit, problem).records.size() < body.size() / line.size());
  source->acknowledge(*unit);
  CHECK(!source->next());

  const auto change = [&](const std::string& text, int hour) {
    folder.put("a", text);
    fs::last_write_time(path, fs::file_time_type::clock::now() - std::chrono::hours(hour));
    return source->next();
  };
  unit = change(holed, 3);
  REQUIRE(unit);
  CHECK(read(*unit, problem).records.empty());
  source->acknowledge(*unit);
  unit = change(body, 2);
  REQUIRE(unit);
  CHECK(unit->key != key);
  CHECK(read(*unit, problem).records.size() == body.size() / line.size());
  source->acknowledge(*unit);
  unit = change(body, 1);
  REQUIRE(unit);
  CHECK(read(*unit, problem).records.empty());
  CHECK(problem.empty());
}

TEST_CASE("what is there is not forgotten, nor what may be: its folder may not be mounted yet") {
  Folder folder;
  constexpr int64_t kLong = int64_t{400} * 86'400'000'000;
  const std::string gone(16, 'x');
  folder.put("a", "{}");
  {
    auto source = spool(at_once(folder.path));
    const std::string key = source->next()->key;
    CHECK(!source->next());
    CHECK(source->is_there(key));
    CHECK(source->may_come_again(key, kLong));
    CHECK(!source->is_there(gone));
    CHECK(source->may_come_again(gone, kLong));
    fs::remove(folder.path + "/a");
    CHECK(!source->next());
    CHECK(!source->is_there(key));
    CHECK(source->may_come_again(key, kLong));
  }
  SpoolOptions options = at_once(folder.path);
  options.absent_us = 0;
  auto source = spool(std::move(options));
  CHECK(!source->next());
  CHECK(!source->may_come_again(gone, kLong));
  CHECK(source->may_come_again(gone, kLong / 400));
}
