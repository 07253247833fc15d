// Walks over simdjson's tape. Recursion is bounded by the depth that the parser lets through.
#include "runtime/match/document.h"

#define XXH_INLINE_ALL  // keys and values are short: a call costs more than the hash
#include <xxhash.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <unordered_map>
#include <vector>

#include "runtime/match/decode.h"
#include "runtime/match/functions.h"
#include "runtime/match/json.h"

namespace weir::match {
namespace {

namespace dom = simdjson::dom;

// Which members of an object count, found by the hashes of their keys. The hashes of all objects on the way
// down share one buffer a thread, so that a walk allocates nothing.
class Members {
 public:
  explicit Members(dom::object object) : base_(buffer().size()) {
    auto& hashes = buffer();
    // 0 marks a member that is overwritten.
    for (const auto field : object) hashes.push_back(XXH3_64bits(field.key.data(), field.key.size()) | 1);
    if (has_duplicates()) mark_overwritten();
  }
  ~Members() {
    buffer().resize(base_);
    if (base_ == 0 && buffer().capacity() > kKept) std::vector<uint64_t>().swap(buffer());
  }
  Members(const Members&) = delete;
  Members& operator=(const Members&) = delete;

  uint64_t hash(size_t member) const { return buffer()[base_ + member]; }
  bool counts(size_t member) const { return hash(member) != 0; }

 private:
  static constexpr size_t kKept = 1 << 16;
  static constexpr size_t kFew = 32;

  static std::vector<uint64_t>& buffer() {
    static thread_local std::vector<uint64_t> hashes;
    return hashes;
  }

  bool has_duplicates() const {
    const auto begin = buffer().begin() + static_cast<ptrdiff_t>(base_), end = buffer().end();
    if (static_cast<size_t>(end - begin) <= kFew) {
      for (auto at = begin; at != end; ++at) {
        if (std::find(begin, at, *at) != at) return true;
      }
      return false;
    }
    std::vector<uint64_t> sorted(begin, end);
    std::sort(sorted.begin(), sorted.end());
    return std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end();
  }

  void mark_overwritten() {
    std::unordered_map<uint64_t, size_t> last;
    for (size_t at = base_; at < buffer().size(); ++at) {
      const auto [seen, is_new] = last.try_emplace(buffer()[at], at);
      if (is_new) continue;
      buffer()[seen->second] = 0;
      seen->second = at;
    }
  }

  size_t base_;
};

// Calls see(key, key_hash, value) for the members that count; stops when it returns false.
template <class See>
bool each_member(dom::object object, See see) {
  const Members members(object);
  size_t at = 0;
  for (const auto field : object) {
    if (members.counts(at) && !see(field.key, members.hash(at), field.value)) return false;
    ++at;
  }
  return true;
}

constexpr uint64_t mix(uint64_t x) {  // the finaliser of SplitMix64
  x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
  x = (x ^ x >> 27) * 0x94D049BB133111EBu;
  return x ^ x >> 31;
}

uint64_t typed(dom::element_type type, uint64_t bits) {
  return mix(bits + static_cast<uint64_t>(type) * 0x9E3779B97F4A7C15u);
}

// 1.0 and 1 are one number, as in RFC 8785.
uint64_t hash_of_real(double real) {
  if (std::abs(real) < 0x1p63 && real == std::trunc(real)) {
    return typed(dom::element_type::INT64, static_cast<uint64_t>(static_cast<int64_t>(real)));
  }
  return typed(dom::element_type::DOUBLE, std::bit_cast<uint64_t>(real));
}

std::string spelling(dom::element value) {
  switch (value.type()) {
    case dom::element_type::INT64:
      return std::to_string(value.get_int64().value_unsafe());
    case dom::element_type::UINT64:
      return std::to_string(value.get_uint64().value_unsafe());
    case dom::element_type::DOUBLE:
      return format_real(value.get_double().value_unsafe());
    case dom::element_type::BOOL:
      return value.get_bool().value_unsafe() ? "true" : "false";
    default:
      return "null";
  }
}

bool any_leaf_below(dom::element value, LeafTest test, const void* context) {
  switch (value.type()) {
    case dom::element_type::OBJECT:
      return !each_member(as_object(value), [&](std::string_view, uint64_t, dom::element member) {
        return !any_leaf_below(member, test, context);
      });
    case dom::element_type::ARRAY:
      for (const dom::element item : as_array(value)) {
        if (any_leaf_below(item, test, context)) return true;
      }
      return false;
    case dom::element_type::STRING:
      return test(context, as_text(value));
    case dom::element_type::NULL_VALUE:
      return false;
    default:
      return test(context, spelling(value));
  }
}

}  // namespace

void append_compact(std::string& out, dom::element value) {
  const char* separator = "";
  switch (value.type()) {
    case dom::element_type::OBJECT:
      out.push_back('{');
      each_member(as_object(value), [&](std::string_view key, uint64_t, dom::element member) {
        out += separator;
        append_json_string(out, key);
        out.push_back(':');
        append_compact(out, member);
        separator = ",";
        return true;
      });
      out.push_back('}');
      break;
    case dom::element_type::ARRAY:
      out.push_back('[');
      for (const dom::element item : as_array(value)) {
        out += separator;
        append_compact(out, item);
        separator = ",";
      }
      out.push_back(']');
      break;
    case dom::element_type::STRING:
      append_json_string(out, as_text(value));
      break;
    default:
      out += spelling(value);
  }
}

namespace {

uint64_t of_member(uint64_t key, dom::element member) { return mix(key ^ std::rotl(canonical_hash_of(member), 32)); }

// One pass for objects without duplicate keys, which are nearly all: it sums up as it goes, and gives up when two
// keys fall on one of 4,096 bits (one object in fourteen with 25 keys), for each_member to look closely.
bool surely_without_duplicates(dom::object object, uint64_t& sum) {
  uint64_t seen[64] = {};
  for (const auto field : object) {
    const uint64_t key = XXH3_64bits(field.key.data(), field.key.size()) | 1;
    uint64_t& word = seen[key >> 6 & 63];
    const uint64_t bit = uint64_t{1} << (key >> 12 & 63);
    if ((word & bit) != 0) return false;
    word |= bit;
    sum += of_member(key, field.value);
  }
  return true;
}

}  // namespace

uint64_t canonical_hash_of(dom::element value) {
  const dom::element_type type = value.type();
  uint64_t hash = 0;
  switch (type) {
    case dom::element_type::OBJECT:
      if (surely_without_duplicates(as_object(value), hash)) return typed(type, hash);
      hash = 0;
      each_member(as_object(value), [&](std::string_view, uint64_t key, dom::element member) {
        hash += of_member(key, member);
        return true;
      });
      return typed(type, hash);
    case dom::element_type::ARRAY:
      for (const dom::element item : as_array(value)) hash = mix(hash + canonical_hash_of(item));
      return typed(type, hash);
    case dom::element_type::STRING: {
      const std::string_view text = as_text(value);
      return typed(type, XXH3_64bits(text.data(), text.size()));
    }
    case dom::element_type::INT64:
      return typed(type, static_cast<uint64_t>(value.get_int64().value_unsafe()));
    case dom::element_type::UINT64:
      return typed(type, value.get_uint64().value_unsafe());
    case dom::element_type::DOUBLE:
      return hash_of_real(value.get_double().value_unsafe());
    case dom::element_type::BOOL:
      return typed(type, value.get_bool().value_unsafe());
    default:
      return typed(type, 0);
  }
}

bool any_leaf(const void* document, LeafTest test, const void* context) {
  return any_leaf_below(*static_cast<const dom::element*>(document), test, context);
}

}  // namespace weir::match
