// `suppress`: after an alert its key is silent for a while (language.md, 3). What the silence holds back is
// counted into the next alert of the key, and does not lengthen it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "runtime/correlate/identity.h"

namespace weir::correlate {

struct IdentityHash {
  size_t operator()(const Identity128& identity) const { return identity.low; }
};

class Silences {
 public:
  // Of one key, in the total order: how many were held back when the alert is told, nothing when it falls
  // into the silence after an earlier one. A told alert begins the next silence. `counts`: whether it is
  // counted if held back.
  std::optional<uint64_t> tell(const Identity128& key, int64_t time, int64_t length_us, bool counts = true);
  // From now on it is known which keys' silences changed.
  void watch() { watching_ = true; }
  // Those since the last call.
  std::unordered_set<Identity128, IdentityHash> take_changed() { return std::exchange(changed_, {}); }
  // Whether there is one.
  bool has(const Identity128& key) const { return silences_.count(key) > 0; }
  // Of one key; one that is read is made.
  template <class Archive>
  void serialise(Archive& archive, const Identity128& key) {
    Silence& silence = silences_[key];
    archive(silence.begin, silence.held_back);
  }

  // As `other` has it, if it does.
  void copy(const Silences& other, const Identity128& key) {
    auto found = other.silences_.find(key);
    if (found != other.silences_.end()) silences_[key] = found->second;
  }
  // When the silence of the key began.
  int64_t begin_of(const Identity128& key) const { return silences_.at(key).begin; }

 private:
  struct Silence {
    int64_t begin = 0;
    uint64_t held_back = 0;
  };
  void forget_ended(int64_t time, int64_t length_us);

  std::unordered_map<Identity128, Silence, IdentityHash> silences_;
  size_t next_sweep_ = 1024;
  bool watching_ = false;
  std::unordered_set<Identity128, IdentityHash> changed_;
};

}  // namespace weir::correlate
