// The steps of load(), each in a file of its own. Only project.cpp calls them, in this order.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "compiler/project.h"

namespace weir::compiler {

// The text of a list file, by its path as seen from the rules; nullopt with the reason.
using ReadList = std::function<std::optional<std::string>(const std::string& path, std::string& reason)>;

struct Loading {
  Project& project;
  dsl::Diagnostics& diagnostics;
  ReadList read_list;
  std::optional<int64_t> today;
};

// names.cpp: rules, lists, selections and schemas by name; E208.
void index_names(Loading& loading);
// lists.cpp: the values of every list, from its braces or its file, and what tunings change; E301 E306 E510
// W508.
void load_lists(Loading& loading);
// metadata.cpp: the clauses of rules; E105 E109 E113 E209 E301 E313 E315 W806.
void check_metadata(Loading& loading);
// tuning.cpp: what tunings attach to rules; E105 E109 E209 E50x W507.
void apply_tunings(Loading& loading);

// "rules/resolver.weir:84"
std::string place_of(const dsl::SourceMap& sources, dsl::Span span);
// E209, at `name`, when no schema has this name; shared by every clause that names a source.
bool check_source(const Project& project, const dsl::Name& name, dsl::Diagnostics& diagnostics);
// E502 when the rule has no such param.
bool check_param_known(const dsl::Rule& rule, const dsl::Param& param, dsl::Diagnostics& diagnostics);
// A value of a param, as written, against the one that declares it; E509.
bool check_param_type(const dsl::SourceMap& sources, const dsl::Param& declared, const dsl::Param& given,
                      dsl::Diagnostics& diagnostics);

}  // namespace weir::compiler
