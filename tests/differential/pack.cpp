#include "tests/differential/pack.h"

#include <algorithm>

namespace weir::differential {
namespace {

const Source& source_named(const std::string& name) {
  return *std::find_if(sources().begin(), sources().end(),
                       [&](const Source& source) { return source.name == name; });
}

class PackMaker {
 public:
  explicit PackMaker(uint64_t seed) : dice_(seed) {}

  Pack make(uint32_t rules) {
    pack_.constants = make_constants(dice_);
    lists();
    for (const Source& source : sources())
      if (dice_.one_in(2)) shared_selection(source);
    if (rules == 0) rules = 2 + dice_.below(10);
    for (uint32_t i = 0; i < rules; ++i) {
      if (dice_.one_in(15))
        rule_of_two_sources(i);
      else
        rule(i, dice_.of(sources()));
    }
    for (uint32_t i = dice_.below(4); i > 0; --i) tuning(i);
    if (dice_.one_in(4)) tuned_list();
    return std::move(pack_);
  }

 private:
  struct Made {
    std::string name;
    const Source* source;
    bool has_param;
    bool tuned = false;
  };

  void lists() {
    auto list = [&](const std::string& name, const char* type, const std::vector<std::string>& values) {
      std::string text = "list " + name + ": " + type + " {\n";
      for (const std::string& value : values) text += quoted(dice_, value) + "\n";
      pack_.pieces.push_back({text + "}\n"});
    };
    const Constants& constants = pack_.constants;
    list("l_texts", "string", {constants.texts[0], constants.texts[1], constants.texts[2]});
    list("l_domains", "domain", {constants.domains[0], constants.domains[1]});
    list("l_addresses", "ip", {constants.addresses[0], constants.addresses[1]});
    list("l_networks", "ip", constants.networks);
    list("l_none", "string", {});
    pack_.pieces.push_back({"list l_owner: ip -> string from \"owner.txt\"\n"});
    pack_.pieces.push_back({"list l_zone: domain -> int from \"zone.txt\"\n"});
    pack_.list_files = {
        {"owner.txt", "10.0.0.0/8\tnet\n10.0.0.1\tops\n203.0.113.0/24\tlab\n2001:db8::/32\tsix\n"},
        {"zone.txt", "example.com\t1\nb.co.uk\t2\na.example.com\t3\norg\t4\n"}};
  }

  void shared_selection(const Source& source) {
    Names none;
    Items items(dice_, pack_.constants, none);
    Written map = items.map({.source = &source});
    std::string name = "sh_" + source.name;
    pack_.pieces.push_back({"selection " + name + " on " + source.name + " " + map.text + "\n"});
    shared_.push_back({&source, {name, map.hints}});
  }

  // ---- rules ----

  // The selections of a rule, first those that `if` and `size` may ask, then others.
  void rule(uint32_t number, const Source& source) {
    Names names;
    Items items(dice_, pack_.constants, names);
    Target target{&source, {}};
    Place place{.source = &source};
    std::string name = source.name + "_r" + std::to_string(number);

    std::string params;
    bool has_param = dice_.one_in(3);
    if (has_param) {
      names.params = {{"p_text", Kind::text}, {"p_number", Kind::integer}};
      params = "params {\np_text: " + quoted(dice_, dice_.of(pack_.constants.texts)) +
               "\np_number: " + dice_.of(pack_.constants.integers) + "\n}\n";
    }

    std::vector<std::string> selections;
    std::string detection;
    auto add = [&](const std::string& selection, std::string body, const std::vector<Hint>& hints) {
      detection += selection + " " + body + "\n";
      selections.push_back(selection);
      target.hints.insert(target.hints.end(), hints.begin(), hints.end());
    };
    Written first = items.map(place);
    add("s_a", first.text, first.hints);
    for (const std::string& list : source.lists)
      if (dice_.one_in(3)) element_selection(source, list, names, detection);
    names.selections.push_back("s_a");

    std::string lets;
    for (uint32_t i = dice_.below(3); i > 0; --i) {
      Written let = items.expression(place, items.any_kind());
      std::string let_name = "v_" + std::to_string(i);
      lets += "let " + let_name + " = " + let.text + "\n";
      names.lets.push_back({let_name, let.kind});
      target.hints.insert(target.hints.end(), let.hints.begin(), let.hints.end());
    }

    for (uint32_t i = dice_.below(4); i > 0; --i) more_selections(source, items, i, add);
    for (const auto& [of, shared] : shared_)
      if (of == &source && dice_.one_in(3)) {
        selections.push_back(shared.first);
        target.hints.insert(target.hints.end(), shared.second.begin(), shared.second.end());
      }

    std::string level = dice_.one_in(4) ? "level: low, critical where s_a\n" : "level: high\n";
    std::string text = "rule " + name + " {\ntitle: \"generated\"\n" + level + "source: " + source.name +
                       "\n" + lets + params + "detection {\n" + detection +
                       "condition: " + condition(selections) + "\n}\n" + alert(place, items, target) + "}\n";
    pack_.pieces.push_back({std::move(text)});
    pack_.targets.push_back(std::move(target));
    made_.push_back({name, &source, has_param});
  }

  void element_selection(const Source& source, const std::string& list, Names& names,
                         std::string& detection) {
    if (list.find("{}") != std::string::npos || std::count(list.begin(), list.end(), '[') != 1) return;
    std::vector<Field> below;
    for (const Field& field : source.fields)
      if (field.path.starts_with(list + ".") && field.kind == Kind::text) below.push_back(field);
    if (below.empty()) return;
    std::string path;
    for (const Segment& segment : segments_of(dice_.of(below).path))
      path += (path.empty() ? "" : ".") + segment.name;
    std::string selection = "e_" + list.substr(0, list.find('['));
    detection +=
        selection + " { " + path + "|contains: " + quoted(dice_, dice_.of(pack_.constants.texts)) + " }\n";
    names.element_selections.push_back({list.substr(0, list.size() - 2), selection});
  }

  template <class Add>
  void more_selections(const Source& source, Items& items, uint32_t i, Add add) {
    static const std::vector<const char*> kHeads = {"s_", "t_", "_u"};
    std::string name = dice_.word(kHeads) + std::to_string(i);
    if (dice_.one_in(10)) {
      keywords(source, name, add);
      return;
    }
    Written map = items.map({.source = &source});
    if (dice_.one_in(3)) {
      Written other = items.map({.source = &source});
      map.text = "[\n" + map.text + "\n" + other.text + "\n]";
      if (dice_.one_in(2)) map.hints = other.hints;
    }
    add(name, map.text, map.hints);
  }

  template <class Add>
  void keywords(const Source& source, const std::string& name, Add add) {
    std::string word = dice_.of(pack_.constants.texts), other = dice_.of(pack_.constants.texts);
    static const std::vector<const char*> kModifiers = {"", "|all", "|cased", "|cased|all"};
    std::string first = quoted(dice_, word);
    if (dice_.one_in(3)) first = "\"*a?b*\"";
    std::vector<Hint> hints;
    for (const Field& field : source.fields)
      if (field.kind == Kind::text && hints.empty())
        hints.push_back({field.path, field.kind, {text("x" + word + other)}});
    add(name + dice_.word(kModifiers), "[" + first + ", " + quoted(dice_, other) + "]", hints);
  }

  // `selections` may carry modifiers ("t_1|all"), which conditions do not repeat.
  std::string condition(const std::vector<std::string>& selections) {
    std::vector<std::string> names;
    for (const std::string& selection : selections) names.push_back(selection.substr(0, selection.find('|')));
    auto name = [&] { return (dice_.one_in(8) ? "not " : "") + dice_.of(names); };
    auto counted = std::count_if(names.begin(), names.end(),
                                 [](const std::string& one) { return one.starts_with("s_"); });
    switch (dice_.below(12)) {
      case 0:
      case 1:
      case 2:
        return names[0];
      case 3:
        return "any of s_*";
      case 4:
        return "all of them";
      case 5:
        return "any of them";
      case 6:
        return std::to_string(1 + dice_.below(uint32_t(counted))) + " of s_*" +
               (dice_.one_in(3) ? " or " + name() : "");
      case 7:
        return name() + " and not " + dice_.of(names);
      case 8:
        return name() + " or " + name();
      case 9:
        return "(" + name() + " or " + name() + ") and not (" + name() + " and " + name() + ")";
      case 10:
        return dice_.one_in(4) ? "true" : "not (not " + name() + " or not " + name() + ")";
      default:
        return name() + " and (" + name() + " or true)";
    }
  }

  std::string alert(const Place& place, Items& items, Target& target) {
    std::string out;
    auto expression = [&] {
      Written written = items.expression(place, items.any_kind());
      target.hints.insert(target.hints.end(), written.hints.begin(), written.hints.end());
      return written.text;
    };
    if (dice_.one_in(3))
      out += "suppress: 1h by [" + expression() + ", " + place.source->fields[0].path + "]\n";
    if (dice_.one_in(2)) {
      std::string inner = expression();
      // Braces and quotes would end the template.
      if (inner.find_first_of("\"'{}\\") != std::string::npos) inner = place.source->time;
      out += "message: \"{{{{ {" + inner + "} of {" + plain_path(*place.source) + "}\"\n";
    }
    if (dice_.one_in(2)) out += "fields: [" + plain_path(*place.source) + ", " + place.source->time + "]\n";
    return out;
  }

  std::string plain_path(const Source& source) {
    std::string out;
    for (const Segment& segment : segments_of(dice_.of(source.fields).path))
      out += (out.empty() ? "" : ".") + segment.name;
    return out;
  }

  void rule_of_two_sources(uint32_t number) {
    const Source &calls = source_named("cloudtrail"), &queries = source_named("resolver");
    Names names;
    Items items(dice_, pack_.constants, names);
    Written a = items.map({.source = &calls, .qualifier = "cloudtrail."});
    Written b = items.map({.source = &queries, .qualifier = "resolver."});
    static const std::vector<const char*> kConditions = {"a or b", "any of them", "not a and not b",
                                                         "a",      "b or c",      "2 of them"};
    std::string text = "rule both_r" + std::to_string(number) +
                       " {\ntitle: \"of two sources\"\nlevel: low\nsource: [cloudtrail, resolver]\n"
                       "let v = coalesce(resolver.srcaddr, cloudtrail.sourceIPAddress)\n"
                       "detection {\na on cloudtrail " +
                       unqualified(a.text) + "\nb on resolver " + unqualified(b.text) +
                       "\nc { v|contains: \"1\" }\ncondition: " + dice_.word(kConditions) +
                       "\n}\nmessage: \"{v} {resolver.query_name}\"\nfields: [cloudtrail.eventName]\n}\n";
    pack_.pieces.push_back({std::move(text)});
    pack_.targets.push_back({&calls, a.hints});
    pack_.targets.push_back({&queries, b.hints});
  }

  // What stands in `a on cloudtrail { … }` is of that source; half of it says so once more.
  std::string unqualified(std::string text) {
    if (dice_.one_in(2)) return text;
    for (const std::string head : {"cloudtrail.", "resolver."})
      for (size_t at = 0; (at = text.find(head, at)) != text.npos;)
        if (at == 0 || !std::isalnum(uint8_t(text[at - 1])))
          text.erase(at, head.size());
        else
          at += head.size();
    return text;
  }

  // ---- tunings ----

  void tuning(uint32_t number) {
    if (made_.empty()) return;
    Made& rule = made_[dice_.below(uint32_t(made_.size()))];
    static const std::vector<const char*> kUntil = {"", "until: 2026-06-30\n", "until: 2025-12-31\n",
                                                    "until: 2027-01-01\n"};
    std::string until = dice_.word(kUntil), body;
    std::string target = dice_.one_in(3) ? rule.source->name + "_*" : rule.name;
    bool of_one = target == rule.name && !rule.tuned;
    uint32_t roll = dice_.below(6);
    if (roll == 0 && of_one && rule.has_param) {
      body = "params {\np_number: " + dice_.of(pack_.constants.integers) + "\n}\n";
      rule.tuned = true;
    } else if (roll == 1 && of_one) {
      body = until + "level: medium\n";
      rule.tuned = true;
    } else if (roll == 2 && of_one) {
      body = until + "enabled: false\n";
      rule.tuned = true;
    } else {
      Names none;
      Items items(dice_, pack_.constants, none);
      Written map = items.map({.source = rule.source});
      body = until + "exempt x_" + std::to_string(number) + " " + map.text + "\n";
      for (Target& other : pack_.targets)
        if (other.source == rule.source && dice_.one_in(3))
          other.hints.insert(other.hints.end(), map.hints.begin(), map.hints.end());
    }
    pack_.pieces.push_back({"tune " + target + " {\nreason: \"generated\"\n" + body + "}\n"});
  }

  void tuned_list() {
    pack_.pieces.push_back({"tune list l_texts {\nreason: \"generated\"\nadd: [" +
                            quoted(dice_, dice_.of(pack_.constants.texts)) + "]\nremove: [" +
                            quoted(dice_, pack_.constants.texts[1]) + "]\n}\n"});
  }

  Dice dice_;
  Pack pack_;
  std::vector<Made> made_;
  std::vector<std::pair<const Source*, std::pair<std::string, std::vector<Hint>>>> shared_;
};

}  // namespace

std::string Pack::text() const {
  std::string out;
  for (const Piece& piece : pieces) out += piece.text;
  return out;
}

std::vector<std::pair<std::string, std::string>> Pack::files() const {
  std::vector<std::pair<std::string, std::string>> out = list_files;
  out.push_back({"pack.weir", text()});
  out.push_back({"schemas.weir", schema_text()});
  return out;
}

Pack make_pack(uint64_t seed, uint32_t rules) { return PackMaker(seed).make(rules); }

}  // namespace weir::differential
