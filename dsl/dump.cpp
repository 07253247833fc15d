#include "dsl/dump.h"

#include <fmt/format.h>

namespace weir::dsl {
namespace {

template <class... Ts>
struct overloaded : Ts... {
  using Ts::operator()...;
};
template <class... Ts>
overloaded(Ts...) -> overloaded<Ts...>;  // clang 16 does not deduce aggregates

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string words(const std::vector<Name>& names, std::string_view before) {
  std::string out;
  for (const Name& name : names) out += fmt::format("{}{}", before, name.text);
  return out;
}

const char* name_of(TypeName type) {
  static const char* const kNames[] = {"string", "int", "float", "bool", "time", "ip", "domain", "json"};
  return kNames[size_t(type)];
}

std::string text_of(const Expr& expr);

std::string text_of(const std::vector<Expr>& exprs) {
  std::string out;
  for (const Expr& expr : exprs) out += (out.empty() ? "" : ", ") + text_of(expr);
  return "[" + out + "]";
}

std::string text_of(const Path& path) {
  std::string out;
  for (const Segment& segment : path.segments) {
    if (!out.empty()) out += '.';
    out += segment.quoted ? "`" + segment.name + "`" : segment.name;
    switch (segment.pick) {
      case Segment::Pick::implicit: break;
      case Segment::Pick::any: out += "[any]"; break;
      case Segment::Pick::all: out += "[all]"; break;
      case Segment::Pick::none: out += "[none]"; break;
      case Segment::Pick::index: out += fmt::format("[{}]", segment.index); break;
    }
  }
  return out;
}

std::string text_of(const Expr& expr) {
  return std::visit(
      overloaded{
          [](const Text& text) {
            static const char* const kQuotes[] = {"text", "verbatim", "prose"};
            std::string wild;
            for (uint32_t at : text.wildcards) wild += fmt::format(" *{}", at);
            return fmt::format("({} {}{})", kQuotes[size_t(text.quote)], quoted(text.value), wild);
          },
          [](const Number& number) {
            return number.is_integer ? fmt::format("{}", number.integer) : fmt::format("{}", number.value);
          },
          [](const Duration& duration) { return fmt::format("(duration {}ms)", duration.ms); },
          [](const Date& date) { return fmt::format("(date {}-{:02}-{:02})", date.year, date.month, date.day); },
          [](const Bool& value) { return std::string(value.value ? "true" : "false"); },
          [](const Null&) { return std::string("null"); },
          [](const Attack& attack) { return fmt::format("(attack {})", attack.id); },
          [](const Const& constant) { return "$" + constant.name.text; },
          [](const Path& path) { return text_of(path); },
          [](const Call& call) {
            return fmt::format("(call {} {}{})", call.name.text, text_of(call.args),
                               call.where ? " where " + call.where->text : "");
          },
          [](const Binary& binary) {
            return fmt::format("({} {} {})", binary.op, text_of(*binary.left), text_of(*binary.right));
          },
      },
      expr.node);
}

std::string text_of(const Cond& cond) {
  std::string children;
  for (const Cond& child : cond.children) children += " " + text_of(child);
  switch (cond.kind) {
    case Cond::Kind::all: return "(and" + children + ")";
    case Cond::Kind::any: return "(or" + children + ")";
    case Cond::Kind::negation: return "(not" + children + ")";
    case Cond::Kind::name: return cond.name.text;
    case Cond::Kind::always: return "true";
    case Cond::Kind::quantifier: break;
  }
  std::string count = cond.count == Cond::Count::number ? std::to_string(cond.number)
                      : cond.count == Cond::Count::any  ? "any"
                                                        : "all";
  return fmt::format("({} of {})", count, cond.them ? "them" : cond.name.text);
}

std::string text_of(const KCond& cond) {
  std::string children;
  for (const KCond& child : cond.children) children += " " + text_of(child);
  switch (cond.kind) {
    case KCond::Kind::all: return "(and" + children + ")";
    case KCond::Kind::any: return "(or" + children + ")";
    case KCond::Kind::then: return "(then" + children + ")";
    case KCond::Kind::negation: return "(not" + children + ")";
    case KCond::Kind::compare: return fmt::format("({} {} {})", cond.op, text_of(*cond.left), text_of(*cond.right));
    case KCond::Kind::quantifier: return fmt::format("({} of{})", cond.number, children);
    case KCond::Kind::first_seen: return fmt::format("(new {})", text_of(cond.exprs));
    case KCond::Kind::step: break;
  }
  return cond.numbered ? fmt::format("({} {})", cond.number, cond.name.text) : cond.name.text;
}

std::string text_of(const Json& json) {
  std::string out;
  switch (json.kind) {
    case Json::Kind::null: return "null";
    case Json::Kind::boolean: return json.boolean ? "true" : "false";
    case Json::Kind::number: return json.text;
    case Json::Kind::string: return quoted(json.text);
    case Json::Kind::array:
      for (const Json& element : json.elements) out += (out.empty() ? "" : ", ") + text_of(element);
      return "[" + out + "]";
    case Json::Kind::object: break;
  }
  for (const JsonMember& member : json.members)
    out += fmt::format("{}{}: {}", out.empty() ? "" : ", ", quoted(member.key), text_of(member.value));
  return "{" + out + "}";
}

class Outline {
 public:
  std::string take() { return std::move(out_); }
  void selection(const Selection& selection) { write(selection); }

  void file(const File& file) {
    if (file.edition) line("edition {}", *file.edition);
    for (const Declaration& declaration : file.declarations)
      std::visit([&](const auto& d) { declare(d); }, declaration);
  }

 private:
  template <class... Args>
  void line(fmt::format_string<Args...> format, Args&&... args) {
    out_ += std::string(depth_ * 2, ' ') + fmt::format(format, std::forward<Args>(args)...) + "\n";
  }
  template <class Body>
  void nested(Body body) {
    ++depth_;
    body();
    --depth_;
  }
  static const char* broken(bool is) { return is ? " (broken)" : ""; }

  void declare(const Rule& rule) {
    line("rule {}{}", rule.name.text, broken(rule.broken));
    nested([&] {
      for (const RuleClause& clause : rule.clauses) std::visit([&](const auto& c) { write(c); }, clause);
    });
  }
  void declare(const List& list) {
    line("list {}: {}{}{}{} {}", list.name.text, name_of(list.type), list.to ? " -> " : "",
         list.to ? name_of(*list.to) : "", broken(list.broken),
         list.from ? "from " + quoted(list.from->value) : text_of(list.values));
  }
  void declare(const SharedSelection& shared) {
    line("shared{}", broken(shared.broken));
    nested([&] { write(shared.selection); });
  }
  void declare(const Tune& tune) {
    static const char* const kKinds[] = {"rules", "list", "schema"};
    line("tune {}{}{}", kKinds[size_t(tune.kind)], words(tune.targets, " "), broken(tune.broken));
    nested([&] {
      for (const TuneClause& clause : tune.clauses) std::visit([&](const auto& c) { write(c); }, clause);
    });
  }
  void declare(const Schema& schema) {
    line("schema {}{}", schema.name.text, broken(schema.broken));
    nested([&] {
      for (const SchemaClause& clause : schema.clauses) std::visit([&](const auto& c) { write(c); }, clause);
    });
  }

  void write(const Meta& meta) {
    line("{}: {}", meta.name.text, meta.is_list ? text_of(meta.values) : text_of(meta.values[0]));
  }
  void write(const Level& level) {
    std::string cases;
    for (const LevelCase& c : level.cases)
      cases += fmt::format("{}{}{}", cases.empty() ? "" : ", ", c.level.text, c.where ? " where " + c.where->text : "");
    line("level: {}", cases);
  }
  void write(const Let& let) { line("let {} = {}", let.name.text, text_of(let.value)); }
  void write(const Params& params) {
    line("params");
    nested([&] {
      for (const Param& param : params.params)
        line("{}: {}", param.name.text, param.is_list ? text_of(param.values) : text_of(param.values[0]));
    });
  }
  void write(const Detection& detection) {
    line("detection");
    nested([&] {
      for (const Selection& selection : detection.selections) write(selection);
      if (detection.condition) line("condition: {}", text_of(*detection.condition));
    });
  }
  void write(const Selection& selection) {
    line("selection {}{}{}", selection.name.text, words(selection.modifiers, "|"),
         selection.source ? " on " + selection.source->text : "");
    nested([&] {
      std::visit(overloaded{[&](const Map& map) { write(map); },
                            [&](const std::vector<Map>& maps) {
                              for (const Map& map : maps) line("map"), nested([&] { write(map); });
                            },
                            [&](const Keywords& keywords) { line("keywords {}", text_of(keywords.values)); }},
                 selection.body);
    });
  }
  void write(const Map& map) {
    for (const Entry& entry : map.entries) {
      if (const Item* item = std::get_if<Item>(&entry)) {
        line("{}{}: {}", text_of(item->subject), words(item->modifiers, "|"),
             item->is_list ? text_of(item->values) : text_of(item->values[0]));
      } else {
        const Block& block = *std::get<std::unique_ptr<Block>>(entry);
        line("block {}", text_of(block.path));
        nested([&] { write(block.map); });
      }
    }
  }
  void write(const Correlation& correlation) {
    static const char* const kWindows[] = {"sliding", "tumbling", "tumbling closed"};
    line("correlation");
    nested([&] {
      if (correlation.group_by_span) line("group_by: {}", text_of(correlation.group_by));
      if (correlation.timespan)
        line("timespan: {} {}", text_of(*correlation.timespan), kWindows[size_t(correlation.window)]);
      if (correlation.warmup) line("warmup: {}", text_of(*correlation.warmup));
      if (correlation.state) line("state: {} bytes", correlation.state->bytes);
      if (correlation.condition) line("condition: {}", text_of(*correlation.condition));
    });
  }
  void write(const Suppress& suppress) {
    line("suppress: {}{}", suppress.length ? text_of(*suppress.length) : "",
         suppress.by ? " by " + text_of(*suppress.by) : "");
  }
  void write(const Custom& custom) { line("custom {}", text_of(custom.value)); }
  void write(const Test& test) {
    line("test {}", quoted(test.title.value));
    nested([&] {
      for (const auto& step : test.steps) std::visit([&](const auto& s) { write(s); }, step);
    });
  }
  void write(const Feed& feed) {
    std::string when;
    if (feed.at) when += fmt::format("at {}ms ", feed.at->ms);
    if (feed.arrives) when += fmt::format("arrives {}ms ", feed.arrives->ms);
    if (feed.every) when += fmt::format("every {}ms times {} ", feed.every->ms, feed.times.value_or(1));
    line("{}event{} {}", when, feed.source ? " on " + feed.source->text : "", text_of(feed.event));
  }
  void write(const Expect& expect) {
    line("expect {}{}{}", expect.count, expect.at ? fmt::format(" at {}ms", expect.at->ms) : "",
         expect.rule ? " from " + expect.rule->text : "");
    if (expect.map) nested([&] { write(*expect.map); });
  }
  void write(const Exempt& exempt) {
    line("exempt");
    nested([&] { write(exempt.selection); });
  }
  void write(const Amend& amend) { line("{}: {}", amend.remove ? "remove" : "add", text_of(amend.values)); }
  void write(const Field& field) {
    std::string path;
    for (const FieldSegment& segment : field.path)
      path += fmt::format("{}{}{}", path.empty() ? "" : ".", segment.name, segment.array ? "[]" : "");
    line("field {} {}{}{}{}{}{}", path, name_of(field.type), field.required ? " required" : "",
         field.usual ? " usual" : "", field.open ? " open" : "", field.derived ? " = " + text_of(*field.derived) : "",
         field.known ? " " + text_of(*field.known) : "");
  }
  void write(const ApiCall& call) {
    line("call {} {}", quoted(call.service.value), quoted(call.name.value));
    nested([&] {
      for (const Field& field : call.fields) write(field);
    });
  }
  void write(const Format& format) {
    line("format: {}", format.columns ? "columns " + (format.names ? quoted(format.names->value) : "") : "json");
  }

  std::string out_;
  size_t depth_ = 0;
};

}  // namespace

std::string dump(const File& file) {
  Outline outline;
  outline.file(file);
  return outline.take();
}

std::string dump(const Expr& expr) { return text_of(expr); }
std::string dump(const Cond& cond) { return text_of(cond); }

std::string dump(const Selection& selection) {
  Outline outline;
  outline.selection(selection);
  return outline.take();
}

}  // namespace weir::dsl
