// The `name: value` clauses of every declaration: which there are, what each may hold, and typed access.
//
// The parser takes any name and any value, so that a slip gets a better answer than "unexpected word".
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dsl/ast.h"
#include "dsl/diagnostic.h"

namespace weir::compiler {

enum class Owner : uint8_t { rule, tuned_rules, tuned_list, schema, tuned_schema };

// E105 unknown name, E109 twice, E301 a value of another type. `others` are clauses that are no Meta (level,
// detection, …), as far as they stand in the declaration: they count for E109.
struct OtherClause {
  std::string_view name;
  dsl::Span span;
};
void check_clauses(const dsl::SourceMap& sources, Owner owner, const std::vector<const dsl::Meta*>& metas,
                   const std::vector<OtherClause>& others, dsl::Diagnostics& diagnostics);

// E315 when the word is none of the five levels.
void check_level(const dsl::Name& level, dsl::Diagnostics& diagnostics);

// The clause that a wrong name stands for beyond doubt ("severity" is `level`), or "".
std::string_view meant_clause(Owner owner, std::string_view name);

// Of a list of clauses the Metas.
template <class Clauses>
std::vector<const dsl::Meta*> metas_of(const Clauses& clauses) {
  std::vector<const dsl::Meta*> metas;
  for (const auto& clause : clauses)
    if (const auto* meta = std::get_if<dsl::Meta>(&clause)) metas.push_back(meta);
  return metas;
}

template <class Clauses>
const dsl::Meta* find_meta(const Clauses& clauses, std::string_view name) {
  for (const auto& clause : clauses)
    if (const auto* meta = std::get_if<dsl::Meta>(&clause); meta && meta->name.text == name) return meta;
  return nullptr;
}

template <class Clause, class Clauses>
const Clause* find_clause(const Clauses& clauses) {
  for (const auto& clause : clauses)
    if (const auto* found = std::get_if<Clause>(&clause)) return found;
  return nullptr;
}

// Values of a clause that may be missing or of another type: then empty, which an error has said already.
std::string text_of(const dsl::Meta* meta);
std::vector<std::string> texts_of(const dsl::Meta* meta);  // one text, or a list of them
std::optional<dsl::Name> word_of(const dsl::Meta* meta);   // a bare word
std::vector<dsl::Name> words_of(const dsl::Meta* meta);    // one, or a list
std::optional<int64_t> integer_of(const dsl::Meta* meta);
std::optional<bool> bool_of(const dsl::Meta* meta);
std::optional<dsl::Date> date_of(const dsl::Meta* meta);
std::optional<int64_t> ms_of(const dsl::Meta* meta);  // of a length of time
std::vector<dsl::Attack> attack_of(const dsl::Meta* meta);
std::optional<std::vector<std::string>> path_of(const dsl::Meta* meta);  // names of a plain path

// "text", "a number", "a length of time": what a value is, for messages.
std::string kind_of(const dsl::Expr& value);

inline constexpr const char* kStatuses[] = {"stable", "test", "experimental", "deprecated", "unsupported"};

}  // namespace weir::compiler
