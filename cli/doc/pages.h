// The pages of a book, each kind in a file of its own.
#pragma once

#include <string>
#include <vector>

#include "cli/doc/book.h"
#include "cli/doc/page.h"
#include "cli/ruletest/run.h"

namespace weir::cli::doc {

// `runner` plays the rule's tests for the example; it keeps alerts.
Page rule_page(const Book& book, const RuleFacts& rule, TestRunner& runner);
Page list_page(const Book& book, const std::string& name);
Page source_page(const Book& book, const std::string& name);

Page index_page(const Book& book);  // by folder
Page levels_page(const Book& book);
Page attack_page(const Book& book);  // by tactic and technique
Page lists_page(const Book& book);   // and shared selections
Page sources_page(const Book& book);

// A layer of the ATT&CK Navigator, format 4.5: each technique with the rules that find it.
std::string navigator_layer(const Book& book);

// Line for line what a clause of a rule says, without the indentation that it has in its file.
std::string clause_text(const Book& book, dsl::Span span);

Line attack_link(const std::string& id);  // "T1098 Account Manipulation", linked to its page at MITRE

}  // namespace weir::cli::doc
