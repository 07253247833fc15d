// See site.h.
#include "cli/doc/site.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "cli/doc/pages.h"
#include "cli/files.h"

namespace weir::cli::doc {

namespace fs = std::filesystem;

namespace {

constexpr const char* kFolders[] = {"rules", "lists", "sources"};

bool was_written(const std::string& path) {
  std::string problem;
  std::optional<std::string> text = read_whole(path, problem);
  return text && std::string_view(*text).substr(0, 200).find(kWritten) != std::string_view::npos;
}

}  // namespace

std::vector<File> site(const Book& book, const Format& format) {
  std::vector<File> files;
  auto add = [&](const Page& page) { files.push_back({file_of(format, page.path), format.render(page)}); };
  for (const Page& page :
       {index_page(book), levels_page(book), attack_page(book), lists_page(book), sources_page(book)})
    add(page);
  TestRunner runner(book.project);
  runner.keep_alerts();
  for (const RuleFacts& rule : book.rules) add(rule_page(book, rule, runner));
  for (const auto& [name, list] : book.project.lists)
    if (!list.broken) add(list_page(book, name));
  for (const auto& [name, schema] : book.project.schemas)
    if (!schema.broken) add(source_page(book, name));
  files.push_back({"navigator.json", navigator_layer(book)});
  if (&format == &html()) files.push_back({"style.css", style_sheet()});
  std::sort(files.begin(), files.end(), [](const File& a, const File& b) { return a.path < b.path; });
  return files;
}

std::vector<Stale> stale_pages(const std::string& folder, const std::vector<File>& files,
                               const Format& format, std::vector<std::string>& problems) {
  std::vector<Stale> stale;
  std::set<std::string> wanted;
  for (const File& file : files) {
    wanted.insert(file.path);
    const std::string path = (fs::path(folder) / file.path).string();
    std::error_code error;
    if (!fs::exists(path, error)) {
      stale.push_back({Stale::Kind::missing, file.path});
      continue;
    }
    std::string problem;
    std::optional<std::string> text = read_whole(path, problem);
    if (!text)
      problems.push_back(problem);
    else if (*text != file.contents)
      stale.push_back({Stale::Kind::outdated, file.path});
  }
  std::vector<std::string> leftover;
  for (const char* below : kFolders) {
    std::error_code error;
    fs::directory_iterator walk(fs::path(folder) / below, error);
    for (; !error && walk != fs::directory_iterator(); walk.increment(error)) {
      std::string path = std::string(below) + "/" + walk->path().filename().string();
      bool ours = path.ends_with(format.ending) && !wanted.contains(path) && walk->is_regular_file(error) &&
                  was_written(walk->path().string());
      if (ours) leftover.push_back(path);
    }
  }
  std::sort(leftover.begin(), leftover.end());
  for (std::string& path : leftover) stale.push_back({Stale::Kind::leftover, std::move(path)});
  return stale;
}

}  // namespace weir::cli::doc
