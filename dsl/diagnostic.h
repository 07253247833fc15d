// What is wrong with a rule, said so that the reader can mend it.
//
// One sink collects the diagnostics of a whole run; nothing prints here (dsl/render does). A function
// that returns nothing where it should have returned something has added at least one error.
//
// Wording: lower case, no full stop, `code` in backticks, what was seen rather than what is forbidden.
// language.md, section 15, prints the canonical text of most codes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "dsl/source.h"

namespace weir::dsl {

// Codes never change meaning. The rows are in diagnostic.def.
enum class Code : uint16_t {
#define WEIR_DIAGNOSTIC(code, ...) code,
#include "dsl/diagnostic.def"
#undef WEIR_DIAGNOSTIC
};

enum class Severity : uint8_t { error, warning };

struct CodeInfo {
  Code code;
  const char* name;         // "E304"
  Severity severity;        // by the letter of the name
  const char* summary;      // one line, for lists
  const char* explanation;  // Markdown, what `weir explain` prints
};

const CodeInfo& info(Code code);
std::optional<Code> code_named(std::string_view name);  // "E304", in any case
const std::vector<CodeInfo>& all_codes();

struct Label {
  Span span;
  std::string text;  // may be empty; the carets alone then say it
};

struct Edit {
  Span span;
  std::string replacement;
  bool operator==(const Edit&) const = default;
};

// safe: the result means what the author meant, beyond doubt. likely: a good guess, applied by `fix --all`.
enum class Applicability : uint8_t { safe, likely };

struct Fix {
  std::vector<Edit> edits;  // of one source, not overlapping
  Applicability applicability = Applicability::likely;
};

struct Footer {  // a line below the source, shown in the order in which they were added
  enum class Kind : uint8_t { note, help };
  Kind kind = Kind::note;
  std::string text;
};

struct Diagnostic {
  Code code;
  std::string title;
  Label primary;
  std::vector<Label> secondary;
  std::vector<Footer> footers;
  std::optional<Fix> fix;

  Severity severity() const { return info(code).severity; }

  Diagnostic& label(Span span, std::string text) & {
    secondary.push_back({span, std::move(text)});
    return *this;
  }
  Diagnostic& note(std::string text) & {
    footers.push_back({Footer::Kind::note, std::move(text)});
    return *this;
  }
  Diagnostic& help(std::string text) & {
    footers.push_back({Footer::Kind::help, std::move(text)});
    return *this;
  }
  Diagnostic& replace(Span span, std::string replacement, Applicability how = Applicability::safe) & {
    if (!fix) fix.emplace(Fix{{}, how});
    fix->edits.push_back({span, std::move(replacement)});
    return *this;
  }
};

class Diagnostics {
 public:
  // The reference is good until the next add.
  Diagnostic& add(Code code, std::string title, Span span, std::string label = {});

  void append(Diagnostics&& other);

  size_t error_count() const { return errors_; }
  size_t warning_count() const { return list_.size() - errors_; }
  bool empty() const { return list_.empty(); }
  const std::vector<Diagnostic>& list() const { return list_; }

  // By source, then place, then code; equal ones once. What is shown is always shown in this order.
  void sort();
  // Keeps what `keep` says; used for `# allow:` comments.
  template <class Keep>
  void retain(Keep keep) {
    std::erase_if(list_, [&](const Diagnostic& d) { return !keep(d); });
    recount();
  }

 private:
  void recount();
  std::vector<Diagnostic> list_;
  size_t errors_ = 0;
};

}  // namespace weir::dsl
