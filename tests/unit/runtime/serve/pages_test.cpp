// What the pages say.
#include "runtime/serve/pages.h"

#include <doctest/doctest.h>

namespace weir::serve {
namespace {

TEST_CASE("metrics, as Prometheus wants them") {
  process::Metrics metrics;
  metrics.counter("weir_x_total", "X.").add(2);
  ServeOptions options;
  options.metrics = &metrics;
  const http::Answer answer = page(options, "GET", "/metrics");
  CHECK(answer.status == 200);
  CHECK(answer.type == "text/plain; version=0.0.4; charset=utf-8");
  CHECK(answer.body == metrics.text());
}

TEST_CASE("health") {
  ServeOptions options;
  CHECK(page(options, "GET", "/healthz").status == 200);
  options.alive = [] { return false; };
  CHECK(page(options, "GET", "/healthz").status == 503);
}

TEST_CASE("ready when every condition holds, and else it says which do not") {
  ServeOptions options;
  bool store = true;
  options.ready = [&] {
    return std::vector<Condition>{{"rules", true, {}, "3 rules"}, {"store", store, "the disk is \"full\"", {}}};
  };
  CHECK(page(options, "GET", "/readyz").status == 200);
  CHECK(page(options, "GET", "/readyz").body ==
        "{\"ready\":true,\"conditions\":[{\"name\":\"rules\",\"ready\":true,\"note\":\"3 rules\"},"
        "{\"name\":\"store\",\"ready\":true}]}\n");
  store = false;
  CHECK(page(options, "GET", "/readyz").status == 503);
  CHECK(page(options, "GET", "/readyz").body ==
        "{\"ready\":false,\"conditions\":[{\"name\":\"rules\",\"ready\":true,\"note\":\"3 rules\"},"
        "{\"name\":\"store\",\"ready\":false,\"why\":\"the disk is \\\"full\\\"\"}]}\n");
}

TEST_CASE("nothing else is there, and nothing of what was asked is said back") {
  ServeOptions options;
  const http::Answer answer = page(options, "GET", "/<script>");
  CHECK(answer.status == 404);
  CHECK(answer.body.find("script") == std::string::npos);
  CHECK(page(options, "POST", "/metrics").status == 405);
  CHECK(page(options, "HEAD", "/healthz").status == 200);
}

}  // namespace
}  // namespace weir::serve
