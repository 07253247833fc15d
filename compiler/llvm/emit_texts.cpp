// One plain text of a field compared with constants, as overlapping wide loads that stay inside the text.
//
// A letter of a needle in lower case is met by two bytes, which differ in the bit 0x20, and by no others: so the bit is
// set under letters, and nowhere else. This is exact for ASCII; a value that is not known to be is odd.
#include <algorithm>

#include "compiler/llvm/emit_function.h"

namespace weir::compiler {
namespace {

using ir::Inst;
using ir::Op;
using How = match::TextSet::How;

constexpr size_t kMostEqual = 48, kMostOthers = 8;  // needles inline
constexpr size_t kMostInline = 64;                  // bytes of a needle
constexpr size_t kMostRanges = 8;                   // of addresses

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x80; });
}

// The others are in no ASCII text.
std::vector<std::string_view> ascii_needles(const match::TextSet& set) {
  std::vector<std::string_view> needles;
  for (const std::string& needle : set.needles()) {
    if (is_ascii(needle)) needles.push_back(needle);
  }
  return needles;
}

}  // namespace

llvm::Value* EmitFunction::load(llvm::Type* type, llvm::Value* from, size_t offset) {
  llvm::Value* const at =
      offset == 0 ? from : build_.CreateConstInBoundsGEP1_64(build_.getInt8Ty(), from, offset);
  return build_.CreateAlignedLoad(type, at, llvm::Align(1));
}

llvm::Value* EmitFunction::bytes_from(llvm::Value* pointer, llvm::Value* offset) {
  return build_.CreateInBoundsGEP(build_.getInt8Ty(), pointer, build_.CreateZExt(offset, build_.getInt64Ty()));
}

llvm::Value* EmitFunction::slot_values(uint32_t slot) {
  return load(build_.getPtrTy(), slots_, slot * sizeof(rt_slot) + offsetof(rt_slot, values));
}
llvm::Value* EmitFunction::slot_count(uint32_t slot) {
  return load(build_.getInt32Ty(), slots_, slot * sizeof(rt_slot) + offsetof(rt_slot, count));
}

bool EmitFunction::is_field(ir::Value value) const {
  const Inst& inst = code_.insts[value];
  return inst.op == Op::field && inst.axis == 0;
}

uint32_t EmitFunction::slot_of(const Inst& inst) const { return code_.insts[code_.operands[inst.first]].imm; }

bool EmitFunction::texts_inline(const Inst& inst) const {
  const match::TextSet& set = code_.texts[inst.imm];
  return set.how() != How::contains && set.needles().size() <= (set.how() == How::equal ? kMostEqual : kMostOthers) &&
         std::all_of(set.needles().begin(), set.needles().end(),
                     [](const std::string& needle) { return needle.size() <= kMostInline; });
}

EmitFunction::View EmitFunction::view(uint32_t slot, bool domain) {
  const size_t at = view_number(slot, domain) * sizeof(TextView);
  return {load(build_.getPtrTy(), views_, at + offsetof(TextView, data)),
          load(build_.getInt32Ty(), views_, at + offsetof(TextView, size))};
}

// ---- sets

void EmitFunction::texts(ir::Value value, const Inst& inst, Block* yes, Block* no) {
  const match::TextSet& set = code_.texts[inst.imm];
  if (!is_field(code_.operands[inst.first])) return call_holds(value, yes, no);
  if (const auto found = searches_->find(value)) {
    where_found(*found, no);
    if (found->exact) {
      Block* const odd = later(value, yes, no);
      llvm::Value* const size = view(slot_of(inst), false).size;
      build_.CreateCondBr(build_.CreateICmpSGE(size, i32(0)), yes, odd);
      return;
    }
  }
  if (!texts_inline(inst)) return search(value, inst, yes, no);
  const View text = view(slot_of(inst), set.rule().domain);

  Block *const odd = later(value, yes, no), *const not_found = block();
  if (set.how() == How::equal) {
    equal_texts(set, text, yes, not_found);
  } else {
    const std::vector<std::string_view> needles = ascii_needles(set);
    if (needles.empty()) build_.CreateBr(not_found);
    for (size_t i = 0; i < needles.size(); ++i) {
      Block* const next = i + 1 == needles.size() ? not_found : block();
      one_text(set, text, needles[i], yes, next);
      to(next);
    }
  }
  to(not_found);
  build_.CreateCondBr(build_.CreateICmpEQ(text.size, i32(TextView::kOdd)), odd, no);
}

void EmitFunction::where_found(const Searches::Found& found, Block* no) {
  Block* const may_hold = block();
  llvm::Value* const byte = load(build_.getInt8Ty(), found_, found.bit / 8);
  llvm::Value* const bit = build_.CreateAnd(byte, build_.getInt8(static_cast<uint8_t>(1u << found.bit % 8)));
  build_.CreateCondBr(build_.CreateICmpEQ(bit, build_.getInt8(0)), no, may_hold);
  to(may_hold);
}

// What is not inline: a search, or many needles. To remember what it gave costs less than to do it again.
void EmitFunction::search(ir::Value value, const Inst& inst, Block* yes, Block* no) {
  if (uses_[value] > 1) return call_holds(value, yes, no);
  const View text = view(slot_of(inst), false);
  Block *const odd = later(value, yes, no), *const some = block(), *const none = block();
  build_.CreateCondBr(build_.CreateICmpSGE(text.size, i32(0)), some, none);
  to(some);
  llvm::Value* const found =
      build_.CreateCall(support_.rt_any_text, {i32(inst.imm), text.data, text.size, scratch_});
  build_.CreateCondBr(build_.CreateICmpNE(found, i32(0)), yes, no);
  to(none);
  build_.CreateCondBr(build_.CreateICmpEQ(text.size, i32(TextView::kOdd)), odd, no);
}

// By size: few needles have the value's.
void EmitFunction::equal_texts(const match::TextSet& set, View text, Block* yes, Block* no) {
  std::vector<std::string_view> needles = ascii_needles(set);
  if (needles.empty()) {
    build_.CreateBr(no);
    return;
  }
  std::stable_sort(needles.begin(), needles.end(),
                   [](std::string_view a, std::string_view b) { return a.size() < b.size(); });
  for (size_t i = 0; i < needles.size();) {
    const size_t size = needles[i].size();
    size_t end = i;
    while (end < needles.size() && needles[end].size() == size) ++end;
    Block *const of_size = block(), *const next = end == needles.size() ? no : block();
    build_.CreateCondBr(build_.CreateICmpEQ(text.size, i32(static_cast<int64_t>(size))), of_size, next);
    to(of_size);
    for (; i < end; ++i) {
      Block* const differs = i + 1 == end ? no : block();
      same_bytes(text.data, needles[i], set.rule().cased, yes, differs);
      to(differs);
    }
    to(next);
  }
}

void EmitFunction::one_text(const match::TextSet& set, View text, std::string_view needle, Block* yes, Block* no) {
  llvm::Value* const size = i32(static_cast<int64_t>(needle.size()));
  Block* const long_enough = block();
  build_.CreateCondBr(build_.CreateICmpSGE(text.size, size), long_enough, no);
  to(long_enough);
  if (set.how() == How::starts) return same_bytes(text.data, needle, set.rule().cased, yes, no);
  llvm::Value* const left = build_.CreateSub(text.size, size);
  if (set.how() == How::below) {
    Block *const name_itself = block(), *const inside = block();
    build_.CreateCondBr(build_.CreateICmpEQ(left, i32(0)), name_itself, inside);
    to(inside);
    llvm::Value* const before = load(build_.getInt8Ty(), bytes_from(text.data, build_.CreateSub(left, i32(1))), 0);
    build_.CreateCondBr(build_.CreateICmpEQ(before, build_.getInt8('.')), name_itself, no);
    to(name_itself);
  }
  same_bytes(bytes_from(text.data, left), needle, set.rule().cased, yes, no);
}

// How the text begins and ends is compared here; only of those that do is it asked what stands between.
void EmitFunction::pattern(ir::Value value, const Inst& inst, Block* yes, Block* no) {
  if (const auto found = searches_->find(value)) where_found(*found, no);
  const Code::PatternEnds& ends = code_.pattern_ends[inst.imm];
  const bool is_plain = is_ascii(ends.begin) && is_ascii(ends.end) && ends.begin.size() + ends.end.size() <= kMostInline;
  if (!is_field(code_.operands[inst.first]) || !is_plain || (ends.begin.empty() && ends.end.empty()))
    return call_holds(value, yes, no);
  const View text = view(slot_of(inst), false);
  Block *const ask = later(value, yes, no), *const found = ends.are_all ? yes : ask;
  Block *const too_short = block(), *const long_enough = block(), *const end = block();
  const auto size = static_cast<int64_t>(ends.begin.size() + ends.end.size());
  build_.CreateCondBr(build_.CreateICmpSGE(text.size, i32(size)), long_enough, too_short);
  to(too_short);
  build_.CreateCondBr(build_.CreateICmpEQ(text.size, i32(TextView::kOdd)), ask, no);
  to(long_enough);
  same_bytes(text.data, ends.begin, ends.cased, ends.end.empty() ? found : end, no);
  to(end);
  if (ends.end.empty()) {
    build_.CreateBr(no);
    return;
  }
  llvm::Value* const left = build_.CreateSub(text.size, i32(static_cast<int64_t>(ends.end.size())));
  same_bytes(bytes_from(text.data, left), ends.end, ends.cased, found, no);
}

void EmitFunction::networks(ir::Value value, const Inst& inst, Block* yes, Block* no) {
  const auto& ranges = code_.v4_ranges[inst.imm];
  if (!is_field(code_.operands[inst.first]) || ranges.size() > kMostRanges) return call_holds(value, yes, no);
  const size_t at = slot_of(inst) * sizeof(AddressView);
  Block *const odd = later(value, yes, no), *const is_v4 = block(), *const other = block();
  llvm::Value* const kind = load(build_.getInt32Ty(), addresses_, at + offsetof(AddressView, kind));
  build_.CreateCondBr(build_.CreateICmpEQ(kind, i32(AddressView::v4)), is_v4, other);
  to(other);
  build_.CreateCondBr(build_.CreateICmpEQ(kind, i32(AddressView::odd)), odd, no);
  to(is_v4);
  llvm::Value* const address = load(build_.getInt32Ty(), addresses_, at + offsetof(AddressView, address));
  for (const auto& [first, last] : ranges) {
    Block* const next = block();
    llvm::Value* const from_first = build_.CreateSub(address, i32(first));
    build_.CreateCondBr(build_.CreateICmpULE(from_first, i32(last - first)), yes, next);
    to(next);
  }
  build_.CreateBr(no);
}

void EmitFunction::same_bytes(llvm::Value* data, std::string_view needle, bool cased, Block* yes, Block* no) {
  if (needle.empty()) {
    build_.CreateBr(yes);
    return;
  }
  const auto compare = [&](size_t offset, size_t width, bool is_last) {
    uint64_t wanted = 0, letters = 0;
    for (size_t i = 0; i < width; ++i) {
      const unsigned char c = static_cast<unsigned char>(needle[offset + i]);
      wanted |= uint64_t{c} << 8 * i;
      if (!cased && c >= 'a' && c <= 'z') letters |= uint64_t{0x20} << 8 * i;
    }
    llvm::IntegerType* const type = build_.getIntNTy(static_cast<unsigned>(8 * width));
    llvm::Value* bytes = load(type, data, offset);
    if (letters != 0) bytes = build_.CreateOr(bytes, llvm::ConstantInt::get(type, letters));
    Block* const same = is_last ? yes : block();
    build_.CreateCondBr(build_.CreateICmpEQ(bytes, llvm::ConstantInt::get(type, wanted)), same, no);
    to(same);
  };
  size_t width = 8;
  while (width > 1 && width > needle.size()) width /= 2;
  size_t at = 0;
  for (; at + width <= needle.size(); at += width) compare(at, width, at + width == needle.size());
  if (at < needle.size()) compare(needle.size() - width, width, true);
}

}  // namespace weir::compiler
