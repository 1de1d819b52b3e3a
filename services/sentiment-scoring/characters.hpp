#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace rookery::sentiment_scoring {

enum class CharacterClass : std::uint8_t { kSpace, kWord, kDigit, kEmoji, kPunctuation };

[[nodiscard]] CharacterClass class_beyond_ascii(char32_t character);
[[nodiscard]] char32_t lower_beyond_ascii(char32_t character);

inline constexpr auto kAsciiClasses = [] {
  std::array<CharacterClass, 128> classes{};
  for (unsigned c = 0; c < 128; ++c) {
    const bool letter = (c | 0x20U) >= 'a' && (c | 0x20U) <= 'z';
    classes[c] = letter                 ? CharacterClass::kWord
                 : c >= '0' && c <= '9' ? CharacterClass::kDigit
                 : c == ' '             ? CharacterClass::kSpace
                                        : CharacterClass::kPunctuation;
  }
  return classes;
}();

/// What a code point of a cleaned text is. Letters, marks and everything not
/// known otherwise are kWord.
[[nodiscard]] inline CharacterClass class_of(char32_t character) {
  return character < 0x80 ? kAsciiClasses[character] : class_beyond_ascii(character);
}

/// Lower case for Latin (with Extended-A and Additional), Greek and Cyrillic;
/// other letters stay. One code point to one, independent of any locale.
[[nodiscard]] inline char32_t lower(char32_t character) {
  if (character < 0x80) return character >= 'A' && character <= 'Z' ? character + 32 : character;
  return lower_beyond_ascii(character);
}

/// Appends `text` as code points that carry the same words for every way to
/// write them: invalid bytes, zero-width and direction marks, variation
/// selectors, skin tones, combining accents and private-use characters are
/// dropped; every kind of space is ' '; typographic quotes and dashes, full-width
/// forms and the mathematical alphabets become ASCII; the escapes that collections
/// of tweets hold (&amp; &lt; &gt; &quot; &#39; and \uXXXX) are decoded. Case stays.
/// At most `bytes_max` bytes are looked at.
void clean(std::string_view text, std::size_t bytes_max, std::vector<char32_t>& out);

}  // namespace rookery::sentiment_scoring
