// See strangers.h.
#include "runtime/commit/strangers.h"

#include <fmt/format.h>

namespace weir::commit {
namespace {

constexpr size_t kMostGrowing = 10'000;

}  // namespace

std::string Strangers::look_at(const Finished& finished) {
  const ingest::Unit& unit = *finished.unit;
  if (!unit.of_file || finished.retried) return {};
  if (unit.upto.empty())
    return finished.recognised || finished.foreign == 0 ? std::string() : tell(unit.name, finished.foreign);
  if (growing_.size() >= kMostGrowing && !growing_.contains(unit.key)) growing_.clear();
  Growing& file = growing_[unit.key];
  if (file.settled) return {};
  file.foreign += finished.foreign;
  file.settled = finished.recognised || file.foreign > kHeadingLines;
  return finished.recognised || !file.settled ? std::string() : tell(unit.name, file.foreign);
}

std::string Strangers::tell(const std::string& name, uint64_t foreign) {
  if (told_ >= kStrangersTold) return {};
  std::string text =
      fmt::format("{}: holds no event of a known source, {} skipped", name,
                  foreign == 1 ? "its one record is" : fmt::format("{} lines or records are", foreign));
  if (++told_ == kStrangersTold)
    text += "; more files like this are only counted (weir_records_skipped_total)";
  return text;
}

}  // namespace weir::commit
