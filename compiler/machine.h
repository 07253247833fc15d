// A pack made ready to run: its constants, the lists of rules that events meet, and for each unit of code the
// native function once there is one. Both engines are this; without native functions it is the interpreter.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "compiler/guards.h"
#include "compiler/interpret_code.h"
#include "compiler/plan.h"
#include "compiler/routes.h"
#include "compiler/searches.h"
#include "runtime/match/program.h"

namespace weir::compiler {

// Decides the rules of a unit: sets bit r of `matched` for each of its rules r that matches.
using NativeFunction = void (*)(const rt_event* event, rt_scratch* scratch, uint64_t* matched);

struct Machine {
  // What one native function decides: a chain, or one rule of guarded lists.
  struct Unit {
    std::vector<ir::Plan::Rule> rules;
    Searches searches = {};  // of a chain: they have run when it is called
  };
  struct List {
    uint32_t first_unit = 0;               // of a chain: its only one
    std::vector<uint32_t> units;           // of a guarded list: one for each rule
    std::unique_ptr<const Guards> guards;  // null for a chain
    std::vector<uint32_t> views;           // that native code of its units reads: view_number(), rising
    std::vector<uint32_t> addresses;       // likewise, of addresses: slots
  };

  Machine(ir::Module module, const ir::Dispatch& dispatch, const ir::Plan& plan);

  size_t words;                  // of a set of rules
  size_t guarded_words = 0;      // the most of any list's set
  size_t searched_words = 0;     // the most of any unit's bits
  Code code;
  std::vector<Routes> routes;    // by source
  std::vector<size_t> first_of;  // by source: its generic list; those of its buckets follow
  std::vector<List> lists;
  std::vector<Unit> units;
  std::unique_ptr<std::atomic<NativeFunction>[]> functions;  // by unit; null: interpreted. Each is set once, any time
  std::shared_ptr<void> native;  // whatever the functions need, and who makes them: goes first
};

// A Program's sources and rules.
match::Program described(const ir::Module& module, const ir::Dispatch& dispatch);
// With the rest. `made` is described(…).
std::shared_ptr<match::Program> program_of(const std::shared_ptr<Machine>& machine, match::Program made);

}  // namespace weir::compiler
