// The recipe of a project: find the files, parse each, index the names, then lists, metadata and tunings.
#include "compiler/project.h"

#include <algorithm>
#include <numeric>
#include <set>
#include <utility>

#include "compiler/clauses.h"
#include "compiler/loading.h"
#include "compiler/on_threads.h"
#include "compiler/project_files.h"
#include "dsl/parse.h"

namespace weir::compiler {
namespace {

using dsl::Diagnostics;

constexpr size_t kFilesPerThread = 8;   // for fewer, starting a thread costs more than it gains

// Parses the files and puts them behind those of the project, in their order. Parsing is half of what loading
// rules costs, and no file knows of another: threads share them.
void parse_into(Project& project, std::vector<ProjectFile> files, Diagnostics& diagnostics) {
  const auto first = static_cast<dsl::SourceId>(project.sources.size());
  for (ProjectFile& file : files) project.sources.add(std::move(file.path), std::move(file.text));
  std::vector<std::unique_ptr<dsl::File>> parsed(files.size());
  std::vector<Diagnostics> said(files.size());
  std::vector<size_t> order(files.size());  // the largest first, so that no thread ends long after the others
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return project.sources.text(first + static_cast<dsl::SourceId>(a)).size() >
           project.sources.text(first + static_cast<dsl::SourceId>(b)).size();
  });
  on_threads(files.size(), kFilesPerThread, [&](size_t turn) {
    const size_t i = order[turn];
    parsed[i] =
        std::make_unique<dsl::File>(dsl::parse(project.sources, first + static_cast<dsl::SourceId>(i), said[i]));
  });
  for (size_t i = 0; i < files.size(); ++i) {
    project.files.push_back(std::move(parsed[i]));
    diagnostics.append(std::move(said[i]));
  }
}

bool is_schema_file(std::string_view path) { return path.starts_with("schemas/"); }

// Blanks for the tests of a file that `weir fmt` has written, as all shipped ones are: places stay what they were.
void blank_tests(std::string& text) {
  constexpr std::string_view kBegin = "\n  test \"", kEnd = "\n  }\n";
  for (size_t at = text.find(kBegin); at != text.npos; at = text.find(kBegin, at)) {
    const size_t end = text.find(kEnd, at);
    if (end == text.npos) return;
    for (size_t begin = at + 1; begin < end + kEnd.size(); begin = text.find('\n', begin) + 1)
      std::fill(text.begin() + long(begin), text.begin() + long(text.find('\n', begin)), ' ');
    at = end;
  }
}

std::vector<ProjectFile> shipped(bool rules, bool schemas, bool tests) {
  std::vector<ProjectFile> files;
  for (const ShippedFile& file : shipped_files()) {
    std::string_view path = file.path;
    if (!path.ends_with(".weir") || !(is_schema_file(path) ? schemas : rules)) continue;
    files.push_back({std::string(kShippedPrefix) + std::string(path), std::string(file.text)});
    if (!tests) blank_tests(files.back().text);
  }
  return files;
}

// Parses the project's own files and the shipped ones. Those go in front, so that of two equal names the user's is the
// second one, which is complained of. A shipped schema whose name the project declares is dropped without a word.
void parse_all(Project& project, std::vector<ProjectFile> files, bool rules, bool schemas, bool tests,
               Diagnostics& diagnostics) {
  const size_t own = files.size();
  for (ProjectFile& file : shipped(rules, schemas, tests)) {
    if (rules) project.loaded_paths.push_back(file.path);
    files.push_back(std::move(file));
  }
  for (size_t i = 0; i < own; ++i) project.loaded_paths.push_back(files[i].path);
  parse_into(project, std::move(files), diagnostics);
  std::set<std::string, std::less<>> taken;
  const auto middle = project.files.begin() + static_cast<std::ptrdiff_t>(own);
  for (auto file = project.files.begin(); file != middle; ++file)
    for (const dsl::Declaration& declaration : (*file)->declarations)
      if (const auto* schema = std::get_if<dsl::Schema>(&declaration)) taken.insert(schema->name.text);
  for (auto file = middle; file != project.files.end(); ++file)
    std::erase_if((*file)->declarations, [&](const dsl::Declaration& declaration) {
      const auto* schema = std::get_if<dsl::Schema>(&declaration);
      return schema && taken.contains(schema->name.text);
    });
  std::rotate(project.files.begin(), middle, project.files.end());
}

std::optional<std::string> read_shipped(std::string_view path, std::string& reason) {
  for (const ShippedFile& file : shipped_files())
    if (file.path == path.substr(kShippedPrefix.size())) return std::string(file.text);
  reason = "no such file in the shipped pack";
  return std::nullopt;
}

void finish(Loading loading) {
  index_names(loading);
  load_lists(loading);
  check_metadata(loading);
  apply_tunings(loading);
}

}  // namespace

bool is_shipped(std::string_view kind, std::string_view name) {
  std::string head = "\n" + std::string(kind) + " " + std::string(name);
  for (const ShippedFile& file : shipped_files())
    for (size_t at = file.text.find(head); at != file.text.npos; at = file.text.find(head, at + 1))
      if (file.text.substr(at + head.size()).find_first_of(" :{[") == 0) return true;
  return false;
}

const RuleEntry* Project::rule(std::string_view name) const {
  auto found = rule_index.find(name);
  return found == rule_index.end() ? nullptr : &rules[found->second];
}

std::vector<dsl::Name> sources_of(const dsl::Rule& rule) {
  return words_of(find_meta(rule.clauses, "source"));
}

const dsl::Param* find_param(const dsl::Rule& rule, std::string_view name) {
  for (const dsl::RuleClause& clause : rule.clauses)
    if (const auto* params = std::get_if<dsl::Params>(&clause))
      for (const dsl::Param& param : params->params)
        if (param.name.text == name) return &param;
  return nullptr;
}

std::string place_of(const dsl::SourceMap& sources, dsl::Span span) {
  return sources.path(span.source) + ":" + std::to_string(sources.place(span.source, span.begin).line);
}

std::unique_ptr<Project> load(const LoadOptions& options, Diagnostics& diagnostics,
                              std::vector<std::string>& unreadable) {
  auto project = std::make_unique<Project>();
  std::vector<ProjectFile> files = read_rule_files(options.paths, unreadable);
  for (ProjectFile& file : files)
    if (auto other = options.instead.find(file.path); other != options.instead.end()) file.text = other->second;
  bool shipped = std::find(options.paths.begin(), options.paths.end(), "shipped") != options.paths.end();
  parse_all(*project, std::move(files), shipped, shipped || options.shipped_schemas, options.shipped_tests, diagnostics);

  ReadList read_list = [](const std::string& path, std::string& reason) {
    return path.starts_with(kShippedPrefix) ? read_shipped(path, reason) : read_file(path, reason);
  };
  finish({*project, diagnostics, read_list, options.today});
  return project;
}

std::unique_ptr<Project> load_texts(const std::vector<std::pair<std::string, std::string>>& path_and_text,
                                    Diagnostics& diagnostics, std::optional<int64_t> today) {
  auto project = std::make_unique<Project>();
  std::vector<ProjectFile> files;
  for (const auto& [path, text] : path_and_text) {
    if (!path.ends_with(".weir")) continue;
    files.push_back({path, text});
  }
  parse_all(*project, std::move(files), false, true, true, diagnostics);
  ReadList read_list = [&](const std::string& path, std::string& reason) -> std::optional<std::string> {
    for (const auto& [known, text] : path_and_text)
      if (known == path) return text;
    reason = "no such file or folder";
    return std::nullopt;
  };
  finish({*project, diagnostics, read_list, today});
  return project;
}

}  // namespace weir::compiler
