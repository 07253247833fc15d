// See slack.h. Limits of Block Kit: 50 blocks, 3,000 characters a section's text, 2,000 a field's and 10
// fields, 150 a header's; beyond about 13,000 characters in all a message is refused, so that 10,000 bytes
// are the budget here.
#include "runtime/deliver/network/slack.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "runtime/deliver/alert_facts.h"
#include "runtime/deliver/own_alert.h"
#include "runtime/match/json_object.h"
#include "runtime/match/utf8.h"

namespace weir::deliver {
namespace {

using match::JsonArray;
using match::JsonObject;

constexpr size_t kFallback = 500, kHeader = 150, kSection = 2'900, kFieldName = 60, kField = 200, kUrl = 300;
constexpr size_t kFields = 10, kRules = 12, kRuleTitle = 120;
constexpr std::array<const char*, 5> kColours = {"#8d99ae", "#3a86ff", "#ffbe0b", "#fb5607", "#d00000"};

// `verbatim`: nothing in it becomes a link or a mention by itself.
std::string markdown(std::string_view text) {
  JsonObject object;
  object.text("type", "mrkdwn");
  object.text("text", text);
  object.raw("verbatim", "true");
  return object.done();
}

std::string header(std::string_view text) {
  JsonObject plain;
  plain.text("type", "plain_text");
  plain.text("text", text);
  plain.raw("emoji", "false");
  JsonObject block;
  block.text("type", "header");
  block.raw("text", plain.done());
  return block.done();
}

std::string section(std::string_view text) {
  JsonObject block;
  block.text("type", "section");
  block.raw("text", markdown(text.empty() ? "-" : text));
  return block.done();
}

std::string context(std::string_view text) {
  JsonArray elements;
  elements.raw(markdown(text));
  JsonObject block;
  block.text("type", "context");
  block.raw("elements", elements.done());
  return block.done();
}

class Facts {
 public:
  void add(std::string_view name, std::string_view value) {
    if (value.empty() || count_ == kFields) return;
    ++count_;
    fields_.raw(markdown(fmt::format("*{}*\n{}", slack_text(name, kFieldName), slack_text(value, kField))));
  }
  void add_to(JsonArray& blocks) const {
    if (count_ == 0) return;
    JsonObject block;
    block.text("type", "section");
    block.raw("fields", fields_.done());
    blocks.raw(block.done());
  }

 private:
  JsonArray fields_;
  size_t count_ = 0;
};

bool is_link(std::string_view url) {
  if (url.size() > kUrl || !(url.starts_with("https://") || url.starts_with("http://"))) return false;
  for (const char c : url)
    if (c <= 0x20 || c == 0x7f || c == '|' || c == '<' || c == '>' || c == '"' || c == '`') return false;
  return true;
}

std::string footer(const AlertFacts& facts) {
  std::string out = fmt::format("rule {} · {} · alert `{}`", slack_text(facts.rule, kFieldName),
                                slack_text(facts.time, kFieldName), slack_text(facts.id, kFieldName));
  size_t links = 0;
  for (const std::string& reference : facts.references) {
    const std::string link = slack_text(reference, 5 * kUrl);  // not cut, or it would lead elsewhere
    if (!is_link(reference) || link.size() > 2 * kUrl || links == 3) continue;
    ++links;
    out += fmt::format(" · <{}|reference{}>", link, links == 1 ? "" : fmt::format(" {}", links));
  }
  return out;
}

// The text is what notifications and old clients show; blocks of an attachment have the coloured bar.
std::string message_json(std::string_view fallback, const JsonArray& blocks, uint8_t level,
                         const JsonArray& details) {
  JsonObject attachment;
  attachment.text("color", kColours[std::min<size_t>(level, kColours.size() - 1)]);
  attachment.raw("blocks", details.done());
  JsonArray attachments;
  attachments.raw(attachment.done());
  JsonObject message;
  message.text("text", fallback);
  message.raw("blocks", blocks.done());
  message.raw("attachments", attachments.done());
  return message.done();
}

std::string upper(std::string_view word) {
  std::string out(word);
  for (char& c : out)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return out;
}

std::string alert_json(const AlertFacts& facts) {
  const std::string title = fmt::format("[{}] {}", upper(level_name(facts.level)), facts.title);
  JsonArray blocks, details;
  blocks.raw(header(slack_text(title, kHeader)));
  blocks.raw(section(slack_text(facts.message.empty() ? facts.title : facts.message, kSection)));
  Facts list;
  for (const auto& [name, value] : facts.key) list.add(name, value);
  list.add("account", facts.account);
  for (const auto& [name, value] : facts.fields) list.add(name, value);
  for (const auto& [name, value] : facts.values) list.add(name, value);
  if (facts.held_back > 0) list.add("held back before", fmt::to_string(facts.held_back));
  list.add_to(details);
  if (!facts.response.empty()) details.raw(section("*Response* " + slack_text(facts.response, 600)));
  details.raw(context(footer(facts)));
  return message_json(slack_text(title + ": " + facts.message, kFallback), blocks, facts.level, details);
}

std::string update_json(const AlertFacts& facts, std::string_view state) {
  const bool over = state == "withdrawn" && is_own_rule(facts.rule);
  const char* word = over                   ? "Over"
                     : state == "amended"   ? "Amended"
                     : state == "withdrawn" ? "Withdrawn"
                                            : "Final";
  const char* why = over                   ? "what it was about has ended"
                    : state == "amended"   ? "a late event changed what completes it"
                    : state == "withdrawn" ? "a late event shows that it does not hold"
                                           : "no late event can change it any more";
  const std::string title = fmt::format("{}: [{}] {}", word, upper(level_name(facts.level)), facts.title);
  JsonArray blocks, details;
  blocks.raw(section(fmt::format("*{}* ({})", slack_text(title, kHeader), why)));
  details.raw(section(slack_text(facts.message.empty() ? facts.title : facts.message, kSection)));
  details.raw(context(footer(facts)));
  return message_json(slack_text(title + ": " + facts.message, kFallback), blocks, facts.level, details);
}

std::string digest_json(const Message& message) {
  const Digest& digest = message.digest;
  const std::string title = headline_of(message);
  JsonArray blocks, details;
  blocks.raw(header(slack_text(title, kHeader)));
  std::string rules;
  for (const std::string& rule : rules_of(digest, kRules)) rules += slack_text(rule, kRuleTitle) + "\n";
  details.raw(section(rules));
  if (!digest.last_message.empty()) details.raw(section("*Last* " + slack_text(digest.last_message, 600)));
  details.raw(
      context(fmt::format("{} to {} · first alert `{}`", slack_text(digest.from, kFieldName),
                          slack_text(digest.to, kFieldName), slack_text(digest.first_id, kFieldName))));
  return message_json(slack_text(title, kFallback), blocks, digest.level, details);
}

class Slack final : public Writer {
 public:
  explicit Slack(std::string url) : url_(std::move(url)) {}

  std::optional<HttpRequest> write(const Message& message, int64_t) const override {
    HttpRequest request{url_, {{"Content-Type", "application/json; charset=utf-8"}}, {}};
    if (message.kind == Message::Kind::alert || message.kind == Message::Kind::update) {
      const std::optional<AlertFacts> facts = read_alert(message.body);
      if (!facts) return std::nullopt;
      request.body =
          message.kind == Message::Kind::alert ? alert_json(*facts) : update_json(*facts, message.state);
    } else {
      request.body = digest_json(message);
    }
    return request;
  }

  std::vector<std::string> secrets() const override { return secrets_of_url(url_); }

 private:
  std::string url_;
};

}  // namespace

std::unique_ptr<Writer> slack_writer(std::string url) { return std::make_unique<Slack>(std::move(url)); }

std::string slack_text(std::string_view text, size_t bytes) {
  constexpr std::string_view kMark = "…";
  const std::string line = one_line(text);
  std::string out;
  size_t fits = 0;  // of `out`, when the mark must follow
  for (size_t at = 0; at < line.size();) {
    const size_t size = match::first_code_point(std::string_view(line).substr(at)).size;
    std::string_view piece = std::string_view(line).substr(at, size);
    if (piece == "&") piece = "&amp;";
    if (piece == "<") piece = "&lt;";
    if (piece == ">") piece = "&gt;";
    if (out.size() + kMark.size() <= bytes) fits = out.size();
    if (out.size() + piece.size() > bytes) {
      out.resize(fits);
      return out + std::string(kMark);
    }
    out += piece;
    at += size;
  }
  return out;
}

}  // namespace weir::deliver
