// Whether conditions of the IR can hold of one event at all, as far as plain facts tell.
//
// Conditions are opened into branches of facts about values. A branch fails where a condition is both true
// and false, or where the facts about a value of which an event has at most one exclude each other: equal,
// contained and leading texts, known values of the schema, ranges of numbers, null, a call that its service
// does not have. It gives up early: a proof is a proof, and nothing found means nothing.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "compiler/ir.h"
#include "compiler/schema.h"

namespace weir::compiler {

struct Known {
  const ir::Module& module;
  std::set<ir::Value> single;              // an event, or an element, has at most one
  std::vector<const SchemaInfo*> schemas;  // by source of the module; empty: their facts are not used
  // By value, and empty without schemas: the field that a slot is, exactly, and what that field names.
  std::vector<const FieldInfo*> fields;
  enum class Names : uint8_t { nothing, service, call };
  std::vector<Names> names;
  bool never_is_open = false;  // `never` is what a site fills (an empty list): not a contradiction
};

// What the schemas of a whole module say of its values.
Known known_of(const ir::Module& module, std::vector<const SchemaInfo*> schemas);

// True when no event makes all of the conditions true and false as wanted. `steps` bounds the work.
using Wanted = std::vector<std::pair<ir::Value, bool>>;
bool impossible(const Known& known, Wanted conditions, int steps = 20'000);

// A condition that holds, to be asked about many others: what it says by itself is opened once.
class Supposed {
 public:
  // `known` outlives this. Each question has so many steps, of which what is opened once takes its part.
  Supposed(const Known& known, ir::Value holds, int steps);
  ~Supposed();
  Supposed(Supposed&&) noexcept;

  // impossible(known, {{other, wanted}, {holds, true}}, steps)
  bool excludes(ir::Value other, bool wanted) const;

 private:
  class Opened;
  std::unique_ptr<Opened> opened_;
};

}  // namespace weir::compiler
