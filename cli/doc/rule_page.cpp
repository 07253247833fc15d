// The page of a rule: what it finds, what to do, what it reads, how it is proven.
#include <fmt/format.h>

#include <algorithm>

#include "cli/doc/json_text.h"
#include "cli/doc/pages.h"
#include "cli/tunings.h"
#include "compiler/clauses.h"
#include "compiler/test_events.h"
#include "runtime/match/functions.h"
#include "runtime/match/json.h"

namespace weir::cli::doc {
namespace {

constexpr size_t kMostEvents = 3;  // of an example

Line level_line(const dsl::Rule& rule, const match::RuleInfo& info) {
  Line line{level(match::kLevelNames[info.level])};
  if (auto* written = compiler::find_clause<dsl::Level>(rule.clauses))
    for (const dsl::LevelCase& each : written->cases) {
      if (!each.where) continue;
      line.insert(line.end(), {text(", "), level(each.level.text), text(" where "), code(each.where->text)});
    }
  return line;
}

void add_row(Table& table, const char* name, Line line) {
  if (!line.empty()) table.rows.push_back({{text(name)}, std::move(line)});
}

Table facts_of(const Book& book, const RuleFacts& rule) {
  const match::RuleInfo& info = *rule.info;
  Table facts;
  add_row(facts, "Level", level_line(*rule.entry->rule, info));
  if (!info.status.empty()) add_row(facts, "Status", {text(info.status)});
  Line sources, attack;
  for (const match::RuleOnSource& on : info.sources) {
    const std::string& name = book.compiled.program->sources[on.source].name;
    if (!sources.empty()) sources.push_back(text(", "));
    sources.push_back(page(name, "sources/" + name, true));
  }
  add_row(facts, "Source", std::move(sources));
  for (const std::string& id : info.mitre) {
    if (!attack.empty()) attack.push_back(text(" · "));
    for (Inline& piece : attack_link(id)) attack.push_back(std::move(piece));
  }
  add_row(facts, "ATT&CK", std::move(attack));
  Line tags;
  for (const std::string& tag : info.tags) {
    if (!tags.empty()) tags.push_back(text(", "));
    tags.push_back(code(tag));
  }
  add_row(facts, "Tags", std::move(tags));
  if (info.building_block)
    add_row(facts, "Use", {text("A building block: other rules hear it, people do not see it")});
  if (!info.author.empty()) add_row(facts, "Author", {text(info.author)});
  add_row(facts, "Rule", {code(rule.name()), text(fmt::format(", version {}", info.version))});
  if (!info.id.empty()) add_row(facts, "Id", {code(info.id)});
  add_row(facts, "File", {code(rule.file)});
  return facts;
}

void append(std::vector<Block>& to, std::vector<Block> blocks) {
  for (Block& block : blocks) to.push_back(std::move(block));
}

void add_logic(const Book& book, const RuleFacts& rule, Page& out) {
  std::string lines;
  for (const dsl::RuleClause& clause : rule.entry->rule->clauses) {
    bool logic = std::holds_alternative<dsl::Let>(clause) || std::holds_alternative<dsl::Detection>(clause) ||
                 std::holds_alternative<dsl::Correlation>(clause) ||
                 std::holds_alternative<dsl::Suppress>(clause);
    if (!logic) continue;
    bool block = !std::holds_alternative<dsl::Let>(clause) && !std::holds_alternative<dsl::Suppress>(clause);
    if (!lines.empty() && block) lines += "\n";
    lines += clause_text(book, std::visit([](const auto& one) { return one.span; }, clause)) + "\n";
  }
  out.blocks.push_back(Heading{"What it looks for", ""});
  if (!lines.empty()) out.blocks.push_back(Code{"weir", std::move(lines)});
  for (const std::string& name : rule.uses.selections) {
    const dsl::SharedSelection& shared = *book.project.selections.at(name);
    out.blocks.push_back(Paragraph{
        {text("with "), page(name, "lists#selection-" + name, true), text(", which all rules share:")}});
    out.blocks.push_back(Code{"weir", clause_text(book, shared.span)});
  }
}

void add_params(const Book& book, const RuleFacts& rule, Page& out) {
  Table table{{"Param", "Default"}, {}};
  for (const dsl::RuleClause& clause : rule.entry->rule->clauses)
    if (auto* params = std::get_if<dsl::Params>(&clause))
      for (const dsl::Param& param : params->params)
        table.rows.push_back(
            {{code(param.name.text)}, {code(std::string(book.project.sources.text(param.values_span)))}});
  std::vector<std::string> tunings = tunings_of(book.project, *rule.entry);
  if (table.rows.empty() && rule.uses.lists.empty() && tunings.empty()) return;
  out.blocks.push_back(Heading{"What a site sets", ""});
  if (!table.rows.empty()) out.blocks.push_back(std::move(table));
  Items lists;
  for (const std::string& name : rule.uses.lists) {
    const compiler::ListInfo& list = book.project.lists.at(name);
    size_t count = list.values.size() + list.rows.size();
    lists.items.push_back(
        {text("the list "), page(name, "lists/" + name, true),
         text(count == 0 ? ", empty as shipped"
                         : fmt::format(", {} {}", count, count == 1 ? "entry" : "entries"))});
  }
  if (!lists.items.empty()) out.blocks.push_back(std::move(lists));
  if (tunings.empty()) return;
  out.blocks.push_back(Paragraph{{text("Tuned in this project:")}});
  Items tuned;
  for (std::string& line : tunings) {
    // Where a tuning stands is not said here: it moves.
    if (size_t place = line.rfind("  ("); place != line.npos) line.resize(place);
    tuned.items.push_back({code(line)});
  }
  out.blocks.push_back(std::move(tuned));
}

void add_fields(const Book& book, const RuleFacts& rule, Page& out) {
  Table table{{"Field", "Type", "For", "What it is"}, {}};
  bool several = rule.info->sources.size() > 1;
  for (const ReadField& read : rule.fields) {
    const compiler::FieldInfo* field = book.field(read.source, read.names);
    Line name;
    if (several) name.push_back(text(read.source + ": "));
    name.push_back(field ? page(read.path, "sources/" + read.source + "#" + source_anchor(*field), true)
                         : code(read.path));
    bool whole = field && field->path.size() == read.names.size();
    table.rows.push_back({std::move(name),
                          {text(field && whole ? compiler::name_of(field->type) : "")},
                          {text(read.decides ? "deciding" : "the alert")},
                          {text(field && whole ? field->description : "")}});
  }
  if (table.rows.empty()) return;
  out.blocks.push_back(Heading{"What it reads", ""});
  out.blocks.push_back(std::move(table));
}

std::string in_json(const std::string& text) {
  std::string out;
  match::append_json_string(out, text);
  return out;
}

std::string object_of(const std::vector<std::pair<std::string, std::string>>& members) {
  std::string out;
  for (const auto& [name, value] : members) out += (out.empty() ? "" : ",") + in_json(name) + ":" + value;
  return "{" + out + "}";
}

// What an analyst sees first; the whole alert has the event, the steps and the texts of this page beside it.
std::string alert_text(const std::string& rule, const correlate::Alert& alert) {
  std::string out = fmt::format("{{\"time\":{},\"rule\":{},\"level\":\"{}\",\"message\":{}",
                                in_json(match::format_time(alert.order.time)), in_json(rule),
                                match::kLevelNames[alert.level], in_json(alert.message));
  if (!alert.key.empty()) out += ",\"key\":" + object_of(alert.key);
  if (alert.window)
    out += fmt::format(",\"window\":{{\"from\":{},\"to\":{},\"events\":{}}}",
                       in_json(match::format_time(alert.window->from)),
                       in_json(match::format_time(alert.order.time)), alert.window->events);
  if (!alert.values.empty()) out += ",\"values\":" + object_of(alert.values);
  if (!alert.fields.empty()) out += ",\"fields\":" + object_of(alert.fields);
  return out + "}";
}

std::string feed_words(const dsl::Feed& feed) {
  std::string words;
  if (feed.at) words += "at " + match::format_duration(feed.at->ms * 1000);
  if (feed.every)
    words += fmt::format("{}every {} times {}", words.empty() ? "" : ", ",
                         match::format_duration(feed.every->ms * 1000), feed.times.value_or(1));
  if (feed.arrives)
    words += (words.empty() ? "" : ", ") + ("arrives at " + match::format_duration(feed.arrives->ms * 1000));
  if (feed.source) words += (words.empty() ? "" : ", ") + ("on " + feed.source->text);
  return words;
}

bool fires(const dsl::Test& test) {
  return std::any_of(test.steps.begin(), test.steps.end(), [](const auto& step) {
    auto* expect = std::get_if<dsl::Expect>(&step);
    return expect && expect->count > 0;
  });
}

// The first test that fires: its events, and the alert that came of them.
void add_example(const Book& book, const RuleFacts& rule, const dsl::Test& test, TestRunner& runner,
                 Page& out) {
  TestOutcome outcome = runner.run({&test, rule.entry->rule, nullptr, {rule.name()}});
  out.blocks.push_back(Heading{"An example", ""});
  Line intro{text("From its test “" + test.title.value + "”")};
  for (const auto& step : test.steps)
    if (auto* params = std::get_if<dsl::Params>(&step))
      for (const dsl::Param& param : params->params)
        intro.insert(intro.end(), {text(intro.size() == 1 ? ", with " : ", "),
                                   code(param.name.text + ": " +
                                        std::string(book.project.sources.text(param.values_span)))});
  intro.push_back(text(":"));
  out.blocks.push_back(Paragraph{std::move(intro)});
  const std::string& first_source = book.compiled.program->sources[rule.info->sources[0].source].name;
  size_t shown = 0, fed = 0;
  int64_t serial = 0;
  for (const auto& step : test.steps) {
    auto* feed = std::get_if<dsl::Feed>(&step);
    if (!feed || ++fed > kMostEvents) continue;
    auto schema = book.project.schemas.find(feed->source ? feed->source->text : first_source);
    if (schema == book.project.schemas.end()) continue;
    if (std::string words = feed_words(*feed); !words.empty()) out.blocks.push_back(Paragraph{{text(words)}});
    compiler::TestEvent event{compiler::kTestStart + (feed->at ? feed->at->ms * 1000 : 0), 0, serial};
    out.blocks.push_back(
        Code{"json", readable_json(compiler::test_event(schema->second, feed->event, event))});
    serial += feed->every ? feed->times.value_or(1) : 1;
    ++shown;
  }
  if (fed > shown)
    out.blocks.push_back(Paragraph{{text(fmt::format("and {} more in the rule.", fed - shown))}});
  if (outcome.given.empty()) return;
  out.blocks.push_back(Paragraph{{text(outcome.given.size() == 1 ? "gives the alert" : "gives, first,")}});
  const auto& [name, alert] = outcome.given.front();
  out.blocks.push_back(Code{"json", readable_json(alert_text(name, alert))});
}

void add_tests(const Book& book, const RuleFacts& rule, TestRunner& runner, Page& out) {
  const dsl::Test* example = nullptr;
  Items firing, silent;
  for (const dsl::RuleClause& clause : rule.entry->rule->clauses) {
    auto* test = std::get_if<dsl::Test>(&clause);
    if (!test) continue;
    if (fires(*test) && !example) example = test;
    (fires(*test) ? firing : silent).items.push_back({text(test->title.value)});
  }
  if (example) add_example(book, rule, *example, runner, out);
  if (firing.items.empty() && silent.items.empty()) return;
  out.blocks.push_back(Heading{"Proven by its tests", ""});
  for (Line& title : silent.items) firing.items.push_back(std::move(title));
  out.blocks.push_back(std::move(firing));
}

void add_alert(const Book& book, const RuleFacts& rule, Page& out) {
  const std::vector<dsl::RuleClause>& clauses = rule.entry->rule->clauses;
  const dsl::Meta* message = compiler::find_meta(clauses, "message");
  const dsl::Meta* fields = compiler::find_meta(clauses, "fields");
  Table table;
  if (message) add_row(table, "Message", {code(compiler::text_of(message))});
  if (fields) add_row(table, "Fields", {code(std::string(book.project.sources.text(fields->values_span)))});
  if (auto* suppress = compiler::find_clause<dsl::Suppress>(clauses))
    add_row(table, "Held back", {code(std::string(book.project.sources.text(suppress->span)))});
  if (table.rows.empty()) return;
  out.blocks.push_back(Heading{"The alert", ""});
  out.blocks.push_back(std::move(table));
}

void add_neighbours(const Book& book, const RuleFacts& rule, Page& out) {
  Table table;
  Line hears;
  for (const std::string& other : rule.hears) {
    if (!hears.empty()) hears.push_back(text(", "));
    hears.push_back(page(other, "rules/" + other, true));
  }
  auto links = [&](const auto& by) {
    auto found = by.find(rule.name());
    return found == by.end() ? Line{} : book.rule_links(found->second);
  };
  Line mentions;
  for (const std::string& other : rule.mentions) {
    if (!mentions.empty()) mentions.push_back(text(", "));
    mentions.push_back(page(other, "rules/" + other, true));
  }
  add_row(table, "Hears", std::move(hears));
  add_row(table, "Heard by", links(book.heard_by));
  add_row(table, "Names", std::move(mentions));
  add_row(table, "Named by", links(book.mentioned_by));
  if (table.rows.empty()) return;
  out.blocks.push_back(Heading{"Rules beside it", ""});
  out.blocks.push_back(std::move(table));
}

}  // namespace

// Without the indentation of the lines after the first, which the last line (a closing brace) shows.
std::string clause_text(const Book& book, dsl::Span span) {
  std::string_view all = book.project.sources.text(span.source), lines = book.project.sources.text(span);
  size_t begin = all.rfind('\n', span.begin == 0 ? 0 : span.begin - 1);
  begin = begin == all.npos || span.begin == 0 ? 0 : begin + 1;
  size_t indent = all.find_first_not_of(' ', begin) - begin;
  std::string out;
  for (bool first = true; !lines.empty(); first = false) {
    size_t end = std::min(lines.find('\n'), lines.size());
    std::string_view line = lines.substr(0, end);
    size_t blanks = std::min(line.find_first_not_of(' '), line.size());
    if (!first) line.remove_prefix(std::min(blanks, indent));
    out += (first ? "" : "\n") + std::string(line);
    lines.remove_prefix(std::min(end + 1, lines.size()));
  }
  return out;
}

Page rule_page(const Book& book, const RuleFacts& rule, TestRunner& runner) {
  const match::RuleInfo& info = *rule.info;
  Page out{"rules/" + rule.name(), info.title.empty() ? rule.name() : info.title, {}};
  append(out.blocks, book.prose(info.description));
  out.blocks.push_back(facts_of(book, rule));
  if (!info.response.empty()) {
    out.blocks.push_back(Heading{"What to do", ""});
    append(out.blocks, book.prose(info.response));
  }
  if (!info.falsepositives.empty()) {
    out.blocks.push_back(Heading{"When it is a false alarm", ""});
    Items items;
    for (const std::string& each : info.falsepositives) items.items.push_back(book.linked(each));
    out.blocks.push_back(std::move(items));
  }
  add_logic(book, rule, out);
  add_params(book, rule, out);
  add_alert(book, rule, out);
  add_fields(book, rule, out);
  add_tests(book, rule, runner, out);
  add_neighbours(book, rule, out);
  if (!info.references.empty()) {
    out.blocks.push_back(Heading{"References", ""});
    Items items;
    for (const std::string& each : info.references) items.items.push_back({url(each, each)});
    out.blocks.push_back(std::move(items));
  }
  return out;
}

}  // namespace weir::cli::doc
