// From a `schema` declaration, and the `tune schema` that add to it, to what the checks look names up in.
#include <fmt/format.h>

#include <map>
#include <set>
#include <unordered_map>
#include <utility>

#include "compiler/clauses.h"
#include "compiler/nearest.h"
#include "compiler/schema.h"

namespace weir::compiler {
namespace {

using dsl::Code;
using dsl::Diagnostics;

FieldInfo field_info(const dsl::Field& field) {
  FieldInfo info;
  for (const dsl::FieldSegment& segment : field.path) info.path.push_back({segment.name, segment.array});
  info.type = type_of(field.type);
  info.required = field.required;
  info.usual = field.usual;
  info.open = field.open;
  info.derived = field.derived ? &*field.derived : nullptr;
  if (field.known)
    for (const dsl::Expr& value : *field.known)
      if (const auto* text = std::get_if<dsl::Text>(&value.node)) info.known.push_back(text->value);
  info.description = field.description ? field.description->value : "";
  info.span = field.path_span;
  return info;
}

// Fields by name, so that thousands of them stay cheap.
class FieldSet {
 public:
  FieldSet(std::vector<FieldInfo>& fields, Diagnostics& diagnostics)
      : fields_(fields), diagnostics_(diagnostics) {
    by_name_.reserve(fields.size());
    for (size_t i = 0; i < fields.size(); ++i) by_name_.emplace(fields[i].name(), i);
  }

  void add(const dsl::Field& declared) {
    FieldInfo field = field_info(declared);
    auto [known, fresh] = by_name_.emplace(field.name(), fields_.size());
    if (fresh) {
      fields_.push_back(std::move(field));
      return;
    }
    FieldInfo& first = fields_[known->second];
    if (first.type != field.type) {
      diagnostics_
          .add(Code::E208, fmt::format("`{}` has two types", field.name()), field.span,
               fmt::format("{} here", name_of(field.type)))
          .label(first.span, fmt::format("{} here", name_of(first.type)))
          .help("a field has one type, for every rule that names it");
      return;
    }
    if (bool(first.derived) || bool(field.derived)) {
      diagnostics_
          .add(Code::E208, fmt::format("a second field `{}`", field.name()), field.span,
               "also declared above")
          .label(first.span, "the first");
      return;
    }
    first.required |= field.required;
    first.usual |= field.usual;
    first.open |= field.open;
    first.known.insert(first.known.end(), field.known.begin(), field.known.end());
    if (first.description.empty()) first.description = field.description;
  }

 private:
  std::vector<FieldInfo>& fields_;
  std::unordered_map<std::string, size_t> by_name_;
  Diagnostics& diagnostics_;
};

class Maker {
 public:
  Maker(const dsl::SourceMap& sources, const dsl::Schema& schema, Diagnostics& diagnostics)
      : sources_(sources), declared_(schema), diagnostics_(diagnostics) {
    out_.name = schema.name.text;
    out_.span = schema.name.span;
    out_.broken = schema.broken;
  }

  SchemaInfo make(const std::vector<const dsl::Tune*>& tunes) {
    size_t before = diagnostics_.error_count();
    take(declared_.clauses, Owner::schema);
    for (const dsl::Tune* tune : tunes) take(tune->clauses, Owner::tuned_schema);
    out_.index_fields();
    if (!declared_.broken) {
      check_calls();
      check_leaves();
      check_columns();
      check_time_and_id();
    }
    out_.broken |= diagnostics_.error_count() > before;
    return std::move(out_);
  }

 private:
  template <class Clauses>
  void take(const Clauses& clauses, Owner owner) {
    FieldSet fields(out_.fields, diagnostics_);
    std::vector<OtherClause> single;
    for (const auto& clause : clauses) {
      if (const auto* field = std::get_if<dsl::Field>(&clause)) fields.add(*field);
      if (const auto* call = std::get_if<dsl::ApiCall>(&clause)) take_call(*call);
      if (const auto* format = std::get_if<dsl::Format>(&clause)) {
        single.push_back({"format", format->span});
        take_format(*format);
      }
    }
    check_clauses(sources_, owner, metas_of(clauses), single, diagnostics_);
    take_metas(clauses);
  }

  void take_call(const dsl::ApiCall& declared) {
    CallInfo& call = out_.add_call(declared.service.value, declared.name.value, declared.span);
    FieldSet fields(call.fields, diagnostics_);
    for (const dsl::Field& field : declared.fields) fields.add(field);
  }

  void take_format(const dsl::Format& format) {
    out_.columns = format.columns;
    out_.column_names.clear();
    if (!format.names) return;
    std::string name;
    for (char c : format.names->value + ' ') {
      if (c != ' ') {
        name += c;
      } else if (!name.empty()) {
        out_.column_names.push_back(std::exchange(name, {}));
      }
    }
    columns_span_ = format.names->span;
  }

  template <class Clauses>
  void take_metas(const Clauses& clauses) {
    if (const dsl::Meta* meta = find_meta(clauses, "title")) out_.title = text_of(meta);
    if (const dsl::Meta* meta = find_meta(clauses, "time")) time_ = meta;
    if (const dsl::Meta* meta = find_meta(clauses, "id")) id_ = meta;
    if (auto ms = ms_of(find_meta(clauses, "late"))) out_.late_ms = *ms;
    if (auto ms = ms_of(find_meta(clauses, "ahead"))) out_.ahead_ms = *ms;
    for (const std::string& service : texts_of(find_meta(clauses, "complete")))
      out_.complete.push_back(service);
    if (auto word = word_of(find_meta(clauses, "delivered"))) {
      out_.delivered_is_event_time = word->text == "event_time";
      if (!out_.delivered_is_event_time)
        diagnostics_
            .add(Code::E301, fmt::format("`delivered` is event_time or is left out, and not {}", word->text),
                 word->span, "not a clock that a source can have")
            .help("without it, delivery is when the input says that it came");
    }
  }

  // What a call shapes is a part of the event that the schema leaves open.
  void check_calls() {
    std::set<std::string_view> open;  // nearly all are below one of these few
    for (const FieldInfo& field : out_.fields)
      if (field.type == Type::json && field.path.size() == 1) open.insert(field.path[0].name);
    for (const CallInfo& call : out_.calls) {
      for (const FieldInfo& field : call.fields) {
        if (field.path.size() > 1 && open.contains(field.path[0].name)) continue;
        std::vector<std::string> path = names(field);
        if (out_.json_above(path)) continue;
        std::vector<std::string> parts;
        for (const FieldInfo& part : out_.fields)
          if (part.type == Type::json) parts.push_back(part.name());
        dsl::Diagnostic& d = diagnostics_.add(
            Code::E201, fmt::format("{} has no json field `{}` that a call could shape", out_.name, path[0]),
            field.span, "below no json field");
        std::vector<std::string> near = nearest(path[0], parts);
        if (!near.empty()) d.help(did_you_mean(near));
      }
    }
  }

  // A field is a value or has fields below it, not both; only json may be given a shape.
  void check_leaves() {
    std::map<std::string, const FieldInfo*> by_name;
    for (const FieldInfo& field : out_.fields) by_name.emplace(field.name(), &field);
    for (const FieldInfo& field : out_.fields) {
      std::string above;
      for (size_t i = 0; i + 1 < field.path.size(); ++i) {
        above += (i ? "." : "") + field.path[i].name;
        auto found = by_name.find(above);
        if (found == by_name.end() || found->second->type == Type::json) continue;
        diagnostics_
            .add(Code::E208,
                 fmt::format("`{}` is {}, and `{}` would lie below it", above, described(found->second->type),
                             field.name()),
                 field.span, "below a value")
            .label(found->second->span, name_of(found->second->type))
            .help(fmt::format("a part with fields below it is `json`, or is left out"));
      }
    }
  }

  void check_columns() {
    if (!out_.columns) return;
    std::set<std::string> columns;
    for (const std::string& name : out_.column_names)
      if (!columns.insert(name).second && name != "-")
        diagnostics_.add(Code::E109, fmt::format("the column `{}` stands twice", name), columns_span_,
                         "named here");
    for (const FieldInfo& field : out_.fields) {
      if (field.derived || columns.contains(field.name())) continue;
      dsl::Diagnostic& d = diagnostics_.add(Code::E201, fmt::format("no column is named `{}`", field.name()),
                                            field.span, "not in `format: columns`");
      d.label(columns_span_, "the columns");
      std::vector<std::string> near = nearest(field.name(), out_.column_names);
      if (!near.empty()) d.help(did_you_mean(near));
    }
  }

  void check_time_and_id() {
    if (!time_) {
      diagnostics_
          .add(Code::E113, fmt::format("the schema `{}` has no `time`", out_.name), out_.span,
               "needed: the field that holds the time of the event")
          .help("add `time: FIELD`, and `field FIELD time required`");
    } else if (const FieldInfo* field = named_by(*time_, out_.time_path);
               field && field->type != Type::time) {
      diagnostics_
          .add(Code::E301,
               fmt::format("`time` is a field of type time, and `{}` is {}", field->name(),
                           described(field->type)),
               time_->values_span, fmt::format("of type {}", name_of(field->type)))
          .label(field->span, "declared here")
          .help(fmt::format("declare it so: `field {} time required`", field->name()));
    }
    if (id_) named_by(*id_, out_.id_path);
  }

  const FieldInfo* named_by(const dsl::Meta& meta, std::vector<std::string>& path) {
    auto named = path_of(&meta);
    if (!named) return nullptr;  // of another type: said already
    path = *named;
    const FieldInfo* field = out_.find(path);
    if (field && !field->derived) return field;
    std::vector<std::string> stored;
    for (const FieldInfo& known : out_.fields)
      if (!known.derived) stored.push_back(known.name());
    dsl::Diagnostic& d = diagnostics_.add(
        Code::E201, fmt::format("{} has no field `{}`", out_.name, joined(path)), meta.values_span,
        field ? "a derived field cannot be read from the record" : "no such field");
    std::vector<std::string> near = nearest(joined(path), stored);
    if (!field && !near.empty()) d.help(did_you_mean(near));
    return nullptr;
  }

  static std::vector<std::string> names(const FieldInfo& field) {
    std::vector<std::string> path;
    for (const FieldInfo::Segment& segment : field.path) path.push_back(segment.name);
    return path;
  }

  const dsl::SourceMap& sources_;
  const dsl::Schema& declared_;
  Diagnostics& diagnostics_;
  SchemaInfo out_;
  const dsl::Meta* time_ = nullptr;
  const dsl::Meta* id_ = nullptr;
  dsl::Span columns_span_;
};

}  // namespace

SchemaInfo make_schema(const dsl::SourceMap& sources, const dsl::Schema& schema,
                       const std::vector<const dsl::Tune*>& tunes, Diagnostics& diagnostics) {
  return Maker(sources, schema, diagnostics).make(tunes);
}

}  // namespace weir::compiler
