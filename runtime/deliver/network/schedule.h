// What is told now and what later: grouping and storm guards of one sink. Pure: rows and the time come in.
//
// Alerts come by several ways (the routes that lead to the sink), each with its own grouping. The first alert
// of a group is told after `wait`, at once by default; further ones are folded and told together, at most one
// message every `repeat`. When a group has been silent for `repeat`, its next alert is a first one again. Of
// more than `storm_per_minute` alerts of a way that came up within a minute the rest is folded, whatever the
// group, and told every minute. Nothing is dropped: a row is in exactly one message.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "runtime/deliver/network/message.h"
#include "runtime/deliver/route.h"

namespace weir::deliver {

struct Item {
  int64_t row = 0, first_at = 0;
  size_t way = 0;  // of the schedule's
  std::string id, state, body, incident;
  std::string group;  // group_of(); empty: none
  std::string rule, title, message, time, account;
  uint8_t level = 0;
  bool update = false;               // about an alert that was told before
  bool folded = false;               // …inside a digest
  bool must_go = false;              // must not be folded
  std::vector<std::string> settled;  // ids of which nothing more is to come after this
};

class Schedule {
 public:
  // One at least; no guard is what is absent.
  explicit Schedule(std::vector<Grouping> ways);

  // True when the item was put into a digest.
  bool take(Item item, int64_t now);

  // The message that is to go now, the same one until done(); null when there is none.
  const Message* next(int64_t now);
  void done();
  // When next() has something: 0 when it has it already; nothing when only a new row can change that.
  std::optional<int64_t> wake() const;

  // Rows that it would like to have now; 0 while enough is waiting to be sent.
  size_t room() const;
  size_t due() const { return ready_.size(); }  // messages that only wait for their turn
  size_t held() const { return held_rows_; }    // rows that wait for their time

  // Groups that were told within `repeat`, to go on after a restart: bytes, of the 1,000 newest.
  std::string save(int64_t now) const;
  void restore(const std::string& saved);

 private:
  struct Fold {
    std::vector<int64_t> rows;
    std::vector<std::string> settled;
    Digest digest;
    int64_t first_at = 0, due = 0;
    Item only;                     // while it is the only one, and there is room for it
    std::string group, group_key;  // of a storm empty
  };
  struct Group {
    int64_t told = 0;       // when a message was made ready; 0: not yet
    int64_t delivered = 0;  // the same, when one has left: a restart goes on from here
    int64_t repeat = 0;
    std::optional<Fold> fold;
  };

  struct Way {
    Grouping grouping;
    std::deque<int64_t> minute;  // when the alerts of the last minute came up
    std::optional<Fold> storm;
  };

  bool is_storm(const Item& item);
  void hold(std::optional<Fold>& fold, Item item, int64_t due);
  void tell(Item item, std::string group_key);
  static Message message_of(Fold fold, Message::Kind kind);
  void flush(Fold fold, Message::Kind kind);
  void flush_due(int64_t now);
  void forget_silent(int64_t now);

  std::vector<Way> ways_;
  int64_t shortest_repeat_ = INT64_MAX;
  std::deque<Message> ready_;
  size_t ready_bytes_ = 0, held_rows_ = 0, only_bytes_ = 0;
  // By `repeat` and what their alerts have in common: routes that say the same share them.
  std::map<std::string, Group> groups_;
  int64_t none_silent_before_ = 0;  // until then looking for silent ones is in vain
  std::multimap<int64_t, std::string> due_;
};

}  // namespace weir::deliver
