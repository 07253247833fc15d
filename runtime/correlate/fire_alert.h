// From what a group tells to the alert: messages, fields and keys, evaluated on the stored records.
#pragma once

#include <memory>

#include "runtime/correlate/alert.h"
#include "runtime/correlate/rule_state.h"

namespace weir::correlate {

// Decodes stored events again; used by one thread at a time.
class FireAlerts {
 public:
  explicit FireAlerts(std::shared_ptr<const match::Program> program);
  ~FireAlerts();
  FireAlerts(const FireAlerts&) = delete;
  FireAlerts& operator=(const FireAlerts&) = delete;

  // Of rule `rule`, which has a correlation. The id is given by order_alerts.
  Alert alert_of(uint32_t rule, const Told& told);

  // Of rule `rule`, which has none, at its stored event.
  Alert alert_of(uint32_t rule, const StoredEvent& stored);

  // Makes the stored event the current one of decoder(). False when it no longer decodes, which a record that
  // once did cannot.
  bool decode(const StoredEvent& stored);
  match::Decoder& decoder() const;
  rt_scratch* scratch() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir::correlate
