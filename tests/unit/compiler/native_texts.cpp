// Comparisons that native code makes inline, against the interpreter and at their edges: sizes around a needle's, texts
// that end where a page does, and values that are no plain text.
#include <doctest/doctest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>

#include "compiler/compile.h"
#include "compiler/native.h"
#include "tests/unit/compiler/ir_event.h"

namespace weir::test {
namespace {

using How = match::TextSet::How;
using compiler::Engine;

// Each condition is a rule; both engines run all of them.
class Both {
 public:
  explicit Both(ir::Module from) : module(std::move(from)) {
    native_.module = plain_.module = module;
    compiler::make_program(plain_, {});
    compiler::make_program(native_, {.engine = Engine::native});
    REQUIRE(native_.program != nullptr);
    native_scratch_ = native_.program->make_scratch();
    plain_scratch_ = plain_.program->make_scratch();
  }

  // The rules that match, one character each; the engines agree.
  std::string match(const rt_event& event) {
    const std::string expected = run(*plain_.program, plain_scratch_.get(), event);
    CHECK(run(*native_.program, native_scratch_.get(), event) == expected);
    return expected;
  }

  ir::Module module;

 private:
  static std::string run(const match::Program& program, rt_scratch* scratch, const rt_event& event) {
    std::vector<uint64_t> matched(program.match_words() + 1);
    program.match(program.code.get(), &event, scratch, matched.data());
    std::string bits;
    for (size_t rule = 0; rule < program.rules.size(); ++rule)
      bits += (matched[rule / 64] >> rule % 64 & 1) != 0 ? '1' : '0';
    return bits;
  }

  compiler::Compiled native_, plain_;
  std::shared_ptr<rt_scratch> native_scratch_, plain_scratch_;
};

class Rules {
 public:
  ir::Module module = module_of_one_source();
  ir::Builder build{module};
  ir::Value field = build.field(0, build.slot(0, text_slot("a")));
  ir::Value other = build.field(0, build.slot(0, text_slot("b")));

  void add(ir::Value condition) {
    match::RuleInfo info{.name = "r"};
    info.sources.push_back({.source = 0, .match = build.root(condition)});
    module.rules.push_back(info);
  }
  void add_texts(std::vector<std::string> needles, match::TextRule rule = {}) {
    for (const How how : {How::equal, How::contains, How::starts, How::ends, How::below})
      add(build.texts(field, {how, rule, needles}));
  }
};

// One text that is known to be ASCII if it is.
rt_value text_of(std::string_view text) {
  rt_value value{};
  value.data = text.data();
  value.size = static_cast<uint32_t>(text.size());
  value.kind = RT_TEXT;
  bool ascii = true;
  for (const unsigned char c : text) ascii = ascii && c < 0x80;
  value.flags = ascii ? RT_ASCII : 0;
  return value;
}

std::string match_values(Both& both, const std::vector<rt_value>& values) {
  static uint64_t serial = 1u << 20;
  const rt_slot slots[2] = {{values.data(), nullptr, static_cast<uint32_t>(values.size())}, {}};
  rt_event event{};
  event.slots = slots;
  event.serial = ++serial;
  return both.match(event);
}

TEST_CASE("native texts: every size around a needle's, in any case, at the end of a page") {
  if (!compiler::native_available()) return;
  const size_t page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  char* const pages =
      static_cast<char*>(mmap(nullptr, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  REQUIRE(pages != MAP_FAILED);
  REQUIRE(mprotect(pages + page, page, PROT_NONE) == 0);
  const std::string alphabet = "ab[{1.Z-`@qrSTuv_wx/yz:0987cdEFGHIJklmnopQRSTUVWXYZ234560123456789abcdefghij";
  for (size_t size = 0; size <= 70; size += size < 36 ? 1 : 7) {
    Rules rules;
    const std::string needle = alphabet.substr(0, size);
    rules.add_texts({needle});
    rules.add_texts({needle}, {.cased = true});
    rules.add_texts({needle}, {.cased = false, .domain = true});
    rules.add_texts({needle, "other", needle + "x", "k"});
    Both both(rules.module);
    std::vector<std::string> values = {needle, needle + ".", "." + needle, "x." + needle, "x" + needle, needle + "x",
                                       needle + needle, "pre" + needle + "post", std::string(40, 'z') + needle + "zz"};
    if (size > 0) values.push_back(needle.substr(1)), values.push_back(needle.substr(0, size - 1));
    for (size_t i = 0; i < size; ++i) {
      std::string changed = needle;
      changed[i] = static_cast<char>(changed[i] ^ 0x20);
      values.push_back(changed);
    }
    for (std::string value : values) {
      for (int folded = 0; folded < 2; ++folded) {
        CAPTURE(value);
        CAPTURE(size);
        char* const at = pages + page - value.size();
        std::memcpy(at, value.data(), value.size());
        match_values(both, {text_of({at, value.size()})});
        for (char& c : value) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
      }
    }
    // Not a test of both engines being wrong alike.
    const std::string found = match_values(both, {text_of(needle)});
    CHECK(found.substr(0, 4) == "1111");
    if (size > 0) CHECK(match_values(both, {text_of(needle + "!")}).substr(0, 4) == "0110");
  }
  munmap(pages, 2 * page);
}

TEST_CASE("native texts: what is no plain ASCII text is decided as the interpreter does") {
  if (!compiler::native_available()) return;
  Rules rules;
  rules.add_texts({"k", "kelvin", "s", "7", "true", "\xc3\xa4", "1.5"});
  rules.add_texts({"\xe2\x84\xaa" "elvin"});         // the Kelvin sign folds to k
  rules.add_texts({"mu\xc5\xbfter"}, {.cased = true});  // long s
  rules.add_texts({""});
  for (const ir::Op op : {ir::Op::exists, ir::Op::is_null, ir::Op::is_true, ir::Op::is_false})
    rules.add(rules.build.make(op, {rules.field}));
  for (const double number : {7.0, 1.5, -1.0, 1e300}) rules.add(rules.build.numbers(rules.field, {number, 3}));
  for (const int64_t limit : {int64_t{-1}, int64_t{7}, INT64_MAX, INT64_MIN}) {
    const ir::Value literal = rules.build.literal({.kind = ir::Literal::Kind::integer, .integer = limit});
    for (const ir::Op op : {ir::Op::less, ir::Op::less_equal}) {
      rules.add(rules.build.make(op, {rules.field, literal}));
      rules.add(rules.build.make(op, {literal, rules.field}));
    }
  }
  Both both(rules.module);
  const auto of_kind = [](rt_kind kind, int64_t integer = 0) {
    rt_value value{};
    value.kind = static_cast<uint8_t>(kind);
    value.integer = integer;
    return value;
  };
  rt_value real{};
  real.kind = RT_REAL, real.real = 1.5;
  std::vector<rt_value> all = {real};
  for (const char* text : {"", "k", "K", "KELVIN", "\xe2\x84\xaa", "\xe2\x84\xaa" "elvin", "\xc5\xbf", "mu\xc5\xbfter",
                           "muster", "7", "\xc3\x84", "\xff\xfe", "."})
    all.push_back(text_of(text));
  rt_value unknown = text_of("KELVIN");
  unknown.flags = 0;
  all.push_back(unknown);
  for (const rt_kind kind : {RT_NULL, RT_FALSE, RT_TRUE, RT_OBJECT, RT_ARRAY}) all.push_back(of_kind(kind));
  for (const int64_t integer : {int64_t{7}, int64_t{-1}, INT64_MAX, INT64_MIN, int64_t{3}})
    all.push_back(of_kind(RT_INT, integer));
  match_values(both, {});
  for (const rt_value& a : all) {
    CHECK(match_values(both, {a}) != "");
    for (const rt_value& b : all) match_values(both, {a, b});
  }
  CHECK(match_values(both, {text_of("\xe2\x84\xaa")})[0] == '1');
  CHECK(match_values(both, {of_kind(RT_INT, 7)})[0] == '1');
}

TEST_CASE("native searches: many texts of one field, whatever it holds") {
  if (!compiler::native_available()) return;
  Rules rules;
  const auto contains = [&](std::vector<std::string> needles, match::TextRule rule = {}) {
    rules.add(rules.build.texts(rules.field, {How::contains, rule, std::move(needles)}));
  };
  // Enough for two words of bits, beginning alike, ending alike, one inside the other.
  for (int i = 0; i < 70; ++i) contains({"role/worker-" + std::to_string(i)});
  contains({"kali", "worker-1", "Parrot"});
  contains({"Kali"}, {.cased = true});
  contains({"kali."}, {.domain = true});
  contains({"kal"});
  contains(
      {"\xe2\x84\xaa"
       "ali-linux"});  // the Kelvin sign folds to k
  const auto pattern = [&](std::string text, std::vector<uint32_t> wildcards) {
    rules.add(rules.build.pattern(rules.field, {std::move(text), std::move(wildcards), {}}));
  };
  pattern("arn:*:role/work*", {4, 15});
  pattern("*ROLE/worker*1", {0, 12});
  pattern("?rn:*", {0, 4});
  Both both(rules.module);
  const std::string long_text = "arn:aws:iam::111122223333:" + std::string(9000, 'x') + "role/worker-7";
  const std::vector<std::string> texts = {"",
                                          "k",
                                          "kal",
                                          "kali",
                                          "KALI",
                                          "kali.",
                                          "xkali",
                                          "Parro",
                                          "PARROT",
                                          "arn:x:role/work",
                                          "arn:aws:iam::1:role/worker-12",
                                          "ROLE/WORKER-69",
                                          "role/worker-6",
                                          "role/worker-",
                                          "ole/worker-60",
                                          "aws-cli/2.15 on kali-linux, a text longer than a block",
                                          long_text,
                                          "\xe2\x84\xaa"
                                          "ali",
                                          "\xc3\xa4 role/worker-3"};
  for (const std::string& text : texts) {
    CAPTURE(text);
    match_values(both, {text_of(text)});
    match_values(both, {text_of("role/worker-5"), text_of(text)});
    rt_value unknown = text_of(text);
    unknown.flags = 0;
    match_values(both, {unknown});
  }
  rt_value null{}, yes{}, number{};
  null.kind = RT_NULL, yes.kind = RT_TRUE;
  number.kind = RT_INT, number.integer = 12345;
  for (const rt_value& value : {null, yes, number}) match_values(both, {value});
  match_values(both, {});
  // Not a test of both engines being wrong alike.
  const std::string found = match_values(both, {text_of("arn:aws:iam::1:ROLE/worker-12 (Kali)")});
  for (size_t rule = 0; rule < 70; ++rule) CHECK(found[rule] == (rule == 1 || rule == 12 ? '1' : '0'));
  CHECK(found.substr(70) == "11010101");
}

TEST_CASE("native conditions: control flow, and what is shared") {
  if (!compiler::native_available()) return;
  Rules rules;
  std::vector<ir::Value> leaves;
  for (int i = 0; i < 8; ++i)
    leaves.push_back(rules.build.texts(i % 2 ? rules.field : rules.other, {How::contains, {}, {std::string(1, char('a' + i))}}));
  std::vector<ir::Value> layer = leaves;
  for (int depth = 0; depth < 6; ++depth) {
    std::vector<ir::Value> next;
    for (size_t i = 0; i < layer.size(); ++i) {
      const ir::Value a = layer[i], b = layer[(i + 1) % layer.size()], c = layer[(i + 3) % layer.size()];
      next.push_back(i % 3 == 0   ? rules.build.make(ir::Op::both, {a, rules.build.make(ir::Op::negate, {b})})
                     : i % 3 == 1 ? rules.build.make(ir::Op::either, {a, b, c})
                                  : rules.build.at_least(2, {a, b, c}));
    }
    layer = next;
    for (const ir::Value value : layer) rules.add(value);
  }
  for (uint32_t n = 0; n < 10; ++n) rules.add(rules.build.at_least(n, leaves));
  rules.add(rules.build.make(ir::Op::both, {}));
  rules.add(rules.build.make(ir::Op::either, {}));
  rules.add(rules.build.before(100));
  Both both(rules.module);
  for (int bits = 0; bits < 256; ++bits) {
    std::string a, b;
    for (int i = 0; i < 8; ++i)
      if ((bits >> i & 1) != 0) (i % 2 ? a : b) += char('A' + i);
    const rt_value values[2] = {text_of(a), text_of(b)};
    const rt_slot slots[2] = {{values, nullptr, 1}, {values + 1, nullptr, 1}};
    rt_event event{};
    event.slots = slots;
    event.serial = 1u << 21 | static_cast<uint32_t>(bits);
    event.time = bits * int64_t{1'000'000};
    CAPTURE(bits);
    const std::string found = both.match(event);
    CHECK(found[found.size() - 3] == '1');
    CHECK(found[found.size() - 2] == '0');
    CHECK(found[found.size() - 1] == (bits < 100 ? '1' : '0'));
  }
}

}  // namespace
}  // namespace weir::test
