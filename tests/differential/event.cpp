#include "tests/differential/event.h"

#include <algorithm>
#include <map>

namespace weir::differential {
namespace {

const std::vector<const char*> kEventTimes = {"2026-01-15T10:00:00Z", "2026-06-30T23:59:59.999999Z",
                                              "2026-07-01T00:00:00Z", "2025-12-31T23:59:59Z",
                                              "2026-02-01T10:00:00.5+02:00"};

class EventMaker {
 public:
  EventMaker(uint64_t seed, const Pack& pack) : dice_(seed), pack_(pack) {}

  Event make() {
    const Target& target = dice_.of(pack_.targets);
    source_ = target.source;
    if (dice_.one_in(25)) source_ = &dice_.of(sources());
    for (const auto& [path, value] : source_->required) set(path, text(value), 0);
    set(source_->time, text(dice_.word(kEventTimes)), 0);
    if (dice_.one_in(4)) set("eventID", text(std::to_string(dice_.below(5))), 0);
    if (source_ == target.source) {
      uint32_t zeal = dice_.one_in(3) ? 60 : 90;
      for (const Hint& hint : target.hints)
        if (dice_.percent(zeal)) follow(hint);
    }
    for (uint32_t i = dice_.below(4); i > 0; --i) follow_another();
    for (uint32_t i = dice_.below(4); i > 0; --i) anything();
    if (source_->columns) return line();
    Event event;
    event.tree = std::move(root_);
    if (dice_.one_in(3))
      for (uint32_t i = 1 + dice_.below(3); i > 0; --i) disturb(dice_, event.tree, source_->time);
    if (dice_.one_in(6)) std::reverse(event.tree.members.begin(), event.tree.members.end());
    event.text = to_text(event.tree);
    return event;
  }

 private:
  void set(const std::string& path, const Scalar& value, uint32_t element) {
    if (value.form == Scalar::Form::absent) return;
    flat_[path] = value.value;
    put(root_, segments_of(path), scalar(dice_, value), element);
  }

  void follow(const Hint& hint) {
    Scalar value = dice_.of(hint.hits);
    if (value.form == Scalar::Form::text && dice_.one_in(3)) {
      value.value = dice_.one_in(2) ? other_case(dice_, value.value) : neighbour(dice_, value.value);
    } else if (dice_.one_in(10)) {
      value = scalar_of(hint.kind, dice_.of(pack_.constants.of(hint.kind)));
    }
    auto [element, fresh] = elements_.emplace(hint.group, 0);
    if (fresh) element->second = dice_.below(3);
    set(hint.path, value, element->second);
  }

  void follow_another() {
    const Target& other = dice_.of(pack_.targets);
    if (other.source == source_ && !other.hints.empty()) follow(dice_.of(other.hints));
  }

  void anything() {
    const Field& field = dice_.of(source_->fields);
    Kind kind = dice_.one_in(10) ? Kind::text : field.kind;
    if (kind == Kind::boolean) {
      set(field.path, raw(dice_.one_in(2) ? "true" : "false"), dice_.below(3));
    } else {
      set(field.path, scalar_of(kind, dice_.of(pack_.constants.of(kind))), dice_.below(3));
    }
  }

  Event line() {
    Event event;
    event.line = true;
    event.text = flat_[source_->time];
    for (const Field& field : source_->fields) {
      std::string value = flat_.count(field.path) ? flat_[field.path] : "-";
      std::replace_if(
          value.begin(), value.end(), [](char c) { return uint8_t(c) <= 0x20; }, '_');
      event.text += ' ' + (value.empty() ? "-" : value);
    }
    if (dice_.one_in(30)) event.text += " more";
    return event;
  }

  Dice dice_;
  const Pack& pack_;
  const Source* source_ = nullptr;
  Json root_;
  std::map<std::string, std::string> flat_;
  std::map<uint32_t, uint32_t> elements_;
};

}  // namespace

Event make_event(uint64_t seed, const Pack& pack) { return EventMaker(seed, pack).make(); }

}  // namespace weir::differential
