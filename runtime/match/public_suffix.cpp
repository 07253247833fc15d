// The Public Suffix List, taken in when Weir was built.
//
// libpsl knows all of it, international names in both spellings included, and takes 1.3 µs a label. Plain
// ASCII names, nearly all there are, are looked up in a hash table of the same list's ASCII rules instead,
// some forty times as fast; a unit test holds the two together.
#include "runtime/match/public_suffix.h"

#include <libpsl.h>
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <unordered_map>

#include "runtime/match/fold.h"
#include "runtime/match/functions.h"
#include "runtime/match/text.h"
#include "runtime/match/utf8.h"

namespace weir::match {
namespace {

constexpr unsigned char kList[] = {
#include "public_suffix_list.inc"
};

// A name has at most 253 characters on the wire; in a log each may be written in up to 4 bytes.
constexpr size_t kLongestName = 1024;

const psl_ctx_t* list() {
  // Never freed: threads may still ask while the process ends.
  static const psl_ctx_t* const loaded = [] {
    psl_ctx_t* read = nullptr;
    if (std::FILE* file = fmemopen(const_cast<unsigned char*>(kList), sizeof kList, "rb")) {
      read = psl_load_fp(file);
      std::fclose(file);
    }
    return read;
  }();
  return loaded;
}

constexpr std::string_view kRules[] = {
#include "suffix_rules.inc"
};

struct Hash {
  size_t operator()(std::string_view text) const { return XXH3_64bits(text.data(), text.size()); }
};

// What the list says of a name, without the "*." or "!" of the rule; nothing of one that only stands above
// others.
struct Rule {
  bool named = false, all_below = false, exception = false;
};

struct Rules {
  Rules() {
    for (std::string_view rule : kRules) {
      const bool exception = rule.starts_with('!'), all_below = rule.starts_with("*.");
      rule.remove_prefix(exception ? 1 : all_below ? 2 : 0);
      Rule& entry = by_name[rule];
      entry.named = true;
      entry.exception |= exception;
      entry.all_below |= all_below;
      for (size_t dot = rule.find('.'); dot != std::string_view::npos; dot = rule.find('.', dot + 1))
        by_name.try_emplace(rule.substr(dot + 1));
    }
  }
  std::unordered_map<std::string_view, Rule, Hash>
      by_name;  // with all names above them: below what is not here is nothing
};

// What was said of a name lately: rules ask several things of one name, and most names of a log are asked for
// again and again. One place for each hash, the latest name has it.
class Lately {
 public:
  static constexpr size_t kLongest = 62;

  template <class Find>
  int64_t labels_of(std::string_view name, Find find) {
    if (name.empty() || name.size() > kLongest) return find();
    Said& said = said_[Hash{}(name) % kNames];
    if (said.name() != name) {
      const int64_t labels = find();
      said.labels = static_cast<uint8_t>(labels);  // fewer than the name has bytes
      said.size = static_cast<uint8_t>(name.copy(said.bytes, kLongest));
    }
    return said.labels;
  }

 private:
  static constexpr size_t kNames = 256;
  struct Said {
    uint8_t labels = 0, size = 0;
    char bytes[kLongest] = {};
    std::string_view name() const { return {bytes, size}; }
  };
  std::array<Said, kNames> said_;
};

// How many labels of the name its public suffix has; 0 when it has none.
int64_t find_suffix_labels(std::string_view name) {
  if (name.empty() || name.size() > kLongestName || name.back() == '.') return 0;
  if (name.find('\0') != std::string_view::npos || parse_address(name)) return 0;
  const Normal folded(name, {});
  const bool plain = is_ascii(folded.view()) && folded.view().find("xn--") == std::string_view::npos;
  return plain ? suffix_labels_by_rules(folded.view()) : suffix_labels_by_libpsl(folded.view());
}

int64_t suffix_labels(std::string_view name) {
  thread_local Lately lately;
  return lately.labels_of(name, [name] { return find_suffix_labels(name); });
}

// The last `count` labels of a name that has as many.
std::string_view last_labels(std::string_view name, int64_t count) {
  size_t begin = name.size();
  for (; count > 0; --count) {
    begin = begin == 0 ? std::string_view::npos : name.rfind('.', begin - 1);
    if (begin == std::string_view::npos) return name;
  }
  return name.substr(begin + 1);
}

}  // namespace

int64_t suffix_labels_by_libpsl(std::string_view name) {
  if (!list()) return 0;
  const std::string copy(name);  // it wants a NUL, and answers with a part of its argument
  const char* suffix = psl_unregistrable_domain(list(), copy.c_str());
  if (!suffix) return 0;
  return labels(*suffix == '.' ? suffix + 1 : suffix);  // of ".com" libpsl says ".com"
}

int64_t suffix_labels_by_rules(std::string_view name) {
  static const Rules rules;
  int64_t longest = 1;  // a top-level domain that no rule names is a suffix
  size_t begin = name.size();
  for (int64_t count = 1; begin != 0; ++count) {
    const size_t dot = name.rfind('.', begin - 1);
    const bool is_whole = dot == std::string_view::npos;
    begin = is_whole ? 0 : dot;
    const auto found = rules.by_name.find(is_whole ? name : name.substr(dot + 1));
    if (found == rules.by_name.end()) break;
    if (!found->second.named) continue;
    if (found->second.exception) return count - 1;
    // As libpsl has it, "*.bd" makes a suffix of "bd", too; an empty label is no name below it.
    longest = count;
    if (found->second.all_below && !is_whole && dot != 0 && name[dot - 1] != '.') longest = count + 1;
  }
  return longest;
}

std::optional<std::string_view> public_suffix(std::string_view domain) {
  const std::string_view name = without_final_dot(domain);
  const int64_t count = suffix_labels(name);
  if (count == 0) return std::nullopt;
  return last_labels(name, count);
}

std::optional<std::string_view> registered_domain(std::string_view domain) {
  const std::string_view name = without_final_dot(domain);
  const int64_t count = suffix_labels(name);
  if (count == 0 || labels(name) <= count) return std::nullopt;
  const std::string_view registered = last_labels(name, count + 1);
  if (registered.front() == '.') return std::nullopt;  // "..com": the label is empty
  return registered;
}

std::optional<std::string_view> subdomain(std::string_view domain) {
  const std::string_view name = without_final_dot(domain);
  const auto registered = registered_domain(name);
  if (!registered) return std::nullopt;
  const size_t left = name.size() - registered->size();
  return name.substr(0, left == 0 ? 0 : left - 1);
}

const char* public_suffix_list_date() { return WEIR_SUFFIX_LIST_DATE; }

}  // namespace weir::match
