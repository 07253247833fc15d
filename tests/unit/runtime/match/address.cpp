// Addresses and networks of both versions.
#include <doctest/doctest.h>

#include <string>

#include "runtime/match/functions.h"

using namespace weir::match;

namespace {

bool within(const char* address, const char* network) {
  return parse_network(network).value().contains(parse_address(address).value());
}

}  // namespace

TEST_CASE("what is an address") {
  for (const char* text : {"10.0.0.1", "255.255.255.255", "::", "::1", "2001:db8::1", "2001:DB8:0:0:0:0:0:1",
                           "::ffff:1.2.3.4", "fe80::1"}) {
    CAPTURE(text);
    CHECK(parse_address(text));
  }
  for (const char* text :
       {"", "1", "10.0.0", "10.0.0.0.1", "256.1.1.1", "251.234.045.249", "10.0.0.1:80", "[::1]",
        "fe80::1%eth0", " 10.0.0.1", "10.0.0.1 ", "ec2.amazonaws.com", "AWS Internal", ":::", "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9", "0x7f.1.1.1", "1.2.3.4.",
        ".1.2.3.4", "1..2.3", "01.2.3.4", "1.2.3.999", "1.2.3.4000", "1.2.3.-4", "1.2.3.4 ",
        "::ffff:1.2.3.4.5.6.7.8.9.0.1.2.3.4.5.6.7"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_address(text));
  }
  CHECK_FALSE(parse_address(std::string("1.2.3.4\0", 8)));
  CHECK(parse_address("2001:db8::1") == parse_address("2001:0DB8:0::0:1"));
  CHECK(parse_address("::ffff:1.2.3.4") == parse_address("1.2.3.4"));
  CHECK(ip_version(*parse_address("::ffff:102:304")) == 4);
  CHECK(ip_version(*parse_address("::1")) == 6);
}

TEST_CASE("networks") {
  CHECK(within("10.9.8.7", "10.0.0.0/8"));
  CHECK_FALSE(within("11.0.0.0", "10.0.0.0/8"));
  CHECK(within("10.0.0.127", "10.0.0.0/25"));
  CHECK_FALSE(within("10.0.0.128", "10.0.0.0/25"));
  CHECK(within("1.2.3.4", "0.0.0.0/0"));
  CHECK(within("1.2.3.4", "1.2.3.4"));
  CHECK_FALSE(within("1.2.3.5", "1.2.3.4/32"));
  CHECK(within("2001:db8:ffff::1", "2001:db8::/32"));
  CHECK_FALSE(within("2001:db9::1", "2001:db8::/32"));
  CHECK(within("2001:db8::8", "2001:db8::8/125"));
  CHECK(within("::ffff:10.1.1.1", "10.0.0.0/8"));
  CHECK(within("10.1.1.1", "::ffff:10.0.0.0/104"));
  CHECK_FALSE(within("10.1.1.1", "::/0"));
  CHECK_FALSE(within("::1", "0.0.0.0/0"));
  for (const char* text : {"10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8x", "/8", "::/129",
                           "10.0.0/8", "a/8", "10.0.0.0/8/8", "10.0.0.0/ 8"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_network(text));
  }
  CHECK(has_host_bits(*parse_network("10.9.9.7/28")));
  CHECK_FALSE(has_host_bits(*parse_network("10.9.9.0/28")));
  CHECK_FALSE(has_host_bits(*parse_network("10.9.9.7")));
  CHECK(to_string(*parse_network("10.9.9.7/28")) == "10.9.9.0/28");
  CHECK(to_string(*parse_network("2001:DB8::1/32")) == "2001:db8::/32");
  CHECK(to_string(*parse_network("1.2.3.4")) == "1.2.3.4/32");
  CHECK(to_string(*parse_network("::1")) == "::1/128");
}

TEST_CASE("private is what is not globally reachable") {
  for (const char* text :
       {"10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.0.1", "100.64.0.1", "127.0.0.1",
        "169.254.169.254", "0.0.0.0", "240.0.0.1", "255.255.255.255", "192.0.2.1", "::", "::1", "fe80::1",
        "fd00:ec2::254", "2001:db8::1", "::ffff:10.0.0.1"}) {
    CAPTURE(text);
    CHECK(is_private(*parse_address(text)));
  }
  for (const char* text : {"8.8.8.8", "172.32.0.1", "172.15.255.255", "100.128.0.1", "192.169.0.1",
                           "169.253.1.1", "2606:4700::1111", "::ffff:8.8.8.8", "::2", "fe00::1"}) {
    CAPTURE(text);
    CHECK_FALSE(is_private(*parse_address(text)));
  }
}
