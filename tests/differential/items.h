// Random items and maps of selections, each with values for events that make it true.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tests/differential/constants.h"

namespace weir::differential {

// What an event may hold at a path so that an item holds.
struct Hint {
  std::string path;  // "parts[].name"
  Kind kind = Kind::text;
  std::vector<Scalar> hits;
  uint32_t group = 0;  // hints of one group are about the same element of an array
};

struct Written {
  std::string text;
  std::vector<Hint> hints;
  Kind kind = Kind::text;  // of an expression

  void take(const Written& other) { hints.insert(hints.end(), other.hints.begin(), other.hints.end()); }
};

// What a rule has that its items can speak of.
struct Names {
  std::vector<std::string> selections;  // that `if` and `size … where` may ask
  std::vector<std::pair<std::string, Kind>> lets;
  std::vector<std::pair<std::string, Kind>> params;  // "p_text"; one value each
  std::vector<std::pair<std::string, std::string>>
      element_selections;  // a list, and a selection over its paths
};

// Where a map stands: the event, or an element of a list.
struct Place {
  const Source* source = nullptr;
  std::string prefix;          // "parts[]"; empty: the event
  const Call* call = nullptr;  // that the map pins
  std::string qualifier;       // "resolver.": of a rule with several sources
};

class Items {
 public:
  Items(Dice& dice, const Constants& constants, Names& names)
      : dice_(dice), constants_(constants), names_(names) {}

  // `{ … }`, an entry a line.
  Written map(const Place& place, int depth = 0);
  // An expression of that kind, or of another where the source has none: see its `kind`.
  Written expression(const Place& place, Kind kind, int depth = 0);
  Kind any_kind();

 private:
  struct Comparison {
    std::string modifiers, value;
    std::vector<Scalar> hits;
  };

  Written entry(const Place& place, int depth);
  Written item(const Place& place);
  Written field_item(const Place& place, const Field& field);
  Written function_item(const Place& place);
  Written size_item(const Place& place);
  Written choice_item(const Place& place);
  Written field_against_field(const Place& place);
  Written block(const Place& place, int depth);

  Comparison compare(Kind kind, const std::vector<std::string>& known,
                     const std::optional<std::string>& constant);
  Comparison compare_texts(Kind kind, const std::vector<std::string>& known,
                           const std::optional<std::string>& constant);
  Comparison compare_transformed();
  Comparison compare_regex();
  Comparison compare_networks();
  Comparison compare_order(Kind kind, const std::optional<std::string>& constant);
  std::string literal(Kind kind, const std::string& constant);

  Written number(const Place& place, int depth);
  Written call_of(const Place& place, Kind kind);

  std::vector<Field> fields(const Place& place, bool with_derived) const;
  std::optional<Field> field_of(const Place& place, const std::vector<Kind>& kinds);
  // The path as a rule writes it from `place`, arrays with or without a quantifier.
  std::string path(const Place& place, const std::string& full, bool quantified);

  Dice& dice_;
  const Constants& constants_;
  Names& names_;
  uint32_t group_ = 0, groups_ = 0;
};

}  // namespace weir::differential
