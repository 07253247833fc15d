// One thing to tell: an alert, news about an alert that was told, or many alerts folded into one.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace weir::deliver {

// What is known of alerts that are told together.
struct Digest {
  struct OfRule {
    std::string title;
    uint8_t level = 0;  // the highest
    uint64_t count = 0;
  };
  uint64_t alerts = 0;   // each id once
  uint64_t updates = 0;  // amended, withdrawn or final, of alerts that are in digests
  std::map<std::string, OfRule> by_rule;
  uint8_t level = 0;              // the highest
  std::string first_id, account;  // of the first
  std::string from, to;           // event times, RFC 3339
  std::string last_message;       // of the newest
};

struct Message {
  enum class Kind : uint8_t {
    alert,    // one, told for the first time
    update,   // one that was told: amended, withdrawn or final
    repeats,  // more of a group of which one was told
    storm,    // what was too much to be told one by one
  };
  Kind kind = Kind::alert;
  std::vector<int64_t> rows;         // of the outbox: delivered with it
  std::vector<std::string> settled;  // ids of alerts of which nothing more is to come when it is delivered
  int64_t first_at = 0;              // of the first row, microseconds since 1970

  std::string group;      // for people; of a storm, and of what has no group, empty
  std::string group_key;  // the schedule's

  // alert, update
  std::string id, body, state;
  std::string
      incident;  // the id under which it was told first: that of the alert which an amended one replaces

  // repeats, storm
  Digest digest;
};

}  // namespace weir::deliver
