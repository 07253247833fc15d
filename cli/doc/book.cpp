// See book.h.
#include "cli/doc/book.h"

#include <algorithm>
#include <utility>

#include "compiler/rule_roots.h"

namespace weir::cli::doc {
namespace {

std::string folder_of(const std::string& path) {
  size_t slash = path.rfind('/');
  return slash == path.npos ? "" : path.substr(0, slash);
}

// "/home/kim/rules/" of all of them, so that pages do not depend on where a project lies.
std::string common_folder(const compiler::Project& project) {
  std::string common;
  bool first = true;
  for (const compiler::RuleEntry& entry : project.rules) {
    std::string folder = folder_of(project.sources.path(entry.rule->span.source)) + "/";
    if (first) common = folder;
    first = false;
    while (!folder.starts_with(common)) {
      size_t slash = common.rfind('/', common.size() - 2);
      common = common.size() < 2 || slash == common.npos ? "" : common.substr(0, slash + 1);
    }
  }
  return common;
}

bool is_name_char(char c) { return std::isalnum(uint8_t(c)) || c == '_'; }

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  for (size_t i = 0; i < text.size();) {
    size_t end = i;
    while (end < text.size() && is_name_char(text[end])) ++end;
    if (end > i) words.emplace_back(text.substr(i, end - i));
    i = std::max(end, i + 1);
  }
  return words;
}

void names_of_axis(const match::SourceInfo& source, uint32_t axis, ReadField& out) {
  if (axis == 0 || axis >= source.projection.axes.size()) return;
  const match::AxisSpec& spec = source.projection.axes[axis];
  names_of_axis(source, spec.parent, out);
  for (const match::Step& step : spec.path)
    if (step.kind == match::Step::Kind::key) {
      out.names.push_back(step.key);
      out.path += (out.path.empty() ? "" : ".") + step.key;
    }
  out.path += "[]";
}

ReadField read_field(const match::SourceInfo& source, uint32_t slot) {
  ReadField out{source.name, {}, "", false};
  const match::SlotSpec& spec = source.projection.slots[slot];
  names_of_axis(source, spec.axis, out);
  for (const match::Step& step : spec.path) {
    if (step.kind == match::Step::Kind::index) {
      out.path += "[" + std::to_string(step.index) + "]";
    } else {
      out.names.push_back(step.key);
      out.path += (out.path.empty() ? "" : ".") + step.key;
    }
  }
  return out;
}

void slots_below(const ir::Module& module, ir::Value value, std::set<ir::Value>& seen,
                 std::set<uint32_t>& slots) {
  if (!seen.insert(value).second) return;
  const ir::Inst& inst = module.insts[value];
  if (inst.op == ir::Op::field) slots.insert(inst.imm);
  for (ir::Value operand : module.operands_of(inst)) slots_below(module, operand, seen, slots);
}

}  // namespace

std::string anchor_of(std::string_view name) {
  std::string out(name);
  for (char& c : out)
    if (!is_name_char(c)) c = '-';
  return out;
}

std::string source_anchor(const compiler::FieldInfo& field) { return anchor_of("field-" + field.name()); }

Book::Book(const compiler::Project& project, const compiler::Compiled& compiled)
    : project(project), compiled(compiled), common_(common_folder(project)) {
  std::map<std::string, const match::RuleInfo*> infos;
  for (const match::RuleInfo& info : compiled.program->rules) infos.emplace(info.name, &info);
  for (const compiler::RuleEntry& entry : project.rules) {
    auto info = infos.find(entry.rule->name.text);
    if (info == infos.end() || !rule_names_.insert(entry.rule->name.text).second) continue;
    RuleFacts facts;
    facts.entry = &entry;
    facts.info = info->second;
    facts.file = shown_file(entry.rule->span);
    facts.folder = folder_of(facts.file);
    facts.uses = uses_of(project, entry);
    facts.hears = compiler::heard_rules(project, entry.rule->name.text);
    std::sort(facts.hears.begin(), facts.hears.end());
    read_fields(facts);
    rules.push_back(std::move(facts));
  }
  for (RuleFacts& rule : rules) {
    rule.mentions = rules_named_in(*rule.info);
    rule.mentions.erase(rule.name());
    for (const std::string& list : rule.uses.lists) by_list[list].push_back(&rule);
    for (const std::string& selection : rule.uses.selections) by_selection[selection].push_back(&rule);
    for (const std::string& heard : rule.hears) heard_by[heard].push_back(&rule);
    for (const std::string& other : rule.mentions) mentioned_by[other].push_back(&rule);
    for (const std::string& id : std::set<std::string>(rule.info->mitre.begin(), rule.info->mitre.end()))
      by_attack[id].push_back(&rule);
    for (const match::RuleOnSource& on : rule.info->sources)
      by_source[compiled.program->sources[on.source].name].push_back(&rule);
    std::set<std::string> read;
    for (const ReadField& each : rule.fields)
      if (const compiler::FieldInfo* known = field(each.source, each.names))
        if (read.insert(each.source + " " + known->name()).second)
          by_field[each.source + " " + known->name()].push_back(&rule);
  }
}

void Book::read_fields(RuleFacts& facts) const {
  const ir::Module& module = compiled.module;
  std::map<std::pair<std::string, std::string>, ReadField> found;
  for (const match::RuleOnSource& on : facts.info->sources) {
    std::set<ir::Value> deciding, showing;
    std::set<uint32_t> decide, show;
    ir::for_each_root(on, [&](const auto& words, match::Root root, bool) {
      const std::string what = words();
      bool decides = what == "match" || what == "counted" || what.starts_with("group by") ||
                     what.starts_with("value") || what.starts_with("condition");
      slots_below(module, module.roots[root], decides ? deciding : showing, decides ? decide : show);
    });
    const match::SourceInfo& source = compiled.module.sources[on.source];
    show.insert(decide.begin(), decide.end());
    for (uint32_t slot : show) {
      ReadField read = read_field(source, slot);
      read.decides = decide.contains(slot);
      if (read.path.empty()) continue;
      auto [known, fresh] = found.emplace(std::pair(read.source, read.path), read);
      if (!fresh) known->second.decides = known->second.decides || read.decides;
    }
  }
  for (auto& [key, read] : found) facts.fields.push_back(std::move(read));
}

std::set<std::string> Book::rules_named_in(const match::RuleInfo& info) const {
  std::set<std::string> named;
  auto look = [&](const std::string& text) {
    for (std::string& word : words_of(text))
      if (rule_names_.contains(word)) named.insert(std::move(word));
  };
  look(info.description);
  look(info.response);
  for (const std::string& text : info.falsepositives) look(text);
  return named;
}

const compiler::FieldInfo* Book::field(const std::string& source,
                                       const std::vector<std::string>& names) const {
  auto schema = project.schemas.find(source);
  if (schema == project.schemas.end()) return nullptr;
  const compiler::FieldInfo* best = nullptr;
  for (const compiler::FieldInfo& field : schema->second.fields) {
    bool prefix =
        field.path.size() <= names.size() &&
        std::equal(field.path.begin(), field.path.end(), names.begin(),
                   [](const compiler::FieldInfo::Segment& a, const std::string& b) { return a.name == b; });
    if (prefix && (!best || field.path.size() > best->path.size())) best = &field;
  }
  return best;
}

std::string Book::shown_file(dsl::Span span) const {
  const std::string& path = project.sources.path(span.source);
  if (path.starts_with(common_)) return path.substr(common_.size());
  return path.starts_with("shipped/") ? path.substr(8) : path.substr(path.rfind('/') + 1);
}

Line Book::linked(std::string_view words) const {
  Line line;
  std::string plain;
  auto flush = [&] {
    if (!plain.empty()) line.push_back(text(std::exchange(plain, {})));
  };
  for (size_t i = 0; i < words.size();) {
    if (words[i] == '`') {
      size_t end = words.find('`', i + 1);
      if (end != words.npos && end > i + 1) {
        flush();
        line.push_back(code(std::string(words.substr(i + 1, end - i - 1))));
        i = end + 1;
        continue;
      }
    }
    bool at_word = i == 0 || !is_name_char(words[i - 1]);
    if (at_word && (words.substr(i).starts_with("https://") || words.substr(i).starts_with("http://"))) {
      size_t end = std::min(words.find_first_of(" \n\t\"<>`", i), words.size());
      while (end > i && std::string_view(".,;:)").find(words[end - 1]) != std::string_view::npos) --end;
      flush();
      line.push_back(url(std::string(words.substr(i, end - i)), std::string(words.substr(i, end - i))));
      i = end;
      continue;
    }
    size_t end = i;
    while (at_word && end < words.size() && is_name_char(words[end])) ++end;
    std::string word(words.substr(i, end - i));
    // A name without an underscore is a word like any other.
    if (word.find('_') != word.npos && (rule_names_.contains(word) || project.lists.contains(word))) {
      flush();
      line.push_back(page(word, (rule_names_.contains(word) ? "rules/" : "lists/") + word, true));
      i = end;
      continue;
    }
    if (end > i) {
      plain += word;
      i = end;
    } else {
      plain += words[i] == '\n' ? ' ' : words[i];
      ++i;
    }
  }
  flush();
  return line;
}

namespace {

// A paragraph of a rule has its line ends folded: "1. Ask. 2. Cancel." is a list of steps when the numbers
// follow.
std::vector<std::string> steps_in(std::string_view paragraph) {
  std::vector<std::string> steps;
  if (!paragraph.starts_with("1. ")) return steps;
  paragraph.remove_prefix(3);
  for (int number = 2;; ++number) {
    std::string mark = " " + std::to_string(number) + ". ";
    size_t next = paragraph.find(mark);
    steps.emplace_back(paragraph.substr(0, next));
    if (next == paragraph.npos) return steps;
    paragraph.remove_prefix(next + mark.size());
  }
}

}  // namespace

std::vector<Block> Book::prose(std::string_view words) const {
  std::vector<Block> blocks;
  while (!words.empty()) {
    size_t end = std::min(words.find('\n'), words.size());
    std::string_view paragraph = words.substr(0, end);
    words.remove_prefix(std::min(end + 1, words.size()));
    if (paragraph.find_first_not_of(' ') == paragraph.npos) continue;
    std::vector<std::string> steps = steps_in(paragraph);
    const bool bullet = paragraph.starts_with("- ");
    if (bullet) steps.emplace_back(paragraph.substr(2));
    if (steps.empty()) {
      blocks.push_back(Paragraph{linked(paragraph)});
      continue;
    }
    auto* before = blocks.empty() ? nullptr : std::get_if<Items>(&blocks.back());
    if (!bullet || !before || before->numbered)
      before = &std::get<Items>(blocks.emplace_back(Items{{}, !bullet}));
    for (const std::string& step : steps) before->items.push_back(linked(step));
  }
  return blocks;
}

Line Book::rule_links(const std::vector<const RuleFacts*>& rules) const {
  Line line;
  for (const RuleFacts* rule : rules) {
    if (!line.empty()) line.push_back(text(", "));
    line.push_back(rule_link(*rule));
  }
  return line;
}

}  // namespace weir::cli::doc
