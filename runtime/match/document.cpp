// Walks over simdjson's tape. Recursion is bounded by the depth that the parser lets through.
#include "runtime/match/document.h"

#define XXH_INLINE_ALL  // keys and values are short: a call costs more than the hash
#include <xxhash.h>

#include <algorithm>
#include <unordered_map>
#include <vector>

#include "runtime/match/decode.h"
#include "runtime/match/functions.h"
#include "runtime/match/json.h"
#include "runtime/match/lazy_document.h"

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

  bool counts(size_t member) const { return buffer()[base_ + member] != 0; }

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

// Calls see(key, value) for the members that count; stops when it returns false.
template <class See>
bool each_member(dom::object object, See see) {
  const Members members(object);
  size_t at = 0;
  for (const auto field : object) {
    if (members.counts(at) && !see(field.key, field.value)) return false;
    ++at;
  }
  return true;
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
      return !each_member(as_object(value), [&](std::string_view, dom::element member) {
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
      each_member(as_object(value), [&](std::string_view key, dom::element member) {
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

bool any_leaf(const void* document, LeafTest test, const void* context) {
  const auto root = static_cast<const LazyDocument*>(document)->root();
  return root && any_leaf_below(*root, test, context);
}

}  // namespace weir::match
