#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace rookery::geo_enrich {

/// What stands between a word and the one before it, the weaker first.
enum class Gap : std::uint8_t {
  kSpace,  ///< Nothing but spaces, hyphens and the like: they may be one name.
  kComma,  ///< A comma: what follows may contain what comes before.
  kBreak,  ///< A slash, a bar, an arrow, an emoji: something else begins.
};

/// A text as words that are alike however they are written: lower case, no accents,
/// no full-width or fancy letters, no apostrophes ("İstanbul", "ISTANBUL" and
/// "istanbul" are one, as are "St. John's" and "st johns", "U.S.A." and "usa").
/// Reused, so that it does not allocate once it is warm; one thread uses it.
class FoldedText {
 public:
  struct Word {
    std::uint32_t begin;  ///< In bytes().
    std::uint32_t size;
    Gap gap;         ///< Before it.
    bool upper;      ///< Begins with a capital letter.
    bool all_upper;  ///< Has two letters or more, all of them capitals.
    bool unspaced;   ///< Has letters of a script that is written without spaces.
    bool digits;     ///< Has nothing but digits.
  };
  using Flag = std::array<char, 2>;  ///< ISO 3166-1 alpha-2, as the flag's letters say.

  /// Broken UTF-8 ends the text. At most `kWordsMax` words are kept.
  void assign(std::string_view text);

  static constexpr std::size_t kWordsMax = 512;
  [[nodiscard]] const std::vector<Word>& words() const { return words_; }
  [[nodiscard]] const std::vector<Flag>& flags() const { return flags_; }
  [[nodiscard]] std::string_view bytes() const { return bytes_; }
  [[nodiscard]] std::string_view word(std::size_t index) const {
    return std::string_view(bytes_).substr(words_[index].begin, words_[index].size);
  }
  /// The words with one space between two.
  [[nodiscard]] std::string joined() const;

 private:
  void take_ascii(std::string_view text, std::size_t at);
  void take_other(char32_t character);
  void take_tag();
  void letter(char folded, bool capital);
  void begin_word();
  void end_word(Gap gap);

  std::string bytes_;
  std::vector<Word> words_;
  std::vector<Flag> flags_;
  bool in_word_ = false;
  Gap gap_ = Gap::kSpace;
  std::uint32_t letters_ = 0;  ///< Of the open word.
  std::uint32_t capitals_ = 0;
  std::uint32_t digits_ = 0;
  char32_t half_flag_ = 0;
  std::string tag_;
};

}  // namespace rookery::geo_enrich
