// A walk through records of one shape (shapes.h) that have the same keys, too, takes the same way: a *trail*.
// What is looked for is at the same tokens, so the keys need not be looked up again, only be seen to be the
// same: many bytes at a time, without a branch for each.
//
//   shape   { " : " , " : { " : " } }      keys   eventName, userIdentity, type
//   trail   token 3 → slot of eventName; token 10 → slot of userIdentity.type
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/match/decode_plan.h"
#include "runtime/match/structure.h"

namespace weir::match {

// The keys on a trail, in order.
class TrailKeys {
 public:
  bool add(std::string_view key, uint32_t token);  // false: it is too long, or escaped, or there are too many
  // Whether they are in a record of the same shape.
  bool are_in(const Structure& structure) const;

 private:
  static constexpr size_t kChunk = 32;
  // Up to kChunk bytes of a key and the quote behind it: where that is at the same place, the key is as long.
  struct Part {
    uint16_t token, at;  // of the key; of the bytes in bytes_
    uint16_t unused;     // of kChunk
  };
  Part part(std::string_view bytes, uint32_t token);

  std::vector<Part> beginnings_;                   // of each, which is all of most
  std::vector<Part> ends_;                         // of those that are longer than a chunk
  std::string bytes_ = std::string(kChunk, '\0');  // so many more are readable behind each part
};

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

  bool is_of_use() const { return is_of_use_; }  // not where keys are escaped, very long or very many
  // Whether the record has the trail's keys; it has its shape.
  bool leads_through(const Structure& structure) const { return keys_.are_in(structure); }

  const std::vector<Text>& texts() const { return texts_; }
  const std::vector<Place>& places() const { return places_; }
  const std::vector<uint64_t>& marks() const { return marks_; }  // that are there in every such record

 private:
  struct Laying;

  TrailKeys keys_;
  std::vector<Text> texts_;
  std::vector<Place> places_;
  std::vector<uint64_t> marks_;
  bool is_of_use_ = false;
};

// The trails of one plan, by shape.
class Trails {
 public:
  // That of the record, or null: it has to be walked through. Always by the same plan and number of words.
  const Trail* find(const Plan& plan, const Structure& structure, size_t mark_words);

 private:
  // Where keys change from record to record, a new trail each time would cost more than it saves.
  static constexpr uint32_t kFirstPatience = 4, kMostPatience = 1u << 16;
  struct OfShape {
    uint64_t shape = 0;  // its serial
    Trail trail = {};
    uint32_t missed = 0;                 // one after the other, as the keys were others
    uint32_t patience = kFirstPatience;  // of those, until there is another trail
  };

  const Structure* structure_ = nullptr;  // whose shapes they are
  std::vector<OfShape> by_shape_;         // by the shape's number
};

}  // namespace weir::match
