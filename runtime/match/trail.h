// A walk through records of one form (forms.h) takes the same way: a *trail*. What is looked for is at the
// same tokens.
//
//   trail   token 3 → slot of eventName; token 10 → slot of userIdentity.type
#pragma once

#include <cstdint>
#include <vector>

#include "runtime/match/decode_plan.h"
#include "runtime/match/structure.h"

namespace weir::match {

class Trail {
 public:
  // A plain text that goes into a slot and nowhere else.
  struct Text {
    uint32_t token, slot, node;
  };
  // Any other value that something waits for at a node of the plan.
  struct Place {
    uint32_t token, node;
  };

  Trail() = default;
  // Of the record that the structure has read.
  Trail(const Plan& plan, const Structure& structure, size_t mark_words);

  const std::vector<Text>& texts() const { return texts_; }
  const std::vector<Place>& places() const { return places_; }
  const std::vector<uint64_t>& marks() const { return marks_; }  // that are there in every such record

 private:
  struct Laying;

  std::vector<Text> texts_;
  std::vector<Place> places_;
  std::vector<uint64_t> marks_;
};

// What follows from the form of a record alone, made once for each: a Trail, or anything else.
template <class Made>
class ByForm {
 public:
  // That of the record; null where its form is not remembered. `make` makes it of this record; always in the
  // same way, of records that one structure has read.
  template <class Make>
  const Made* find(const Structure& structure, const Make& make) {
    const Form* const form = structure.form();
    if (form == nullptr) return nullptr;
    if (made_.empty()) made_.resize(Forms::kMost);
    OfForm& known = made_[structure.form_number()];
    if (known.form != form->serial()) known = {form->serial(), make()};
    return &known.made;
  }

 private:
  struct OfForm {
    uint64_t form = 0;  // its serial
    Made made = {};
  };
  std::vector<OfForm> made_;  // by the form's number
};

}  // namespace weir::match
