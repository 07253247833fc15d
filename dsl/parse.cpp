// The recipe: encoding, then declaration by declaration, block by block, unit by unit.
#include "dsl/parse.h"

#include <fmt/format.h>

#include <utility>

#include "dsl/build.h"
#include "dsl/clause_words.h"
#include "dsl/encoding.h"
#include "dsl/limits.h"
#include "dsl/unit_reader.h"

namespace weir::dsl {
namespace {

class Reader : UnitReader {
 public:
  Reader(const SourceMap& sources, SourceId source, Diagnostics& diagnostics)
      : UnitReader(sources, source, diagnostics) {}

  File read();

 private:
  Build build() {
    return Build(
        text(), [this](uint32_t begin, uint32_t end) { return draft_.span(begin, end); }, out_);
  }

  // declarations
  void read_edition();
  bool is_sigma();
  void read_declaration();
  std::optional<Declaration> read_rule();
  std::optional<Declaration> read_list();
  std::optional<Declaration> read_shared();
  std::optional<Declaration> read_tune();
  std::optional<Declaration> read_schema();
  void mark_broken(size_t errors_before);
  void keep_comments();

  // blocks of a rule
  template <class Clauses>
  bool read_test(Clauses& clauses);
  bool read_detection(Rule& rule);
  bool read_correlation(Rule& rule);
  void read_correlation_item(const Node& node, Correlation& correlation);
  bool read_rule_item(Rule& rule);
  bool read_tune_item(Tune& tune);
  template <class C, class Clauses>
  void add_once(Clauses& clauses, C clause);
  // False, and E109, when `first` says that it was there before; both begin with the same word.
  bool is_first(const std::optional<Span>& first, Span second);

  File file_;
  bool not_utf8_ = false;
  std::vector<Span> bad_bytes_;
  std::optional<Span> warmup_span_;  // of the correlation that is read
};

// ---- rules ------------------------------------------------------------------------------------------------

bool Reader::is_first(const std::optional<Span>& first, Span second) {
  if (!first) return true;
  const Token word = token_at(sources_.text(source_), second.begin);
  const uint32_t length = word.end - word.begin;
  add_twice(out_, sources_.text({source_, word.begin, word.end}),
            {source_, first->begin, first->begin + length}, {source_, word.begin, word.end});
  return false;
}

template <class C, class Clauses>
void Reader::add_once(Clauses& clauses, C clause) {
  std::optional<Span> first;
  for (const auto& other : clauses)
    if (const C* same = std::get_if<C>(&other)) first = same->span;
  if (is_first(first, clause.span)) clauses.push_back(std::move(clause));
}

template <class Clauses>
bool Reader::read_test(Clauses& clauses) {
  const UnitTree head = take(Unit::test_head);
  if (!head) return false;
  Test test;
  test.title = build().text((*head)[0][0]);
  const uint32_t begin = block(BlockKind::test, (*head)[0], [&] {
    return one(Unit::test_item, [&](const Node& node) {
      if (node.kind == Kind::Params)
        test.steps.push_back(build().params(node));
      else if (node.kind == Kind::Feed)
        test.steps.push_back(build().feed(node));
      else
        test.steps.push_back(build().expect(node));
    });
  });
  test.span = draft_.span(begin, at_);
  clauses.push_back(std::move(test));
  return true;
}

bool Reader::read_detection(Rule& rule) {
  const UnitTree head = take(Unit::detection_head);
  if (!head) return false;
  Detection detection;
  const uint32_t begin = block(BlockKind::detection, (*head)[0], [&] {
    return one(Unit::detection_item, [&](const Node& node) {
      const Span span = draft_.span(node.begin, node.end);
      if (node.kind == Kind::Selection) {
        detection.selections.push_back(build().selection(node));
      } else if (is_first(detection.condition ? std::optional(detection.condition_span) : std::nullopt,
                          span)) {
        detection.condition = build().cond(node[0]);
        detection.condition_span = span;
      }
    });
  });
  detection.span = draft_.span(begin, at_);
  add_once(rule.clauses, std::move(detection));
  return true;
}

void Reader::read_correlation_item(const Node& node, Correlation& correlation) {
  const Span span = draft_.span(node.begin, node.end);
  auto seen = [](bool there, Span where) { return there ? std::optional(where) : std::nullopt; };
  switch (node.kind) {
    case Kind::GroupBy:
      if (!is_first(correlation.group_by_span, span)) return;
      correlation.group_by_span = span;
      if (node[0].kind == Kind::Exprs)
        correlation.group_by = build().exprs(node[0]);
      else
        correlation.group_by.push_back(build().expr(node[0]));
      break;
    case Kind::Timespan:
      if (!is_first(seen(correlation.timespan.has_value(), correlation.timespan_span), span)) return;
      correlation.timespan = build().expr(node[0]);
      correlation.timespan_span = span;
      correlation.window_written = node.size() == 2;
      if (const Node* tumbling = node.find(Kind::Tumbling))
        correlation.window =
            tumbling->size() ? Correlation::Window::tumbling_closed : Correlation::Window::tumbling;
      break;
    case Kind::Warmup:
      if (!is_first(seen(warmup_span_.has_value(), warmup_span_.value_or(span)), span)) return;
      correlation.warmup = build().expr(node[0]);
      warmup_span_ = span;
      break;
    case Kind::State:
      if (!is_first(correlation.state ? std::optional(correlation.state->span) : std::nullopt, span)) return;
      correlation.state = build().state(node);
      break;
    default:
      if (!is_first(seen(correlation.condition.has_value(), correlation.condition_span), span)) return;
      correlation.condition = build().many_cond(node[0]);
      correlation.condition_span = span;
      break;
  }
}

bool Reader::read_correlation(Rule& rule) {
  const UnitTree head = take(Unit::correlation_head);
  if (!head) return false;
  Correlation correlation;
  warmup_span_.reset();
  const uint32_t begin = block(BlockKind::correlation, (*head)[0], [&] {
    return one(Unit::correlation_item, [&](const Node& node) { read_correlation_item(node, correlation); });
  });
  correlation.span = draft_.span(begin, at_);
  add_once(rule.clauses, std::move(correlation));
  return true;
}

bool Reader::read_rule_item(Rule& rule) {
  const std::string_view word = word_here();
  if (word == "detection") return read_detection(rule);
  if (word == "correlation") return read_correlation(rule);
  if (word == "test") return read_test(rule.clauses);
  return one(Unit::rule_clause, [&](const Node& node) {
    RuleClause clause = build().rule_clause(node);
    std::visit(
        [&](auto& made) {
          using C = std::remove_reference_t<decltype(made)>;
          if constexpr (std::is_same_v<C, Meta> || std::is_same_v<C, Let> || std::is_same_v<C, Test>)
            rule.clauses.push_back(std::move(made));
          else
            add_once(rule.clauses, std::move(made));
        },
        clause);
  });
}

std::optional<Declaration> Reader::read_rule() {
  const uint32_t begin = at_;
  const UnitTree head = take(Unit::rule_head);
  if (!head) return std::nullopt;
  Rule rule;
  rule.name = build().name((*head)[0][0]);
  block(BlockKind::rule, (*head)[0], [&] { return read_rule_item(rule); });
  rule.span = draft_.span(begin, at_);
  return rule;
}

// ---- the other declarations -------------------------------------------------------------------------------

std::optional<Declaration> Reader::read_list() {
  const UnitTree tree = take(Unit::list);
  if (!tree) return std::nullopt;
  return build().list((*tree)[0]);
}

std::optional<Declaration> Reader::read_shared() {
  const UnitTree tree = take(Unit::shared_selection);
  if (!tree) return std::nullopt;
  SharedSelection shared;
  shared.selection = build().selection((*tree)[0]);
  shared.span = shared.selection.span;
  return shared;
}

std::optional<Declaration> Reader::read_schema() {
  const uint32_t begin = at_;
  const UnitTree head = take(Unit::schema_head);
  if (!head) return std::nullopt;
  Schema schema;
  schema.name = build().name((*head)[0][0]);
  block(BlockKind::schema, (*head)[0], [&] {
    return one(Unit::schema_clause,
               [&](const Node& node) { schema.clauses.push_back(build().schema_clause(node)); });
  });
  schema.span = draft_.span(begin, at_);
  return schema;
}

bool Reader::read_tune_item(Tune& tune) {
  if (tune.kind == Tune::Kind::rules && word_here() == "test") return read_test(tune.clauses);
  const Unit unit = tune.kind == Tune::Kind::rules  ? Unit::tune_rules_clause
                    : tune.kind == Tune::Kind::list ? Unit::tune_list_clause
                                                    : Unit::schema_clause;
  return one(unit, [&](const Node& node) {
    switch (node.kind) {
      case Kind::Exempt:
        tune.clauses.push_back(Exempt{build().selection(node), draft_.span(node.begin, node.end)});
        break;
      case Kind::Params:
        add_once(tune.clauses, build().params(node));
        break;
      case Kind::Suppress:
        add_once(tune.clauses, build().suppress(node));
        break;
      case Kind::Amend:
        tune.clauses.push_back(build().amend(node));
        break;
      default:
        std::visit([&](auto& made) { tune.clauses.push_back(std::move(made)); },
                   *std::make_unique<SchemaClause>(build().schema_clause(node)));
        break;
    }
  });
}

std::optional<Declaration> Reader::read_tune() {
  const uint32_t begin = at_;
  const UnitTree tree = take(Unit::tune_head);
  if (!tree) return std::nullopt;
  const Node& head = (*tree)[0];
  Tune tune;
  BlockKind kind = BlockKind::tune_rules;
  if (head.kind == Kind::TuneListHead) {
    tune.kind = Tune::Kind::list;
    kind = BlockKind::tune_list;
  } else if (head.kind == Kind::TuneSchemaHead) {
    tune.kind = Tune::Kind::schema;
    kind = BlockKind::schema;
  }
  for (const auto& target : head.children) tune.targets.push_back(build().name(*target));
  block(kind, head, [&] { return read_tune_item(tune); });
  tune.span = draft_.span(begin, at_);
  return tune;
}

// ---- the file ---------------------------------------------------------------------------------------------

void Reader::mark_broken(size_t errors_before) {
  std::visit(
      [&](auto& declaration) {
        bool broken = out_.error_count() > errors_before;
        for (const Span& span : bad_bytes_)
          broken = broken || (span.begin >= declaration.span.begin && span.begin < declaration.span.end);
        declaration.broken =
            broken || (not_utf8_ && invalid_utf8(sources_.text(declaration.span)) != std::string_view::npos);
      },
      file_.declarations.back());
}

void Reader::read_declaration() {
  const size_t errors_before = out_.error_count();
  begin_declaration();
  const std::string_view word = word_here();
  std::optional<Declaration> declaration;
  if (word == "rule")
    declaration = read_rule();
  else if (word == "list")
    declaration = read_list();
  else if (word == "selection")
    declaration = read_shared();
  else if (word == "tune")
    declaration = read_tune();
  else if (word == "schema")
    declaration = read_schema();
  else if (explain_no_declaration())
    return;
  if (declaration) {
    file_.declarations.push_back(std::move(*declaration));
    mark_broken(errors_before);
  } else if (!stopped()) {
    skip_to_declaration();
  }
}

void Reader::read_edition() {
  const UnitTree tree = take(Unit::edition);
  if (!tree) {
    if (!stopped()) skip_to_declaration();
    return;
  }
  const Node& number = (*tree)[0][0];
  file_.edition = build().integer(number);
  file_.edition_span = draft_.span((*tree)[0].begin, (*tree)[0].end);
  if (*file_.edition != 1)
    out_.add(Code::E114, fmt::format("this file is of edition {}", *file_.edition),
             draft_.span(number.begin, number.end), "this Weir reads edition 1");
}

bool Reader::is_sigma() {
  const Token word = token_at(text(), at_);
  const Token colon = token_at(text(), word.end);
  const bool key = word.first && line_begin(text(), word.begin) == word.begin && is(text(), colon, ":") &&
                   is_sigma_key(spelled(text(), word));
  if (!key && text().substr(at_, 3) != "---") return false;
  out_.add(Code::E106, "this is Sigma's YAML, not Weir", draft_.span(at_, key ? colon.end : at_ + 3),
           "a rule starts with `rule NAME {`")
      .help("`weir new rule NAME` writes a rule to start from; the words of both are much the same");
  return true;
}

void Reader::keep_comments() {
  const size_t last = text().rfind('#');  // most files have their comments at the top, or none
  if (last == std::string_view::npos) return;
  for (uint32_t at = 0; at <= last;) {
    const char c = text()[at];
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
      ++at;
    } else if (c == '#') {
      const uint32_t end = line_end(text(), at);
      const std::string_view before = text().substr(line_begin(text(), at), at - line_begin(text(), at));
      file_.comments.push_back({std::string(text().substr(at, end - at)), draft_.span(at, end),
                                before.find_first_not_of(" \t\xEF\xBB\xBF") == std::string_view::npos});
      at = end;
    } else {
      at = token_at(text(), at).end;
    }
  }
}

File Reader::read() {
  file_.source = source_;
  if (text().size() > kMaxSourceBytes) {
    out_.add(Code::E114, fmt::format("this file is larger than {} MiB", kMaxSourceBytes >> 20),
             draft_.span(0, 0));
    return std::move(file_);
  }
  const size_t known = out_.list().size();
  check_encoding(sources_, source_, out_);
  for (size_t i = known; i < out_.list().size(); ++i) {
    bad_bytes_.push_back(out_.list()[i].primary.span);
    not_utf8_ = not_utf8_ || out_.list()[i].code == Code::E111;
  }
  at_ = skip_space(text(), text().starts_with("\xEF\xBB\xBF") ? 3 : 0);
  if (is_sigma()) return std::move(file_);
  if (word_here() == "edition") read_edition();
  while (!stopped() && (at_ = skip_space(text(), at_)) < text().size()) read_declaration();
  keep_comments();
  return std::move(file_);
}

}  // namespace

File parse(const SourceMap& sources, SourceId source, Diagnostics& diagnostics) {
  return Reader(sources, source, diagnostics).read();
}

}  // namespace weir::dsl
