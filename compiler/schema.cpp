// Looking names up in a schema; how one is made stands in make_schema.cpp.
#include "compiler/schema.h"

#include <algorithm>

#include "runtime/match/text.h"

namespace weir::compiler {

const char* name_of(Type type) {
  switch (type) {
    case Type::string:
      return "string";
    case Type::integer:
      return "int";
    case Type::real:
      return "float";
    case Type::boolean:
      return "bool";
    case Type::time:
      return "time";
    case Type::ip:
      return "ip";
    case Type::domain:
      return "domain";
    case Type::json:
      return "json";
    case Type::duration:
      return "duration";
    case Type::unknown:
      break;
  }
  return "unknown";
}

std::string described(Type type) {
  switch (type) {
    case Type::string:
      return "text";
    case Type::integer:
      return "a number";
    case Type::real:
      return "a number";
    case Type::boolean:
      return "true or false";
    case Type::time:
      return "a time";
    case Type::ip:
      return "an address";
    case Type::domain:
      return "a domain";
    case Type::json:
      return "a part without a fixed shape";
    case Type::duration:
      return "a length of time";
    case Type::unknown:
      break;
  }
  return "unknown";
}

Type type_of(dsl::TypeName name) {
  switch (name) {
    case dsl::TypeName::string:
      return Type::string;
    case dsl::TypeName::integer:
      return Type::integer;
    case dsl::TypeName::real:
      return Type::real;
    case dsl::TypeName::boolean:
      return Type::boolean;
    case dsl::TypeName::time:
      return Type::time;
    case dsl::TypeName::ip:
      return Type::ip;
    case dsl::TypeName::domain:
      return Type::domain;
    case dsl::TypeName::json:
      return Type::json;
  }
  return Type::unknown;
}

match::Want want_of(Type type) {
  switch (type) {
    case Type::string:
    case Type::ip:
    case Type::domain:
      return match::Want::text;
    case Type::integer:
      return match::Want::integer;
    case Type::real:
      return match::Want::real;
    case Type::boolean:
      return match::Want::boolean;
    case Type::time:
      return match::Want::time;
    case Type::json:
    case Type::duration:
    case Type::unknown:
      break;
  }
  return match::Want::any;
}

std::string joined(const std::vector<std::string>& path) {
  std::string out;
  for (const std::string& segment : path) {
    if (!out.empty()) out += '.';
    out += segment;
  }
  return out;
}

std::string FieldInfo::name() const {
  std::string out;
  for (const Segment& segment : path) {
    if (!out.empty()) out += '.';
    out += segment.name;
  }
  return out;
}

namespace {

// The first `names` of the path are how the field's begins.
bool begins_with(const FieldInfo& field, const std::vector<std::string>& path, size_t names) {
  if (field.path.size() < names) return false;
  for (size_t i = 0; i < names; ++i)
    if (field.path[i].name != path[i]) return false;
  return true;
}

// The names of a path, each with its end, so that a key begins with those of all above it. A name of a record may hold
// anything: what is found by a key is compared.
std::string key_of(const std::vector<std::string>& path) {
  std::string key;
  for (const std::string& name : path) key.append(name).push_back('\n');
  return key;
}

bool same_name(std::string_view a, std::string_view b) { return match::equal(a, b, {}); }

}  // namespace

void SchemaInfo::index_fields() {
  parts_.clear();
  for (uint32_t i = 0; i < fields.size(); ++i) {
    std::string key;
    for (const FieldInfo::Segment& segment : fields[i].path) {
      if (!key.empty()) parts_[key].below = std::min(parts_[key].below, i);
      key.append(segment.name).push_back('\n');
    }
    Part& part = parts_[key];
    part.field = std::min(part.field, i);
  }
}

const SchemaInfo::Part* SchemaInfo::part(std::string_view key) const {
  const auto found = parts_.find(key);
  return found == parts_.end() ? nullptr : &found->second;
}

const FieldInfo* SchemaInfo::field_at(std::string_view key, const std::vector<std::string>& path, size_t names) const {
  const Part* found = part(key);
  if (!found || found->field >= fields.size()) return nullptr;
  const FieldInfo& field = fields[found->field];
  return field.path.size() == names && begins_with(field, path, names) ? &field : nullptr;
}

const FieldInfo* SchemaInfo::find(const std::vector<std::string>& path) const {
  return field_at(key_of(path), path, path.size());
}

const FieldInfo* SchemaInfo::json_above(const std::vector<std::string>& path) const {
  if (path.size() < 2) return nullptr;
  const std::string key = key_of(path);
  size_t length = key.size();
  for (size_t names = path.size() - 1; names > 0; --names) {
    length -= path[names].size() + 1;
    const FieldInfo* field = field_at(std::string_view(key).substr(0, length), path, names);
    if (field) return field->type == Type::json ? field : nullptr;
  }
  return nullptr;
}

bool SchemaInfo::is_object(const std::vector<std::string>& path) const {
  if (path.empty()) return !fields.empty();
  const Part* found = part(key_of(path));
  if (!found || found->below >= fields.size()) return false;
  const FieldInfo& field = fields[found->below];
  return field.path.size() > path.size() && begins_with(field, path, path.size());
}

std::vector<std::string> SchemaInfo::names_below(const std::vector<std::string>& path) const {
  std::vector<std::string> names;
  for (const FieldInfo& field : fields) {
    if (field.path.size() <= path.size() || !begins_with(field, path, path.size())) continue;
    const std::string& name = field.path[path.size()].name;
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  return names;
}

bool SchemaInfo::is_complete(std::string_view service) const {
  return std::any_of(complete.begin(), complete.end(),
                     [&](const std::string& known) { return same_name(known, service); });
}

CallInfo& SchemaInfo::add_call(std::string_view service, std::string_view name, dsl::Span span) {
  std::vector<uint32_t>& alike = calls_by_name_[match::fold(name)];
  for (const uint32_t place : alike)
    if (calls[place].service == service && calls[place].name == name) return calls[place];
  alike.push_back(static_cast<uint32_t>(calls.size()));
  return calls.emplace_back(CallInfo{std::string(service), std::string(name), {}, span});
}

std::vector<const CallInfo*> SchemaInfo::calls_named(std::string_view name) const {
  std::vector<const CallInfo*> found;
  if (const auto alike = calls_by_name_.find(match::fold(name)); alike != calls_by_name_.end())
    for (const uint32_t place : alike->second) found.push_back(&calls[place]);
  return found;
}

const CallInfo* SchemaInfo::call(std::string_view service, std::string_view name) const {
  for (const CallInfo* known : calls_named(name))
    if (same_name(known->service, service)) return known;
  return nullptr;
}

}  // namespace weir::compiler
