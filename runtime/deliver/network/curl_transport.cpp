// HTTP by libcurl.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <string_view>

#include "runtime/deliver/network/curl_library.h"
#include "runtime/deliver/network/http.h"

namespace weir::deliver {
namespace {

constexpr size_t kMostReadBytes = 64 << 10;    // of a body: what is longer is not waited for
constexpr size_t kMostHeaderBytes = 64 << 10;  // of all headers

constexpr const char* kNoLibrary =
    "libcurl (libcurl.so.4) cannot be loaded; is the package libcurl4 installed?";

struct UrlParts {
  bool good = false, https = false, loopback = false, user = false;
};

bool is_loopback(std::string_view host) {
  if (host == "localhost" || host == "[::1]") return true;
  return host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string_view::npos &&
         std::count(host.begin(), host.end(), '.') == 3;
}

UrlParts parts_of(const CurlLibrary& curl, const std::string& url) {
  UrlParts parts;
  CURLU* parsed = curl.url();
  if (!parsed) return parts;
  const auto part = [&](CURLUPart which) {
    char* text = nullptr;
    std::string out;
    if (curl.url_get(parsed, which, &text, 0) == CURLUE_OK && text) out = text;
    curl.free(text);
    return out;
  };
  if (curl.url_set(parsed, CURLUPART_URL, url.c_str(), CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK) {
    const std::string scheme = part(CURLUPART_SCHEME);
    parts.https = scheme == "https";
    parts.good = parts.https || scheme == "http";
    parts.loopback = is_loopback(part(CURLUPART_HOST));
    parts.user = !part(CURLUPART_USER).empty() || !part(CURLUPART_PASSWORD).empty();
  }
  curl.url_cleanup(parsed);
  return parts;
}

struct Reading {
  const CurlLibrary* curl = nullptr;
  HttpAnswer answer;
  size_t body_bytes = 0, header_bytes = 0;
  const std::atomic<bool>* interrupted = nullptr;
};

size_t read_body(char* data, size_t, size_t size, void* user) {
  auto& reading = *static_cast<Reading*>(user);
  reading.body_bytes += size;
  const size_t room = kMostAnswerBytes - reading.answer.body.size();
  reading.answer.body.append(data, std::min(room, size));
  return reading.body_bytes > kMostReadBytes ? 0 : size;
}

size_t read_header(char* data, size_t, size_t size, void* user) {
  auto& reading = *static_cast<Reading*>(user);
  reading.header_bytes += size;
  std::string_view line(data, size);
  while (!line.empty() && (line.back() == '\r' || line.back() == '\n' || line.back() == ' '))
    line.remove_suffix(1);
  constexpr std::string_view kName = "retry-after:";
  if (line.size() > kName.size() && reading.curl->strnequal(line.data(), kName.data(), kName.size())) {
    line.remove_prefix(kName.size());
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    reading.answer.retry_after = line.substr(0, 64);
  }
  return reading.header_bytes > kMostHeaderBytes ? 0 : size;
}

int look_for_interrupt(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Reading*>(user)->interrupted->load() ? 1 : 0;
}

// Before the connection stood, nothing can have been taken.
HttpAnswer::Kind kind_of(const CurlLibrary& curl, CURLcode code, CURL* handle) {
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
    case CURLE_FAILED_INIT:
      return HttpAnswer::Kind::not_sent;
    default: {
      curl_off_t sent = 0;
      curl.easy_getinfo(handle, CURLINFO_SIZE_UPLOAD_T, &sent);
      return sent == 0 && code == CURLE_OPERATION_TIMEDOUT ? HttpAnswer::Kind::not_sent
                                                           : HttpAnswer::Kind::unclear;
    }
  }
}

class CurlTransport final : public Transport {
 public:
  explicit CurlTransport(HttpOptions options) : options_(std::move(options)) {}
  ~CurlTransport() override {
    if (handle_) curl_->easy_cleanup(handle_);
  }

  HttpAnswer post(const HttpRequest& request) override {
    if (std::string problem = problem_of_url(request.url); !problem.empty())
      return failed(std::move(problem));
    // problem_of_url has found the library.
    if (!curl_) curl_ = curl_library();
    if (!handle_) handle_ = curl_->easy_init();
    if (!handle_) return failed("the HTTP library cannot be started");
    curl_->easy_reset(handle_);

    Reading reading;
    reading.curl = curl_;
    reading.interrupted = &interrupted_;
    char why[CURL_ERROR_SIZE] = "";
    curl_slist* headers = nullptr;
    // No waiting for "100 Continue": a receiver that does not know it costs a second an alert.
    headers = curl_->slist_append(headers, "Expect:");
    for (const auto& [name, value] : request.headers)
      headers = curl_->slist_append(headers, fmt::format("{}: {}", name, value).c_str());
    set_up(request, reading, headers, why);
    const CURLcode code = curl_->easy_perform(handle_);
    curl_->slist_free_all(headers);

    long status = 0;
    curl_->easy_getinfo(handle_, CURLINFO_RESPONSE_CODE, &status);
    reading.answer.status = static_cast<int>(status);
    // An answer that is cut or too long has said what counts: its status.
    const bool told = code == CURLE_OK || (status >= 200 && code != CURLE_ABORTED_BY_CALLBACK);
    if (!told) {
      reading.answer.kind = kind_of(*curl_, code, handle_);
      reading.answer.status = 0;
      reading.answer.problem = *why ? why : curl_->easy_strerror(code);
    }
    return std::move(reading.answer);
  }

  void interrupt() override { interrupted_ = true; }

 private:
  static HttpAnswer failed(std::string problem) {
    HttpAnswer answer;
    answer.kind = HttpAnswer::Kind::not_sent;
    answer.problem = std::move(problem);
    return answer;
  }

  void set_up(const HttpRequest& request, Reading& reading, curl_slist* headers, char* why) {
    const UrlParts parts = parts_of(*curl_, request.url);
    const auto set = [this](CURLoption option, auto value) { curl_->easy_setopt(handle_, option, value); };
    set(CURLOPT_ERRORBUFFER, why);
    set(CURLOPT_URL, request.url.c_str());
    set(CURLOPT_PROTOCOLS_STR, parts.loopback ? "http,https" : "https");
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    set(CURLOPT_SSL_VERIFYPEER, 1L);
    set(CURLOPT_SSL_VERIFYHOST, 2L);
    if (!options_.ca_file.empty()) {
      set(CURLOPT_CAINFO, options_.ca_file.c_str());
      set(CURLOPT_CAPATH, static_cast<const char*>(nullptr));
    }
    if (parts.loopback) set(CURLOPT_PROXY, "");
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options_.connect_ms));
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(options_.whole_ms));
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_TCP_KEEPALIVE, 1L);
    set(CURLOPT_USERAGENT, "weir/" WEIR_VERSION);
    set(CURLOPT_HTTPHEADER, headers);
    set(CURLOPT_POSTFIELDS, request.body.data());
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    set(CURLOPT_WRITEFUNCTION, &read_body);
    set(CURLOPT_WRITEDATA, &reading);
    set(CURLOPT_HEADERFUNCTION, &read_header);
    set(CURLOPT_HEADERDATA, &reading);
    set(CURLOPT_NOPROGRESS, 0L);
    set(CURLOPT_XFERINFOFUNCTION, &look_for_interrupt);
    set(CURLOPT_XFERINFODATA, &reading);
  }

  HttpOptions options_;
  const CurlLibrary* curl_ = nullptr;  // found by the first post
  CURL* handle_ = nullptr;
  std::atomic<bool> interrupted_ = false;
};

}  // namespace

std::unique_ptr<Transport> curl_transport(HttpOptions options) {
  return std::make_unique<CurlTransport>(std::move(options));
}

std::string problem_of_url(const std::string& url) {
  const CurlLibrary* curl = curl_library();
  if (!curl) return kNoLibrary;
  const UrlParts parts = parts_of(*curl, url);
  if (!parts.good) return "the address is not an https URL";
  if (!parts.https && !parts.loopback)
    return "the address must begin with https:// (http is only for 127.0.0.1 and localhost)";
  if (parts.user) return "the address holds a user name or password; use a header for that";
  return {};
}

std::optional<int64_t> read_http_date(const std::string& text) {
  const CurlLibrary* curl = curl_library();
  const time_t date = curl ? curl->getdate(text.c_str(), nullptr) : -1;
  if (date < 0) return std::nullopt;
  return static_cast<int64_t>(date) * 1'000'000;
}

}  // namespace weir::deliver
