// Where alerts go. A sink is handed rows of the outbox in order, and says how many of them it has delivered;
// what it has not, comes again.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/store/store.h"

namespace weir::deliver {

class Sink {
 public:
  virtual ~Sink() = default;

  // Before anything is sent. `position` is what the sink said last and the store has; the answer is where it
  // begins now, and is in the store before the first row is sent. A sentence in `problem` when it cannot be
  // used at all.
  virtual std::optional<store::SinkPosition> open(const store::SinkPosition& position,
                                                  std::string& problem) = 0;

  struct Result {
    size_t sent = 0;                              // rows, from the first on
    std::optional<store::SinkPosition> position;  // after them
    std::string problem;                          // why not all: a sentence
  };
  // Not empty; in order. Called by one thread.
  virtual Result send(const std::vector<store::OutboxRow>& rows) = 0;

  // The place may have been replaced (log rotation): as open(), when there is anything to do.
  virtual std::optional<store::SinkPosition> reopen(std::string&) { return std::nullopt; }
};

// One alert a line. At least once: a crash may repeat the last lines. On a terminal nothing in it is obeyed.
std::unique_ptr<Sink> standard_output();
// One alert a line. Exactly once: what the store does not know of is cut off when the file is opened again.
std::unique_ptr<Sink> file_sink(std::string path);

// JSON that says the same, with what a terminal might obey or reorder as \u escapes: C1 controls, DEL, and
// the marks that turn the direction of writing.
std::string safe_on_terminal(std::string_view json);

}  // namespace weir::deliver
