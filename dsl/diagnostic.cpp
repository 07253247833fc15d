#include "dsl/diagnostic.h"

#include <algorithm>
#include <cctype>
#include <iterator>
#include <tuple>
#include <utility>

namespace weir::dsl {

const std::vector<CodeInfo>& all_codes() {
  static const std::vector<CodeInfo> codes = [] {
    std::vector<CodeInfo> rows = {
#define WEIR_DIAGNOSTIC(code, summary, explanation) \
  {Code::code, #code, Severity::error, summary, explanation},
#include "dsl/diagnostic.def"
#undef WEIR_DIAGNOSTIC
    };
    for (CodeInfo& row : rows)
      row.severity = row.name[0] == 'E' ? Severity::error : Severity::warning;
    return rows;
  }();
  return codes;
}

const CodeInfo& info(Code code) { return all_codes()[size_t(code)]; }

std::optional<Code> code_named(std::string_view name) {
  for (const CodeInfo& row : all_codes()) {
    std::string_view known = row.name;
    if (known.size() == name.size() &&
        std::equal(known.begin(), known.end(), name.begin(),
                   [](char a, char b) { return a == std::toupper(uint8_t(b)); }))
      return row.code;
  }
  return std::nullopt;
}

Diagnostic& Diagnostics::add(Code code, std::string title, Span span, std::string label) {
  list_.push_back({code, std::move(title), {span, std::move(label)}, {}, {}, std::nullopt});
  if (list_.back().severity() == Severity::error) ++errors_;
  return list_.back();
}

void Diagnostics::append(Diagnostics&& other) {
  std::move(other.list_.begin(), other.list_.end(), std::back_inserter(list_));
  errors_ += std::exchange(other.errors_, 0);
  other.list_.clear();
}

void Diagnostics::sort() {
  auto key = [](const Diagnostic& d) {
    return std::tuple(d.primary.span.source, d.primary.span.begin, d.code, std::string_view(d.title));
  };
  std::stable_sort(list_.begin(), list_.end(),
                   [&](const Diagnostic& a, const Diagnostic& b) { return key(a) < key(b); });
  list_.erase(std::unique(list_.begin(), list_.end(),
                          [&](const Diagnostic& a, const Diagnostic& b) { return key(a) == key(b); }),
              list_.end());
  recount();
}

void Diagnostics::recount() {
  errors_ = size_t(std::count_if(list_.begin(), list_.end(), [](const Diagnostic& d) {
    return d.severity() == Severity::error;
  }));
}

}  // namespace weir::dsl
