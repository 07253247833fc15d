// Labels, and the Public Suffix List.
#include <doctest/doctest.h>

#include <fstream>
#include <string>

#include "runtime/match/functions.h"
#include "runtime/match/public_suffix.h"

using namespace weir::match;

TEST_CASE("labels") {
  CHECK(labels("a.b.c") == 3);
  CHECK(labels("a.b.c.") == 3);
  CHECK(labels("") == 0);
  CHECK(labels(".") == 0);
  CHECK(labels("a..b") == 3);
  CHECK(label("a.b.c.", 0) == "a");
  CHECK(label("a.b.c.", -1) == "c");
  CHECK(label("a.b.c.", 3) == std::nullopt);
  CHECK(label("a.b.c.", -4) == std::nullopt);
  CHECK(label(".", 0) == std::nullopt);
  CHECK(longest_label("a.bcd.xyz.") == "bcd");
  CHECK(longest_label("abc") == "abc");
  CHECK(longest_label("") == "");
  CHECK(longest_label(".") == "");
  CHECK(longest_label("..") == "");
}

TEST_CASE("public suffix, registered domain, subdomain") {
  struct Row {
    const char *name, *suffix, *registered, *subdomain;  // null: none
  };
  const Row rows[] = {
      {"a.b.example.co.uk", "co.uk", "example.co.uk", "a.b"},
      {"A.B.Example.CO.UK.", "CO.UK", "Example.CO.UK", "A.B"},  // the log's own spelling
      {"example.com", "com", "example.com", ""},
      {"com", "com", nullptr, nullptr},
      {"co.uk", "co.uk", nullptr, nullptr},
      {"x.y.github.io", "github.io", "y.github.io", "x"},  // private section
      {"github.io", "github.io", nullptr, nullptr},
      {"www.city.kobe.jp", "kobe.jp", "city.kobe.jp", "www"},  // an exception of a wildcard
      {"a.b.kobe.jp", "b.kobe.jp", "a.b.kobe.jp", ""},
      {"host.corp.internal", "internal", "corp.internal", "host"},  // not listed: the last label
      {"localhost", "localhost", nullptr, nullptr},
      {"www.食狮.公司.cn", "公司.cn", "食狮.公司.cn", "www"},
      {"WWW.xn--85x722f.XN--55qx5d.cn", "XN--55qx5d.cn", "xn--85x722f.XN--55qx5d.cn", "WWW"},
      {"ÉCOLE.example.COM", "COM", "example.COM", "ÉCOLE"},
      {"_dns.x.example.com", "com", "example.com", "_dns.x"},
      {"10.0.0.1", nullptr, nullptr, nullptr},
      {"", nullptr, nullptr, nullptr},
      {".", nullptr, nullptr, nullptr},
      {"..", nullptr, nullptr, nullptr},
      {"a..", nullptr, nullptr, nullptr},
      {".com", "com", nullptr, nullptr},
      {"..com", "com", nullptr, nullptr},
      {"a..example.com", "com", "example.com", "a."},
  };
  const auto expect = [](const char* text) {
    return text ? std::optional<std::string_view>(text) : std::nullopt;
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    CHECK(public_suffix(row.name) == expect(row.suffix));
    CHECK(registered_domain(row.name) == expect(row.registered));
    CHECK(subdomain(row.name) == expect(row.subdomain));
  }
}

TEST_CASE("the results are parts of the argument") {
  const std::string name = "a.Example.com.";
  const auto registered = registered_domain(name);
  REQUIRE(registered);
  CHECK(registered->data() == name.data() + 2);
}

TEST_CASE("names that no one could ask for") {
  CHECK_FALSE(registered_domain(std::string("a\0b.com", 7)));
  CHECK_FALSE(registered_domain(std::string(100'000, '.')));
  CHECK_FALSE(registered_domain(std::string(100'000, 'a') + ".com"));
  std::string many;
  while (many.size() < 1000) many += "a.";
  CHECK(registered_domain(many + "com") == "a.com");
}

TEST_CASE("the list has a date") {
  const std::string date = public_suffix_list_date();
  CHECK(date.size() == 10);
  CHECK(date[4] == '-');
  CHECK(date >= "2023-02-09");
}

TEST_CASE("the quick way to the list agrees with libpsl at, above and below every rule") {
  std::ifstream list("/usr/share/publicsuffix/public_suffix_list.dat");
  size_t rules = 0, differences = 0;
  for (std::string line; std::getline(list, line);) {
    if (line.empty() || line.find_first_not_of("!*.-abcdefghijklmnopqrstuvwxyz0123456789") != line.npos)
      continue;
    ++rules;
    std::string name = line[0] == '!' ? line.substr(1) : line;
    if (name.starts_with("*.")) name.erase(0, 2);
    for (const char* below : {"", "x.", "y.x.", "z.y.x.", "www.", ".", "x.."}) {
      const std::string asked = below + name;  // (what is below two empty labels is no name, and differs)
      if (suffix_labels_by_rules(asked) == suffix_labels_by_libpsl(asked)) continue;
      if (++differences < 10)
        MESSAGE(asked, " ", suffix_labels_by_rules(asked), " ", suffix_labels_by_libpsl(asked));
    }
  }
  CHECK(rules > 8000);
  CHECK(differences == 0);
}

TEST_CASE("what is remembered of names is what would be found again") {
  const std::string longest(70, 'x');
  for (int round = 0; round < 3; ++round)
    for (int i = 0; i < 2'000; ++i) {
      const std::string under = (i % 7 == 0 ? longest : "n") + std::to_string(i);
      CHECK(registered_domain("www." + under + ".co.uk") == under + ".co.uk");
      CHECK(registered_domain(under + ".com.") == under + ".com");
      CHECK_FALSE(registered_domain("co.uk"));
    }
}
