// New complete files, each once; what a file is does not depend on its inode or its time.
#include "runtime/ingest/spool.h"

#include <doctest/doctest.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

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
  return spool(std::move(options));
}

// The names below the folder of all that is there now.
std::vector<std::string> all(Source& source, const std::string& folder) {
  std::vector<std::string> names;
  while (auto unit = source.next()) names.push_back(unit->name.substr(folder.size() + 1));
  return names;
}

using Names = std::vector<std::string>;

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
  options.settle_us = options.look_us = 0;
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
