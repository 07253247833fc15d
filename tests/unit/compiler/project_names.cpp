// One space of names, shipped schemas, and files on disk.
#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/unit/compiler/project_texts.h"

using namespace weir;
using testing::load;
using testing::rule;
namespace fs = std::filesystem;

TEST_CASE("E208: a second rule of a name") {
  auto loaded = load({{"rules/a.weir", rule("r")}, {"rules/b.weir", rule("r")}});
  CHECK(loaded.only() ==
        "E208 1:6 a second rule `r` | also declared at rules/a.weir:1 | help: give one of them another "
        "name, or delete it if it is a copy");
  CHECK(loaded.pointed_at() == "r");
  CHECK_FALSE(loaded.project->rules[0].broken);
  CHECK(loaded.project->rules[1].broken);
  CHECK(loaded.project->rule("r") == &loaded.project->rules[0]);
}

TEST_CASE("E208: rules, lists, selections and sources share their names") {
  CHECK(load(rule("cloudtrail")).only().starts_with("E208 1:6 `cloudtrail` is the name of a schema already"));
  CHECK(load("list x: string { \"a\" }\n" + rule("x"))
            .only()
            .starts_with("E208 2:6 `x` is the name of a list already"));
  CHECK(load("list x: string { \"a\" }\nselection x on cloudtrail { eventName: \"A\" }\n")
            .diagnostics.error_count() == 1);
}

TEST_CASE("a shipped schema is there unless the project declares that name") {
  auto shipped = load(rule("r"));
  CHECK(shipped.project->schemas.size() == 5);
  CHECK(shipped.project->schemas.at("cloudtrail").find({"eventName"}));
  CHECK(shipped.project->loaded_paths == std::vector<std::string>{"rules/my.weir"});

  auto own = load("schema resolver {\n  time: t\n  field t time required\n  field q string\n}\n");
  CHECK(own.said().empty());
  CHECK(own.project->schemas.at("resolver").find({"q"}));
  CHECK_FALSE(own.project->schemas.at("resolver").find({"query_name"}));
}

TEST_CASE("E209: a shared selection of no source") {
  CHECK(load("selection s on cloudtral { eventName: \"A\" }\n")
            .only()
            .starts_with("E209 1:16 no source is named `cloudtral`"));
}

namespace {

struct Folder {
  fs::path path = fs::temp_directory_path() / ("weir_project_" + std::to_string(getpid()));
  Folder() { fs::create_directories(path); }
  ~Folder() { fs::remove_all(path); }
  void write(const std::string& name, const std::string& text) {
    fs::create_directories((path / name).parent_path());
    std::ofstream(path / name) << text;
  }
};

}  // namespace

TEST_CASE("files: folders with all below them, sorted, hidden ones left out, each once") {
  Folder folder;
  folder.write("b.weir", rule("b"));
  folder.write("a/z.weir", rule("z"));
  folder.write("a/notes.txt", "not a rule");
  folder.write(".git/x.weir", rule("hidden"));
  dsl::Diagnostics diagnostics;
  std::vector<std::string> unreadable;
  auto project =
      compiler::load({{folder.path.string(), (folder.path / "b.weir").string()}}, diagnostics, unreadable);
  REQUIRE(project->rules.size() == 2);
  CHECK(project->rules[0].rule->name.text == "z");
  CHECK(project->rules[1].rule->name.text == "b");
  CHECK(project->loaded_paths.size() == 2);
  CHECK(unreadable.empty());
  CHECK(diagnostics.empty());
}

TEST_CASE("files: a path that does not exist is a sentence, with the name that is near") {
  Folder folder;
  folder.write("rules.weir", rule("r"));
  dsl::Diagnostics diagnostics;
  std::vector<std::string> unreadable;
  compiler::load({{(folder.path / "ruels.weir").string()}}, diagnostics, unreadable);
  REQUIRE(unreadable.size() == 1);
  CHECK(unreadable[0] == "there is no file or folder " + (folder.path / "ruels.weir").string() +
                             "; did you mean " + (folder.path / "rules.weir").string() + "?");
}

TEST_CASE("files: a circle of links ends") {
  Folder folder;
  folder.write("a/r.weir", rule("r"));
  fs::create_directory_symlink(folder.path, folder.path / "a" / "up");
  dsl::Diagnostics diagnostics;
  std::vector<std::string> unreadable;
  auto project = compiler::load({{folder.path.string()}}, diagnostics, unreadable);
  CHECK(project->rules.size() == 1);
}

TEST_CASE("the shipped pack is read like files, and stands before the user's") {
  Folder folder;
  folder.write("mine.weir", rule("mine"));
  dsl::Diagnostics diagnostics;
  std::vector<std::string> unreadable;
  auto project = compiler::load({{folder.path.string(), "shipped"}}, diagnostics, unreadable);
  REQUIRE_FALSE(project->rules.empty());
  CHECK(project->rules.back().rule->name.text == "mine");
  CHECK_FALSE(project->rules.back().shipped);
  if (project->rules.size() > 1) CHECK(project->rules.front().shipped);
  CHECK(project->loaded_paths.front().starts_with("shipped/"));
}

TEST_CASE("E208: a rule or a list of the name of a shipped one") {
  Folder folder;
  const auto said = [&](const std::string& text) {
    folder.write("mine.weir", text);
    dsl::Diagnostics diagnostics;
    std::vector<std::string> unreadable;
    auto project = compiler::load({{folder.path.string(), "shipped"}}, diagnostics, unreadable);
    std::string out;
    for (const dsl::Diagnostic& one : diagnostics.list())
      if (one.code == dsl::Code::E208)
        for (const dsl::Footer& footer : one.footers) out += one.primary.text + ": " + footer.text;
    return out;
  };
  CHECK(said(rule("resolver_client_volume")).starts_with("also declared at shipped/"));
  CHECK(said(rule("resolver_client_volume"))
            .ends_with(": to change a shipped rule, write `tune resolver_client_volume { ... }`"));
  CHECK(said("list chatty_domains: domain { \"a.com\" }\n")
            .ends_with(": to change a shipped list, write `tune list chatty_domains { add: [...] }`"));
}
