// See unit_reader.h.
#include "dsl/unit_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "dsl/clause_words.h"
#include "dsl/limits.h"

namespace weir::dsl {
namespace {

constexpr size_t kMaxRereadBytes = 64u << 20;  // by mended units, so that many mistakes stay cheap

}  // namespace

UnitReader::UnitReader(const SourceMap& sources, SourceId source, Diagnostics& diagnostics)
    : sources_(sources), source_(source), out_(diagnostics), draft_(source, sources.text(source)) {}

// ---- units ------------------------------------------------------------------------------------------------

UnitTree UnitReader::take(Unit unit) {
  uint32_t last_place = kNowhere;
  std::string last_title;
  while (!stopped_) {
    auto result = parse_unit(unit, text(), at_);
    if (auto* tree = std::get_if<UnitTree>(&result)) {
      at_ = (*tree)->end;
      return std::move(*tree);
    }
    const Failure failure = before_next_declaration(std::get<Failure>(result));
    failed_at_ = std::max(failure.at, at_);
    const Mistake mistake = explain(Scene(text(), at_, failure, open_.back()));
    const uint32_t place = draft_.original(mistake.diagnostic.primary.span).begin;
    if (place == last_place && mistake.diagnostic.title == last_title) return {};  // mending did not help
    last_place = place;
    last_title = mistake.diagnostic.title;
    report(mistake);
    reread_ += failed_at_ - at_;
    if (!mistake.mended || reread_ > kMaxRereadBytes) return {};
    mend(mistake);
    if (stopped_) break;
    at_ = skip_space(text(), at_);
    left_out_ = at_ >= text().size() || text()[at_] == '}' ||
                (unit == Unit::rule_clause && word_here() == "detection");
    if (left_out_) break;
  }
  return {};
}

Failure UnitReader::before_next_declaration(Failure failure) const {
  for (size_t line = text().find('\n', at_); line < failure.at; line = text().find('\n', line + 1)) {
    if (!declaration_starts(text(), uint32_t(line + 1))) continue;
    failure.at = uint32_t(line + 1);
    break;
  }
  return failure;
}

void UnitReader::report(const Mistake& mistake) {
  Diagnostic diagnostic = mistake.diagnostic;
  diagnostic.primary.span = draft_.original(diagnostic.primary.span);
  for (Label& label : diagnostic.secondary) label.span = draft_.original(label.span);
  if (diagnostic.fix)
    for (Edit& edit : diagnostic.fix->edits) edit.span = draft_.original(edit.span);
  open_text_ = open_text_ || diagnostic.code == Code::E101;
  if (diagnostic.code == Code::E102 && !mistake.mended) {
    if (open_block_ || open_text_) return;
    open_block_ = true;
  }
  Diagnostic& added = out_.add(diagnostic.code, diagnostic.title, diagnostic.primary.span);
  added = std::move(diagnostic);
  if (++reported_ < kMaxReportedPerFile) return;
  added.note(fmt::format("the rest of this file is not read: these are {} mistakes", reported_));
  stopped_ = true;
  at_ = uint32_t(text().size());
}

void UnitReader::mend(const Mistake& mistake) {
  if (stopped_) return;
  const std::vector<Edit>& edits = mistake.diagnostic.fix->edits;
  auto shift = [&](uint32_t& place, bool keep_at_insertion) {
    int64_t by = 0;
    for (const Edit& edit : edits)
      if (edit.span.begin < place ||
          (!keep_at_insertion && edit.span.begin == place && edit.span.end == place))
        by += int64_t(edit.replacement.size()) - int64_t(edit.span.end - edit.span.begin);
    place = uint32_t(place + by);
  };
  shift(at_, true);
  for (OpenBlock& block : open_) {
    shift(block.begin, false);
    shift(block.brace, false);
  }
  draft_.apply(edits);
}

// ---- blocks -----------------------------------------------------------------------------------------------

bool UnitReader::at_end_of_block(BlockKind kind) {
  if (stopped_) return true;
  at_ = skip_space(text(), at_);
  if (at_ >= text().size() || text()[at_] != '}') return is_left_open(kind);
  ++at_;
  return true;
}

bool UnitReader::is_left_open(BlockKind kind) {
  if (at_ >= text().size()) {
    left_open("the file ends here", false);
    return true;
  }
  if (declaration_starts(text(), at_)) {
    left_open("a new declaration begins here", false);
    return true;
  }
  const bool inner =
      kind == BlockKind::detection || kind == BlockKind::correlation || kind == BlockKind::test;
  if (!inner || !is_clause_of_rule(text(), at_, open_.back())) return false;
  left_open(kClauseFollows, true);
  return true;
}

void UnitReader::left_open(std::string reason, bool inner) {
  const OpenBlock& block = open_.back();
  const Token here = token_at(text(), at_);
  if (open_text_ || open_block_ || resumed_at_ == at_) return;
  const uint32_t after = tokens_between(text(), block.brace, at_).back().end;
  report(block_left_open(text(), block, here, after, std::move(reason)));
  if (!inner) open_block_ = true;  // the blocks around it are open, too, and that is the same mistake
}

bool UnitReader::restarts(const Token& token, bool outside) const {
  const OpenBlock& block = open_.back();
  if (is_item_of_block(text(), token.begin, block.kind, outside)) return true;
  return open_.size() > 2 && is_clause_of_rule(text(), token.begin, block);
}

void UnitReader::skip_item() {
  const uint32_t begin = at_;
  const size_t indent = indentation(text(), begin).size();
  int depth = 0;
  for (const Token& token : tokens_between(text(), begin, failed_at_))
    depth = std::max(0, depth + is_opening(text(), token) - is_closing(text(), token));
  bool moved = failed_at_ > begin;
  for (Token token = token_at(text(), failed_at_);; token = token_at(text(), token.end)) {
    at_ = resumed_at_ = token.begin;
    if (token.kind == Token::Kind::end) return;
    if (token.first && declaration_starts(text(), token.begin)) return;
    if (moved && token.first && token.kind == Token::Kind::word) {
      const bool outside = depth == 0;
      if ((outside || indentation(text(), token.begin).size() <= indent) && restarts(token, outside)) return;
    }
    if (is_closing(text(), token)) {
      if (depth == 0 && text()[token.begin] == '}') return;
      depth = std::max(0, depth - 1);
    }
    if (is_opening(text(), token)) ++depth;
    moved = true;
  }
}

// ---- declarations -----------------------------------------------------------------------------------------

bool UnitReader::explain_no_declaration() {
  failed_at_ = at_;
  const Mistake mistake = explain(Scene(text(), at_, {at_, Expected::declaration, false}, open_.back()));
  report(mistake);
  if (mistake.mended) mend(mistake);
  return mistake.mended;
}

void UnitReader::skip_to_declaration() {
  for (Token token = token_at(text(), std::max(failed_at_, at_));; token = token_at(text(), token.end)) {
    const bool start = token.begin > at_ && token.first && declaration_starts(text(), token.begin);
    if (token.kind != Token::Kind::end && !start) continue;
    at_ = token.begin;
    return;
  }
}

}  // namespace weir::dsl
