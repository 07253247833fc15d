// The events of inline tests: what a test writes, laid over the least valid event of the schema
// (language.md, 9), so that a test names only what matters. The same in every run.
#pragma once

#include <cstdint>
#include <string>

#include "compiler/schema.h"
#include "dsl/ast.h"

namespace weir::compiler {

inline constexpr int64_t kTestStart = 1'767'225'600'000'000;  // 2026-01-01T00:00:00Z, microseconds since 1970

struct TestEvent {
  int64_t time = kTestStart;  // of the event, unless the test writes one
  int64_t repetition = 0;     // {i}
  int64_t serial = 0;         // among the events of its test: makes ids and {hash} differ
};

// The least valid event: the `required` fields and those marked `usual`, plausible and of their types. JSON,
// for a source of columns, too.
std::string usual_event(const SchemaInfo& schema, const TestEvent& event = {});

// The same with `written` over it: objects member by member, the test's values win; {i} and {hash} replaced
// in texts.
std::string test_event(const SchemaInfo& schema, const dsl::Json& written, const TestEvent& event);

}  // namespace weir::compiler
