// All pages of a project as files, and what a folder lacks of them.
#pragma once

#include <string>
#include <vector>

#include "cli/doc/book.h"
#include "cli/doc/render.h"

namespace weir::cli::doc {

// In order of path; the same for the same project, wherever it lies.
std::vector<File> site(const Book& book, const Format& format);

struct Stale {
  enum class Kind : uint8_t {
    missing,
    outdated,
    leftover
  };  // leftover: `weir doc` wrote it once, and would not now
  Kind kind = Kind::missing;
  std::string path;
};
// Compares the folder with the files. `problems`: what could not be read, a sentence each.
std::vector<Stale> stale_pages(const std::string& folder, const std::vector<File>& files,
                               const Format& format, std::vector<std::string>& problems);

}  // namespace weir::cli::doc
