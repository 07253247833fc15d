// Every key of weir.yaml, by section.
#include "cli/config/config.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <type_traits>

#include "cli/config/findings.h"
#include "cli/config/http_sources.h"
#include "cli/config/network_sinks.h"
#include "cli/config/secrets.h"
#include "cli/config/which_alerts.h"
#include "compiler/nearest.h"
#include "runtime/http/message.h"

namespace weir::config {
namespace {

constexpr uint64_t kMostSecret = 64u << 10;

template <class T>
struct Named {
  const char* name;
  T value;
};

// What a source's `type` says: where its units come from, and of those that listen, what they speak.
struct SourceKind {
  Source::Type type;
  ingest::HttpProtocol protocol = ingest::HttpProtocol::plain;
};
constexpr Named<SourceKind> kSourceTypes[] = {
    {"spool", {Source::Type::spool}},
    {"files", {Source::Type::files}},
    {"stdin", {Source::Type::standard_input}},
    {"firehose", {Source::Type::http, ingest::HttpProtocol::firehose}},
    {"http", {Source::Type::http, ingest::HttpProtocol::plain}}};

constexpr Named<Source::Mode> kModes[] = {
    {"spool", Source::Mode::spool}, {"once", Source::Mode::once}, {"tail", Source::Mode::tail}};

// What a sink's `type` says: where it goes, and of those over the network, which.
struct SinkKind {
  Sink::Type type;
  deliver::SinkType network = deliver::SinkType::slack;
};
constexpr Named<SinkKind> kSinkTypes[] = {{"stdout", {Sink::Type::standard_output}},
                                          {"file", {Sink::Type::file}},
                                          {"slack", {Sink::Type::network, deliver::SinkType::slack}},
                                          {"pagerduty", {Sink::Type::network, deliver::SinkType::pagerduty}},
                                          {"webhook", {Sink::Type::network, deliver::SinkType::webhook}}};

constexpr Named<Log::Format> kLogFormats[] = {
    {"auto", Log::Format::automatic}, {"json", Log::Format::json}, {"text", Log::Format::text}};
constexpr Named<process::Severity> kLogLevels[] = {{"debug", process::Severity::debug},
                                                   {"info", process::Severity::info},
                                                   {"warning", process::Severity::warning},
                                                   {"error", process::Severity::error}};

// All that stands in a tree, so that two trees with the same text are the same.
std::string written(const Node& node) {
  std::string out = fmt::format("{}:{}:{}(", int(node.kind), node.text.size(), node.text);
  for (const Node& item : node.items) out += written(item);
  for (const auto& [name, value] : node.members) out += written(name) + written(value);
  return out + ")";
}

class ConfigReader {
 public:
  ConfigReader(const dsl::SourceMap& sources, const std::filesystem::path& path, const Surroundings& surroundings,
               std::vector<std::string> secrets, dsl::Diagnostics& diagnostics)
      : sources_(sources),
        folder_(path.parent_path().string()),
        file_(path.filename().string()),
        reader_(diagnostics, surroundings, std::move(secrets)) {}

  Config read(const Node& root) {
    Section all(reader_, root, "the configuration", &whole_shape());
    take(all.find("rules"), "rules", [&](const Node& node) {
      const std::vector<std::string> written = reader_.paths(node).value_or(std::vector<std::string>());
      for (const std::string& path : written) config_.rules.push_back(path == "shipped" ? path : absolute(path));
      places(Place::What::rules, written, node);
    });
    if (config_.rules.empty()) config_.rules.emplace_back("shipped");
    take(all.require("sources"), "sources",
         [&](const Node& node) { each(node, "`sources`", [&](auto& k, auto& v) { source(k, v); }); });
    take(all.find("sinks"), "sinks",
         [&](const Node& node) { each(node, "`sinks`", [&](auto& k, auto& v) { sink(k, v); }); });
    take(all.find("routes"), "routes", [&](const Node& node) { routes(node); });
    take(all.find("silences"), "silences", [&](const Node& node) { silences(node); });
    take(all.require("store"), "store", [&](const Node& node) { store(node); });
    take(all.find("serve"), "serve", [&](const Node& node) { serve(node); });
    take(all.find("limits"), "limits", [&](const Node& node) { limits(node); });
    take(all.find("log"), "log", [&](const Node& node) { log(node); });
    all.finish();
    return std::move(config_);
  }

 private:
  template <class Read>
  void take(const Node* node, const char* name, Read read) {
    if (!node) return;
    const size_t from = reader_.filled_in().size();
    read(*node);
    config_.fingerprints[name] = std::hash<std::string>()(written(*node) + reader_.filled_in().substr(from));
  }

  std::string absolute(const std::string& path) const {
    if (path == "-" || folder_.empty()) return path;
    return (std::filesystem::path(folder_) / path).string();
  }

  void places(Place::What what, const std::vector<std::string>& written, const Node& node, const std::string& of = {}) {
    for (size_t i = 0; i < written.size(); ++i)
      if (what != Place::What::rules || written[i] != "shipped")
        config_.places.push_back({what, absolute(written[i]), written[i],
                                  node.items.empty() ? node.span : node.items[i].span, of});
  }

  template <class Read>
  void each(const Node& node, const char* what, Read read) {
    if (node.kind != Node::Kind::map) {
      reader_.add(dsl::Code::E903, fmt::format("{} is a map from names", what), node.span);
      return;
    }
    for (const auto& [name, value] : node.members) {
      const bool plain =
          !name.text.empty() && name.text.size() <= kLongestName &&
          name.text.find_first_not_of(kNameLetters) == std::string::npos;
      if (!plain)
        reader_.add(dsl::Code::E903, "a name is made of letters, digits, `_` and `-`, at most 60 of them",
                    name.span);
      read(name, value);
    }
  }

  template <class T, size_t N>
  std::optional<T> choice(const Node& node, const Named<T> (&choices)[N]) {
    const std::optional<std::string> written = reader_.text(node);
    if (!written) return std::nullopt;
    std::vector<std::string> names;
    for (const Named<T>& one : choices) {
      if (*written == one.name) return one.value;
      names.emplace_back(one.name);
    }
    reader_.add(dsl::Code::E903, fmt::format("`{}` is none of `{}`", *written, fmt::join(names, "`, `")), node.span);
    return std::nullopt;
  }

  template <class T, size_t N>
  std::optional<T> type_of(Section& section, const Named<T> (&types)[N], const std::vector<const Shape*>& shapes) {
    const Node* node = section.require("type");
    const std::optional<std::string> written = node ? reader_.text(*node) : std::nullopt;
    if (!written) return std::nullopt;
    std::vector<std::string> names;
    for (const Named<T>& type : types) {
      if (*written == type.name) {
        section.is(shape_named(shapes, type.name));
        return type.value;
      }
      names.emplace_back(type.name);
    }
    dsl::Diagnostic& unknown =
        reader_.add(dsl::Code::E903, fmt::format("no type is named `{}`", *written), node->span);
    const std::vector<std::string> near = compiler::nearest(*written, names);
    unknown.help(near.empty() ? fmt::format("the types are `{}`", fmt::join(names, "`, `"))
                              : compiler::did_you_mean(near));
    return std::nullopt;
  }

  void source(const Node& name, const Node& node) {
    Section section(reader_, node, fmt::format("the source `{}`", name.text));
    Source out;
    out.name = name.text;
    out.span = name.span;
    const std::optional<SourceKind> kind = type_of(section, kSourceTypes, source_shapes());
    if (!kind) return;
    out.type = kind->type;
    if (const Node* events = section.find("events")) {
      out.events = reader_.text(*events);
      out.events_span = events->span;
    }
    if (out.type == Source::Type::http) out.http = listener(name, node, section, kind->protocol);
    if (out.type == Source::Type::spool || out.type == Source::Type::files)
      if (const Node* path = section.require("path")) {
        const std::vector<std::string> written = reader_.paths(*path).value_or(std::vector<std::string>());
        for (const std::string& one : written) out.paths.push_back(absolute(one));
        places(Place::What::source, written, *path, name.text);
      }
    if (out.type == Source::Type::files) mode(section, out);
    section.finish();
    config_.sources.push_back(std::move(out));
  }

  ingest::HttpOptions listener(const Node& name, const Node& node, Section& section,
                               ingest::HttpProtocol protocol) {
    const size_t errors = reader_.error_count();
    ingest::HttpOptions out = read_http_source(reader_, section, protocol);
    out.name = name.text;
    if (out.tls) {
      const Node& tls = *section.find("tls");
      for (const auto& [key, value] : tls.members) {
        if (key.text == "certificate") places(Place::What::certificate, {out.tls->certificate}, value);
        if (key.text == "key") places(Place::What::key, {out.tls->key}, value);
      }
      out.tls = http::Tls{absolute(out.tls->certificate), absolute(out.tls->key)};
    }
    if (const Node* listen = section.find("listen"); reader_.error_count() == errors)
      listens(out.listen, listen->span, fmt::format("the source `{}`", name.text));
    if (reader_.error_count() == errors)
      if (const std::string problem = ingest::problem_of(out); !problem.empty())
        reader_.add(dsl::Code::E903, fmt::format("the source `{}`: {}", name.text, problem), node.span);
    return out;
  }

  // One address, one listener; 0.0.0.0 and :: are all of them, and port 0 is any that is free.
  void listens(const std::string& written, dsl::Span span, const std::string& who) {
    std::string problem;
    const std::optional<http::Address> address = http::parse_address(written, problem);
    if (!address) {
      reader_.add(dsl::Code::E903, fmt::format("{}: {}", who, problem), span);
      return;
    }
    const auto everywhere = [](const http::Address& one) { return one.host == "0.0.0.0" || one.host == "::"; };
    for (const Listener& other : listeners_) {
      if (other.address.port != address->port || address->port == 0) continue;
      if (other.address.host != address->host && !everywhere(other.address) && !everywhere(*address)) continue;
      reader_.add(dsl::Code::E903, fmt::format("{} and {} would listen on one address", other.who, who), span, "this one, too")
          .label(other.span, "it is taken here");
      return;
    }
    listeners_.push_back({*address, span, who});
  }

  void mode(Section& section, Source& out) {
    const Node* node = section.find("mode");
    const std::optional<std::string> mode = node ? reader_.text(*node) : std::nullopt;
    if (!mode) return;
    const auto named = std::find_if(std::begin(kModes), std::end(kModes), [&](const auto& one) { return *mode == one.name; });
    if (named != std::end(kModes)) {
      out.mode = named->value;
    } else {
      reader_.add(dsl::Code::E903, fmt::format("no mode is named `{}`", *mode), node->span)
          .help("`once` reads what is there and ends; `spool` waits for new files; `tail` follows files that grow");
    }
  }

  void sink(const Node& name, const Node& node) {
    Section section(reader_, node, fmt::format("the sink `{}`", name.text));
    Sink out;
    out.name = name.text;
    out.span = name.span;
    sinks_.push_back(name.text);
    const std::optional<SinkKind> kind = type_of(section, kSinkTypes, sink_shapes());
    if (!kind) return;
    out.type = kind->type;
    if (out.type == Sink::Type::file)
      if (const Node* path = section.require("path"))
        if (const std::optional<std::string> written = reader_.path(*path)) {
          out.path = absolute(*written);
          places(Place::What::sink, {*written}, *path, name.text);
        }
    if (out.type != Sink::Type::network)
      if (const Node* states = section.find("states")) out.final_only = read_states(reader_, *states);
    if (out.type == Sink::Type::network) {
      const size_t errors = reader_.error_count();
      out.network = read_network_sink(reader_, section, kind->network);
      if (std::string& file = out.network->http.ca_file; !file.empty()) {
        places(Place::What::authorities, {file}, *section.find("ca_file"));
        file = absolute(file);
      }
      if (reader_.error_count() == errors)
        if (const std::string problem = deliver::make_sink(*out.network).problem; !problem.empty())
          reader_.add(dsl::Code::E903, fmt::format("the sink `{}`: {}", name.text, problem), node.span);
    }
    section.finish();
    config_.sinks.push_back(std::move(out));
  }

  void routes(const Node& node) {
    if (node.kind != Node::Kind::list) {
      reader_.add(dsl::Code::E903, "`routes` is a list", node.span)
          .help("`routes: [{level: \">=high\", to: pager}]`");
      return;
    }
    for (const Node& item : node.items) {
      Section section(reader_, item, "a route", &route_shape());
      deliver::Route out;
      static_cast<deliver::Which&>(out) = read_which(reader_, section, config_.mentions);
      if (const Node* to = section.require("to")) {
        out.to = reader_.texts(*to).value_or(out.to);
        for (const std::string& sink : out.to) known_sink(sink, to->span);
      }
      grouping(section, item, out);
      section.finish();
      config_.routes.push_back(std::move(out));
    }
    for (Sink& sink : config_.sinks)
      if (sink.network)
        for (const deliver::Route& route : config_.routes)
          if (leads_to(route, sink.name)) sink.network->routes.push_back(route);
  }

  void silences(const Node& node) {
    if (node.kind != Node::Kind::list) {
      reader_.add(dsl::Code::E903, "`silences` is a list", node.span)
          .help("`silences: [{rule: dns_tunnelling, until: 2026-01-31T08:00:00Z, comment: \"a test of the network team\"}]`");
      return;
    }
    for (const Node& item : node.items) {
      deliver::Silence silence = read_silence(reader_, item, config_.mentions);
      silence.name = fmt::format("{}:{}", file_, sources_.place(item.span.source, item.span.begin).line);
      dsl::Span end = item.span;
      for (const auto& [name, value] : item.members) {
        if (name.text == "to")
          for (const std::string& sink : silence.to) known_sink(sink, value.span);
        if (name.text == "until") end = value.span;
      }
      config_.ends_of_silences.push_back(end);
      config_.silences.push_back(std::move(silence));
    }
  }

  static bool leads_to(const deliver::Route& route, const std::string& sink) {
    return std::find(route.to.begin(), route.to.end(), sink) != route.to.end();
  }

  void grouping(Section& section, const Node& node, deliver::Route& out) {
    const size_t errors = reader_.error_count();
    out.grouping = read_grouping(reader_, section);
    if (const Node* keys = section.find("group_by")) mention(config_.mentions, Mention::What::group, out.grouping.by, *keys);
    if (reader_.error_count() > errors) return;
    if (const std::string problem = deliver::problem_of_grouping(out.grouping); !problem.empty()) {
      reader_.add(dsl::Code::E903, "a route: " + problem, node.span);
      return;
    }
    const bool folds = std::any_of(config_.sinks.begin(), config_.sinks.end(), [&](const Sink& sink) {
      return sink.network && deliver::folds(*sink.network) && leads_to(out, sink.name);
    });
    const bool known = std::all_of(out.to.begin(), out.to.end(), [&](const std::string& name) {
      return std::any_of(config_.sinks.begin(), config_.sinks.end(),
                         [&](const Sink& sink) { return sink.name == name; });
    });
    if ((!out.grouping.by.empty() || out.grouping.storm_per_minute) && known && !folds)
      reader_.add(dsl::Code::E903, "none of the sinks of this route folds alerts", node.span)
          .help(
              "`slack`, `pagerduty` and `webhook` in the format `weir` do; a file, stdout and OCSF have "
              "every alert");
  }

  void known_sink(const std::string& name, dsl::Span span) {
    if (std::find(sinks_.begin(), sinks_.end(), name) != sinks_.end()) return;
    dsl::Diagnostic& unknown = reader_.add(dsl::Code::E903, fmt::format("no sink is named `{}`", name), span);
    if (const std::vector<std::string> near = compiler::nearest(name, sinks_); !near.empty())
      unknown.help(compiler::did_you_mean(near));
  }

  void store(const Node& node) {
    Section section(reader_, node, "`store`", &store_shape());
    if (const Node* path = section.require("path"))
      if (const std::optional<std::string> written = reader_.path(*path)) {
        config_.store = absolute(*written);
        places(Place::What::store, {*written}, *path);
      }
    section.finish();
  }

  void serve(const Node& node) {
    Section section(reader_, node, "`serve`", &serve_shape());
    if (const Node* listen = section.require("listen"))
      if (config_.serve = reader_.text(*listen)) listens(*config_.serve, listen->span, "`serve`");
    section.finish();
  }

  void log(const Node& node) {
    Section section(reader_, node, "`log`", &log_shape());
    if (const Node* format = section.find("format"))
      if (const auto chosen = choice(*format, kLogFormats)) config_.log.format = *chosen;
    if (const Node* level = section.find("level"))
      if (const auto chosen = choice(*level, kLogLevels)) config_.log.level = *chosen;
    section.finish();
  }

  void limits(const Node& node) {
    Section section(reader_, node, "`limits`", &limits_shape());
    Limits& out = config_.limits;
    if (const Node* one = section.find("threads")) out.threads = reader_.number(*one, 1, 256);
    if (const Node* one = section.find("commit_every"))
      set(out.commit_every_us, reader_.duration_us(*one), *one, 1'000, 60'000'000);
    if (const Node* one = section.find("commit_bytes"))
      set(out.commit_bytes, reader_.bytes(*one), *one, 64u << 10, 1u << 30);
    if (const Node* one = section.find("in_flight"))
      set(out.in_flight_bytes, reader_.bytes(*one), *one, 1u << 20, uint64_t{64} << 30);
    if (const Node* one = section.find("waiting"))
      set(out.waiting_bytes, reader_.bytes(*one), *one, 1u << 20, uint64_t{64} << 30);
    if (const Node* one = section.find("remembered_ids"))
      out.remembered_ids = reader_.number(*one, 1, 1'000'000'000).value_or(1);
    if (const Node* one = section.find("outbox"))
      out.outbox_rows = reader_.number(*one, 1, 1'000'000'000).value_or(1);
    if (const Node* one = section.find("quarantine"))
      set(out.quarantine_bytes, reader_.bytes(*one), *one, 1u << 20, uint64_t{64} << 30);
    if (const Node* one = section.find("quarantine_rows"))
      out.quarantine_rows = reader_.number(*one, 1, 1'000'000'000).value_or(1);
    if (const Node* one = section.find("stop_within"))
      set(out.stop_within_us, reader_.duration_us(*one), *one, 0, 3'600'000'000);
    section.finish();
  }

  template <class T>
  void set(T& out, std::optional<T> read, const Node& node, std::type_identity_t<T> least,
           std::type_identity_t<T> most) {
    if (!read) return;
    if (*read < least || *read > most) {
      const auto written = [](T value) {
        if constexpr (std::is_signed_v<T>) {
          return duration_text(value);
        } else {
          return size_text(value);
        }
      };
      reader_.add(dsl::Code::E903,
                  fmt::format("`{}` is not between {} and {}", node.text, written(least), written(most)), node.span);
    } else {
      out = *read;
    }
  }

  struct Listener {
    http::Address address;
    dsl::Span span;
    std::string who;
  };

  const dsl::SourceMap& sources_;
  std::string folder_, file_;
  Reader reader_;
  Config config_;
  std::vector<std::string> sinks_;  // also those that could not be read
  std::vector<Listener> listeners_;
};

std::optional<std::string> whole_file(const std::string& path, std::string& problem) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    problem = "it is a folder";
    return std::nullopt;
  }
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    problem = std::strerror(errno);
    return std::nullopt;
  }
  std::string text(kMostSecret, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(in.gcount()));
  return text;
}

}  // namespace

Config read_config(dsl::SourceMap& sources, const std::string& path, const std::string& text,
                   const Surroundings& surroundings, dsl::Diagnostics& diagnostics) {
  const auto source = static_cast<dsl::SourceId>(sources.size());
  const std::optional<Node> root = parse_yaml(text, source, diagnostics);
  Concealed shown = conceal(text, root ? &*root : nullptr);
  sources.add(path, std::move(shown.text));
  if (!root) return {};
  Config config = ConfigReader(sources, path, surroundings, std::move(shown.secrets), diagnostics).read(*root);
  check_sink_files(config, diagnostics);
  diagnostics.sort();
  return config;
}

Surroundings surroundings() {
  return {[](const std::string& name) -> std::optional<std::string> {
            const char* value = std::getenv(name.c_str());
            return value ? std::optional<std::string>(value) : std::nullopt;
          },
          whole_file};
}

}  // namespace weir::config
