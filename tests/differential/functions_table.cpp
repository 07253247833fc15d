#include "tests/differential/functions_table.h"

namespace weir::differential {

const std::vector<Function>& functions() {
  static const std::vector<Kind> kTexts = {Kind::text, Kind::domain, Kind::address, Kind::json};
  static const std::vector<Kind> kDomains = {Kind::domain, Kind::text, Kind::json};
  static const std::vector<Kind> kAddresses = {Kind::address, Kind::text, Kind::json};
  static const std::vector<Kind> kTimes = {Kind::time};
  static const std::vector<Function> kFunctions = {
      {"length(@)", kTexts, Kind::integer, {{"abcd", "4"}, {"\u017FK\u0130", "3"}, {"a.b", "3"}}},
      {"lower(@)",
       kTexts,
       Kind::text,
       {{"ABC", "abc"}, {"\u00C0\u00C9x", "\u00E0\u00E9x"}, {"a.B.C", "a.b.c"}}},
      {"entropy(@)", kTexts, Kind::real, {{"abcdabcd", "2"}, {"aaab", "0.811278124"}}},
      {"digit_ratio(@)", kTexts, Kind::real, {{"a1", "0.5"}, {"a123", "0.75"}}},
      {"is_base64(@)", kTexts, Kind::boolean, {{"QWxhZGRpbjpvcGVuIHNlc2FtZTE=", "true"}, {"zz", "false"}}},
      {"is_base32(@)", kTexts, Kind::boolean, {{"MFRGGZDFMZTWQ2LKMFRGGZDF", "true"}, {"11", "false"}}},
      {"is_hex(@)", kTexts, Kind::boolean, {{"0123456789abcdef", "true"}, {"xyz", "false"}}},
      {"labels(@)", kDomains, Kind::integer, {{"a.b.c.", "3"}, {"org", "1"}}},
      {"label(@, 0)", kDomains, Kind::text, {{"a.b.c", "a"}, {"www.example.com", "www"}}},
      {"label(@, -1)", kDomains, Kind::text, {{"a.b.c.", "c"}}},
      {"longest_label(@)", kDomains, Kind::text, {{"www.example.com", "example"}}},
      {"public_suffix(@)", kDomains, Kind::domain, {{"www.b.co.uk", "co.uk"}, {"example.com.", "com"}}},
      {"registered_domain(@)",
       kDomains,
       Kind::domain,
       {{"www.b.co.uk", "b.co.uk"}, {"A.Example.COM", "example.com"}}},
      {"subdomain(@)", kDomains, Kind::domain, {{"a.b.example.org", "a.b"}}},
      {"is_private(@)", kAddresses, Kind::boolean, {{"10.0.0.1", "true"}, {"8.8.8.8", "false"}}},
      {"ip_version(@)", kAddresses, Kind::integer, {{"10.0.0.1", "4"}, {"2001:db8::1", "6"}}},
      {"part(@, \"/\", -1)", kTexts, Kind::text, {{"arn/role/Ops", "Ops"}, {"https://a/b", "b"}}},
      {"part(@, \".\", 1)", kTexts, Kind::text, {{"a.b.c", "b"}}},
      {"json_text(@)",
       {Kind::json, Kind::text},
       Kind::text,
       {{"plain", "plain"}, {"{\"k\": \"v\"}", "{\"k\":\"v\"}"}}},
      {"coalesce(@, \"none\")", {Kind::text}, Kind::text, {{"curl", "curl"}, {"", "none"}}},
      {"lookup($l_owner, @)", kAddresses, Kind::text, {{"10.0.0.1", "ops"}, {"203.0.113.7", "lab"}}},
      {"lookup($l_zone, @)", kDomains, Kind::integer, {{"www.example.com", "1"}, {"b.co.uk", "2"}}},
      {"minute(@)", kTimes, Kind::integer, {{"2026-03-04T05:06:07Z", "6"}}},
      {"hour(@)", kTimes, Kind::integer, {{"2026-03-04T05:06:07Z", "5"}}},
      {"day(@)", kTimes, Kind::integer, {{"2026-03-04T05:06:07Z", "4"}}},
      {"weekday(@)", kTimes, Kind::integer, {{"2026-03-04T05:06:07Z", "3"}}},
      {"week(@)", kTimes, Kind::integer, {{"2026-03-04T05:06:07Z", "10"}}},
      {"month(@)", kTimes, Kind::integer, {{"2026-03-04T05:06:07Z", "3"}}},
      {"year(@)", kTimes, Kind::integer, {{"2026-03-04T05:06:07Z", "2026"}}},
      {"length(lower(@))", kTexts, Kind::integer, {{"ABCD", "4"}}},
      {"length(label(@, 0))", kDomains, Kind::integer, {{"abcd.example.com", "4"}}},
  };
  return kFunctions;
}

const std::vector<Expression>& regular_expressions() {
  static const std::vector<Expression> kExpressions = {
      {"^ab+c$", "", "abbbc"},
      {"^AB+C$", "|i", "abbbc"},
      {"aws-cli/[12]\\.", "", "x aws-cli/2.1 y"},
      {"[0-9]{3,5}", "", "a1234"},
      {"(foo|bar).*baz", "|i", "x FOO and baz"},
      {"^b$", "|m", "a\nb\nc"},
      {"a.b", "|s", "a\nb"},
      {"\\.(com|net)$", "", "example.com"},
      {"^example\\.com$", "|i", "EXAMPLE.com."},
      {"\\pL{2}", "", "\u00E9t\u00E9"},
      {"^.$", "", "\u212A"},
      {"k\u017F", "|i", "KS"},
      {"^$", "", ""},
      {"admin|root|curl|wget|nc", "|i", "the Root"},
  };
  return kExpressions;
}

}  // namespace weir::differential
