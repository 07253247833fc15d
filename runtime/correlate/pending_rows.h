// The rows of one rule that wait for the watermark: by group, in the total order, and by time.
//
// It knows which groups have to be looked at again because something about them changed, and, where the
// silences of `suppress` may span groups, which others share a silence with them.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "runtime/correlate/queue.h"
#include "runtime/correlate/row.h"
#include "runtime/correlate/silences.h"

namespace weir::correlate {

class PendingRows {
 public:
  using Groups = std::vector<Identity128>;

  // `spanning`: rows of different groups may have the same silence.
  explicit PendingRows(bool spanning) : spanning_(spanning) {}

  void add(Row row);
  bool has(const Identity128& group) const { return groups_.count(group) > 0; }
  // What the group may tell without a row of its own may be silenced under `key`. Of a group that has rows.
  void expect(const Identity128& group, const Identity128& key) { note_key(group, group_of(group), key); }
  bool spanning() const { return spanning_; }
  // The rows of that event in that group go. How many there were.
  size_t remove(const Identity128& group, const StoredEvent* event);

  // The group is to be looked at again.
  void touch(const Identity128& group) { touched_.insert(group); }
  void touch_all();
  // The group has something to tell at a deadline that its rows, or the decided state, bring about. It is
  // touched when wake() passes it. None: forget it.
  void alarm(const Identity128& group, std::optional<int64_t> deadline);
  void wake(int64_t delivered);
  // What the group tells that is decided only when the watermark reaches `until` may hold back others, or be
  // held back by them, under `key`.
  void stay(const Identity128& group, const Identity128& key, int64_t until);

  bool touched() const { return !touched_.empty(); }
  const std::unordered_set<Identity128, IdentityHash>& touched_groups() const { return touched_; }
  // Those that were touched, with those that share silences with them; each component by itself.
  std::vector<Groups> take_touched();
  const Queue<Row>* rows(const Identity128& group) const;
  // The keys of silences that a group of a component may need; only where they span groups.
  Groups silences(const Identity128& group) const;

  // Takes the rows of the earliest time, if that is not after `watermark`: in the total order.
  bool take_instant(int64_t watermark, std::vector<Row>& rows);
  // Everything before the watermark has been decided.
  void decided(int64_t watermark);
  // The time of the row that has `count` before it, or of the last.
  std::optional<int64_t> time_of(size_t count) const;
  size_t size() const { return size_; }

 private:
  struct Group {
    Queue<Row> rows;
    Groups keys;
    std::optional<int64_t> alarm;
    std::optional<int64_t> stays;
  };
  using Instant = std::pair<int64_t, Identity128>;

  Group& group_of(const Identity128& group) { return groups_[group]; }
  void note_key(const Identity128& group, Group& of, const Identity128& key);
  void leave_if_empty(const Identity128& group);

  bool spanning_;
  std::unordered_map<Identity128, Group, IdentityHash> groups_;
  std::unordered_map<Identity128, std::unordered_set<Identity128, IdentityHash>, IdentityHash> by_key_;
  std::set<Instant> instants_, alarms_, stays_;
  std::unordered_set<Identity128, IdentityHash> touched_;
  size_t size_ = 0;
};

}  // namespace weir::correlate
