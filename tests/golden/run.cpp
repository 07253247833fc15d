// Runs every golden below a folder, or those named; `--update` writes what comes out as what is expected.
//
//   test_golden [--update] [FILE or word in its path…]
//
// Without names it also asks that every diagnostic code is shown by some golden.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "dsl/diagnostic.h"
#include "tests/golden/golden_file.h"
#include "tests/golden/stages.h"

namespace {

namespace fs = std::filesystem;
using namespace weir;

// Codes that nothing can report yet, and why.
constexpr std::pair<const char*, const char*> kExempt[] = {
    {"E701", "the importer from Sigma is not there yet"},
    {"E702", "packs are not there yet"},
    {"E703", "the exporter to Sigma is not there yet"},
};

std::string contents(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<fs::path> golden_files(const std::vector<std::string>& words) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(WEIR_GOLDEN_DIR))
    if (entry.path().extension() == ".test" &&
        (words.empty() || std::any_of(words.begin(), words.end(), [&](const std::string& word) {
           return entry.path().string().find(word) != std::string::npos;
         })))
      files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

bool run(const fs::path& path, bool update) {
  golden::Golden golden = golden::read_golden(contents(path));
  auto stage = golden::stages().find(golden.stage);
  if (stage == golden::stages().end()) {
    std::printf("FAIL %s: no stage is named `%s`\n", path.c_str(), golden.stage.c_str());
    return false;
  }
  golden::Blocks actual = stage->second(golden.inputs);
  std::string difference = golden::difference(golden.expected, actual);
  if (difference.empty()) return true;
  if (update) {
    golden.expected = std::move(actual);
    std::ofstream(path, std::ios::binary) << golden::write_golden(golden);
    std::printf("updated %s\n", path.c_str());
    return true;
  }
  std::printf("FAIL %s\n%s\n", path.c_str(), difference.c_str());
  return false;
}

size_t codes_without_golden(const std::vector<fs::path>& files) {
  std::set<std::string, std::less<>> shown;
  for (const fs::path& path : files)
    for (const auto& [name, text] : golden::read_golden(contents(path)).expected)
      for (const dsl::CodeInfo& row : dsl::all_codes())
        for (const char* severity : {"error", "warning"})
          if (text.find(severity + ("[" + std::string(row.name)) + "]: ") != std::string::npos)
            shown.insert(row.name);
  size_t missing = 0;
  for (const dsl::CodeInfo& row : dsl::all_codes()) {
    bool exempt = std::any_of(std::begin(kExempt), std::end(kExempt),
                              [&](const auto& one) { return std::string_view(one.first) == row.name; });
    if (shown.contains(row.name) != exempt) continue;
    std::printf(exempt ? "FAIL %s is exempt, yet a golden shows it\n" : "FAIL no golden shows %s\n",
                row.name);
    ++missing;
  }
  return missing;
}

}  // namespace

int main(int count, char** arguments) {
  std::vector<std::string> words(arguments + 1, arguments + count);
  bool update = std::erase(words, "--update") > 0;
  std::vector<fs::path> files = golden_files(words);
  size_t failed = 0;
  for (const fs::path& path : files) failed += !run(path, update);
  if (words.empty()) failed += codes_without_golden(files);
  std::printf("%zu goldens, %zu failures\n", files.size(), failed);
  return files.empty() || failed > 0 ? 1 : 0;
}
