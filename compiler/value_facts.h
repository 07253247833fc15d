// Whether a value, of which an event has at most one, can be all that is said of it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compiler/ir.h"
#include "compiler/schema.h"

namespace weir::compiler {

struct Fact {
  ir::Value predicate;  // holds, or does not
  bool holds;
};

// The value that a predicate is about: its only operand, or the one beside a literal; kNoValue of others.
ir::Value subject_of(const ir::Module& module, ir::Value predicate);

// False when the facts, all of one subject, exclude each other. `field`: of the schema, or null.
bool can_be(const ir::Module& module, const std::vector<Fact>& facts, const FieldInfo* field);

// The texts, folded, of which the subject is one, when the facts leave only some; nothing when it may be any.
std::optional<std::vector<std::string>> texts_left(const ir::Module& module, const std::vector<Fact>& facts,
                                                   const FieldInfo* field);

}  // namespace weir::compiler
