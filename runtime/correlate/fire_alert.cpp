// The decoder holds one event at a time: the steps' events are read first, the completing one last.
#include "runtime/correlate/fire_alert.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "runtime/correlate/condition.h"
#include "runtime/correlate/on_source.h"
#include "runtime/correlate/row_extract.h"
#include "runtime/match/functions.h"

namespace weir::correlate {
namespace {

using match::MessagePiece;

// As rt_value, so that numbers of windows are printed like those of events.
rt_value value_of(double number, bool of_durations) {
  rt_value value{};
  if (of_durations && std::fabs(number) < 0x1p63) {
    value.kind = RT_SPAN;
    value.integer = static_cast<int64_t>(number);
  } else {
    value.kind = RT_REAL;
    value.real = number;
  }
  return value;
}

// As messages show them.
struct OfWindow {
  std::vector<std::string> aggregates, numbers;  // by Correlation
};

// By their place in the message, and among the fields: fields as JSON.
struct OfSteps {
  std::map<size_t, std::string> pieces, fields;
};

// A number of a window: into the alert's values under a name, if it has one, and as a message shows it.
std::string told(std::optional<double> number, bool of_durations, const std::string& name, Alert& alert) {
  std::string text = "-", json = "null";
  if (number) {
    const rt_value value = value_of(*number, of_durations);
    text.clear();
    json.clear();
    append_text(value, text);
    append_json(value, json);
  }
  const bool known = std::any_of(alert.values.begin(), alert.values.end(),
                                 [&](const auto& value) { return value.first == name; });
  if (!name.empty() && !known) alert.values.emplace_back(name, json);
  return text;
}

std::string joined(const Sample& sample) {
  std::string out;
  for (const Sample::Value& value : sample.values) {
    if (!out.empty()) out += ", ";
    out += value.text;
  }
  return out;
}

}  // namespace

struct FireAlerts::Impl {
  explicit Impl(std::shared_ptr<const match::Program> shared)
      : program(*shared),
        decoder(shared),
        scratch(program.make_scratch ? program.make_scratch() : nullptr),
        keep(shared) {}

  Evaluation evaluation() const { return {program, decoder.event(), scratch.get()}; }

  const match::Program& program;
  match::Decoder decoder;
  std::shared_ptr<rt_scratch> scratch;
  std::shared_ptr<const match::Program> keep;
  std::string record_buffer;

  bool decode(const StoredEvent& stored);
  void read_steps(const match::RuleInfo& rule, const Fire& fire, Alert& alert, OfSteps& texts);
  void read_aggregates(const match::RuleInfo& rule, const Fire& fire, Alert& alert, OfWindow& texts);
  void read_numbers(const match::RuleInfo& rule, const Fire& fire, Alert& alert, OfWindow& texts);
  std::string message_of(const match::RuleOnSource& on, const std::vector<KeyPart>& key,
                         const OfWindow& window, const OfSteps& steps) const;
};

bool FireAlerts::Impl::decode(const StoredEvent& stored) {
  const std::string_view record = stored.read(record_buffer);
  const match::Decoded decoded =
      stored.columns ? decoder.decode_columns(record, stored.source) : decoder.decode(record, stored.source);
  return decoded.status == match::DecodeStatus::ok;
}

// A name that two steps have means the later one.
void FireAlerts::Impl::read_steps(const match::RuleInfo& rule, const Fire& fire, Alert& alert,
                                  OfSteps& texts) {
  for (const auto& [condition, place] : fire.steps) {
    if (!decode(*place.event)) continue;
    const std::string& name = rule.correlation->conditions[condition];
    std::erase_if(alert.steps, [&](const auto& step) { return step.first == name; });
    alert.steps.emplace_back(name, decoder.compact_json());
    const match::RuleOnSource* on = on_source(rule, place.event->source);
    for (size_t i = 0; on && i < on->message.size(); ++i) {
      const MessagePiece& piece = on->message[i];
      if (piece.kind == MessagePiece::Kind::step && piece.index == condition)
        texts.pieces[i] = evaluation().text(piece.root);
    }
    for (size_t i = 0; on && i < on->fields.size(); ++i)
      if (on->fields[i].step == condition) texts.fields[i] = json_of(evaluation().values(on->fields[i].root));
  }
}

void FireAlerts::Impl::read_aggregates(const match::RuleInfo& rule, const Fire& fire, Alert& alert,
                                       OfWindow& texts) {
  const match::Correlation& correlation = *rule.correlation;
  texts.aggregates.assign(correlation.aggregates.size(), "-");
  for (size_t i = 0; i < fire.readings.size(); ++i) {
    const match::Aggregate& aggregate = correlation.aggregates[i];
    if (aggregate.kind == match::Aggregate::Kind::sample) continue;
    texts.aggregates[i] = told(fire.readings[i].value, aggregate.of_durations, aggregate.text, alert);
    if (fire.readings[i].at_least) texts.aggregates[i] += '+';
  }
  for (const auto& [index, sample] : fire.samples)
    if (!sample.values.empty()) texts.aggregates[index] = joined(sample);
}

void FireAlerts::Impl::read_numbers(const match::RuleInfo& rule, const Fire& fire, Alert& alert,
                                    OfWindow& texts) {
  const match::Correlation& correlation = *rule.correlation;
  texts.numbers.assign(correlation.numbers.size(), "-");
  for (uint32_t i = 0; i < fire.numbers.size(); ++i)
    texts.numbers[i] =
        told(fire.numbers[i], is_duration(correlation, i), correlation.numbers[i].text, alert);
}

std::string FireAlerts::Impl::message_of(const match::RuleOnSource& on, const std::vector<KeyPart>& key,
                                         const OfWindow& window, const OfSteps& steps) const {
  const Evaluation evaluation = this->evaluation();
  auto numbered = [](const std::vector<std::string>& texts, uint32_t index) {
    return index < texts.size() ? texts[index] : std::string("-");
  };
  std::string out;
  for (size_t i = 0; i < on.message.size(); ++i) {
    const MessagePiece& piece = on.message[i];
    switch (piece.kind) {
      case MessagePiece::Kind::text:
        out += piece.text;
        break;
      case MessagePiece::Kind::root:
        out += evaluation.text(piece.root);
        break;
      case MessagePiece::Kind::key:
        if (piece.index < key.size()) {
          append_text(key[piece.index].value, out);
        } else {
          out += '-';
        }
        break;
      case MessagePiece::Kind::aggregate:
        out += numbered(window.aggregates, piece.index);
        break;
      case MessagePiece::Kind::number:
        out += numbered(window.numbers, piece.index);
        break;
      case MessagePiece::Kind::step:
        out += steps.pieces.count(i) ? steps.pieces.at(i) : "-";
        break;
    }
  }
  return out;
}

FireAlerts::FireAlerts(std::shared_ptr<const match::Program> program)
    : impl_(std::make_unique<Impl>(std::move(program))) {}
FireAlerts::~FireAlerts() = default;

bool FireAlerts::decode(const StoredEvent& stored) { return impl_->decode(stored); }
match::Decoder& FireAlerts::decoder() const { return impl_->decoder; }
rt_scratch* FireAlerts::scratch() const { return impl_->scratch.get(); }

Alert FireAlerts::alert_of(uint32_t rule, const StoredEvent& stored) {
  if (impl_->decode(stored))
    return make_alert(impl_->program, rule, impl_->decoder, impl_->scratch.get(), stored.where);
  Alert alert;
  alert.rule = rule;
  alert.order = stored.order;
  return alert;
}

Alert FireAlerts::alert_of(uint32_t index, const Told& told) {
  const match::RuleInfo& rule = impl_->program.rules[index];
  const Fire& fire = told.fire;
  const StoredEvent& stored = *fire.completing.event;
  Alert alert;
  alert.rule = index;
  alert.level = rule.level;
  alert.order = stored.order;
  alert.order.time = fire.time;
  alert.where = stored.where;
  alert.held_back = told.held_back;
  alert.window = Alert::Window{fire.from, fire.events};
  alert.approx = fire.approximate;

  OfSteps of_steps;
  OfWindow of_window;
  impl_->read_steps(rule, fire, alert, of_steps);
  impl_->read_aggregates(rule, fire, alert, of_window);
  impl_->read_numbers(rule, fire, alert, of_window);

  const match::RuleOnSource* on = on_source(rule, stored.source);
  if (!on || !impl_->decode(stored)) return alert;
  const Evaluation evaluation = impl_->evaluation();
  alert.event = impl_->decoder.compact_json();
  alert.fields = evaluation.named(on->fields);
  for (size_t i = 0; i < on->fields.size(); ++i)
    if (on->fields[i].step != match::kNone)
      alert.fields[i].second = of_steps.fields.count(i) ? of_steps.fields[i] : "null";
  alert.derived = evaluation.named(on->derived);
  for (const auto& [level, condition] : on->level_cases)
    if (evaluation.holds(condition)) alert.level = level;
  const std::vector<KeyPart> key =
      key_of(impl_->program, rule, impl_->decoder.event(), impl_->scratch.get(), fire.completing.combination);
  alert.key_identity = identity_bytes(key);
  for (size_t i = 0; i < key.size(); ++i)
    alert.key.emplace_back(rule.correlation->group_by[i].text, json_of({&key[i].value, 1}));
  alert.message = impl_->message_of(*on, key, of_window, of_steps);
  return alert;
}

}  // namespace weir::correlate
