// Places at which a test lets the process die, as a power cut or `kill -9` would: WEIR_FAULT=before_commit:3
// ends it at the third time that it comes there. WEIR_FAULT=poison:TEXT aborts it on every record that holds
// TEXT. In a build without WEIR_FAULTS nothing of this is there.
#pragma once

#include <cstdint>
#include <string_view>

namespace weir::process {

enum class Fault : uint8_t {
  before_inflate,  // of a file that is being read, whether it is compressed or not
  after_inflate,
  before_decide,  // of a record
  after_decide,
  before_commit,  // of the transaction, when all is written to it
  after_commit,
  before_fsync,  // of the store's log, and of a file sink
  after_fsync,
  before_acknowledge,  // of a unit
  after_acknowledge,
  before_send,  // of a batch to a sink
  after_send,
};

#ifdef WEIR_FAULTS
// A sentence when WEIR_FAULT is set and says nothing that is known. Call once, before any thread starts.
const char* read_faults();
void pass(Fault fault);
void taste(std::string_view record);
#else
inline const char* read_faults() { return nullptr; }
inline void pass(Fault) {}
inline void taste(std::string_view) {}
#endif

}  // namespace weir::process
