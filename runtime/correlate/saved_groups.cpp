// One pass over what changed, then packs or single parts; see saved_groups.h.
#include "runtime/correlate/saved_groups.h"

#include <utility>

#include "runtime/correlate/live_parts.h"

namespace weir::correlate {
namespace {

// Of what is compressed at once. More does not make it much smaller, and a pack is read as a whole.
constexpr size_t kPackBytes = 256u << 10;

SavedPart no_part(std::string key) { return {std::move(key), std::nullopt}; }

SavedPart part_of(std::string key, const StateWriter& content, Framing framing) {
  std::string value = sealed(key, framed(content, framing));
  return {std::move(key), std::move(value)};
}

}  // namespace

void SavedGroups::outdate(const Copies& copies) {
  if (copies.pack == 0 || copies.by_itself) return;
  --packs_.at(copies.pack).current;
  watch_sparse(copies.pack);
}

void SavedGroups::watch_sparse(uint64_t number) {
  Pack& pack = packs_.at(number);
  if (pack.is_sparse || pack.current * 2 > pack.groups.size()) return;
  pack.is_sparse = true;
  sparse_.push_back(number);
}

void SavedGroups::save(const RuleState& state, const std::string& rule,
                       const std::vector<Identity128>& changed, size_t pack_from,
                       std::vector<SavedPart>& parts) {
  std::vector<ToWrite> to_write;
  for (const Identity128& group : changed) {
    const auto found = copies_.find(group);
    if (found != copies_.end()) outdate(found->second);
    if (state.has(group)) {
      Copies& copies = found != copies_.end() ? found->second : copies_[group];
      to_write.push_back({group, std::exchange(copies.by_itself, true)});
    } else if (found == copies_.end()) {
      continue;  // it came and went in between
    } else if (found->second.packs == 0) {
      parts.push_back(no_part(part_key(kGroupPart, rule, group)));
      copies_.erase(found);
    } else {
      parts.push_back(part_of(part_key(kGroupPart, rule, group), StateWriter(), Framing::plain));
      found->second.by_itself = true;
    }
  }
  // As much again as changed, so that a save is never much longer than what it saves.
  for (size_t again = 0; !sparse_.empty() && again < changed.size();)
    again += take_apart(state, rule, to_write, parts);

  if (to_write.size() >= pack_from) {
    write_packs(state, rule, to_write, parts);
    return;
  }
  for (const ToWrite& one : to_write) {
    copies_.at(one.group).by_itself = true;
    StateWriter content;
    state.save(one.group, content);
    parts.push_back(part_of(part_key(kGroupPart, rule, one.group), content, Framing::plain));
  }
}

size_t SavedGroups::take_apart(const RuleState& state, const std::string& rule,
                               std::vector<ToWrite>& to_write, std::vector<SavedPart>& parts) {
  const uint64_t number = sparse_.front();
  sparse_.pop_front();
  const size_t before = to_write.size();
  for (const Identity128& group : packs_.at(number).groups) {
    const auto found = copies_.find(group);
    Copies& copies = found->second;
    --copies.packs;
    if (copies.pack == number) {
      copies.pack = 0;
      if (!copies.by_itself) to_write.push_back({group, false});
    }
    if (copies.packs > 0 || state.has(group)) continue;
    parts.push_back(no_part(part_key(kGroupPart, rule, group)));
    copies_.erase(found);
  }
  packs_.erase(number);
  parts.push_back(no_part(part_key(kPackPart, rule, number)));
  return to_write.size() - before;
}

void SavedGroups::write_packs(const RuleState& state, const std::string& rule,
                              const std::vector<ToWrite>& to_write, std::vector<SavedPart>& parts) {
  StateWriter content;
  for (size_t i = 0; i < to_write.size(); ++i) {
    const auto& [group, was_by_itself] = to_write[i];
    if (was_by_itself) parts.push_back(no_part(part_key(kGroupPart, rule, group)));
    content(group);
    state.save(group, content);
    put_into(next_pack_, group);
    if (content.size() < kPackBytes && i + 1 < to_write.size()) continue;
    parts.push_back(part_of(part_key(kPackPart, rule, next_pack_++), content, Framing::packed));
    content.clear();
  }
}

void SavedGroups::put_into(uint64_t number, const Identity128& group) {
  Copies& copies = copies_[group];
  copies.pack = number;
  copies.by_itself = false;
  ++copies.packs;
  Pack& pack = packs_[number];
  pack.groups.push_back(group);
  ++pack.current;
}

bool SavedGroups::restore_pack(uint64_t number, StateReader& reader, RuleState& state, size_t known) {
  if (number == 0 || number < next_pack_ || number == UINT64_MAX) return false;
  next_pack_ = number + 1;
  while (!reader.at_end()) {
    Identity128 group;
    reader(group);
    const auto found = copies_.find(group);
    if (found != copies_.end() && found->second.pack == number) return false;
    if (reader.failed() || !state.restore(group, reader, known)) return false;
    if (found != copies_.end()) outdate(found->second);
    put_into(number, group);
  }
  return true;
}

bool SavedGroups::restore_one(const Identity128& group, StateReader& reader, RuleState& state, size_t known) {
  Copies& copies = copies_[group];
  outdate(copies);
  copies.by_itself = true;
  if (!reader.at_end()) return state.restore(group, reader, known);
  state.drop_restored(group);
  return copies.packs > 0;
}

}  // namespace weir::correlate
