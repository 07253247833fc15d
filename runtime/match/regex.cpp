// Regular expressions through RE2, with a place for each of its complaints.
#include "runtime/match/regex.h"

#include <re2/filtered_re2.h>
#include <re2/re2.h>

#include <algorithm>
#include <mutex>
#include <optional>
#include <vector>

#include "runtime/match/utf8.h"

namespace weir::match {
namespace {

struct Found {
  size_t offset;
  std::string what;
};

bool starts_quantifier(char c) { return c == '*' || c == '+' || c == '?' || c == '}'; }

// The first thing that only a backtracking engine could match. Classes and escaped characters are skipped.
std::optional<Found> find_backtracking(std::string_view text) {
  const auto at = [&](size_t i) { return text.substr(std::min(i, text.size())); };
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      if (at(i).starts_with("\\Q")) {
        const size_t end = text.find("\\E", i);
        if (end == text.npos) return std::nullopt;
        i = end;
      }
      const std::string_view rest = at(i + 1);
      if (!rest.empty() && rest[0] >= '1' && rest[0] <= '9') return Found{i, "a back-reference"};
      if (rest.starts_with("k<") || rest.starts_with("k{") || rest.starts_with("k'") ||
          rest.starts_with("g{")) {
        return Found{i, "a back-reference"};
      }
      ++i;
    } else if (text[i] == '[') {
      ++i;
      if (i < text.size() && text[i] == '^') ++i;
      if (i < text.size() && text[i] == ']') ++i;  // the first of a class is itself
      for (; i < text.size() && text[i] != ']'; ++i) {
        if (text[i] == '\\') ++i;
        if (at(i).starts_with("[:")) i = std::min(text.find(":]", i), text.size() - 1) + 1;
      }
    } else if (at(i).starts_with("(?=") || at(i).starts_with("(?!")) {
      return Found{i, "a look-ahead"};
    } else if (at(i).starts_with("(?<=") || at(i).starts_with("(?<!")) {
      return Found{i, "a look-behind"};
    } else if (at(i).starts_with("(?>")) {
      return Found{i, "an atomic group"};
    } else if (starts_quantifier(text[i]) && at(i + 1).starts_with("+")) {
      return Found{i, "a possessive quantifier"};
    }
  }
  return std::nullopt;
}

// The `(` that is never closed.
size_t find_open_group(std::string_view text) {
  std::vector<size_t> open;
  bool in_class = false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (in_class) {
      in_class = text[i] != ']';
    } else if (text[i] == '[') {
      in_class = true;
    } else if (text[i] == '(') {
      open.push_back(i);
    } else if (text[i] == ')' && !open.empty()) {
      open.pop_back();
    }
  }
  return open.empty() ? 0 : open.back();
}

RE2::Options options_of(RegexFlags flags) {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(Regex::kMaxProgramBytes);
  options.set_case_sensitive(!flags.ignore_case);
  options.set_dot_nl(flags.dot_all);
  return options;
}

std::string pattern_of(std::string_view expression, RegexFlags flags) {
  return (flags.multi_line ? "(?m)" : "") + std::string(expression);
}

struct Made {
  Made(std::string_view expression, RegexFlags flags);

  RE2 compiled;
  std::optional<Found> backtracking;
  size_t error_offset = 0;
};

Made::Made(std::string_view expression, RegexFlags flags)
    : compiled(pattern_of(expression, flags), options_of(flags)) {
  if (compiled.ok()) return;
  backtracking = find_backtracking(expression);
  if (backtracking) {
    error_offset = backtracking->offset;
  } else if (compiled.error_code() == RE2::ErrorMissingParen) {
    error_offset = find_open_group(expression);
  } else {
    const size_t found = expression.find(compiled.error_arg());
    error_offset = found == expression.npos ? 0 : found;
  }
}

}  // namespace

// Compiled when it is first asked for: most events come nowhere near most expressions.
struct Regex::Impl {
  std::string expression;
  RegexFlags flags;
  mutable std::once_flag once;
  mutable std::optional<Made> made;

  const Made& operator*() const {
    std::call_once(once, [this] { made.emplace(expression, flags); });
    return *made;
  }
};

Regex::Regex(std::string_view expression, RegexFlags flags)
    : impl_(std::make_shared<const Impl>(std::string(expression), flags)) {}

bool Regex::ok() const { return (**impl_).compiled.ok(); }

std::string Regex::error() const {
  const Made& made = **impl_;
  return made.backtracking ? made.backtracking->what : made.compiled.error();
}

size_t Regex::error_offset() const { return (**impl_).error_offset; }

bool Regex::needs_backtracking() const { return (**impl_).backtracking.has_value(); }

std::vector<std::string> Regex::needed_parts() const {
  re2::FilteredRE2 filter(static_cast<int>(kShortestPart));
  std::vector<std::string> parts;
  int id = 0;
  if (filter.Add(pattern_of(impl_->expression, impl_->flags), options_of(impl_->flags), &id) != RE2::NoError)
    return {};
  filter.Compile(&parts);
  const auto may_match = [&](size_t without) {
    std::vector<int> there, possible;
    for (size_t i = 0; i < parts.size(); ++i)
      if (i != without && without != parts.size()) there.push_back(static_cast<int>(i));
    filter.AllPotentials(there, &possible);
    return !possible.empty();
  };
  if (parts.empty() || may_match(parts.size())) return {};
  size_t longest = parts.size();  // of those without which nothing matches
  for (size_t i = 0; i < parts.size(); ++i)
    if (!may_match(i) && (longest == parts.size() || parts[i].size() > parts[longest].size())) longest = i;
  if (longest != parts.size()) parts = {parts[longest]};
  const bool ascii = std::all_of(parts.begin(), parts.end(), [](const std::string& part) { return is_ascii(part); });
  return ascii ? parts : std::vector<std::string>{};
}

bool Regex::matches(std::string_view text) const {
  const RE2& compiled = (**impl_).compiled;
  return compiled.ok() && RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), compiled);
}

}  // namespace weir::match
