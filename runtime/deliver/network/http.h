// One HTTP request and what came of it, whoever sends it: libcurl, or a test.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace weir::deliver {

struct HttpRequest {
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

struct HttpAnswer {
  enum class Kind : uint8_t {
    answered,  // `status` and what follows is set
    not_sent,  // the request never left: name, connection, TLS
    unclear,   // it may have been taken: a time-out or a cut after the connection stood
  };
  Kind kind = Kind::answered;
  int status = 0;
  std::string body;         // at most kMostAnswerBytes of it
  std::string retry_after;  // the header as it came
  std::string problem;      // of the other kinds: why
};

inline constexpr size_t kMostAnswerBytes = 4096;

class Transport {
 public:
  virtual ~Transport() = default;
  virtual HttpAnswer post(const HttpRequest& request) = 0;
  // From another thread: a post under way ends soon, as unclear; later ones end at once.
  virtual void interrupt() {}
};

struct HttpOptions {
  int64_t connect_ms = 5'000;
  int64_t whole_ms = 10'000;
  std::string ca_file;  // PEM, in place of the system's
};

// By libcurl: TLS 1.2 or newer and always verified, no redirect followed, proxies by the usual environment
// (https_proxy, no_proxy) but never for the machine itself. One connection, kept open.
std::unique_ptr<Transport> curl_transport(HttpOptions options = {});

// Why nothing is sent to this address: a sentence that does not name it, for it may be a secret. Empty when
// it is https, or http to the machine itself.
std::string problem_of_url(const std::string& url);

// A date as HTTP writes it, in microseconds since 1970.
std::optional<int64_t> read_http_date(const std::string& text);

}  // namespace weir::deliver
