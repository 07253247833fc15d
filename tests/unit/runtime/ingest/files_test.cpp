// Walking folders and opening files.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>

#include "collector.h"

namespace weir::ingest {
namespace {

namespace fs = std::filesystem;

struct Folder {
  Folder() {
    std::string pattern = (fs::temp_directory_path() / "weir-ingest-XXXXXX").string();
    path = mkdtemp(pattern.data());
  }
  ~Folder() { fs::remove_all(path); }
  std::string write(const std::string& name, std::string_view bytes) const {
    fs::create_directories((path / name).parent_path());
    std::ofstream(path / name, std::ios::binary) << bytes;
    return (path / name).string();
  }
  fs::path path;
};

std::vector<std::string> names(const InputList& list, const Folder& folder) {
  std::vector<std::string> out;
  for (const InputFile& file : list.files) out.push_back(fs::relative(file.path, folder.path).string());
  return out;
}

TEST_CASE("a tree, sorted, each file once") {
  Folder folder;
  folder.write("b/2.json", "{}");
  folder.write("b/1.json", "{\"a\":1}");
  folder.write("a.log", "x");
  folder.write(".hidden", "x");
  folder.write(".git/config", "x");
  fs::create_symlink(folder.path / "a.log", folder.path / "z-link");
  fs::create_directory_symlink(folder.path / "b", folder.path / "loop");
  InputList list = list_inputs({(folder.path / "b" / "2.json").string(), folder.path.string()});
  CHECK(names(list, folder) == std::vector<std::string>{"a.log", "b/1.json", "b/2.json"});
  CHECK(list.files[1].bytes == 7);
  CHECK(list.unreadable.empty());
  CHECK(list_inputs({(folder.path / ".hidden").string()}).files.size() == 1);
}

TEST_CASE("what cannot be listed is a sentence") {
  Folder folder;
  fs::create_symlink(folder.path / "nothing", folder.path / "dangling");
  InputList list = list_inputs({folder.path.string(), "/no/such/place"});
  REQUIRE(list.unreadable.size() == 2);
  CHECK(list.unreadable[1] == "/no/such/place: No such file or directory");
  CHECK(list.files.empty());
}

TEST_CASE("standard input is a file") {
  InputList list = list_inputs({"-", "-"});
  REQUIRE(list.files.size() == 1);
  CHECK(list.files[0].path == "-");
}

TEST_CASE("a file is read to its end") {
  Folder folder;
  std::string path = folder.write("x.json.gz", gzip("{\"Records\":[{\"a\":1},{\"a\":2}]}"));
  Collector got;
  read_file({path, 0}, {}, got);
  CHECK(got.records.size() == 2);
  std::string plain = folder.write("plain.gz", "{\"a\":1}\n");
  Collector named_wrongly;
  read_file({plain, 0}, {}, named_wrongly);
  CHECK(named_wrongly.records.size() == 1);
  CHECK(named_wrongly.problems.empty());
}

TEST_CASE("a gzip file gives what its stream gives, in order or not") {
  std::string lines, large;
  for (int i = 0; i < 3000; ++i) lines += "{\"a\":" + std::to_string(i) + "}\n";
  for (int i = 0; i < 40; ++i) large += lines;
  const std::string one = gzip(lines), two = gzip("{\"b\":1}\n");
  std::string damaged = one, lying = one;
  damaged[damaged.size() / 2] ^= 1;
  lying[lying.size() - 4] ^= 1;
  const std::string bombs = gzip(std::string(80u << 20, ' ') + "{}");
  const std::string files[] = {one,
                               one + two,
                               two + one,
                               two + gzip(large),
                               gzip(""),
                               one + gzip(""),
                               gzip(gzip(lines)),
                               one + std::string(512, '\0'),
                               one + "rest",
                               one.substr(0, one.size() - 5),
                               one.substr(0, 19),
                               damaged,
                               lying,
                               bombs,
                               zstd(lines),
                               "\x1f\x8b\x08"};
  Folder folder;
  FileReader reader;
  for (size_t i = 0; i < std::size(files); ++i) {
    CAPTURE(i);
    Collector wanted = read(files[i]), got;
    reader.read({folder.write("file", files[i]), 0}, {}, got);
    CHECK(got.texts() == wanted.texts());
    REQUIRE(got.problems.size() == wanted.problems.size());
    for (size_t k = 0; k < got.problems.size(); ++k)
      CHECK(got.problems[k].reason == wanted.problems[k].reason);
    CHECK(got.total == wanted.total);
  }
}

TEST_CASE("what cannot be opened or read is a problem") {
  Folder folder;
  Collector got;
  CHECK(!read_file({(folder.path / "none").string(), 0}, {}, got));
  CHECK(!read_file({folder.path.string(), 0}, {}, got));
  REQUIRE(got.problems.size() == 2);
  CHECK(got.problems[0].reason == "cannot be opened: No such file or directory");
  CHECK(got.problems[1].reason == "cannot be read further: Is a directory");
}

// Memory as a file: where nothing is mapped, reading is an I/O error.
int failing_after(const std::string& bytes, void*& mapped, size_t& size) {
  const auto page = static_cast<size_t>(::sysconf(_SC_PAGESIZE));
  size = bytes.size() / page * page;
  mapped = ::mmap(nullptr, size + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  REQUIRE(mapped != MAP_FAILED);
  std::memcpy(mapped, bytes.data(), size);
  ::munmap(static_cast<char*>(mapped) + size, page);
  const int descriptor = ::open("/proc/self/mem", O_RDONLY);
  REQUIRE(descriptor >= 0);
  ::lseek(descriptor, static_cast<off_t>(reinterpret_cast<uintptr_t>(mapped)), SEEK_SET);
  return descriptor;
}

TEST_CASE("an error of the system is no fault of the file: what was told is a beginning of the whole") {
  std::string lines, spread, list = "{\"Records\":[";
  for (int i = 0; i < 5000; ++i) {
    const std::string n = std::to_string(i);
    lines += "{\"a\":" + n + "}\n";
    spread += "{\n  \"a\": " + n + "\n}\n{\"b\":\"\n" + n + "\n{\n";
    list += "{\"a\":" + n + "},\n";
  }
  const std::string text = "1.0 2017-12-13T08:16:05.744Z Z123412341234 example.com A NOERROR UDP FRA6 192.0.2.1 -\n";
  std::string texts;
  for (int i = 0; i < 500; ++i) texts += text;
  for (const std::string& file : {lines, spread, list, texts, gzip(spread, 0), zstd(std::string(1000, ' ') + lines)}) {
    CAPTURE(file.substr(0, 20));
    if (file.size() < 4096) continue;
    Collector whole = read(file), got;
    void* mapped;
    size_t size;
    const int descriptor = failing_after(file, mapped, size);
    CHECK(FileReader().read_open(descriptor, "test", {}, got, nullptr) == "cannot be read further: Input/output error");
    ::munmap(mapped, size);
    CHECK(got.records.size() < whole.records.size());
    CHECK(got.problems.size() <= whole.problems.size());
    for (size_t i = 0; i < got.records.size(); ++i) REQUIRE(got.records[i].bytes == whole.records[i].bytes);
    for (size_t i = 0; i < got.problems.size(); ++i) REQUIRE(got.problems[i].offset == whole.problems[i].offset);
  }
}

TEST_CASE("every reason to skip has a name") {
  for (size_t i = 0; i < kSkips; ++i) CHECK(std::string(name_of(static_cast<Skip>(i))) != "");
}

}  // namespace
}  // namespace weir::ingest
