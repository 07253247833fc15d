// Which files a project is made of, and their texts: folders walked, the shipped pack, list files.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::compiler {

inline constexpr std::string_view kShippedPrefix = "shipped/";  // paths of the pack in the binary

struct ProjectFile {
  std::string path;  // as messages show it
  std::string text;
};

// Every *.weir of `paths` (folders with all below them, hidden files left out), once each, folders sorted.
// What cannot be read is a sentence in `unreadable`. "shipped" is passed over.
std::vector<ProjectFile> read_rule_files(const std::vector<std::string>& paths,
                                         std::vector<std::string>& unreadable);

// The whole of a file; nullopt with the reason ("no such file") when it cannot be read.
std::optional<std::string> read_file(const std::string& path, std::string& reason);

// `relative` as seen from the file `from`; an absolute path stays.
std::string beside(const std::string& from, const std::string& relative);

}  // namespace weir::compiler
