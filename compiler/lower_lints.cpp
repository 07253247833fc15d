// W8xx and W213: what is allowed and yet seldom meant.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/lowering.h"
#include "runtime/match/text.h"

namespace weir::compiler {

using dsl::Code;
using How = Modifiers::How;

namespace {

bool is_path_text(const std::string& text) {
  if (text.empty() || !(std::isalpha(uint8_t(text[0])) || text[0] == '_')) return false;
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return std::isalnum(uint8_t(c)) || c == '_' || c == '.'; }) &&
         text.find("..") == std::string::npos && text.back() != '.';
}

std::vector<std::string> split(const std::string& path) {
  std::vector<std::string> names(1);
  for (char c : path) {
    if (c == '.')
      names.emplace_back();
    else
      names.back() += c;
  }
  return names;
}

bool is_camel_case(const std::string& word) {
  return std::any_of(word.begin() + 1, word.end(), [](char c) { return std::isupper(uint8_t(c)); }) &&
         std::islower(uint8_t(word[0]));
}

bool stars_alone(const dsl::Text& text) {
  return !text.value.empty() && text.wildcards.size() == text.value.size() &&
         std::all_of(text.value.begin(), text.value.end(), [](char c) { return c == '*'; });
}

std::string singular(const std::string& name) {
  size_t dot = name.rfind('.');
  std::string last = dot == std::string::npos ? name : name.substr(dot + 1);
  if (last.size() > 3 && last.back() == 's' && last[last.size() - 2] != 's') last.pop_back();
  return last;
}

bool compares_values(const LoweredItem& item) {
  return item.subject.type != Type::unknown && item.modifiers.how != How::exists && !item.modifiers.neq &&
         !(item.values.size() == 1 && std::holds_alternative<dsl::Null>(item.values[0]->node));
}

}  // namespace

// A text that is spelled like a field of this source, and like little else.
bool RuleLowering::names_a_field(const std::string& text) const {
  if (!is_path_text(text)) return false;
  std::vector<std::string> names = split(text);
  if (names.size() == 1) return is_camel_case(text) && schema().find(names) != nullptr;
  if (schema().find(names)) return true;
  const FieldInfo* part = schema().json_above(names);
  return part && is_camel_case(part->path[0].name);
}

// W814: `neq` turns the quantifier, too.
void RuleLowering::lint_quantified_neq(const LoweredItem& lowered) {
  using Pick = dsl::Segment::Pick;
  auto* path = std::get_if<dsl::Path>(&lowered.item->subject.node);
  if (!lowered.modifiers.neq || !path) return;
  auto quantified = std::find_if(path->segments.begin(), path->segments.end(), [](const dsl::Segment& segment) {
    return segment.pick == Pick::any || segment.pick == Pick::all || segment.pick == Pick::none;
  });
  if (quantified == path->segments.end()) return;
  const char* meaning = quantified->pick == Pick::any   ? "true when no element is this, or there is none"
                        : quantified->pick == Pick::all ? "true when not every element is this, or there is none"
                                                        : "true when some element is this";
  dsl::Diagnostic& found = add(Code::W814, "`neq` turns the quantifier, too", with_bar(lowered.modifiers.neq->span), meaning);
  found.label({quantified->span.source, quantified->name_span.end, quantified->span.end}, "the quantifier");
  if (path->segments.end() - quantified != 2) return;
  const std::string array = text({path->span.source, path->span.begin, quantified->name_span.end});
  const std::string part = text(path->segments.back().span), values = text(lowered.item->values_span);
  found.help(fmt::format("for an element that differs: `{}[any] {{ {}|neq: {} }}`; for none that is this: `{}[none].{}: {}`",
                         array, part, values, array, part, values));
}

void RuleLowering::lint_item(const LoweredItem& lowered, const Scope&) {
  const Modifiers& modifiers = lowered.modifiers;
  if (lowered.subject.type == Type::unknown) return;
  lint_quantified_neq(lowered);
  for (const dsl::Expr* value : lowered.values) {
    auto* text = std::get_if<dsl::Text>(&value->node);
    if (!text || pack_.trusts(text->span)) continue;
    std::string subject = this->text(lowered.item->subject.span), written = this->text(text->span);
    if (modifiers.how == How::ends && lowered.subject.type == Type::domain && text->wildcards.empty() &&
        text->value.find('.') != std::string::npos && std::isalnum(uint8_t(text->value[0])))
      add(Code::W801, fmt::format("this also matches `not{}`", text->value), with_bar(modifiers.word->span),
          "by character, not by label")
          .help(fmt::format("`{}|domain: {}` is the name itself or a name below it", subject, written))
          .replace(modifiers.word->span, "domain", dsl::Applicability::likely);
    if (modifiers.how != How::regex && text->wildcards.empty() && names_a_field(text->value))
      add(Code::W802, "this text is the name of a field", text->span, "compared letter by letter")
          .help("without the quotes it is the field's value")
          .replace(text->span, text->value, dsl::Applicability::likely);
    bool compares_text = modifiers.how == How::equal || modifiers.how == How::contains ||
                         modifiers.how == How::starts || modifiers.how == How::ends;
    if (compares_text && (stars_alone(*text) || (modifiers.how != How::equal && text->value.empty())))
      add(Code::W809, fmt::format("{} matches everything that is there", written), text->span,
          "any text, the empty one too")
          .help(fmt::format("did you mean `{}|exists: true`? or, for the character itself, `'*'`?", subject));
    if (!stars_alone(*text)) lint_outer_star(modifiers, *text, written);
    lint_foreign_pattern(lowered, *text, written);
    if (modifiers.how == How::contains && lowered.subject.field && text->wildcards.empty()) {
      const std::vector<std::string>& known = lowered.subject.field->known;
      auto equal = [&](const std::string& other) { return match::equal(other, text->value, {}); };
      auto longer = [&](const std::string& other) {
        return !equal(other) && match::contains(other, text->value, {});
      };
      if (std::any_of(known.begin(), known.end(), equal) && std::none_of(known.begin(), known.end(), longer))
        add(Code::W810, fmt::format("{} is a whole value of `{}`", written, subject), modifiers.word->span,
            "looks for a part")
            .help(fmt::format("write `{}: {}`", subject, written))
            .replace(with_bar(modifiers.word->span), "", dsl::Applicability::likely);
    }
  }
}

// W811: a `*` at the beginning or end of a part. `contains: "logs:*"` is `contains: "logs:"`, and
// `startswith: "*."` is `contains: "."`: whoever writes it usually means the star itself.
void RuleLowering::lint_outer_star(const Modifiers& modifiers, const dsl::Text& text, const std::string& written) {
  bool part = modifiers.how == How::contains || modifiers.how == How::starts || modifiers.how == How::ends;
  if (!part || text.wildcards.empty()) return;
  auto star_at = [&](uint32_t at) {
    return text.value[at] == '*' && std::find(text.wildcards.begin(), text.wildcards.end(), at) != text.wildcards.end();
  };
  if (!star_at(0) && !star_at(uint32_t(text.value.size() - 1))) return;
  dsl::Diagnostic& found = add(Code::W811, fmt::format("`{}` with a `*` at an end", modifiers.word->text), text.span,
                               "this `*` is any text, and there is any text around a part anyway");
  if (text.wildcards.size() == 1 && text.value.find('\'') == std::string::npos) {
    std::string verbatim = "'" + text.value + "'";
    found.help(fmt::format("for the star itself: `{}`; else leave it out", verbatim))
        .replace(text.span, verbatim, dsl::Applicability::likely);
  } else {
    found.help(fmt::format("for a star itself write `\\*`; else leave it out of {}", written));
  }
}

// W815: a pattern in the spelling of another language, compared letter by letter. What a caller sends may
// well hold such letters; what AWS writes of itself does not.
void RuleLowering::lint_foreign_pattern(const LoweredItem& lowered, const dsl::Text& text,
                                        const std::string& written) {
  const FieldInfo* field = lowered.subject.field;
  const std::string& value = text.value;
  if (lowered.modifiers.how != How::equal || !field || schema().find(split(field->name())) != field) return;
  if (value.size() < 2 || value.find_first_not_of('*') == std::string::npos) return;
  const std::string subject = this->text(lowered.item->subject.span);
  const bool star = text.quote == dsl::Quote::verbatim && value.find('*') != std::string::npos;
  const bool percent = value.front() == '%' || value.back() == '%';
  const bool anchor = value.front() == '^' || value.back() == '$';
  if (star) {
    dsl::Diagnostic& found = add(Code::W815, "a `*` between single quotes is no wildcard", text.span,
                                 "compared letter by letter, the star too");
    if (value.find_first_of("\"\\") != std::string::npos) return;
    const std::string pattern = '"' + value + '"';
    found.help(fmt::format("for any text: {}", pattern))
        .replace(text.span, pattern, dsl::Applicability::likely);
  } else if (percent) {
    dsl::Diagnostic& found =
        add(Code::W815, "a `%` is no wildcard", text.span, "compared letter by letter, the `%` too");
    if (!text.wildcards.empty() || value.find_first_of("\"\\*?") != std::string::npos) return;
    std::string pattern = '"' + value + '"';
    std::replace(pattern.begin(), pattern.end(), '%', '*');
    found.help(fmt::format("for any text: {}", pattern))
        .replace(text.span, pattern, dsl::Applicability::likely);
  } else if (anchor) {
    add(Code::W815, fmt::format("{} is no regular expression", written), text.span,
        "compared letter by letter")
        .help(fmt::format("for a regular expression: `{}|re: '…'`; for a beginning: `{}|startswith: \"…\"`",
                          subject, subject));
  }
}

// W803: two items on one array, each true of another element.
void RuleLowering::lint_map(const std::vector<LoweredItem>& items, const Scope&) {
  for (size_t j = 1; j < items.size(); j++)
    for (size_t i = 0; i < j; i++) {
      const LoweredItem &a = items[i], &b = items[j];
      if (a.subject.array.empty() || a.subject.array != b.subject.array || !compares_values(a) ||
          !compares_values(b))
        continue;
      const std::string& array = a.subject.array;
      std::string any = "any " + singular(array), inside;
      for (const LoweredItem* item : {&a, &b}) {
        std::string written = text(item->item->span);
        if (written.starts_with(array + ".")) written.erase(0, array.size() + 1);
        inside += (inside.empty() ? "" : "; ") + written;
      }
      add(Code::W803, fmt::format("these two items may match different {}", array), b.item->subject.span, any)
          .label(a.item->subject.span, any)
          .help(fmt::format("for the same {}: `{}[any] {{ {} }}`", singular(array), array, inside));
      return;
    }
}

// W804.
void RuleLowering::lint_brackets(const dsl::Cond& cond) {
  for (size_t i = 0; i < cond.children.size(); i++) {
    const dsl::Cond& child = cond.children[i];
    if (cond.kind == dsl::Cond::Kind::any && child.kind == dsl::Cond::Kind::all && !child.parenthesised) {
      std::string whole = text(
          cond.parenthesised ? dsl::join(cond.children.front().span, cond.children.back().span) : cond.span);
      size_t at = child.span.begin - cond.children.front().span.begin;
      std::string inner = text(child.span);
      whole.replace(at, inner.size(), "(" + inner + ")");
      add(Code::W804, "`and` binds before `or`", child.span, fmt::format("read as `{}`", whole))
          .help("write the brackets; `weir fmt` will not guess")
          .replace(child.span, "(" + inner + ")", dsl::Applicability::likely);
    }
    lint_brackets(child);
  }
}

void RuleLowering::lint_brackets(const dsl::KCond& cond) {
  for (const dsl::KCond& child : cond.children) {
    if (cond.kind == dsl::KCond::Kind::any && child.kind == dsl::KCond::Kind::all && !child.parenthesised)
      add(Code::W804, "`and` binds before `or`", child.span, "read as if in brackets")
          .help("write the brackets; `weir fmt` will not guess")
          .replace(child.span, "(" + text(child.span) + ")", dsl::Applicability::likely);
    lint_brackets(child);
  }
}

// W805: a test that fires, and one that keeps the rule silent.
void RuleLowering::lint_tests() {
  size_t fire = 0, silent = 0;
  for (const dsl::RuleClause& clause : entry_->rule->clauses) {
    auto* test = std::get_if<dsl::Test>(&clause);
    if (!test) continue;
    bool fires = false;
    for (const auto& step : test->steps)
      if (auto* expect = std::get_if<dsl::Expect>(&step)) fires = fires || expect->count > 0;
    (fires ? fire : silent)++;
  }
  if (fire > 0 && silent > 0) return;
  const dsl::Name& name = entry_->rule->name;
  auto tests = [](size_t n, const char* verb) {
    return fmt::format("{} test{} that {}{}", n, n == 1 ? "" : "s", verb, n == 1 ? "s" : "");
  };
  if (fire > 0)
    add(Code::W805, "no test keeps this rule silent", name.span,
        fmt::format("{}, none that does not", tests(fire, "fire")))
        .help(fmt::format("`weir new test {} --silent --rules PATH` writes one from the nearest miss",
                          name.text));
  else if (silent > 0)
    add(Code::W805, "no test makes this rule fire", name.span,
        fmt::format("{} silent, none that makes it fire", tests(silent, "keep")))
        .help(fmt::format("`weir new test {} --rules PATH` writes one", name.text));
  else
    add(Code::W805, "this rule has no test", name.span,
        "nothing shows that it fires, nor that it can be silent")
        .help(fmt::format("`weir new test {} --rules PATH` writes one", name.text));
}

// W213.
void RuleLowering::lint_unused() {
  auto unused = [&](const char* kind, const dsl::Name& name) {
    add(Code::W213, fmt::format("the {} `{}` is not used", kind, name.text), name.span,
        "nothing refers to it")
        .help("use it, or take it out");
  };
  for (const auto& [name, selection] : selections_)
    if (!used_selections_.count(name) && !name.starts_with('_')) unused("selection", selection->name);
  for (const auto& [name, let] : lets_)
    if (!used_lets_.count(name)) unused("let", let->name);
  for (const auto& [name, param] : params_)
    if (!used_params_.count(name)) unused("param", param->name);
}

}  // namespace weir::compiler
