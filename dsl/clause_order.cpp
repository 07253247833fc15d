// See clause_order.h.
#include "dsl/clause_order.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace weir::dsl {

namespace {

constexpr std::array<std::string_view, 16> kHead = {
    "title",   "id",      "version", "status", "level",       "author",   "date",           "modified",
    "license", "related", "tags",    "mitre",  "description", "response", "falsepositives", "references"};
constexpr std::array<std::string_view, 4> kTail = {"fields", "suppress", "message", "building_block"};
constexpr std::array<std::string_view, 5> kTune = {"reason", "until", "enabled", "level", "status"};

enum Group { head, source, lets, params, detection, correlation, tail, tests };

template <size_t N>
int index_in(const std::array<std::string_view, N>& names, std::string_view name) {
  return int(std::find(names.begin(), names.end(), name) - names.begin());
}

struct RulePlaces {
  ClausePlace operator()(const Meta& meta) const {
    if (meta.name.text == "source") return {source, 0};
    if (int rank = index_in(kTail, meta.name.text); rank < int(kTail.size())) return {tail, rank};
    return {head, index_in(kHead, meta.name.text)};
  }
  ClausePlace operator()(const Level&) const { return {head, index_in(kHead, "level")}; }
  ClausePlace operator()(const Let&) const { return {lets, 0}; }
  ClausePlace operator()(const Params&) const { return {params, 0}; }
  ClausePlace operator()(const Detection&) const { return {detection, 0}; }
  ClausePlace operator()(const Correlation&) const { return {correlation, 0}; }
  ClausePlace operator()(const Suppress&) const { return {tail, index_in(kTail, "suppress")}; }
  ClausePlace operator()(const Custom&) const { return {tail, int(kTail.size())}; }
  ClausePlace operator()(const Test&) const { return {tests, 0}; }
};

struct TunePlaces {
  ClausePlace operator()(const Meta& meta) const { return {0, index_in(kTune, meta.name.text)}; }
  ClausePlace operator()(const Params&) const { return {1, 0}; }
  ClausePlace operator()(const Suppress&) const { return {2, 0}; }
  ClausePlace operator()(const Exempt&) const { return {3, 0}; }
  ClausePlace operator()(const Amend&) const { return {3, 0}; }
  ClausePlace operator()(const Test&) const { return {4, 0}; }
  // Those of a schema: one place for all, so that they stay as they are.
  ClausePlace operator()(const Format&) const { return {3, 0}; }
  ClausePlace operator()(const Field&) const { return {3, 0}; }
  ClausePlace operator()(const ApiCall&) const { return {3, 0}; }
};

}  // namespace

ClausePlace place_of(const RuleClause& clause) { return std::visit(RulePlaces{}, clause); }
ClausePlace place_of(const TuneClause& clause) { return std::visit(TunePlaces{}, clause); }

}  // namespace weir::dsl
