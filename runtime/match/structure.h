// A record as its tokens (tokens.h): the fast way to read one, beside the reference one (json_reader.h).
//
// All of the grammar is checked, and only what is perfectly clean is taken: whatever a parser might refuse,
// repair or read in two ways is left to the reference. What is taken here, the reference takes, with the same
// values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/match/forms.h"
#include "runtime/match/json_value.h"
#include "runtime/match/shapes.h"
#include "runtime/match/tokens.h"

namespace weir::match {

class Structure {
 public:
  // Records beyond these are left to the reference: they are rare, and what they need would be kept for ever.
  static constexpr size_t kMaxBytes = 1u << 20;
  static constexpr uint32_t kMaxOpen = 128;

  explicit Structure(Tokens::Kernel kernel = Tokens::best()) : tokens_(kernel) {}

  // True when `record` is one object, and clean; kPadding readable bytes follow it, and it stays where it is
  // as long as the structure is used. False says nothing but that the reference has to look.
  bool read(std::string_view record);

  // Tokens are numbered: brackets, commas, colons and the beginnings of scalars, in the order of the record.
  const char* at(uint32_t token) const { return bytes_ + places_[token]; }
  char kind(uint32_t token) const { return kinds_[token]; }  // its first byte; `0` for any digit
  // The last token of the value that begins here: that of an object or array is its closing bracket.
  uint32_t last_of(uint32_t token) const { return closes_[token]; }

  // That of the record, and its number in Forms; null when it is not remembered.
  const Form* form() const { return form_number_ == Forms::kMost ? nullptr : &forms_[form_number_]; }
  size_t form_number() const { return form_number_; }

  // The bytes of a scalar that is no text.
  std::string_view scalar(uint32_t token) const {
    const char* end = at(token + 1);
    while (is_space(end[-1])) --end;
    return {at(token), static_cast<size_t>(end - at(token))};
  }
  // What stands between the quotes of a text.
  std::string_view quoted(uint32_t token) const {
    const char* end = at(token + 1) - 1;
    while (*end != '"') --end;
    return {at(token) + 1, static_cast<size_t>(end - at(token)) - 1};
  }
  // The bytes of a text token when that is all of it, and ASCII: nothing is escaped. Else null data.
  std::string_view plain(uint32_t token) const {
    const std::string_view raw = quoted(token);
    return tokens_.is_ascii() && is_unescaped(raw) ? raw : std::string_view();
  }
  // True says that nothing is escaped from one token to another.
  bool is_unescaped(uint32_t from, uint32_t to) const {
    return at(to) <= tokens_.first_escape() || at(from) > tokens_.last_escape();
  }
  // The text of a token: of the record itself where nothing is escaped; else in the arena, or, without one,
  // in a buffer that is good until the next call. kPadding bytes behind the text are readable, but not in the
  // arena.
  std::string_view text(uint32_t token, Arena* arena) const {
    const std::string_view raw = quoted(token);
    return is_unescaped(raw) ? raw : unescaped(raw, arena);
  }

 private:
  static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
  // True says that nothing is; most records have escapes in few places, or nowhere.
  bool is_unescaped(std::string_view raw) const {
    return raw.data() + raw.size() <= tokens_.first_escape() || raw.data() > tokens_.last_escape();
  }
  bool check();  // the grammar; fills what is found
  bool check_scalar(uint32_t token) const;
  std::string_view unescaped(std::string_view raw, Arena* arena) const;

  Tokens tokens_;
  Shapes shapes_;
  Forms forms_;
  size_t form_number_ = Forms::kMost;
  const char* bytes_ = nullptr;
  // By token: of tokens_; of the shape, or what was found.
  const uint32_t* places_ = nullptr;
  const char* kinds_ = nullptr;
  const uint32_t* closes_ = nullptr;
  std::vector<uint32_t> found_closes_, found_scalars_;
  mutable std::string unescaped_;  // the buffer
};

// A value of a structure.
class Cursor {
 public:
  Cursor() = default;
  Cursor(const Structure& structure, uint32_t token) : structure_(&structure), token_(token) {}

  JsonKind kind() const {
    switch (structure_->kind(token_)) {
      case '{':
        return JsonKind::object;
      case '[':
        return JsonKind::array;
      case '"':
        return JsonKind::text;
      case 't':
      case 'f':
        return JsonKind::boolean;
      case 'n':
        return JsonKind::null;
      default:
        return JsonKind::number;
    }
  }

  class Items {
   public:
    class Iterator {
     public:
      Iterator(const Structure& structure, uint32_t token) : structure_(&structure), token_(token) {}
      Cursor operator*() const { return {*structure_, token_}; }
      Iterator& operator++() {
        token_ = Cursor(*structure_, token_).next();
        token_ += structure_->kind(token_) == ',';  // else it is the closing bracket, which is the end
        return *this;
      }
      bool operator==(const Iterator& other) const { return token_ == other.token_; }

     private:
      const Structure* structure_;
      uint32_t token_;
    };
    Items(const Structure& structure, uint32_t open) : structure_(&structure), open_(open) {}
    Iterator begin() const { return {*structure_, open_ + 1}; }
    Iterator end() const { return {*structure_, structure_->last_of(open_)}; }

   private:
    const Structure* structure_;
    uint32_t open_;
  };

  const Structure& structure() const { return *structure_; }
  // Of the values of a structure, this says which it is; 0 is the whole record.
  uint32_t token() const { return token_; }
  Cursor at(uint32_t token) const { return {*structure_, token}; }

  Items items() const { return {*structure_, token_}; }
  bool truth() const { return structure_->kind(token_) == 't'; }
  std::string_view text(Arena& arena) const { return structure_->text(token_, &arena); }
  std::string_view plain() const { return structure_->plain(token_); }
  std::string_view text() const { return structure_->text(token_, nullptr); }
  JsonNumber number() const;
  template <class See>
  void each_member(const See& see) const {
    const uint32_t close = structure_->last_of(token_);
    if (structure_->is_unescaped(token_, close)) [[likely]] {
      for (uint32_t key = token_ + 1; key < close;) {
        const Cursor value(*structure_, key + 2);
        see(structure_->quoted(key), value);
        key = value.next() + 1;
      }
      return;
    }
    for (uint32_t key = token_ + 1; key < close;) {
      const Cursor value(*structure_, key + 2);
      see(structure_->text(key, nullptr), value);
      key = value.next() + 1;
    }
  }

  // The bytes of an object or array, brackets included.
  std::string_view bytes() const {
    const char* const begin = structure_->at(token_);
    return {begin, static_cast<size_t>(structure_->at(structure_->last_of(token_)) - begin) + 1};
  }

 private:
  // The token behind the value: a comma or a closing bracket.
  uint32_t next() const { return structure_->last_of(token_) + 1; }

  const Structure* structure_ = nullptr;
  uint32_t token_ = 0;
};

}  // namespace weir::match
