// Every comparison is without regard to case: that only ever finds more.
#include "compiler/guards.h"

#include <algorithm>

#include "runtime/match/operations.h"
#include "runtime/match/utf8.h"

namespace weir::compiler {
namespace {

namespace operations = match::operations;
using How = match::TextSet::How;

void set(uint64_t* bits, uint32_t i) { bits[i / 64] |= uint64_t{1} << i % 64; }

void add_all(const std::vector<uint64_t>& rules, std::vector<uint64_t>& possible) {
  for (size_t word = 0; word < rules.size(); ++word) possible[word] |= rules[word];
}

}  // namespace

void Guards::add_networks(uint32_t slot, const std::vector<match::Network>& networks, uint32_t rule) {
  auto field = std::find_if(networks_.begin(), networks_.end(), [&](const Networks& field) { return field.slot == slot; });
  if (field == networks_.end()) {
    field = networks_.insert(field, Networks{.slot = slot});
    field->rules.resize(words());
  }
  set(field->rules.data(), rule);
  for (const match::Network& network : networks) {
    const uint32_t number = field->networks.add(network);
    if (field->by_network.size() <= number) field->by_network.resize(number + 1);
    field->by_network[number].push_back(rule);
  }
}

void Guards::find_networks(const rt_event& event, Scratch& scratch) const {
  for (const Networks& field : networks_) {
    const rt_slot& slot = event.slots[field.slot];
    if (slot.count == 0) continue;
    if (slot.count != 1 || slot.values[0].kind != RT_TEXT) {
      add_all(field.rules, scratch.possible);
    } else if (const auto& address = scratch.address(field.slot, slot.values[0])) {
      field.networks.each(*address, [&](uint32_t number) {
        for (const uint32_t rule : field.by_network[number]) set(scratch.possible.data(), rule);
      });
    }
  }
}

void Guards::add_texts(uint32_t slot, const ir::Texts& texts, uint32_t rule) {
  const bool domain = texts.rule.domain || texts.how == How::below;
  auto field = std::find_if(fields_.begin(), fields_.end(),
                            [&](const Field& field) { return field.slot == slot && field.domain == domain; });
  if (field == fields_.end()) {
    field = fields_.insert(field, Field{.slot = slot, .domain = domain});
    field->rules.resize(words());
  }
  set(field->rules.data(), rule);
  const bool at_end = texts.how != How::contains && texts.how != How::starts;
  for (const std::string& needle : texts.needles) {
    const std::string folded = match::normal(needle, {.cased = false, .domain = domain && at_end});
    if (!match::is_ascii(folded)) continue;  // in no ASCII value; of another, anything is possible
    field->texts.add(texts.how, folded, rule);
  }
}

Guards::Guards(const ir::Module& module, const ir::Plan::List& list) : rules_(list.rules.size()), always_(words()) {
  for (uint32_t i = 0; i < list.rules.size(); ++i) {
    if (list.rules[i].guards.empty()) set(always_.data(), i);
    for (const ir::Value guard : list.rules[i].guards) {
      const ir::Inst& inst = module.insts[guard];
      const uint32_t slot = module.insts[module.operands_of(inst)[0]].imm;
      if (inst.op == ir::Op::networks) {
        add_networks(slot, module.networks[inst.imm], i);
      } else {
        add_texts(slot, module.texts[inst.imm], i);
      }
    }
  }
  for (Field& field : fields_) field.texts.finish();
}

bool Guards::find(const rt_event& event, Scratch& scratch) const {
  std::copy(always_.begin(), always_.end(), scratch.possible.begin());
  find_networks(event, scratch);
  for (const Field& field : fields_) find_texts(field, event.slots[field.slot], scratch);
  const auto end = scratch.possible.begin() + static_cast<std::ptrdiff_t>(words());
  return std::any_of(scratch.possible.begin(), end, [](uint64_t word) { return word != 0; });
}

void Guards::find_texts(const Field& field, const rt_slot& slot, Scratch& scratch) const {
  if (slot.count == 0) return;
  for (uint32_t i = 0; i < slot.count; ++i) {
    operations::Spelling spelling;
    const rt_value& value = slot.values[i];
    std::string_view text = operations::text_of(value, spelling);
    if (text.data() == nullptr) continue;
    if ((value.flags & RT_ASCII) == 0 && !match::is_ascii(text))
      return add_all(field.rules, scratch.possible);
    if (field.domain && text.size() > 1 && text.ends_with('.')) text.remove_suffix(1);
    field.texts.note(text, scratch.possible.data());
  }
}

}  // namespace weir::compiler
