// Every change of an alert's state is checked against the states that it may come from.
#include "live_feed.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <iterator>

#include "runtime/match/decode.h"

namespace weir::correlate {

LiveFeed::LiveFeed(const Pack& pack, const LiveOptions& options)
    : program_(pack.program()),
      options_(options),
      live_(std::make_unique<Live>(program_, options)),
      decoder_(program_),
      delivered_(program_->sources.size(), INT64_MIN) {}

void LiveFeed::take(const Pack::Line& line, int64_t delivered) {
  const std::string padded = line.json + std::string(match::kPadding, ' ');
  const std::string_view record(padded.data(), line.json.size());
  REQUIRE(decoder_.decode(record, line.source).status == match::DecodeStatus::ok);
  std::vector<uint64_t> matched(program_->match_words());
  program_->match(program_->code.get(), &decoder_.event(), nullptr, matched.data());
  live_->take(decoder_, nullptr, matched.data(), record, false, "", delivered);
}

void LiveFeed::advance(int64_t delivered) {
  for (int64_t& of : delivered_) of = std::max(of, delivered);
  live_->advance(delivered_);
}

void LiveFeed::advance(uint16_t source, int64_t delivered) {
  delivered_[source] = std::max(delivered_[source], delivered);
  live_->advance(delivered_);
}

void LiveFeed::follow(const Alert& alert) {
  INFO("alert ", alert.id, " ", alert.state);
  CHECK(alert.replaces.has_value() == (alert.state == "amended"));
  CHECK(final_.count(alert.id) == 0);
  if (alert.state == "open" || alert.state == "amended") {
    CHECK(open_.count(alert.id) == 0);
    if (alert.replaces) CHECK(open_.erase(*alert.replaces) == 1);
    open_[alert.id] = alert;
  } else if (alert.state == "withdrawn") {
    CHECK(open_.erase(alert.id) == 1);
  } else {
    CHECK(alert.state == "final");
    open_.erase(alert.id);
    final_[alert.id] = alert;
  }
}

std::vector<Alert> LiveFeed::said() {
  std::vector<Alert> alerts = live_->take_alerts();
  for (const Alert& alert : alerts) follow(alert);
  return alerts;
}

std::vector<SavedPart> LiveFeed::saved() {
  for (const SavedPart& part : live_->take_saved()) {
    if (part.value) {
      saved_[part.key] = *part.value;
    } else {
      saved_.erase(part.key);
    }
  }
  said();
  std::vector<SavedPart> parts;
  for (const auto& [key, value] : saved_) parts.push_back({key, value});
  return parts;
}

void LiveFeed::restart() { restart(options_); }

void LiveFeed::restart(const LiveOptions& options) {
  options_ = options;
  std::vector<SavedPart> parts = saved(), others;
  const auto rest = std::stable_partition(parts.begin(), parts.end(),
                                          [](const SavedPart& part) { return part.key[0] != Live::kOneByOne; });
  std::move(rest, parts.end(), std::back_inserter(others));
  parts.erase(rest, parts.end());
  const Live::EachPart more = [&](const auto& use) {
    for (const SavedPart& part : others) use(part);
  };
  live_ = std::make_unique<Live>(program_, options_);
  std::vector<std::string> forgotten;
  const auto wrong = live_->restore(parts, forgotten, more);
  REQUIRE_MESSAGE(!wrong, *wrong);
  CHECK(forgotten.empty());
}

}  // namespace weir::correlate
