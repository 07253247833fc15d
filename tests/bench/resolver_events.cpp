// Hosts that ask, four times in five for an address and with success, as hosts do.
#include <fmt/format.h>

#include <random>

#include "runtime/match/functions.h"
#include "tests/bench/events.h"

namespace weir::bench {

std::string resolver_events(size_t count, size_t hosts, size_t names, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::string out;
  int64_t time = match::parse_time("2026-01-15T06:00:00Z").value();
  for (size_t i = 0; i < count; ++i, time += 1'000) {
    const bool common = random() % 5 != 0;
    const size_t host = random() % hosts;
    const size_t name = random() % names;
    out += fmt::format(
        R"({{"version":"1.100000","account_id":"111122223333","region":"eu-west-1","vpc_id":"vpc-{0:08x}","query_timestamp":"{1}","query_name":"n{2}.zone{3}.example.com.","query_type":"{4}","query_class":"IN","rcode":"{5}","answers":[{{"Rdata":"198.51.100.{6}","Type":"A","Class":"IN"}}],"srcaddr":"10.0.{7}.{8}","srcport":"{9}","transport":"UDP","srcids":{{"instance":"i-{10:017x}"}}}})"
        "\n",
        host % 16, match::format_time(time), name, name % 20,
        kQueryTypes[common ? random() % 2 : random() % std::size(kQueryTypes)],
        kResponseCodes[common ? 0 : random() % std::size(kResponseCodes)], random() % 250, host / 250,
        host % 250, 1024 + random() % 60000, host);
  }
  return out;
}

}  // namespace weir::bench
