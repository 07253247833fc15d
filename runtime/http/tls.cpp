// Certificates, and what of TLS is spoken: 1.2 and later, as OpenSSL's defaults have it.
#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "runtime/http/core.h"

namespace weir::http {

std::shared_ptr<TlsContext> load_tls(const Tls& tls, std::string& problem) {
  auto context = std::make_shared<TlsContext>(TlsContext::tls_server);
  SSL_CTX* handle = context->native_handle();
  SSL_CTX_set_min_proto_version(handle, TLS1_2_VERSION);
  SSL_CTX_set_options(handle, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_mode(handle, SSL_MODE_RELEASE_BUFFERS);  // idle connections are many
  for (const std::string& file : {tls.certificate, tls.key}) {
    const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) {
      problem = fmt::format("{}: {}", file, std::strerror(errno));
      return nullptr;
    }
    ::close(descriptor);
  }
  ErrorCode error;
  context->use_certificate_chain_file(tls.certificate, error);
  if (error) {
    problem = fmt::format("{}: no certificate can be read from it: {}", tls.certificate, error.message());
    return nullptr;
  }
  context->use_private_key_file(tls.key, TlsContext::pem, error);
  if (error || SSL_CTX_check_private_key(handle) != 1) {
    ERR_clear_error();
    problem = fmt::format("{}: no key can be read from it that belongs to {}{}{}", tls.key, tls.certificate,
                          error ? ": " : "", error ? error.message() : "");
    return nullptr;
  }
  return context;
}

}  // namespace weir::http
