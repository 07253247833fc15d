// See writer.h.
#include "runtime/deliver/network/writer.h"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/match/program.h"

namespace weir::deliver {
namespace {

constexpr size_t kLongPart = 16;  // of an address: a token rather than a word

std::string counted(uint64_t count, const char* word) {
  return fmt::format("{} {}{}", count, word, count == 1 ? "" : "s");
}

}  // namespace

std::string headline_of(const Message& message) {
  const Digest& digest = message.digest;
  std::string out;
  if (digest.alerts > 0) {
    out = message.kind == Message::Kind::storm
              ? counted(digest.alerts, "alert") + " within a minute, told together"
              : counted(digest.alerts, "more alert") + " of " + message.group;
    if (digest.updates > 0) out += ", and " + counted(digest.updates, "update");
    return out;
  }
  return counted(digest.updates, "update") + " of alerts that were told together";
}

std::vector<std::string> rules_of(const Digest& digest, size_t most) {
  std::vector<const Digest::OfRule*> rules;
  for (const auto& [name, rule] : digest.by_rule) rules.push_back(&rule);
  std::stable_sort(rules.begin(), rules.end(), [](const auto* a, const auto* b) {
    return a->level != b->level ? a->level > b->level : a->count > b->count;
  });
  std::vector<std::string> out;
  for (const Digest::OfRule* rule : rules) {
    if (out.size() == most) {
      out.push_back(fmt::format("… and {}", counted(rules.size() - most, "more rule")));
      break;
    }
    out.push_back(fmt::format("{} × {} ({})", rule->count, rule->title, level_name(rule->level)));
  }
  return out;
}

std::vector<std::string> secrets_of_url(const std::string& url) {
  const size_t host = url.find("://");
  const size_t path = host == std::string::npos ? host : url.find('/', host + 3);
  if (path == std::string::npos || path + 1 == url.size()) return {url};
  std::vector<std::string> out = {url, url.substr(path)};
  for (size_t at = path; at < url.size();) {
    const size_t end = std::min(url.find_first_of("/?&=#", at), url.size());
    if (end - at >= kLongPart) out.push_back(url.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

const char* level_name(uint8_t level) {
  return match::kLevelNames[std::min<uint8_t>(level, match::kLevels - 1)];
}

}  // namespace weir::deliver
