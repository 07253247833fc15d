// What the pages tell, gathered once: every rule with what it needs, and for everything else who needs it.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "cli/doc/page.h"
#include "cli/doc/uses.h"
#include "compiler/compile.h"
#include "compiler/project.h"

namespace weir::cli::doc {

struct ReadField {
  std::string source;
  std::vector<std::string> names;  // from the event down
  std::string path;                // "answers[].Rdata"
  bool decides = false;            // else it is only shown
};

struct RuleFacts {
  const compiler::RuleEntry* entry = nullptr;
  const match::RuleInfo* info = nullptr;
  std::string file, folder;  // below what all files of the project have in common
  Uses uses;
  std::vector<std::string> hears;  // rules whose alerts it may hear
  std::set<std::string> mentions;  // rules that its texts name
  std::vector<ReadField> fields;   // by source and path, once each
  const std::string& name() const { return entry->rule->name.text; }
};

struct Book {
  // `compiled` is untuned and not optimised, and outlives the book. Rules with errors are left out.
  Book(const compiler::Project& project, const compiler::Compiled& compiled);

  const compiler::Project& project;
  const compiler::Compiled& compiled;
  std::vector<RuleFacts> rules;  // in order of path, then place
  std::map<std::string, std::vector<const RuleFacts*>> by_list, by_selection, by_source, heard_by,
      mentioned_by,
      by_attack;                                                  // attack: techniques and tactics by id
  std::map<std::string, std::vector<const RuleFacts*>> by_field;  // "SOURCE PATH of the schema's field"

  // The schema's field that a path is, or is a part of; null when it has none.
  const compiler::FieldInfo* field(const std::string& source, const std::vector<std::string>& names) const;
  std::string shown_file(dsl::Span span) const;  // of a declaration

  // Words with what they name made links: rules, lists, addresses of the web; `code` between backticks.
  Line linked(std::string_view words) const;
  // A paragraph a line; one that begins with `1.` is a numbered list, lines with `- ` are a list.
  std::vector<Block> prose(std::string_view words) const;

  Inline rule_link(const RuleFacts& rule) const { return page(rule.name(), "rules/" + rule.name(), true); }
  Line rule_links(const std::vector<const RuleFacts*>& rules) const;

 private:
  void read_fields(RuleFacts& facts) const;
  std::set<std::string> rules_named_in(const match::RuleInfo& info) const;
  std::set<std::string, std::less<>> rule_names_;
  std::string common_;
};

std::string anchor_of(std::string_view name);                 // letters, digits, `_` and `-` only
std::string source_anchor(const compiler::FieldInfo& field);  // of a field on the page of its source

}  // namespace weir::cli::doc
