// See findings.h.
#include "cli/findings.h"

#include <filesystem>

namespace weir::cli {

namespace fs = std::filesystem;

std::string reported_path(const std::string& path) {
  if (path.starts_with("shipped/")) return path;
  std::error_code error;
  fs::path here = fs::current_path(error);
  fs::path absolute = (here / path).lexically_normal();
  fs::path relative = absolute.lexically_relative(here);
  bool below = !relative.empty() && *relative.begin() != "..";
  return (below ? relative : absolute).generic_string();
}

std::string message_text(const dsl::Diagnostic& diagnostic) {
  std::string text = diagnostic.title;
  if (!diagnostic.primary.text.empty()) text += ": " + diagnostic.primary.text;
  for (const dsl::Footer& footer : diagnostic.footers)
    text += (footer.kind == dsl::Footer::Kind::note ? "\nnote: " : "\nhelp: ") + footer.text;
  return text;
}

}  // namespace weir::cli
