#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace rookery::geo_enrich {

/// A character that stands in a text by its name or number.
struct CharacterReference {
  char32_t character;
  std::size_t size;  ///< Bytes in the text, with & and ;.
};

/// The character reference at the beginning of `text`: by number (HTML, section 13.1.4), or by one
/// of the names that feeds and old pages write, those of Latin-1 (HTML 4.01, section 24.2) and of
/// common punctuation; HTML has two thousand. Absent where there is none.
[[nodiscard]] std::optional<CharacterReference> read_character_reference(std::string_view text);

}  // namespace rookery::geo_enrich
