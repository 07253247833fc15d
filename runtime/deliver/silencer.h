// What silences do to a commit: sinks are taken off the alerts that come up while one lasts. The alert is committed
// all the same. One that is final then is never told; one that is open is held, and told when no silence holds it
// any more, if it is open still. An alert that came up before is told to its end.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "runtime/deliver/route.h"
#include "runtime/deliver/silence.h"
#include "runtime/process/notice.h"
#include "runtime/store/store.h"

namespace weir::deliver {

class Silencer {
 public:
  // Silences of the configuration, and those that the store has, whoever put them there.
  Silencer(store::Store& store, std::vector<Silence> configured, process::Notify notify);

  void restore();  // what an earlier process held
  void configured(std::vector<Silence> silences);

  // Of a commit that is whole but for this; of one thread. Each commit in the order in which it is written.
  void apply(store::Commit& commit, const Routing& routing);

  size_t on() const { return on_.size(); }      // silences that last
  size_t held() const { return held_.size(); }  // alerts

 private:
  using Sinks = std::vector<std::string>;
  void look(int64_t now);
  void read_store(int64_t now);
  void say_change(const std::vector<Silence>& on) const;
  const Silence* silence_of(const AlertFacts& facts, const std::string& sink) const;
  Sinks quiet(const AlertFacts& facts, const Sinks& sinks, std::string& name) const;
  void reconsider(store::Commit& commit, const Routing& routing);
  void consider(store::AlertRow& alert, store::Commit& commit);
  void came_up(store::AlertRow& alert, const AlertFacts& facts, store::Commit& commit);
  void goes_on(store::AlertRow& alert, const AlertFacts& facts, const std::string& held_as, store::Commit& commit);
  void hold(store::HeldAlert alert, store::Commit& commit);
  void let_go(const std::string& id, store::Commit& commit);

  store::Store& store_;
  process::Notify notify_;
  std::vector<Silence> configured_, stored_, on_;
  std::vector<store::SilenceRow> rows_;
  std::unordered_map<std::string, Sinks> held_;  // by id of the alert: who has not heard of it
  std::unordered_set<std::string> told_now_;     // in this commit
  int64_t looked_ = 0;
  bool reconsidering_ = true;  // other silences hold than before: what is held may be told
  int64_t reconsidered_ = 0;   // row of the store, up to which that is done
};

}  // namespace weir::deliver
