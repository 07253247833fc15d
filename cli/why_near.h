// weir why RULE FILES --near K: the groups of a rule over many events that came nearest to an alert.
#pragma once

#include <string>
#include <vector>

#include "compiler/project.h"
#include "runtime/ingest/files.h"

namespace weir::cli {

// `rule` is one of the project. Prints what it finds and gives the exit code of the verb.
int why_near(const compiler::Project& project, const std::string& rule, size_t most,
             const std::vector<ingest::InputFile>& files, bool json);

}  // namespace weir::cli
