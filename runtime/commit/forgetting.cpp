// See forgetting.h.
#include "runtime/commit/forgetting.h"

namespace weir::commit {
namespace {

constexpr size_t kAtOnce = 1000;
constexpr int64_t kEveryUs = 1'000'000;
constexpr int64_t kPauseUs = 600'000'000;                // once all units were looked at
constexpr int64_t kHeardUs = 43'200'000'000;                // no need to note more often that a unit is there
constexpr int64_t kAlertsUs = 30 * 86'400'000'000;       // an event that comes again later may alert again

}  // namespace

void Forgetting::add_to(store::Commit& commit) {
  if (commit.now < next_at_) return;
  const std::vector<store::Store::Heard> units = store_.units_after(last_, kAtOnce);
  for (const store::Store::Heard& unit : units) {
    const int64_t age = commit.now - unit.at;
    const Feed::Trace trace = feed_.look_for(unit.name, age);
    if (trace == Feed::Trace::gone) commit.forgotten.push_back(unit.name);
    if (trace == Feed::Trace::there && age > kHeardUs) commit.heard.push_back(unit.name);
  }
  commit.forget_alerts = commit.now - kAlertsUs;
  const bool all = units.size() < kAtOnce;
  last_ = all ? store::UnitName() : units.back().name;
  next_at_ = commit.now + (all ? kPauseUs : kEveryUs);
}

}  // namespace weir::commit
