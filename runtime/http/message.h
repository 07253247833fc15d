// What is asked and what is answered, without the library that reads it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::http {

struct Field {
  std::string name, value;
};

struct Head {
  std::string method;  // "POST"
  std::string path;    // as it was sent, without what begins at `?`
  std::string peer;    // "127.0.0.1:51234"
  std::vector<Field> fields;

  // The first of that name, in whatever case; empty when there is none.
  std::string_view find(std::string_view name) const;
};

struct Answer {
  unsigned status = 200;
  std::string body;
  std::string type = "text/plain; charset=utf-8";
  std::vector<Field> fields;  // beside Content-Type, Content-Length and Connection
};

inline constexpr const char* kRetryAfter = "2";  // seconds, with every 503

// "nothing is here\n".
Answer plain_answer(unsigned status, std::string_view sentence);
// As a JSON string literal, with its quotes.
std::string json_text(std::string_view text);

// Whether `given` is one of `secrets`, in a time that says nothing of them but how many there are.
bool is_one_of(std::string_view given, const std::vector<std::string>& secrets);

// "127.0.0.1:9180", "[::1]:443", "localhost:9180".
struct Address {
  std::string host;  // an address in numbers
  uint16_t port = 0;
};
// Nothing, and a sentence, when it is none.
std::optional<Address> parse_address(std::string_view text, std::string& problem);
bool is_loopback(const Address& address);

}  // namespace weir::http
