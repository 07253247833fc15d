// Whose a file is that a sink writes to: by where paths lead, not by how they are spelled. See findings.h.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "cli/config/findings.h"

namespace weir::config {
namespace {

namespace fs = std::filesystem;

fs::path whole(const std::string& path) {
  std::error_code error;
  fs::path out = fs::absolute(path, error);
  out = error ? fs::path(path) : out;
  const fs::path known = fs::weakly_canonical(out, error);
  out = error ? out.lexically_normal() : known;
  return out.has_filename() ? out : out.parent_path();
}

bool holds(const fs::path& folder, const fs::path& file) {
  return std::mismatch(folder.begin(), folder.end(), file.begin(), file.end()).first == folder.end();
}

bool is_of_store(const fs::path& store, const fs::path& file) {
  const std::string name = file.filename().string();
  return file == store || (file.parent_path() == store &&
                           (name.starts_with("weir.db") || name == "working" || name == "lock"));
}

}  // namespace

void check_sink_files(const Config& config, dsl::Diagnostics& diagnostics) {
  const fs::path store = whole(config.store);
  std::vector<std::pair<const Place*, fs::path>> written;
  for (const Place& place : config.places) {
    if (place.what != Place::What::sink) continue;
    const fs::path path = whole(place.path);
    const auto wrong = [&](const std::string& why) {
      diagnostics.add(dsl::Code::E903, fmt::format("the sink `{}` {}", place.of, why), place.span);
    };
    for (const auto& [other, its_path] : written)
      if (its_path == path)
        wrong(
            fmt::format("writes to the file of the sink `{}`; one sink may have several routes", other->of));
    if (is_of_store(store, path)) wrong("writes to a file of the store");
    for (const Source& source : config.sources)
      if (std::any_of(source.paths.begin(), source.paths.end(),
                      [&](const std::string& read) { return holds(whole(read), path); }))
        wrong(fmt::format("writes what the source `{}` reads", source.name));
    written.emplace_back(&place, path);
  }
}

}  // namespace weir::config
