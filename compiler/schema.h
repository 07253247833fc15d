// What a source of events looks like: its fields, their types and known values, and the shapes of its calls.
//
// Made from `schema` declarations and the `tune schema` that add to them. Names are looked up here, by the
// checks and the lowering; candidates for "did you mean" come from here too.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "dsl/ast.h"
#include "dsl/diagnostic.h"
#include "runtime/match/projection.h"

namespace weir::compiler {

// The types of expressions. `unknown` is what a broken name has: it fits everything and is never complained of.
enum class Type : uint8_t { string, integer, real, boolean, time, ip, domain, json, duration, unknown };
const char* name_of(Type type);                 // as in the language: "int", "float", …
std::string described(Type type);               // "text", "a number", "a domain": for messages
Type type_of(dsl::TypeName name);
match::Want want_of(Type type);

struct FieldInfo {
  struct Segment {
    std::string name;
    bool array = false;
  };
  std::vector<Segment> path;
  Type type = Type::string;
  bool required = false, usual = false, open = false;
  const dsl::Expr* derived = nullptr;           // an expression over other fields
  std::vector<std::string> known;               // known values, as written
  std::string description;
  dsl::Span span;
  std::string name() const;                     // "answers.Rdata", without brackets
};

struct CallInfo {
  std::string service, name;                    // "route53domains.amazonaws.com", "DisableDomainTransferLock"
  std::vector<FieldInfo> fields;
  dsl::Span span;
};

struct SchemaInfo {
  std::string name, title;
  std::vector<FieldInfo> fields;                // index_fields() when they have changed
  std::vector<CallInfo> calls;                  // add_call adds to them
  std::vector<std::string> complete;            // services whose calls are all in `calls`
  std::string service_field = "eventSource";    // what pins a call: the fields that `call` names
  std::string call_field = "eventName";
  std::vector<std::string> time_path, id_path;
  int64_t late_ms = 0, ahead_ms = 300'000;
  bool columns = false;
  std::vector<std::string> column_names;
  bool delivered_is_event_time = false;
  bool broken = false;                          // declared with errors: no complaint about its names
  dsl::Span span;                               // of its name

  void index_fields();  // before names are looked up
  // A field by its dotted path without brackets, exactly as written (case matters); derived ones included.
  const FieldInfo* find(const std::vector<std::string>& path) const;
  // The field whose path is a prefix of `path` and whose type is json: what may go on below it.
  const FieldInfo* json_above(const std::vector<std::string>& path) const;
  // True when some field lies below `path`: the path ends at an object.
  bool is_object(const std::vector<std::string>& path) const;
  // The names that may follow `path` (empty: at the top), once each: the candidates of "did you mean".
  std::vector<std::string> names_below(const std::vector<std::string>& path) const;
  // Every call of this service is in `calls`; case is ignored.
  bool is_complete(std::string_view service) const;
  // The call that is written just so, made when there is none. The reference is good until the next one is made.
  CallInfo& add_call(std::string_view service, std::string_view name, dsl::Span span);
  // The calls of a name in any service, and of both; case is ignored.
  std::vector<const CallInfo*> calls_named(std::string_view name) const;
  const CallInfo* call(std::string_view service, std::string_view name) const;

 private:
  struct TextHash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  struct Part {  // of events, by its path: places in `fields`
    uint32_t field = UINT32_MAX;  // the first that is it
    uint32_t below = UINT32_MAX;  // the first that lies below it
  };
  const Part* part(std::string_view key) const;
  const FieldInfo* field_at(std::string_view key, const std::vector<std::string>& path, size_t names) const;

  std::unordered_map<std::string, Part, TextHash, std::equal_to<>> parts_;  // by key_of(path)
  std::unordered_map<std::string, std::vector<uint32_t>> calls_by_name_;  // folded; places in `calls`
};

// "userIdentity.arn": the segments of a path, joined.
std::string joined(const std::vector<std::string>& path);

// A schema from its declaration and what tunes it; errors (E208 a field of two types, E201 a `time` that is
// no field, E105 and E109 of its clauses, …) go to `diagnostics`.
SchemaInfo make_schema(const dsl::SourceMap& sources, const dsl::Schema& schema,
                       const std::vector<const dsl::Tune*>& tunes, dsl::Diagnostics& diagnostics);

}  // namespace weir::compiler
