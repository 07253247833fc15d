// What Weir says of itself for as long as something lasts: open when it begins, withdrawn when it has ended.
// That it lasts survives a restart.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "runtime/deliver/own_alert.h"
#include "runtime/store/store.h"

namespace weir::deliver {

class Lasting {
 public:
  // `note` is where it is remembered; no sink has a name with blanks. Without `routing` nothing is told.
  Lasting(std::string note, const Routing* routing) : note_(std::move(note)), routing_(routing) {}

  void restore(store::Store& store);
  bool lasts() const { return since_.has_value(); }
  // Nothing when it lasts already. State and time of the alert are set here; `now` in microseconds since
  // 1970.
  News begin(OwnAlert alert, int64_t now);
  // Nothing when it does not last.
  News end(OwnAlert alert, int64_t now);

 private:
  News tell(OwnAlert alert, const char* state, const char* kept, int64_t now) const;

  std::string note_;
  const Routing* routing_;
  std::optional<int64_t> since_;
};

}  // namespace weir::deliver
