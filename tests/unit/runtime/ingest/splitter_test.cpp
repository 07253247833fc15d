// Every way in which documents and lines follow each other, whole and broken.
#include "runtime/ingest/splitter.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "collector.h"
#include "runtime/ingest/unwrapper.h"

namespace weir::ingest {
namespace {

using Texts = std::vector<std::string>;

TEST_CASE("a document a line") {
  Collector got = read("{\"a\":1}\n\n  {\"a\":2}\r\n{\"a\":3}");
  CHECK(got.texts() == Texts{"{\"a\":1}", "{\"a\":2}", "{\"a\":3}"});
  CHECK(got.problems.empty());
  REQUIRE(got.records.size() == 3);
  CHECK(got.records[1].line == 3);
  CHECK(got.records[1].record == 2);
  CHECK(got.records[1].offset == 11);
  CHECK(got.records[2].line == 4);
  CHECK_FALSE(got.records[0].text);
  CHECK(got.total == 27);
}

TEST_CASE("a byte order mark at the beginning is skipped") {
  CHECK(read("\xef\xbb\xbf{\"a\":1}\n").texts() == Texts{"{\"a\":1}"});
  CHECK(read("\xef\xbb\xbf").texts().empty());
}

TEST_CASE("UTF-16 is named") {
  Collector got = read(std::string_view("\xff\xfe{\0\"\0", 6));
  REQUIRE(got.problems.size() == 1);
  CHECK(got.problems[0].reason == "it is UTF-16; logs are read as UTF-8");
}

TEST_CASE("nothing in a file is nothing to report") {
  for (std::string_view empty : {"", "\n", " \r\n\t\n"}) {
    Collector got = read(empty);
    CHECK(got.records.empty());
    CHECK(got.problems.empty());
    CHECK(got.skips.empty());
  }
}

TEST_CASE("documents joined without a separator") {
  Collector got = read(R"({"a":{}}{"b":"}{"} {"c":[1]}{"d":4})");
  CHECK(got.texts() == Texts{R"({"a":{}})", R"({"b":"}{"})", R"({"c":[1]})", R"({"d":4})"});
  CHECK(got.problems.empty());
}

TEST_CASE("a `}{` inside of a text does not cut") {
  Collector got = read("{\"a\":\"x}{y\"}\n{\"b\":2}\n");
  CHECK(got.texts() == Texts{"{\"a\":\"x}{y\"}", "{\"b\":2}"});
}

TEST_CASE("documents over many lines") {
  Collector got = read("{\n  \"a\": {\n    \"b\": 1\n  }\n}\n{\n  \"a\": 2\n}\n");
  CHECK(got.texts() == Texts{"{\n  \"a\": {\n    \"b\": 1\n  }\n}", "{\n  \"a\": 2\n}"});
  CHECK(got.problems.empty());
  REQUIRE(got.records.size() == 2);
  CHECK(got.records[1].line == 6);
}

TEST_CASE("a line that looks whole but goes on below") {
  Collector got = read("{\"a\":{}\n,\"b\":{}}\n{\"c\":1}\n");
  CHECK(got.texts() == Texts{"{\"a\":{}\n,\"b\":{}}", "{\"c\":1}"});
}

TEST_CASE("arrays") {
  CHECK(read(R"([{"a":1},{"a":2}])").texts() == Texts{R"({"a":1})", R"({"a":2})"});
  CHECK(read("[\n{\"a\":1},\n{\"a\":2}\n]\n").texts() == Texts{R"({"a":1})", R"({"a":2})"});
  CHECK(read("[]").records.empty());
  CHECK(read("[[{\"a\":1}],[]]").texts() == Texts{R"({"a":1})"});
  CHECK(read("[{\"a\":1}]\n[{\"a\":2}]\n").texts() == Texts{R"({"a":1})", R"({"a":2})"});
}

TEST_CASE("Records, element by element") {
  Collector got = read(R"({"Records":[{"a":1},{"b":[{"c":2}]}]})");
  CHECK(got.texts() == Texts{R"({"a":1})", R"({"b":[{"c":2}]})"});
  CHECK(got.records[1].record == 2);
  CHECK(got.records[1].offset == 20);
  CHECK(got.records[1].line == 0);  // the file has no lines
  CHECK(got.problems.empty());
  CHECK(read("{ \"Records\" :\n [ {\"a\":1} ,\n {\"a\":2} ] , \"more\": {\"x\":[]} }\n{\"a\":3}").texts() ==
        Texts{R"({"a":1})", R"({"a":2})", R"({"a":3})"});
  CHECK(read(R"({"Records":[]})").records.empty());
  CHECK(read(R"({"Records":[]})").problems.empty());
  CHECK(read(R"({"more":1,"Records":[{"a":1}]})").texts() == Texts{R"({"a":1})"});
  CHECK(read("{\"Records\":[{\"a\":1}]}\n{\"Records\":[{\"a\":2}]}\n").texts() ==
        Texts{R"({"a":1})", R"({"a":2})"});
}

TEST_CASE("a broken line is one problem and the next line is read") {
  for (std::string_view broken :
       {"{\"eventVersion\":\"1.0", "{\"eventVersion\":", "{\"eventVersion\":{\"a\":[1,",
        "{\"eventVersion\":tru", "{\"eventVersion\"", "{", "{\"a\":1]"}) {
    CAPTURE(broken);
    Collector got = read(
        fmt::format("{{\"eventVersion\":1}}\n{}\n{{\"eventVersion\":2}}\n{{\"eventVersion\":3}}\n", broken));
    CHECK(got.texts() == Texts{"{\"eventVersion\":1}", "{\"eventVersion\":2}", "{\"eventVersion\":3}"});
    REQUIRE(got.problems.size() == 1);
    CHECK(got.problems[0].line == 2);
    CHECK(got.problems[0].record == 2);
    CHECK(got.problems[0].offset == 19);
    CHECK(got.problems[0].head.starts_with(broken));
    CHECK(got.records[1].record == 3);
    CHECK(got.records[1].line == 3);
  }
}

TEST_CASE("lines among documents that are none") {
  Collector got = read("{\"a\":1}\nnonsense\n} \n{\"a\":2}\n");
  CHECK(got.texts() == Texts{"{\"a\":1}", "{\"a\":2}"});
  REQUIRE(got.problems.size() == 2);
  CHECK(got.problems[0].reason == "it is not JSON");
  CHECK(got.problems[0].line == 2);
  CHECK(got.problems[1].line == 3);
}

TEST_CASE("a broken element of Records does not take the others with it") {
  for (std::string_view broken :
       {R"({"id":2,"b":"x)", R"({"id":2,"b":"x"]})", R"({"id":2,"b":x})", R"({"id":2)"}) {
    CAPTURE(broken);
    std::string file =
        fmt::format(R"({{"Records":[{{"id":1,"b":"y"}},{},{{"id":3,"b":"z"}},{{"id":4,"b":"z"}}]}})", broken);
    Collector got = read(file);
    CHECK(got.texts().front() == R"({"id":1,"b":"y"})");
    CHECK(got.texts().back() == R"({"id":4,"b":"z"})");
    CHECK(got.problems.size() <= 2);
    CHECK(got.records.size() + got.problems.size() >= 3);
  }
  Collector got = read(R"({"Records":[{"id":1,"b":"y"},{"id":2,"b":"x},{"id":3,"b":"z"},{"id":4,"b":"z"}]})");
  CHECK(got.records.size() == 3);
  REQUIRE(got.problems.size() == 1);
  CHECK(got.problems[0].record == 2);
  CHECK(got.problems[0].reason ==
        "a character that is not JSON stands outside of a text (16 bytes passed over)");
}

TEST_CASE("a broken element over many lines") {
  Collector got = read(
      "{\"Records\": [\n  {\n    \"id\": 1\n  },\n  {\n    \"id\": \"2\n  },\n  {\n    \"id\": 3\n  "
      "}\n]}\n{\"id\":4}\n");
  CHECK(got.texts() == Texts{"{\n    \"id\": 1\n  }", "{\n    \"id\": 3\n  }", "{\"id\":4}"});
  REQUIRE(got.problems.size() == 1);
  CHECK(got.problems[0].line == 5);
}

TEST_CASE("files that end too soon") {
  Collector list = read(R"({"Records":[{"a":1},{"a":2},)");
  CHECK(list.records.size() == 2);
  REQUIRE(list.problems.size() == 1);
  CHECK(list.problems[0].reason == "ends within a list of records");
  Collector element = read(R"({"Records":[{"a":1},{"a":)");
  CHECK(element.records.size() == 1);
  REQUIRE(element.problems.size() == 1);
  CHECK(element.problems[0].reason.starts_with("ends within a record"));
  Collector object = read(R"({"Records":[{"a":1}])");
  CHECK(object.records.size() == 1);
  REQUIRE(object.problems.size() == 1);
  CHECK(object.problems[0].reason == "ends within an object");
}

TEST_CASE("lines of text") {
  Collector got =
      read("1.0 2017-12-13T08:16:02.130Z Z1 example.com A NOERROR UDP FRA6 1.2.3.4 -\r\n\nother words\n");
  REQUIRE(got.records.size() == 2);
  CHECK(got.records[0].text);
  CHECK(got.records[0].bytes == "1.0 2017-12-13T08:16:02.130Z Z1 example.com A NOERROR UDP FRA6 1.2.3.4 -");
  CHECK(got.records[1].line == 3);
  CHECK(got.records[1].record == 2);
}

TEST_CASE("text with documents between") {
  Collector got = read("started\n{\"a\":1}\n{ brace\n[2026-01-01] a line\n");
  CHECK(got.texts() == Texts{"started", "{\"a\":1}", "{ brace", "[2026-01-01] a line"});
  REQUIRE(got.records.size() == 4);
  CHECK_FALSE(got.records[1].text);
  CHECK(got.records[2].text);
}

TEST_CASE("a text file may begin with a bracket") {
  Collector got = read("[2026-01-01] started\n");
  CHECK(got.texts() == Texts{"[2026-01-01] started"});
}

TEST_CASE("what is plainly no log is skipped once") {
  for (std::string_view bytes :
       {std::string_view("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16), std::string_view("PK\3\4\n\0", 6),
        std::string_view("%PDF-1.7\n"), std::string_view("abc\0def\n", 8)}) {
    Collector got = read(bytes);
    CHECK(got.skips == std::vector<Skip>{Skip::unknown_file});
    CHECK(got.records.empty());
    CHECK(got.problems.empty());
  }
}

TEST_CASE("a NUL in a JSON line is the decoder's matter") {
  Collector got = read(std::string_view("{\"a\":\"\0\"}\n{\"b\":1}\n", 18));
  CHECK(got.records.size() == 2);
}

TEST_CASE("more than a block, and every boundary") {
  std::string file;
  size_t count = 0;
  for (; file.size() < (3u << 20); ++count) {
    file += fmt::format("{{\"n\":{},\"pad\":\"{}\"}}\n", count, std::string(count % 700, 'x'));
  }
  Collector got = read(file);
  CHECK(got.problems.empty());
  REQUIRE(got.records.size() == count);
  CHECK(got.records.back().line == count);
  CHECK(got.records.back().record == count);
  CHECK(got.records[count / 2].bytes.starts_with(fmt::format("{{\"n\":{},", count / 2)));

  std::string joined, records = "{\"Records\":[";
  for (size_t i = 0; i < count; ++i) {
    joined += fmt::format("{{\"n\":{},\"pad\":\"{}\"}}", i, std::string(i % 700, 'x'));
    if (i > 0) records += ',';
    records += fmt::format("{{\"n\":{},\"pad\":\"{}\"}}", i, std::string(i % 700, 'x'));
  }
  CHECK(read(joined).texts() == got.texts());
  CHECK(read(records + "]}").texts() == got.texts());
}

TEST_CASE("a record longer than the limit is passed over") {
  ReadLimits limits;
  limits.max_document = 1u << 20;
  std::string longer = "{\"a\":\"" + std::string(3u << 20, 'x') + "\"}";
  Collector got = read("{\"a\":1}\n" + longer + "\n{\"a\":2}\n", limits);
  CHECK(got.texts() == Texts{"{\"a\":1}", "{\"a\":2}"});
  REQUIRE(got.problems.size() == 1);
  CHECK(got.problems[0].line == 2);
  CHECK(got.problems[0].reason == "it is longer than 1048576 bytes");
  Collector text = read("words\n" + std::string(3u << 20, 'x') + "\nmore words\n", limits);
  CHECK(text.texts() == Texts{"words", "more words"});
  CHECK(text.problems.size() == 1);
}

TEST_CASE("a record of many short lines is held to the limit, too") {
  ReadLimits limits;
  limits.max_document = 1u << 20;
  std::string lines = "{\"a\":[\n";
  while (lines.size() < (8u << 20)) lines += "[\n";
  Collector got = read(lines + "\n{\"b\":1}\n", limits);
  REQUIRE(!got.problems.empty());
  CHECK(got.problems[0].reason.starts_with("it is longer than 1048576 bytes"));
}

TEST_CASE("deep nesting is handed on, and ends") {
  std::string deep = "{\"a\":" + std::string(10'000, '[') + std::string(10'000, ']') + "}";
  Collector got = read(deep + "\n{\"b\":1}\n");
  CHECK(got.records.size() == 2);
  Collector open = read("{\"a\":" + std::string(10'000, '[') + "\n{\"b\":1}\n");
  CHECK(open.records.size() + open.problems.size() >= 1);
}

TEST_CASE("many broken lines cost no more than their length") {
  std::string file;
  for (int i = 0; i < 20'000; ++i) file += "{\"a\":[[[[\n";
  Collector got = read(file);
  CHECK(got.problems.size() == 20'000);
  std::string swallowing;
  for (int i = 0; i < 20'000; ++i) swallowing += "{\"a" + std::to_string(i) + "\":[\n";
  CHECK(read(swallowing).problems.size() >= 1);
}

// Bytes that stay where they are, and cannot be read in any other way.
class Held final : public ByteStream {
 public:
  explicit Held(std::string bytes) : bytes_(std::move(bytes)), size_(bytes_.size()) {
    bytes_.append(match::kPadding, 'x');
  }
  size_t read(char*, size_t) override { return 0; }
  std::string_view held() override { return std::string_view(bytes_).substr(0, size_); }

 private:
  std::string bytes_;
  size_t size_;
};

TEST_CASE("what is in memory already is read where it lies, with the same result") {
  std::string many;
  for (int i = 0; i < 30'000; ++i) many += fmt::format("{{\"number\":{},\"text\":\"{:040}\"}}\n", i, i);
  const std::string samples[] = {"{\"a\":1}\n\n  {\"a\":2}\r\n{\"a\":3}",
                                 "\xef\xbb\xbf{\"a\":1}\n",
                                 R"({"Records":[{"a":1},{"a":2},{"a":3}],"more":{"b":[]}})",
                                 "{\"a\":{}}{\"b\":\"}{\"} {\"c\":[1]}",
                                 "{\"a\":1}\n{\"a\":\n{\"a\":3}\n}}\n{\"a\":4}",
                                 "1.0 some text\nmore of it",
                                 " \n ",
                                 many,
                                 many + "{\"broken\":\n" + many,
                                 "[" + many.substr(0, many.find('\n')) + ",{\"b\":2}]"};
  for (const std::string& sample : samples) {
    CAPTURE(sample.substr(0, 60));
    const Collector expected = read(sample);
    Collector got;
    Held held(sample);
    Budget budget;
    const ReadLimits limits;
    Unwrapper unwrapper(limits, budget, 0, got);
    Splitter(held, unwrapper, Place{"test"}, 0).run();
    CHECK(got.texts() == expected.texts());
    CHECK(got.skips == expected.skips);
    CHECK(got.total == expected.total);
    REQUIRE(got.records.size() == expected.records.size());
    for (size_t i = 0; i < got.records.size(); ++i) {
      REQUIRE(got.records[i].line == expected.records[i].line);
      REQUIRE(got.records[i].offset == expected.records[i].offset);
    }
    REQUIRE(got.problems.size() == expected.problems.size());
    for (size_t i = 0; i < got.problems.size(); ++i) {
      CHECK(got.problems[i].reason == expected.problems[i].reason);
      CHECK(got.problems[i].offset == expected.problems[i].offset);
    }
  }
}

}  // namespace
}  // namespace weir::ingest
