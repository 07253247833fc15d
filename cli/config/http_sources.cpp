// See http_sources.h.
#include "cli/config/http_sources.h"

namespace weir::config {

ingest::HttpOptions read_http_source(Reader& reader, Section& section, ingest::HttpProtocol protocol) {
  const bool firehose = protocol == ingest::HttpProtocol::firehose;
  ingest::HttpOptions out;
  ingest::HttpEndpoint endpoint{firehose ? "/firehose" : "/ingest", protocol, {}};
  if (const Node* listen = section.require("listen")) out.listen = reader.text(*listen).value_or("");
  if (const Node* path = section.find("path")) endpoint.path = reader.text(*path).value_or(endpoint.path);
  if (endpoint.path.empty() || endpoint.path[0] != '/')
    reader.add(dsl::Code::E903, "a path begins with `/`", section.find("path")->span);
  if (const Node* secret = section.find(firehose ? "access_key" : "token"))
    endpoint.secrets = reader.secrets(*secret);
  if (const Node* tls = section.find("tls")) {
    Section files(reader, *tls, "`tls`", &tls_shape());
    http::Tls made;
    if (const Node* one = files.require("certificate")) made.certificate = reader.text(*one).value_or("");
    if (const Node* one = files.require("key")) made.key = reader.text(*one).value_or("");
    files.finish();
    out.tls = std::move(made);
  }
  out.endpoints.push_back(std::move(endpoint));
  return out;
}

}  // namespace weir::config
