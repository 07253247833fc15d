// Lists: values by type, list files line by line, and what tunings add and remove.
#include <doctest/doctest.h>

#include <chrono>

#include "tests/unit/compiler/project_texts.h"

using namespace weir;
using compiler::ListInfo;
using testing::load;
using testing::Texts;

namespace {

std::vector<std::string> texts_of(const ListInfo& list) {
  std::vector<std::string> texts;
  for (const dsl::Expr& value : list.values)
    if (const auto* text = std::get_if<dsl::Text>(&value.node)) texts.push_back(text->value);
  return texts;
}

using Names = std::vector<std::string>;

Texts with_file(const std::string& type, const std::string& text) {
  return {{"rules/my.weir", "list x: " + type + " from \"lists/x.txt\"\n"}, {"rules/lists/x.txt", text}};
}

}  // namespace

TEST_CASE("a list file: comments, blank lines, white space, CRLF, a byte-order mark, no last line end") {
  auto loaded =
      load(with_file("string", "\xEF\xBB\xBF# head\r\n\r\n  one  \r\ntwo # why\r\nth#ree\t# c\r\n\r\nfour"));
  CHECK(loaded.said().empty());
  CHECK(texts_of(loaded.project->lists.at("x")) == Names{"one", "two", "th#ree", "four"});
  CHECK(loaded.project->lists.at("x").file == "rules/lists/x.txt");
}

TEST_CASE("a list file is seen from the folder of the file that declares the list") {
  auto loaded = load(
      {{"rules/deep/my.weir", "list x: string from \"../lists/x.txt\"\n"}, {"rules/lists/x.txt", "a\n"}});
  CHECK(loaded.said().empty());
  CHECK(texts_of(loaded.project->lists.at("x")) == Names{"a"});
}

TEST_CASE("E510: a list file that is not there") {
  auto loaded = load("list x: string from \"lists/no.txt\"\n");
  CHECK(loaded.only() ==
        "E510 1:21 the list file lists/no.txt cannot be read: no such file or folder | looked for at "
        "rules/lists/no.txt | "
        "help: the path is seen from the folder of the file that declares the list");
  CHECK(loaded.project->lists.at("x").broken);
}

TEST_CASE("E510: lines of another type, each with its line") {
  auto loaded = load(with_file("ip", "10.0.0.1\n10.0.0.0/8\n10.9.9.7/28\nnot.an.address\n2001:db8::/32\n"));
  REQUIRE(loaded.said().size() == 2);
  CHECK(loaded.said()[0].starts_with("E510 3:1 10.9.9.7/28 is an address inside a network, not a network"));
  CHECK(loaded.said()[1].starts_with("E510 4:1 \"not.an.address\" is not an address, nor a network"));
  CHECK(texts_of(loaded.project->lists.at("x")).size() == 3);
  CHECK(load(with_file("domain", "http://evil.com/x\n"))
            .only()
            .starts_with("E510 1:1 \"http://evil.com/x\" is not a domain"));
  CHECK(load(with_file("domain", "*.evil.com\n")).only().starts_with("E510 1:1 \"*.evil.com\" holds a star"));
  CHECK(load(with_file("int", "12\n1.5\n")).only().starts_with("E510 2:1 \"1.5\" is not a number"));
  CHECK(load(with_file("float", "1.5\nnan\n")).only().starts_with("E510 2:1 \"nan\" is not a number"));
}

TEST_CASE("the second column of a look-up list may be numbers or bools") {
  auto numbers = load(with_file("domain -> int", "example.com\t1\nexample.net\t-20\n"));
  CHECK(numbers.said().empty());
  CHECK(numbers.project->lists.at("x").rows.size() == 2);
  CHECK(load(with_file("ip -> bool", "10.0.0.0/8\ttrue\n")).said().empty());
  CHECK(load(with_file("ip -> int", "10.0.0.0/8\tone\n")).only().starts_with("E510 1:12 \"one\" is not a number"));
}

TEST_CASE("E510: a file of nothing but errors does not bury the rest") {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "no address\n";
  auto loaded = load(with_file("ip", text));
  CHECK(loaded.said().size() == 21);
}

TEST_CASE("a look-up list: two columns, a tab between") {
  auto loaded = load(with_file("ip -> string", "10.0.0.0/8\toffice\n# x\n10.1.0.0/16\t two words \n"));
  CHECK(loaded.said().empty());
  const ListInfo& list = loaded.project->lists.at("x");
  REQUIRE(list.rows.size() == 2);
  CHECK(list.rows[1] == std::pair<std::string, std::string>{"10.1.0.0/16", "two words"});
  CHECK(list.to == compiler::Type::string);
  CHECK(load(with_file("ip -> string", "10.0.0.0/8 office\n"))
            .only()
            .starts_with("E510 1:1 a look-up list has two columns"));
  CHECK(load(with_file("ip -> string", "10.0.0.0/8\toffice\tBerlin\n")).only() ==
        "E510 1:1 a look-up list has two columns | more than one tab in this line | help: take the other "
        "columns "
        "out, or write a list for each");
  CHECK(load(with_file("domain -> string", "A.com.\tx\na.com\ty\n"))
            .only()
            .starts_with("E510 2:1 `a.com` has two values"));
  CHECK(load("list x: ip -> string { \"10.0.0.1\" }\n").diagnostics.error_count() >= 1);
}

TEST_CASE("E301 and E306: values written in a rule file") {
  CHECK(load("list x: string { \"a\" 012 }\n").only() ==
        "E301 1:22 the list holds string, and 012 is a number | not text | help: write `\"012\"`");
  CHECK(load("list x: int { 1 \"2\" }\n")
            .only()
            .starts_with("E301 1:17 the list holds int, and \"2\" is text"));
  CHECK(load("list x: ip { \"10.9.9.7/28\" }\n").only() ==
        "E306 1:14 10.9.9.7/28 is an address inside a network, not a network | bits are set below the /28 | "
        "help: the "
        "network is \"10.9.9.0/28\"");
}

TEST_CASE("tunings add and remove; what is the same value is by type") {
  auto loaded = load(
      "list x: domain { \"Evil.com\" \"bad.org\" }\n"
      "tune list x { reason: \"r\" add: [\"worse.net\"] remove: [\"evil.COM.\"] }\n");
  CHECK(loaded.said().empty());
  const ListInfo& list = loaded.project->lists.at("x");
  CHECK(texts_of(list) == Names{"bad.org", "worse.net"});
  CHECK(list.added == 1);
  CHECK(list.removed == 1);
}

TEST_CASE("W508: removal of what is not there") {
  CHECK(
      load("list x: domain { \"evil.com\" }\ntune list x { reason: \"r\" remove: [\"evli.com\"] }\n")
          .only() ==
      "W508 2:36 \"evli.com\" is not in the list `x` | nothing to remove | help: did you mean \"evil.com\"?");
}

TEST_CASE("300,000 lines load in a moment") {
  std::string text;
  for (int i = 0; i < 300'000; ++i) text += "host" + std::to_string(i) + ".example.com\n";
  auto begin = std::chrono::steady_clock::now();
  auto loaded = load(with_file("domain", text));
  CHECK(loaded.project->lists.at("x").values.size() == 300'000);
  CHECK(std::chrono::steady_clock::now() - begin <
        std::chrono::seconds(30));  // with sanitizers, on a busy machine
}
