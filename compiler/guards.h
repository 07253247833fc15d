// The look-ups of a guarded list (compiler/plan.h): which of its rules an event may match, by the texts that they
// wait for. What it gives is never too little; how much too much is a matter of speed alone.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/gram_filter.h"
#include "compiler/interpret_code.h"
#include "compiler/network_table.h"
#include "compiler/plan.h"
#include "compiler/text_table.h"
#include "runtime/match/abi.h"
#include "runtime/match/functions.h"

namespace weir::compiler {

class Guards {
 public:
  Guards(const ir::Module& module, const ir::Plan::List& list);

  size_t words() const { return (rules_ + 63) / 64; }
  // Sets bit i of scratch.possible, which has at least words() words, for each rule list.rules[i] to run, and clears
  // the others. False: there is none.
  bool find(const rt_event& event, Scratch& scratch) const;

 private:
  using Rules = std::vector<uint32_t>;

  // Whole texts → rules.
  struct Wholes {
    TextTable texts;
    std::vector<Rules> rules;  // by number in `texts`
    uint64_t lengths = 0;      // bit n: there is one of n bytes; bit 63: of 63 or more
    void add(std::string_view text, uint32_t rule);
    void note(std::string_view text, uint64_t* possible) const;
  };

  // Texts that are looked for anywhere, by the four bytes of each that the fewest others have; or at the beginning or
  // the end of a value, by the four bytes there. Where all are long enough, just every `step`-th place of a value is
  // looked at: each text is known by `step` times four bytes, that follow each other. Of longer values a filter finds the
  // places, where the texts are few.
  enum class Where : uint8_t { anywhere, beginning, end };
  struct Parts {
    Where where = Where::anywhere;
    struct Part {
      std::string text;
      Rules rules;
    };
    struct Place {  // of four bytes in a part
      uint32_t bytes = 0;
      uint32_t part = UINT32_MAX;
      uint32_t offset = 0;
    };
    std::vector<Part> parts;
    std::vector<Place> places;  // a power of two, open addressing; equal bytes stand behind each other
    std::vector<uint64_t> bitmap;
    int shift = 0;
    size_t step = 1;
    GramFilter filter;  // of anywhere: by one place of each
    std::map<std::string, uint32_t, std::less<>> numbers;

    void add(std::string_view text, uint32_t rule);
    void finish();
    void note(std::string_view value, uint64_t* possible) const;
    void note_at(std::string_view value, size_t at, uint64_t* possible) const;
    size_t telling_bytes(const std::string& text, const std::map<uint32_t, uint32_t>& frequency) const;
    void add_place(uint32_t part, size_t offset);
  };

  struct Field {
    uint32_t slot = 0;
    bool domain = false;
    Wholes wholes;
    Wholes above;  // names: the value is one of them, or lies below it
    // Those that are looked for anywhere: short ones, and others.
    std::array<Parts, 4> parts = {Parts{.where = Where::anywhere}, Parts{.where = Where::anywhere},
                                  Parts{.where = Where::beginning}, Parts{.where = Where::end}};
    std::vector<uint64_t> rules;  // all that wait for this field

    void add(match::TextSet::How how, std::string_view folded_needle, uint32_t rule);
    void note(std::string_view folded_value, uint64_t* possible) const;
  };

  struct Networks {
    uint32_t slot = 0;
    NetworkTable networks;
    std::vector<Rules> by_network;  // by number in `networks`
    std::vector<uint64_t> rules;    // all that wait for this field
  };

  void add_texts(uint32_t slot, const ir::Texts& texts, uint32_t rule);
  void add_networks(uint32_t slot, const std::vector<match::Network>& networks, uint32_t rule);
  void find_networks(const rt_event& event, Scratch& scratch) const;
  void find_texts(const Field& field, const rt_slot& slot, Scratch& scratch) const;

  size_t rules_;
  std::vector<Field> fields_;
  std::vector<Networks> networks_;
  std::vector<uint64_t> always_;
};

}  // namespace weir::compiler
