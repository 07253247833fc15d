// The leaves of the formatter: expressions, selections' values, conditions, JSON and prose as documents.
#pragma once

#include <string>
#include <vector>

#include "dsl/ast.h"
#include "dsl/layout.h"
#include "dsl/source.h"

namespace weir::dsl {

class ValueFormatter {
 public:
  explicit ValueFormatter(const SourceMap& sources) : sources_(sources) {}

  std::string text(Span span) const { return std::string(sources_.text(span)); }
  std::string line(const Expr& expr) const;  // on one line, whatever its length
  std::string line(const Call& call) const;
  std::string line(const KCond& condition) const;
  std::string line(const Path& path) const;
  Doc doc(const Expr& expr) const;
  Doc values(const std::vector<Expr>& values) const;  // with brackets
  Doc one_or_list(const std::vector<Expr>& values, bool is_list) const;
  Doc literal(const Text& text) const;
  Doc condition(const Cond& condition) const;
  Doc condition(const KCond& condition) const;
  Doc json(const Json& json, bool padded = false) const;

  // Whether a line ends between the two.
  bool broken_between(uint32_t begin, uint32_t end, SourceId source) const;

 private:
  template <class C>
  Doc chain(const C& condition) const;
  void words(const Cond& condition, int depth, std::vector<Part>& out) const;
  void words(const KCond& condition, int depth, std::vector<Part>& out) const;
  template <class C>
  void joined(const C& condition, const char* operation, int depth, std::vector<Part>& out) const;
  Doc call(const Call& call) const;
  Doc prose(const Text& text) const;
  template <class Spans>
  void keep_breaks(Doc& list, Span whole, const Spans& span_of) const;

  const SourceMap& sources_;
};

}  // namespace weir::dsl
