// See pages.h.
#include "runtime/serve/pages.h"

#include <fmt/format.h>

namespace weir::serve {
namespace {

http::Answer metrics_page(const ServeOptions& options) {
  http::Answer answer;
  answer.type = "text/plain; version=0.0.4; charset=utf-8";
  if (options.metrics) answer.body = options.metrics->text();
  return answer;
}

http::Answer health_page(const ServeOptions& options) {
  if (!options.alive || options.alive()) return http::plain_answer(200, "alive");
  return http::plain_answer(503, "the loop that commits has stopped turning");
}

http::Answer ready_page(const ServeOptions& options) {
  http::Answer answer;
  answer.type = "application/json";
  bool all = true;
  std::string conditions;
  for (const Condition& condition : options.ready ? options.ready() : std::vector<Condition>()) {
    all &= condition.holds;
    conditions += fmt::format("{}{{\"name\":{},\"ready\":{}", conditions.empty() ? "" : ",",
                              http::json_text(condition.name), condition.holds);
    if (!condition.note.empty()) conditions += fmt::format(",\"note\":{}", http::json_text(condition.note));
    if (!condition.holds) conditions += fmt::format(",\"why\":{}", http::json_text(condition.why));
    conditions += '}';
  }
  answer.status = all ? 200 : 503;
  answer.body = fmt::format("{{\"ready\":{},\"conditions\":[{}]}}\n", all, conditions);
  return answer;
}

}  // namespace

http::Answer page(const ServeOptions& options, std::string_view method, std::string_view path) {
  http::Answer (*const make)(const ServeOptions&) = path == "/metrics"   ? metrics_page
                                                    : path == "/healthz" ? health_page
                                                    : path == "/readyz"  ? ready_page
                                                                         : nullptr;
  if (!make) return http::plain_answer(404, "there are /metrics, /healthz and /readyz");
  if (method == "GET" || method == "HEAD") return make(options);
  http::Answer answer = http::plain_answer(405, "use GET");
  answer.fields.push_back({"Allow", "GET, HEAD"});
  return answer;
}

}  // namespace weir::serve
