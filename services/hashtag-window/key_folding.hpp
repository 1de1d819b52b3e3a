#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace rookery::hashtag_window {

/// Brings hashtags into the forms in which they are compared and shown. Keeps its buffers;
/// one thread uses it. `text` is valid UTF-8. Unicode 14, by utf8proc.
class TextFolder {
 public:
  /// Appends `text` as it may be shown: in NFC (UAX #15), without the characters that show
  /// nothing (Default_Ignorable_Code_Point: soft hyphens, direction marks, variation
  /// selectors), but for the joiners U+200C and U+200D, which Persian and Hindi spell with.
  void append_spelling(std::string& out, std::string_view text);

  /// Appends the key under which `text` is counted: its spelling without joiners, with full
  /// case folding (CaseFolding.txt, status C and F), in NFC again. Canonically equivalent
  /// texts have one key, and so have "WIEN" and "Wien", "STRASSE" and "Straße".
  void append_folded(std::string& out, std::string_view text);

 private:
  void append_visible(std::string& out, std::string_view text, bool joiners);
  void append_composed(std::string& out, std::string_view text, bool fold);

  std::string visible_;
  std::string composed_;
  std::vector<std::int32_t> points_;
};

/// Whether a letter or mark, or a decimal digit, for twitter_hashtags.hpp.
enum class CharacterClass : std::uint8_t { kLetterOrMark, kDigit, kOther };
[[nodiscard]] CharacterClass class_of(std::uint32_t code_point);

/// Reads the code point at `at` of valid UTF-8 and goes behind it.
[[nodiscard]] std::uint32_t next_code_point(std::string_view text, std::size_t& at);

}  // namespace rookery::hashtag_window
