#pragma once

#include <string>
#include <string_view>

namespace rookery::hashtag_window {

/// Appends `text` (valid UTF-8) with each code point replaced by its simple case folding
/// (Unicode 14, CaseFolding.txt, status C and S): "WIEN", "Wien" and "wien" are one key, in
/// all scripts that have cases. Not a normalisation: "é" in one code point and in two stay
/// two keys.
void append_folded(std::string& out, std::string_view text);

/// A bound for what append_folded() appends: U+023A and U+023E grow from two bytes to three.
[[nodiscard]] inline std::size_t folded_bytes_max(std::string_view text) {
  return text.size() + text.size() / 2;
}

}  // namespace rookery::hashtag_window
