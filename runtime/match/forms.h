// Records of one shape (shapes.h) that have the same keys, too, are of one *form*: whatever is looked for is
// at the same tokens. Keys need not be looked up again, only be seen to be the same: many bytes at a time,
// without a branch for each.
//
//   shape   { " : " , " : { " : " } }      keys   eventName, userIdentity, type
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/match/shapes.h"

namespace weir::match {

// The beginnings of a record's tokens.
struct Placed {
  const char* bytes = nullptr;
  const uint32_t* places = nullptr;
  const char* at(uint32_t token) const { return bytes + places[token]; }
};

class Form {
 public:
  Form() = default;
  Form(const Shape& shape, const Placed& record, uint64_t serial);

  // Not where keys are escaped, overwritten, very long or very many.
  bool is_of_use() const { return is_of_use_; }
  bool is_of(const Placed& record) const;      // which has the shape
  uint64_t serial() const { return serial_; }  // another one for each; 0: it is none
  size_t size() const { return size_; }        // bytes, about, with what is made of it (trail.h)

  // A key by which another form of the same shape is told from this one at a glance; 0: there is none.
  uint32_t difference(const Form& other) const;
  // The beginning of a key, as much of it as a glance sees.
  struct Glance {
    uint64_t bytes = 0, mask = 0;
    bool fits(uint64_t others) const { return ((bytes ^ others) & mask) == 0; }
  };
  Glance glance(uint32_t key) const;
  static uint64_t glance(const Placed& record, uint32_t key);

 private:
  static constexpr size_t kChunk = 32;
  // Up to kChunk bytes of a key and the quote behind it: where that is at the same place, the key is as long.
  struct Part {
    uint16_t token, at;  // of the key; of the bytes in bytes_
    uint16_t unused;     // of kChunk
  };
  bool add(std::string_view key, uint32_t token);
  Part part(std::string_view bytes, uint32_t token);

  std::vector<Part> beginnings_;                   // of each, which is all of most
  std::vector<Part> ends_;                         // of those that are longer than a chunk
  std::string bytes_ = std::string(kChunk, '\0');  // so many more are readable behind each part
  uint64_t serial_ = 0;
  size_t size_ = 0;
  bool is_of_use_ = false;
};

// Those of the shapes that are remembered; a few of each shape, as calls that look alike have other
// parameters. The memory of one thread.
class Forms {
 public:
  static constexpr size_t kOfShape = 8;
  static constexpr size_t kMost = Shapes::kMost * kOfShape;
  static constexpr size_t kMostBytes = 8u << 20;  // of all: a log has some hundred forms of a KiB or two

  // The number of the form of this record, below kMost, when it is remembered; else kMost. `number`: of the
  // shape.
  size_t find(const Shape& shape, size_t number, const Placed& record);
  const Form& operator[](size_t number) const {
    return by_shape_[number / kOfShape].forms[number % kOfShape];
  }

 private:
  // Where keys change from record to record, another form each time would cost more than it saves.
  static constexpr uint32_t kMostPatience = 1u << 16;
  struct OfShape {
    uint64_t shape = 0;  // its serial
    std::vector<Form> forms = {};
    std::vector<Form::Glance> glances = {};  // by form
    uint32_t key = 0;                        // of the glances
    size_t oldest = 0;                       // of the forms
    uint32_t missed = 0;                     // records, one after the other, as their keys were others
    uint32_t patience = 1;                   // of those, until another form is taken down
  };
  static size_t find_in(const OfShape& known, const Placed& record);
  size_t remember(OfShape& known, Form form, bool has_room);

  std::vector<OfShape> by_shape_ = std::vector<OfShape>(Shapes::kMost);
  uint64_t remembered_ = 0;  // how many were, ever
  size_t bytes_ = 0;         // of all that are remembered
};

}  // namespace weir::match
