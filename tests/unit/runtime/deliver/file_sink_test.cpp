// A file that holds what was committed and nothing else, whatever happened to it meanwhile.
#include <doctest/doctest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "runtime/deliver/sink.h"

using namespace weir;

namespace {

struct Folder {
  Folder() {
    char name[] = "/tmp/weir-sink-XXXXXX";
    path = ::mkdtemp(name);
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string path;
};

std::string contents(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<store::OutboxRow> rows(std::initializer_list<const char*> bodies) {
  std::vector<store::OutboxRow> out;
  for (const char* body : bodies)
    out.push_back({static_cast<int64_t>(out.size()), "file", "id", "final", body, 0, 0, 0, ""});
  return out;
}

}  // namespace

TEST_CASE("what no commit knows of is cut off when the file is opened again") {
  Folder folder;
  const std::string path = folder.path + "/out";
  std::string problem;
  store::SinkPosition committed;
  {
    auto sink = deliver::file_sink(path);
    REQUIRE(sink->open({}, problem));
    auto result = sink->send(rows({"one", "two"}));
    CHECK(result.sent == 2);
    committed = *result.position;
    CHECK(sink->send(rows({"three"})).sent == 1);
  }
  CHECK(contents(path) == "one\ntwo\nthree\n");
  auto sink = deliver::file_sink(path);
  REQUIRE(sink->open(committed, problem));
  CHECK(contents(path) == "one\ntwo\n");
  CHECK(sink->send(rows({"three"})).sent == 1);
  CHECK(contents(path) == "one\ntwo\nthree\n");
}

TEST_CASE("a file that is not the one that was committed is not cut") {
  Folder folder;
  const std::string path = folder.path + "/out";
  std::ofstream(path) << "somebody else's\n";
  auto sink = deliver::file_sink(path);
  std::string problem;
  const auto begin = sink->open({"1:1", 3}, problem);
  REQUIRE(begin);
  CHECK(begin->length == 16);
  CHECK(sink->send(rows({"one"})).sent == 1);
  CHECK(contents(path) == "somebody else's\none\n");
}

TEST_CASE("a file that was moved away is made anew when it is asked for") {
  Folder folder;
  const std::string path = folder.path + "/out";
  auto sink = deliver::file_sink(path);
  std::string problem;
  REQUIRE(sink->open({}, problem));
  CHECK(!sink->reopen(problem));
  sink->send(rows({"one"}));
  std::filesystem::rename(path, path + ".old");
  const auto begin = sink->reopen(problem);
  REQUIRE(begin);
  CHECK(begin->length == 0);
  sink->send(rows({"two"}));
  CHECK(contents(path + ".old") == "one\n");
  CHECK(contents(path) == "two\n");
}

TEST_CASE("lines that no commit knows of are cut off where the file was moved to, and nowhere else") {
  Folder folder;
  const std::string path = folder.path + "/alerts.ndjson";
  std::string problem;
  store::SinkPosition committed;
  {
    auto sink = deliver::file_sink(path);
    REQUIRE(sink->open({}, problem));
    committed = *sink->send(rows({"one", "two"})).position;
    sink->send(rows({"three"}));
  }
  std::filesystem::rename(path, path + ".1");
  std::ofstream(folder.path + "/alerts.other") << "one\ntwo\nthree\n";
  auto sink = deliver::file_sink(path);
  REQUIRE(sink->open(committed, problem)->length == 0);
  CHECK(contents(path + ".1") == "one\ntwo\n");
  CHECK(contents(folder.path + "/alerts.other") == "one\ntwo\nthree\n");
  sink->send(rows({"three"}));
  CHECK(contents(path) == "three\n");
}

TEST_CASE("a file with the number of the one that was committed, and other contents, is not cut") {
  Folder folder;
  const std::string path = folder.path + "/out";
  std::string problem;
  store::SinkPosition committed;
  {
    auto sink = deliver::file_sink(path);
    REQUIRE(sink->open({}, problem));
    committed = *sink->send(rows({"one", "two"})).position;
  }
  std::ofstream(path) << "somebody else's long file\n";  // the same inode
  auto sink = deliver::file_sink(path);
  const auto begin = sink->open(committed, problem);
  REQUIRE(begin);
  CHECK(begin->length == 26);
  CHECK(contents(path) == "somebody else's long file\n");
}

TEST_CASE("a file that was copied and truncated goes on at its new end, asked or not") {
  for (const bool asked : {true, false}) {
    CAPTURE(asked);
    Folder folder;
    const std::string path = folder.path + "/out";
    auto sink = deliver::file_sink(path);
    std::string problem;
    REQUIRE(sink->open({}, problem));
    sink->send(rows({"one", "two"}));
    std::filesystem::copy_file(path, path + ".1");
    std::filesystem::resize_file(path, 0);
    if (asked) {
      const auto begin = sink->reopen(problem);
      REQUIRE(begin);
      CHECK(begin->length == 0);
    }
    const auto result = sink->send(rows({"three"}));
    REQUIRE(result.sent == 1);
    CHECK(result.position->length == 6);
    CHECK(contents(path) == "three\n");
    sink = nullptr;
    sink = deliver::file_sink(path);  // what is there is what was committed
    REQUIRE(sink->open(*result.position, problem));
    CHECK(contents(path) == "three\n");
    std::ofstream(path, std::ios::app) << "a note\n";
    CHECK(sink->send(rows({"four"})).sent == 1);
    CHECK(contents(path) == "three\na note\nfour\n");
  }
}

TEST_CASE("a file has one writer") {
  Folder folder;
  const std::string path = folder.path + "/out", other = folder.path + "/other";
  auto first = deliver::file_sink(path);
  std::string problem;
  REQUIRE(first->open({}, problem));
  std::filesystem::create_hard_link(path, other);
  auto second = deliver::file_sink(other);
  CHECK(!second->open({}, problem));
  CHECK(problem == other + ": another process writes to it, or another sink");
  CHECK(second->send(rows({"two"})).sent == 0);
  first = nullptr;
  problem.clear();
  CHECK(second->open({}, problem));
  CHECK(second->send(rows({"two"})).sent == 1);
}

TEST_CASE("what cannot be written is a sentence, and comes again") {
  std::string problem;
  CHECK(!deliver::file_sink("/nowhere/at/all")->open({}, problem));
  CHECK(problem.find("/nowhere/at/all") != std::string::npos);
  problem.clear();
  CHECK(!deliver::file_sink("/dev/null")->open({}, problem));
  CHECK(!problem.empty());
}

TEST_CASE("a terminal obeys nothing that an alert says, and JSON stays what it is") {
  CHECK(deliver::safe_on_terminal("{\"a\":\"\xc2\x9b"
                                  "31m \x7f \xe2\x80\xae \xe2\x81\xa6 \xe2\x80\x8f\"}\n") ==
        "{\"a\":\"\\u009b31m \\u007f \\u202e \\u2066 \\u200f\"}\n");
  const std::string plain = "{\"a\":\"\xc3\xa9 \xe2\x82\xac \xe2\x80\xa6 \xf0\x9f\x92\xa5 \xc2\xa0\"}";
  CHECK(deliver::safe_on_terminal(plain) == plain);
  CHECK(deliver::safe_on_terminal("\xc2") == "\xc2");
  CHECK(deliver::safe_on_terminal("\xe2\x80") == "\xe2\x80");
}
