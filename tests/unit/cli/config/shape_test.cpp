// The tables of shape.h against the reader: what they call good is read without an error, what they call wrong is
// refused. So the JSON Schema, which is made of them, says what the reader does.
#include "cli/config/shape.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>

#include "cli/config/config.h"
#include "cli/config/schema.h"

namespace weir::config {
namespace {

using Kind = Key::Kind;

std::string rendered(const dsl::Diagnostics& diagnostics) {
  std::string out;
  for (const dsl::Diagnostic& one : diagnostics.list()) out += one.title + "; ";
  return out;
}

// What is wrong with a text; empty when nothing is.
std::string wrong_with(const std::string& text) {
  const Surroundings surroundings{
      [](const std::string& name) { return name == "KEY" ? std::optional<std::string>("0123456789abcdef0123456789abcdef") : std::nullopt; },
      [](const std::string&, std::string& problem) {
        problem = "no such file";
        return std::nullopt;
      }};
  dsl::SourceMap sources;
  dsl::Diagnostics diagnostics;
  read_config(sources, "weir.yaml", text, surroundings, diagnostics);
  return rendered(diagnostics);
}

// A value that this key takes, in YAML's flow style.
std::string good(const Shape& shape, const Key& key);

// With what is required, with `with` and all that it needs, and without `left_out`.
std::string section(const Shape& shape, const Key* left_out = nullptr, const Key* with = nullptr, const std::string& value = {}) {
  std::string out;
  std::vector<std::string> wanted;
  if (with) wanted.emplace_back(with->name);
  for (size_t i = 0; i < wanted.size(); ++i)
    for (const auto& [key, other] : shape.needs)
      if (wanted[i] == key && std::find(wanted.begin(), wanted.end(), other) == wanted.end()) wanted.emplace_back(other);
  for (const Key& key : shape.keys) {
    if (&key == left_out) continue;
    if (!key.required && std::find(wanted.begin(), wanted.end(), key.name) == wanted.end()) continue;
    out += fmt::format("{}{}: {}", out.empty() ? "" : ", ", key.name, &key == with && !value.empty() ? value : good(shape, key));
  }
  return "{" + out + "}";
}

std::string good(const Shape& shape, const Key& key) {
  const std::string name = key.name;
  switch (key.kind) {
    case Kind::text:
    case Kind::texts:
      if (name == "listen") return "\"127.0.0.1:8443\"";
      if (name == "path" && (std::string(shape.name) == "firehose" || std::string(shape.name) == "http")) return "/some";
      if (name == "group_by") return "[rule, account]";
      if (name == "to") return "out";
      return "something";
    case Kind::secret:
    case Kind::secrets:
      if (name == "url") return "\"https://example.com/hook\"";
      if (name == "secrets") return "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
      return "{env: KEY}";
    case Kind::headers:
      return "{X-One: two, X-Key: {env: KEY}}";
    case Kind::duration:
      return "10s";
    case Kind::size:
      return "8MiB";
    case Kind::number:
      return std::to_string(key.least);
    case Kind::choice:
      return key.choices[0];
    case Kind::levels:
      return "[\">=high\", low]";
    case Kind::time:
      return name == "from" ? "2026-01-31T08:00:00+01:00" : "2026-02-01T08:00:00Z";
    case Kind::group:
      return "{key.client: [10.0.0.5, \"10.1.*\"], title: DNS*}";
    case Kind::section:
      return section(*key.shapes[0]);
    case Kind::sections:
      return "[" + section(*key.shapes[0]) + "]";
    case Kind::named:
      break;
  }
  return name == "sinks" ? "{out: {type: slack, url: \"https://example.com/hook\"}}" : "{in: {type: stdin}}";
}

std::vector<std::string> bad(const Key& key) {
  switch (key.kind) {
    case Kind::text:
    case Kind::texts:
      return {"{a: b}"};
    case Kind::secret:
    case Kind::secrets:
      return {"{env: KEY, file: x}", "{variable: KEY}"};
    case Kind::headers:
      return {"[a]"};
    case Kind::duration:
      return {"10", "10 s", "soon"};
    case Kind::size:
      return {"8", "8 MiB", "8mb"};
    case Kind::number:
      return {std::to_string(key.most + 1), "-1", "many"};
    case Kind::choice:
      return {"nothing-like-it"};
    case Kind::levels:
      return {"hihg", "\"=>high\""};
    case Kind::time:
      return {"tomorrow", "8h", "2026-02-31T08:00:00Z"};
    case Kind::group:
      return {"text", "{}", "{host: a}", "{rule: {a: b}}"};
    case Kind::section:
    case Kind::sections:
    case Kind::named:
      return {"text"};
  }
  return {};
}

// A whole file in which `shape` stands as `text`.
using Around = std::string (*)(const std::string& text);

void probe(const Shape& shape, Around around) {
  INFO(std::string(shape.name));
  CHECK(wrong_with(around(section(shape))) == "");
  CHECK(wrong_with(around("{no_such_key: 1}")) != "");
  for (const Key& key : shape.keys) {
    INFO(std::string(key.name));
    if (key.required) CHECK(wrong_with(around(section(shape, &key))) != "");
    CHECK(wrong_with(around(section(shape, nullptr, &key))) == "");
    for (const std::string& value : bad(key)) {
      INFO(value);
      CHECK(wrong_with(around(section(shape, nullptr, &key, value))) != "");
    }
    if (key.kind == Kind::number) CHECK(wrong_with(around(section(shape, nullptr, &key, std::to_string(key.most)))) == "");
    for (const auto& [one, other] : shape.needs)
      if (one == std::string(key.name)) CHECK(wrong_with(around(section(shape, shape.find(other), &key))) != "");
    for (const char* choice : key.choices) CHECK(wrong_with(around(section(shape, nullptr, &key, choice))) == "");
  }
}

TEST_CASE("every key of a source is read, and nothing else") {
  for (const Shape* shape : source_shapes())
    probe(*shape, [](const std::string& text) { return "sources: {in: " + text + "}\nstore: {path: store}\n"; });
}

TEST_CASE("every key of a sink is read, and nothing else") {
  for (const Shape* shape : sink_shapes())
    probe(*shape, [](const std::string& text) { return "sources: {in: {type: stdin}}\nsinks: {out: " + text + "}\nstore: {path: store}\n"; });
}

TEST_CASE("every key of the other sections is read, and nothing else") {
  probe(route_shape(), [](const std::string& text) {
    return "sources: {in: {type: stdin}}\nsinks: {out: {type: slack, url: \"https://example.com/hook\"}}\nroutes: [" + text + "]\nstore: {path: store}\n";
  });
  probe(silence_shape(), [](const std::string& text) {
    return "sources: {in: {type: stdin}}\nsinks: {out: {type: stdout}}\nsilences: [" + text + "]\nstore: {path: store}\n";
  });
  probe(store_shape(), [](const std::string& text) { return "sources: {in: {type: stdin}}\nstore: " + text + "\n"; });
  probe(serve_shape(), [](const std::string& text) { return "sources: {in: {type: stdin}}\nstore: {path: s}\nserve: " + text + "\n"; });
  probe(limits_shape(), [](const std::string& text) { return "sources: {in: {type: stdin}}\nstore: {path: s}\nlimits: " + text + "\n"; });
  probe(log_shape(), [](const std::string& text) { return "sources: {in: {type: stdin}}\nstore: {path: s}\nlog: " + text + "\n"; });
  probe(tls_shape(), [](const std::string& text) {
    return "sources: {in: {type: http, listen: \"127.0.0.1:1\", tls: " + text + "}}\nstore: {path: s}\n";
  });
}

TEST_CASE("the sections of the file are those of the table") {
  for (const Key& key : whole_shape().keys) {
    INFO(std::string(key.name));
    const std::string rest = std::string("sources: {in: {type: stdin}}\nsinks: {out: {type: slack, url: \"https://example.com/hook\"}}\nstore: {path: s}\n");
    if (key.required) {
      std::string without = rest;
      const size_t at = without.find(key.name);
      CHECK(wrong_with(without.erase(at, without.find('\n', at) + 1 - at)) != "");
    } else if (key.name != std::string("sinks")) {
      CHECK(wrong_with(rest + key.name + ": " + good(whole_shape(), key)) == "");
    }
    if (key.kind != Kind::texts) CHECK(wrong_with(std::string(key.name) + ": text\n") != "");
  }
}

TEST_CASE("two configurations differ where their sections do") {
  const auto prints = [](const std::string& text, const char* token) {
    const Surroundings surroundings{[=](const std::string&) { return std::optional<std::string>(token); }, {}};
    dsl::SourceMap sources;
    dsl::Diagnostics diagnostics;
    return read_config(sources, "weir.yaml", text, surroundings, diagnostics).fingerprints;
  };
  const std::string text =
      "sources: {in: {type: http, listen: \"127.0.0.1:1\", token: {env: T}}}\nstore: {path: s}\nrules: [a]\n";
  CHECK(prints(text, "one") == prints("# a comment\n" + text, "one"));
  CHECK(prints(text, "one").at("sources") != prints(text, "two").at("sources"));
  CHECK(prints(text, "one").at("store") == prints(text, "two").at("store"));
  CHECK(prints(text, "one").at("rules") != prints(text + "", "one").at("store"));
}

}  // namespace
}  // namespace weir::config
