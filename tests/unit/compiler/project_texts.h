// Projects made of texts, and what was said of them in one line each: "E105 2:3 title | label | help: …".
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "compiler/checks.h"
#include "compiler/project.h"

namespace weir::testing {

struct Loaded {
  dsl::Diagnostics diagnostics;
  std::unique_ptr<compiler::Project> project;

  // "CODE LINE:COLUMN title | label | + other label | note: … | help: …", sorted by place.
  std::vector<std::string> said() const {
    std::vector<std::string> lines;
    for (const dsl::Diagnostic& d : diagnostics.list()) {
      dsl::Place place = project->sources.place(d.primary.span.source, d.primary.span.begin);
      std::string line = std::string(dsl::info(d.code).name) + " " + std::to_string(place.line) + ":" +
                         std::to_string(place.column) + " " + d.title + " | " + d.primary.text;
      for (const dsl::Label& label : d.secondary) line += " | + " + label.text;
      for (const dsl::Footer& footer : d.footers)
        line += (footer.kind == dsl::Footer::Kind::note ? " | note: " : " | help: ") + footer.text;
      lines.push_back(std::move(line));
    }
    return lines;
  }
  // What the only diagnostic says; what it is instead when there is not exactly one.
  std::string only() const {
    std::vector<std::string> lines = said();
    if (lines.size() == 1) return lines[0];
    std::string all = std::to_string(lines.size()) + " diagnostics";
    for (const std::string& line : lines) all += "\n" + line;
    return all;
  }
  // The text under the carets.
  std::string pointed_at(size_t i = 0) const {
    return i < diagnostics.list().size()
               ? std::string(project->sources.text(diagnostics.list()[i].primary.span))
               : "";
  }
};

using Texts = std::vector<std::pair<std::string, std::string>>;

inline Loaded load(const Texts& files, std::optional<int64_t> today = {}) {
  Loaded loaded;
  loaded.project = compiler::load_texts(files, loaded.diagnostics, today);
  loaded.diagnostics.sort();
  return loaded;
}
inline Loaded load(const std::string& text) { return load(Texts{{"rules/my.weir", text}}); }

// With the checks of tests and the `# allow:` comments, too.
inline Loaded check(const std::string& text) {
  Loaded loaded = load(text);
  compiler::check_tests(*loaded.project, loaded.diagnostics);
  compiler::apply_allows(*loaded.project, loaded.diagnostics);
  loaded.diagnostics.sort();
  return loaded;
}

// A rule that is right, with `more` clauses.
inline std::string rule(const std::string& name, const std::string& more = "") {
  return "rule " + name + " {\n  title: \"T\"\n  level: low\n  source: cloudtrail\n" + more +
         "\n  detection { s { eventName: \"X\" } condition: s }\n}\n";
}

}  // namespace weir::testing
