// Modifiers: which there are, which exclude each other, and which types they compare.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/lowering.h"
#include "compiler/nearest.h"

namespace weir::compiler {

using dsl::Code;
using How = Modifiers::How;

namespace {

struct Comparison {
  const char* word;
  How how;
  const char* compares;  // for messages
};
constexpr Comparison kComparisons[] = {
    {"contains", How::contains, "text"}, {"startswith", How::starts, "text"},
    {"endswith", How::ends, "text"},     {"re", How::regex, "text"},
    {"cidr", How::cidr, "addresses"},    {"domain", How::domain, "domains"},
    {"gt", How::gt, "numbers"},          {"gte", How::gte, "numbers"},
    {"lt", How::lt, "numbers"},          {"lte", How::lte, "numbers"},
    {"exists", How::exists, "presence"},
};
constexpr const char* kOthers[] = {"cased", "i", "m", "s", "all", "neq"};
constexpr const char* kTransforms[] = {"base64",  "base64offset", "utf16le", "wide",
                                       "utf16be", "utf16",        "windash"};

// What Sigma or another tool calls it, and what it is here.
struct Elsewhere {
  const char* word;
  const char* here;
};
constexpr Elsewhere kElsewhere[] = {
    {"fieldref",
     "another field is the value, without quotes: `requestParameters.userName: userIdentity.userName`"},
    {"expand", "a named value is written `$name`"},
    {"ignorecase", "the modifier is `i`, after `re`"},
    {"multiline", "the modifier is `m`, after `re`"},
    {"dotall", "the modifier is `s`, after `re`"},
    {"equals", "leave it out: a value is compared for equality anyhow"},
    {"eq", "leave it out: a value is compared for equality anyhow"},
    {"not", "the modifier is `neq`, for the whole item"},
    {"ne", "the modifier is `neq`, for the whole item"},
    {"ieq", "leave it out: text is compared without regard to case anyhow"},
    {"uncased", "leave it out: text is compared without regard to case anyhow"},
    {"nocase", "leave it out: text is compared without regard to case anyhow"},
    {"utf8", "leave it out: text is UTF-8 anyhow"},
    {"size", "how many elements a list has says a function: `size(answers): 2`"},
    {"length", "how long a text is says a function: `length(userAgent): 5`"},
    {"base64decode",
     "the value that is looked for is encoded, not the field decoded: `base64offset|contains`"},
    {"notexists", "write `|exists: false`"},
    {"not_exists", "write `|exists: false`"},
    {"nlt", "the modifier is `gte`"},
    {"nlte", "the modifier is `gt`"},
    {"ngt", "the modifier is `lte`"},
    {"ngte", "the modifier is `lt`"},
    {"in", "leave it out: a list is any of its values"},
    {"any", "leave it out: a list is any of its values"},
    {"regex", "the modifier is `re`"},
    {"startsWith", "the modifier is `startswith`"},
    {"endsWith", "the modifier is `endswith`"},
};
constexpr const char* kTimeParts[] = {"minute", "hour", "day", "weekday", "week", "month", "year"};

template <class Table>
bool in(const Table& table, const std::string& word) {
  return std::find(std::begin(table), std::end(table), word) != std::end(table);
}

const Comparison* comparison(const std::string& word) {
  for (const Comparison& row : kComparisons)
    if (row.word == word) return &row;
  return nullptr;
}

std::vector<std::string> all_words() {
  std::vector<std::string> words;
  for (const Comparison& row : kComparisons) words.push_back(row.word);
  words.insert(words.end(), std::begin(kOthers), std::end(kOthers));
  words.insert(words.end(), std::begin(kTransforms), std::end(kTransforms));
  return words;
}

// The comparison that `notcontains` and its like negate.
const Comparison* negated(std::string_view word) {
  for (const std::string_view prefix : {"not_", "not", "non_", "non", "no_", "no", "n"})
    if (word.starts_with(prefix))
      if (const Comparison* row = comparison(std::string(word.substr(prefix.size())))) return row;
  return nullptr;
}

bool order_fits(Type type) {
  return is_number(type) || type == Type::time || type == Type::duration || type == Type::json;
}

bool compares_as_text(Type type) {
  return type == Type::string || type == Type::domain || type == Type::json;
}

bool how_fits(How how, Type type) {
  switch (how) {
    case How::equal:
    case How::exists:
      return true;
    case How::contains:
    case How::starts:
    case How::ends:
    case How::regex:
    case How::domain:
      return compares_as_text(type);
    case How::cidr:
      return type == Type::ip || type == Type::string || type == Type::json;
    case How::gt:
    case How::gte:
    case How::lt:
    case How::lte:
      return order_fits(type);
  }
  return true;
}

}  // namespace

dsl::Span with_bar(dsl::Span modifier) { return {modifier.source, modifier.begin - 1, modifier.end}; }

std::optional<Modifiers> RuleLowering::modifiers(const std::vector<dsl::Name>& words) {
  Modifiers out;
  bool good = true;
  auto exclude = [&](const dsl::Name& first, const dsl::Name& second, std::string help) {
    dsl::Diagnostic& error =
        add(Code::E310, fmt::format("`{}` and `{}` exclude each other", first.text, second.text), second.span,
            fmt::format("not together with `{}`", first.text));
    if (!help.empty()) error.help(std::move(help));
    good = false;
  };
  const dsl::Name* cased = nullptr;
  const dsl::Name* flag = nullptr;
  for (size_t i = 0; i < words.size(); i++) {
    const dsl::Name& word = words[i];
    for (size_t k = 0; k < i; k++)
      if (words[k].text == word.text) {
        add(Code::E310, fmt::format("`{}` stands twice", word.text), word.span, "once is enough")
            .replace(with_bar(word.span), "");
        good = false;
      }
    if (!good) return std::nullopt;
    if (const Comparison* row = comparison(word.text)) {
      if (out.word) {
        exclude(*out.word, word, "an item compares in one way; for two ways write two items");
        return std::nullopt;
      }
      out.word = &word;
      out.how = row->how;
    } else if (word.text == "cased") {
      cased = &word;
      out.cased = true;
    } else if (word.text == "all") {
      out.all = &word;
    } else if (word.text == "neq") {
      out.neq = &word;
    } else if (word.text == "i" || word.text == "m" || word.text == "s") {
      flag = &word;
      (word.text == "i"   ? out.flags.ignore_case
       : word.text == "m" ? out.flags.multi_line
                          : out.flags.dot_all) = true;
    } else if (in(kTransforms, word.text)) {
      if (out.word && word.text != "windash") {
        exclude(*out.word, word,
                fmt::format("write `{}` before `{}`: values are changed, then compared", word.text,
                            out.word->text));
        return std::nullopt;
      }
      out.transforms.push_back(&word);
      if (word.text.starts_with("base64")) out.cased = true;
    } else {
      dsl::Diagnostic& error =
          add(Code::E206, fmt::format("there is no modifier `{}`", word.text), word.span, "not a modifier");
      for (const Elsewhere& row : kElsewhere)
        if (row.word == word.text) {
          error.help(row.here);
          return std::nullopt;
        }
      if (in(kTimeParts, word.text)) {
        error.help(fmt::format("parts of a time are functions, left of the bar: `{}(eventTime)`", word.text));
        return std::nullopt;
      }
      if (const Comparison* row = negated(word.text)) {
        error.help(fmt::format("`neq` turns the whole item round: `|{}|neq`", row->word));
        return std::nullopt;
      }
      std::vector<std::string> near = nearest(word.text, all_words());
      if (!near.empty()) error.help(did_you_mean(near));
      if (near.size() == 1) error.replace(word.span, near[0], dsl::Applicability::likely);
      return std::nullopt;
    }
  }
  bool texts =
      out.how == How::equal || out.how == How::contains || out.how == How::starts || out.how == How::ends;
  if (flag && out.how != How::regex) {
    add(Code::E310, fmt::format("`{}` belongs to `re`", flag->text), flag->span, "only after `re`")
        .help(flag->text == "i" ? "leave it out: text is compared without regard to case anyhow"
                                : "leave it out");
    good = false;
  }
  if (cased && !texts && out.how != How::domain)
    exclude(*out.word, *cased, out.how == How::regex ? "`re` minds case; `re|i` does not" : "");
  if (!out.transforms.empty() && !texts) exclude(*out.transforms[0], *out.word, "");
  if (out.all && (out.compares_order() || out.how == How::exists)) exclude(*out.word, *out.all, "");
  if (!good) return std::nullopt;
  return out;
}

bool RuleLowering::fits(const Modifiers& modifiers, const Typed& subject, const dsl::Item& item) {
  if (subject.type == Type::unknown) return true;
  const dsl::Name* word = modifiers.word;
  const char* compares = "text";
  if (word && !how_fits(modifiers.how, subject.type)) {
    compares = comparison(word->text)->compares;
  } else {
    word = nullptr;
    for (const dsl::Name& other : item.modifiers)
      if ((other.text == "cased" || in(kTransforms, other.text)) && !compares_as_text(subject.type))
        word = &other;
    if (!word) return true;
  }
  std::string written = text(item.subject.span), type = described(subject.type);
  dsl::Diagnostic& error =
      add(Code::E302, fmt::format("`|{}` compares {}, and `{}` is {}", word->text, compares, written, type),
          with_bar(word->span), fmt::format("not for {}", type));
  error.label(item.subject.span,
              is_text(subject.type) && subject.type != Type::string ? name_of(subject.type) : type);
  std::string values = text(item.values_span);
  bool number = item.values.size() == 1 && (std::holds_alternative<dsl::Number>(item.values[0].node) ||
                                            std::holds_alternative<dsl::Const>(item.values[0].node));
  if (modifiers.compares_order() && compares_as_text(subject.type) && number)
    error.help(fmt::format("did you mean its length: `length({})|{}: {}`?", written, word->text, values))
        .replace(item.subject.span, fmt::format("length({})", written), dsl::Applicability::likely);
  else if (subject.type == Type::ip && modifiers.how != How::equal)
    error.help(fmt::format(
        "an address is compared with `{}: \"10.0.0.1\"`, a network with `{}|cidr: \"10.0.0.0/8\"`", written,
        written));
  else if (modifiers.how == How::cidr && subject.type == Type::domain)
    error.help("a domain and what is below it: `|domain`");
  else if (is_number(subject.type))
    error.help(fmt::format("numbers are compared with `{}: 22`, or `|gt` `|gte` `|lt` `|lte`", written));
  else if (subject.type == Type::boolean)
    error.help(fmt::format("write `{}: true` or `{}: false`", written, written));
  return false;
}

}  // namespace weir::compiler
