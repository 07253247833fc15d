// How a receiver wants to be told: a message as its request, and what is special about its answers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runtime/deliver/network/http.h"
#include "runtime/deliver/network/message.h"
#include "runtime/deliver/network/verdict.h"

namespace weir::deliver {

class Writer {
 public:
  virtual ~Writer() = default;

  // Nothing: there is nothing to tell, and the rows count as delivered. The same message gives the same
  // request, but for the time of the attempt. `now`: microseconds since 1970.
  virtual std::optional<HttpRequest> write(const Message& message, int64_t now) const = 0;
  // Updates change something at the receiver, and cannot be folded away.
  virtual bool updates_must_go() const { return false; }
  virtual Judgement judge(const HttpAnswer& answer, int64_t now) const { return deliver::judge(answer, now); }
  // What may never be shown.
  virtual std::vector<std::string> secrets() const = 0;
};

// Of an address that is a secret: all of it, what follows the host, and of that each long part by itself.
std::vector<std::string> secrets_of_url(const std::string& url);

// "12 more alerts of client=10.0.0.5", …: a digest in words, for people.
std::string headline_of(const Message& message);
// "12 × DNS tunnelling (high)" each, the most severe first, at most `most` and then "… and 3 more rules".
std::vector<std::string> rules_of(const Digest& digest, size_t most);
const char* level_name(uint8_t level);

}  // namespace weir::deliver
