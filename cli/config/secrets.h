// Secrets are not shown: messages quote lines of weir.yaml, and what they quote is the text that conceal() gives.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/config/yaml.h"

namespace weir::config {

inline constexpr size_t kLeastSecret = 8;  // of what is taken out of sentences: anything shorter may be a word of theirs

struct Concealed {
  std::string text;                  // as long as what was read, line by line; a star for each byte that is hidden
  std::vector<std::string> secrets;  // what is hidden and long enough: values, without their quotes
};

// Hidden is what stands under a key that takes a secret, or under one that no section has and that may be one of those
// misspelt, and every address with `://`, wherever it stands. `${NAME}`, `{env: NAME}` and `{file: PATH}` are shown.
// `root` is null when `text` is not YAML: then it is all that follows such a key on its line, and what looks like a key.
Concealed conceal(std::string_view text, const Node* root);

// `text` without any of them.
std::string without(std::string text, const std::vector<std::string>& secrets);

}  // namespace weir::config
