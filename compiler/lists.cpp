// The values of every list: from its braces or its file, checked by type, then what tunings add and remove.
#include <fmt/format.h>

#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <unordered_map>
#include <unordered_set>

#include "compiler/clauses.h"
#include "compiler/loading.h"
#include "compiler/nearest.h"
#include "compiler/project_files.h"
#include "runtime/match/functions.h"
#include "runtime/match/text.h"

namespace weir::compiler {
namespace {

using dsl::Code;

constexpr size_t kMostErrors = 20;  // of one file

// Why a text is no value of a type; empty when it is one. `help` may be added to.
struct Objection {
  Code code = Code::E301;
  std::string title, label, help, replacement;
};

std::optional<Objection> object_to_network(std::string_view text) {
  auto network = match::parse_network(text);
  if (!network)
    return Objection{Code::E301, fmt::format("\"{}\" is not an address, nor a network", text),
                     "not an address", "", ""};
  if (!match::has_host_bits(*network)) return std::nullopt;
  std::string right = match::to_string(*network);
  return Objection{Code::E306, fmt::format("{} is an address inside a network, not a network", text),
                   fmt::format("bits are set below the {}", text.substr(text.find('/'))),
                   fmt::format("the network is \"{}\"", right), right};
}

std::optional<Objection> object_to_domain(std::string_view text) {
  auto no_domain = [&](std::string_view why, std::string help) {
    return Objection{Code::E301, fmt::format("\"{}\" is not a domain", text), std::string(why),
                     std::move(help), ""};
  };
  if (text.find("://") != text.npos)
    return no_domain("an address of the web", "write the name alone, without scheme and path");
  if (text.find_first_of(" \t/,;") != text.npos) return no_domain("a character that no name has", "");
  if (text.find("..") != text.npos || text.starts_with('.'))
    return no_domain("an empty label",
                     "names below one are found by `|domain`; the list holds the name itself");
  return std::nullopt;
}

std::optional<Objection> object_to_text(Type type, std::string_view text) {
  switch (type) {
    case Type::ip:
      return object_to_network(text);
    case Type::domain:
      return object_to_domain(text);
    case Type::time:
      if (match::parse_time(text)) return std::nullopt;
      return Objection{Code::E301, fmt::format("\"{}\" is not a time", text),
                       "not as in 2026-01-31T12:00:00Z", "", ""};
    case Type::string:
    case Type::json:
      return std::nullopt;
    default:
      return Objection{Code::E301, fmt::format("the list holds {}, and \"{}\" is text", name_of(type), text),
                       fmt::format("not {}", described(type)), "", ""};
  }
}

bool fits(Type type, const dsl::Expr& value) {
  if (const auto* number = std::get_if<dsl::Number>(&value.node))
    return type == Type::real || (type == Type::integer && number->is_integer && !number->overflow);
  if (std::holds_alternative<dsl::Bool>(value.node)) return type == Type::boolean;
  if (std::holds_alternative<dsl::Date>(value.node)) return type == Type::time;
  return false;
}

// False, with an error, when a value written in a rule file is none of the list's type.
bool check_value(const dsl::SourceMap& sources, Type type, const dsl::Expr& value,
                 dsl::Diagnostics& diagnostics) {
  if (const auto* text = std::get_if<dsl::Text>(&value.node)) {
    std::optional<Objection> objection = object_to_text(type, text->value);
    if (!objection) return true;
    dsl::Diagnostic& d = diagnostics.add(objection->code, objection->title, value.span, objection->label);
    if (!objection->help.empty()) d.help(objection->help);
    if (!objection->replacement.empty())
      d.replace(value.span, fmt::format("\"{}\"", objection->replacement), dsl::Applicability::likely);
    return false;
  }
  if (fits(type, value)) return true;
  std::string_view spelling = sources.text(value.span);
  dsl::Diagnostic& d = diagnostics.add(
      Code::E301, fmt::format("the list holds {}, and {} is {}", name_of(type), spelling, kind_of(value)),
      value.span, fmt::format("not {}", described(type)));
  bool texts = type == Type::string || type == Type::domain || type == Type::ip;
  if (texts &&
      (std::holds_alternative<dsl::Number>(value.node) || std::holds_alternative<dsl::Path>(value.node)))
    d.help(fmt::format("write `\"{}\"`", spelling)).replace(value.span, fmt::format("\"{}\"", spelling));
  return false;
}

// Equal for values that are the same to the type.
std::string key_of(Type type, const dsl::Expr& value) {
  if (const auto* text = std::get_if<dsl::Text>(&value.node)) {
    if (type == Type::domain) return match::normal(text->value, {false, true});
    if (type == Type::ip)
      if (auto network = match::parse_network(text->value)) return match::to_string(*network);
    return match::fold(text->value);
  }
  if (const auto* number = std::get_if<dsl::Number>(&value.node)) return match::format_real(number->value);
  if (const auto* flag = std::get_if<dsl::Bool>(&value.node)) return flag->value ? "true" : "false";
  return {};
}

// A literal of its own; other expressions are no value of a list.
dsl::Expr copy_of(const dsl::Expr& value) {
  dsl::Expr copy;
  copy.span = value.span;
  std::visit(
      [&](const auto& node) {
        using Node = std::decay_t<decltype(node)>;
        if constexpr (std::is_copy_constructible_v<Node> && !std::is_same_v<Node, dsl::Call>)
          copy.node = node;
      },
      value.node);
  return copy;
}

std::string_view trimmed(std::string_view text) {
  size_t begin = text.find_first_not_of(" \t\r");
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") + 1 - begin);
}

// A line of a list file without its comment, which begins a line or stands after white space.
std::string_view without_comment(std::string_view line) {
  for (size_t at = line.find('#'); at != line.npos; at = line.find('#', at + 1))
    if (at == 0 || line[at - 1] == ' ' || line[at - 1] == '\t') return trimmed(line.substr(0, at));
  return trimmed(line);
}

class FileReader {
 public:
  FileReader(Loading& loading, ListInfo& info, dsl::SourceId source)
      : loading_(loading), info_(info), source_(source), text_(loading.project.sources.text(source)) {}

  void run() {
    size_t begin = text_.starts_with("\xEF\xBB\xBF") ? 3 : 0;
    while (begin < text_.size()) {
      size_t end = std::min(text_.find('\n', begin), text_.size());
      if (std::string_view content = without_comment(text_.substr(begin, end - begin)); !content.empty())
        info_.to ? row(content) : value(content);
      begin = end + 1;
    }
    if (errors_ > kMostErrors)
      loading_.diagnostics.add(
          Code::E510, fmt::format("{} more lines of this file cannot be read", errors_ - kMostErrors),
          {source_, 0, 0}, "only the first are shown");
    info_.broken |= errors_ > 0;
  }

 private:
  dsl::Span span_of(std::string_view part) const {
    uint32_t begin = uint32_t(part.data() - text_.data());
    return {source_, begin, begin + uint32_t(part.size())};
  }

  void refuse(std::string_view part, std::string title, std::string label, std::string help = {}) {
    if (++errors_ > kMostErrors) return;
    dsl::Diagnostic& d =
        loading_.diagnostics.add(Code::E510, std::move(title), span_of(part), std::move(label));
    if (!help.empty()) d.help(std::move(help));
  }

  bool check(Type type, std::string_view part) {
    std::optional<Objection> objection = object_to_text(type, part);
    if (!objection) return true;
    refuse(part, objection->title, objection->label, objection->help);
    return false;
  }

  void value(std::string_view part) {
    dsl::Expr expr;
    expr.span = span_of(part);
    if (is_plain(info_.type)) {
      if (!scalar(info_.type, part, expr)) return;
    } else {
      if (part.find('*') != part.npos && info_.type == Type::domain) {
        refuse(part, fmt::format("\"{}\" holds a star, and a list file holds plain values", part),
               "compared as it stands",
               "leave the star out and compare with `|domain`: the name itself or a name below it");
        return;
      }
      if (!check(info_.type, part)) return;
      expr.node = dsl::Text{std::string(part), {}, dsl::Quote::verbatim, expr.span};
    }
    info_.values.push_back(std::move(expr));
  }

  // A number or a bool.
  static bool is_plain(Type type) { return type == Type::integer || type == Type::real || type == Type::boolean; }

  bool scalar(Type type, std::string_view part, dsl::Expr& expr) {
    std::string text(part);
    char* end = nullptr;
    if (type == Type::boolean && (part == "true" || part == "false")) {
      expr.node = dsl::Bool{part == "true", expr.span};
      return true;
    }
    dsl::Number number;
    number.span = expr.span;
    number.value = std::strtod(text.c_str(), &end);
    bool whole = text.find_first_not_of("-0123456789") == std::string::npos;
    // strtod reads "inf", "nan" and "0x1p3", too.
    bool decimal = text.find_first_not_of("+-.0123456789eE") == std::string::npos && std::isfinite(number.value);
    if (type == Type::boolean || *end || !decimal || (type == Type::integer && !whole)) {
      refuse(part, fmt::format("\"{}\" is not {}", part, described(type)), fmt::format("not {}", name_of(type)));
      return false;
    }
    number.is_integer = whole;
    errno = 0;
    if (whole) number.integer = std::strtoll(text.c_str(), &end, 10);
    number.overflow = errno == ERANGE;
    if (number.overflow) number.digits = text;
    expr.node = number;
    return true;
  }

  void row(std::string_view line) {
    size_t tab = line.find('\t');
    if (tab == line.npos) {
      refuse(line, "a look-up list has two columns", "no tab between a key and a value",
             "write the key, a tab, and its value");
      return;
    }
    if (line.find('\t', tab + 1) != line.npos) {
      refuse(line, "a look-up list has two columns", "more than one tab in this line",
             "take the other columns out, or write a list for each");
      return;
    }
    std::string_view key = trimmed(line.substr(0, tab)), value = trimmed(line.substr(tab + 1));
    dsl::Expr expr;
    expr.span = span_of(value);
    if (!check(info_.type, key)) return;
    if (!(is_plain(*info_.to) ? scalar(*info_.to, value, expr) : check(*info_.to, value))) return;
    expr.node = dsl::Text{std::string(key), {}, dsl::Quote::verbatim, span_of(key)};
    auto [known, fresh] = rows_.emplace(key_of(info_.type, expr), value);
    if (fresh)
      info_.rows.emplace_back(key, value);
    else if (known->second != value)
      refuse(key, fmt::format("`{}` has two values", key),
             fmt::format("\"{}\" in a line above", known->second));
  }

  Loading& loading_;
  ListInfo& info_;
  dsl::SourceId source_;
  std::string_view text_;
  std::unordered_map<std::string, std::string_view> rows_;
  size_t errors_ = 0;
};

void read_values(Loading& loading, ListInfo& info) {
  const dsl::List& list = *info.list;
  if (list.from) {
    std::string path = beside(loading.project.sources.path(list.name.span.source), list.from->value);
    std::string reason;
    std::optional<std::string> text = loading.read_list(path, reason);
    if (!text) {
      loading.diagnostics
          .add(Code::E510, fmt::format("the list file {} cannot be read: {}", list.from->value, reason),
               list.from->span, fmt::format("looked for at {}", path))
          .help("the path is seen from the folder of the file that declares the list");
      info.broken = true;
      return;
    }
    info.file = path;
    dsl::SourceId source = loading.project.sources.add(path, std::move(*text));
    FileReader(loading, info, source).run();
    return;
  }
  if (info.to) {
    loading.diagnostics
        .add(Code::E510, fmt::format("the look-up list `{}` has no file", list.name.text), list.name.span,
             "its rows come from a file")
        .help("write `from \"lists/NAME.txt\"`: the key, a tab, and its value on each line");
    info.broken = true;
    return;
  }
  for (const dsl::Expr& value : list.values) {
    if (check_value(loading.project.sources, info.type, value, loading.diagnostics))
      info.values.push_back(copy_of(value));
    else
      info.broken = true;
  }
}

class Amender {
 public:
  Amender(Loading& loading, ListInfo& info) : loading_(loading), info_(info) {
    if (info.to) return;
    for (const dsl::Expr& value : info.values) known_.insert(key_of(info.type, value));
  }

  void amend(const dsl::Amend& amend) {
    if (info_.to) {
      loading_.diagnostics
          .add(Code::E509, fmt::format("`{}` is a look-up list", info_.list->name.text), amend.span,
               "a tuning adds and removes plain values")
          .help("change its file, or declare a list of your own");
      return;
    }
    for (const dsl::Expr& value : amend.values)
      if (check_value(loading_.project.sources, info_.type, value, loading_.diagnostics))
        amend.remove ? remove(value) : add(value);
  }

  void finish() {
    if (removed_.empty()) return;
    info_.removed = std::erase_if(
        info_.values, [&](const dsl::Expr& value) { return removed_.contains(key_of(info_.type, value)); });
  }

 private:
  void add(const dsl::Expr& value) {
    info_.values.push_back(copy_of(value));
    ++info_.added;
  }

  void remove(const dsl::Expr& value) {
    std::string key = key_of(info_.type, value);
    if (known_.contains(key)) {
      removed_.insert(key);
      return;
    }
    std::string_view spelling = loading_.project.sources.text(value.span);
    dsl::Diagnostic& d = loading_.diagnostics.add(
        Code::W508, fmt::format("{} is not in the list `{}`", spelling, info_.list->name.text), value.span,
        "nothing to remove");
    std::vector<std::string> near = nearest(key, {known_.begin(), known_.end()}, 1);
    if (!near.empty()) d.help(fmt::format("did you mean \"{}\"?", near[0]));
  }

  Loading& loading_;
  ListInfo& info_;
  std::unordered_set<std::string> known_, removed_;
};

}  // namespace

void load_lists(Loading& loading) {
  for (auto& [name, info] : loading.project.lists) {
    if (info.list->broken) continue;
    read_values(loading, info);
    std::vector<const dsl::Tune*> tunes;
    for (const dsl::Tune* tune : loading.project.tunes)
      if (tune->kind == dsl::Tune::Kind::list && !tune->targets.empty() && tune->targets[0].text == name &&
          !find_meta(tune->clauses, "until"))  // E512 by tuning.cpp
        tunes.push_back(tune);
    if (tunes.empty()) continue;
    for (const dsl::Expr& value : info.values) info.untuned.push_back(copy_of(value));
    Amender amender(loading, info);
    for (const dsl::Tune* tune : tunes)
      for (const dsl::TuneClause& clause : tune->clauses)
        if (const auto* amend = std::get_if<dsl::Amend>(&clause)) amender.amend(*amend);
    amender.finish();
  }
}

}  // namespace weir::compiler
