// A project: every rule file, list, selection, schema and tuning, read and indexed by name.
//
// All names of a project are one space; there are no imports and no order between files (language.md, 2).
// Shipped rules and schemas are part of the binary and are read like files, under "shipped/…" paths.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/schema.h"
#include "dsl/ast.h"
#include "dsl/diagnostic.h"
#include "dsl/source.h"

namespace weir::compiler {

// The files in the binary: what `shipped` names.
struct ShippedFile {
  const char* path;  // "route53/domains.weir", "schemas/cloudtrail.weir", "lists/monero_pools.txt"
  std::string_view text;
};
const std::vector<ShippedFile>& shipped_files();
// Whether the built-in pack declares it: "rule", "list" or "selection", and a name.
bool is_shipped(std::string_view kind, std::string_view name);

struct ListInfo {
  const dsl::List* list = nullptr;
  Type type = Type::string;
  std::optional<Type> to;
  std::vector<dsl::Expr> values;                               // of the declaration or the file, tunings applied
  std::vector<dsl::Expr> untuned;                              // before that, when there are any
  std::vector<std::pair<std::string, std::string>> rows;       // of a look-up list: key, value
  std::string file;                                            // when it came from one
  size_t added = 0, removed = 0;                               // by tunings
  bool broken = false;                                         // with errors: `$name` fits everything
};

struct Exemption {
  const dsl::Selection* selection = nullptr;
  const dsl::Tune* tune = nullptr;
  std::string reason;
  std::optional<dsl::Date> until;  // the last day on which it holds, by event time
};

struct TunedParam {
  const dsl::Param* param = nullptr;
  const dsl::Tune* tune = nullptr;
};

// A rule with everything that the deployment attached to it.
struct RuleEntry {
  const dsl::Rule* rule = nullptr;
  std::vector<Exemption> exemptions;
  std::map<std::string, TunedParam> params;
  std::optional<std::string> level, status;   // tuned
  const dsl::Suppress* suppress = nullptr;    // tuned
  std::optional<dsl::Date> level_until, off_until;  // the last day on which it is of that level, or off
  bool enabled = true;
  std::vector<const dsl::Tune*> tunes;
  bool shipped = false;
  bool broken = false;  // not parsed, a metadata error, a second one of its name, or tuned two ways: left out
};

struct Project {
  dsl::SourceMap sources;
  std::vector<std::unique_ptr<dsl::File>> files;  // shipped ones first, then in order of path
  std::map<std::string, SchemaInfo> schemas;
  std::vector<RuleEntry> rules;                 // in order of path, then place
  std::map<std::string, ListInfo> lists;
  std::map<std::string, const dsl::SharedSelection*> selections;
  std::vector<const dsl::Tune*> tunes;
  std::vector<std::string> loaded_paths;        // files, in order

  const RuleEntry* rule(std::string_view name) const;
  std::map<std::string, size_t, std::less<>> rule_index;  // name → index in `rules`; of two, the first
};

// The names of a rule's `source:` clause, as written; empty when it has none.
std::vector<dsl::Name> sources_of(const dsl::Rule& rule);
// What `params { … }` of a rule declares; null when it does not.
const dsl::Param* find_param(const dsl::Rule& rule, std::string_view name);
// Rules that a tuning names, by name or glob, in order.
std::vector<const RuleEntry*> targets_of(const Project& project, const dsl::Tune& tune);

struct LoadOptions {
  std::vector<std::string> paths;               // files and folders; "shipped" is the built-in pack
  bool shipped_schemas = true;                  // for names that the project does not declare
  bool shipped_tests = true;                    // the tests of shipped rules: two thirds of their text
  std::optional<int64_t> today;                 // days since 1970, for W507; the library reads no clock
  std::map<std::string, std::string> instead;   // by path as messages show it: read this, not what is in the file
};

// Reads, parses and indexes. What cannot be read at all (a path that does not exist, a file without
// permission) is in `unreadable`, one sentence each; it is not a diagnostic of a rule.
// Adds E1xx, E2xx of declarations (E208, E209), E5xx, and the checks of metadata (E105, E109, E113, E313,
// E315, W806). `# allow:` comments are applied by check(), not here.
std::unique_ptr<Project> load(const LoadOptions& options, dsl::Diagnostics& diagnostics,
                              std::vector<std::string>& unreadable);

// The same from texts: for tests, and for rules that are not files. A path that does not end in ".weir" is a
// list file for those that do.
std::unique_ptr<Project> load_texts(const std::vector<std::pair<std::string, std::string>>& path_and_text,
                                    dsl::Diagnostics& diagnostics, std::optional<int64_t> today = {});

}  // namespace weir::compiler
