#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace rookery::sentiment_scoring {

enum class TokenKind : std::uint8_t {
  kWord,
  kNumber,
  kEmoji,
  kEmoticon,
  kPunctuation,
  kHashtag,  ///< The sign; the words of the hashtag follow as words.
  kUser,     ///< "@name", whoever it is.
  kUrl,
};

/// What an emoticon says; its code point in the private-use area stands for all
/// ways to type it.
enum class Emoticon : std::uint8_t {
  kHappy,
  kLaugh,
  kWink,
  kTongue,
  kKiss,
  kHeart,
  kSad,
  kSceptical,
  kSurprised,
  kBrokenHeart,
};

constexpr char32_t kUserMark = 0xE000;
constexpr char32_t kUrlMark = 0xE001;
constexpr char32_t kEmoticonMark = 0xE010;  ///< Plus the Emoticon.

struct Token {
  std::uint64_t hash;  ///< Of the token in lower case, letters repeated at most twice.
  std::uint64_t bare;  ///< Stretched words: of the word with no letter repeated. Else 0.
  char32_t character;  ///< The first one.
  TokenKind kind;
  bool shouted;              ///< In capitals, three letters or more.
  bool negator;              ///< "not", "never", "don't".
  std::uint32_t begin = 0;   ///< Where it stands in Tokens::characters(),
  std::uint32_t length = 1;  ///< and how many of them it is.
  bool gap = false;          ///< Whether two spaces or more follow.
};

/// The hash of a token's characters, so that lists of words can be compared.
constexpr std::uint64_t kTokenSeed = 0x9E3779B97F4A7C15;
[[nodiscard]] constexpr std::uint64_t token_hash_step(std::uint64_t hash, char32_t character) {
  return (hash + character + 1) * 0xD6E8FEB86659FD93;
}
[[nodiscard]] constexpr std::uint64_t token_hash_end(std::uint64_t hash) {
  return (hash ^ (hash >> 32U)) * kTokenSeed;
}
[[nodiscard]] constexpr std::uint64_t token_hash(std::u32string_view characters) {
  std::uint64_t hash = kTokenSeed;
  for (const char32_t c : characters) hash = token_hash_step(hash, c);
  return token_hash_end(hash);
}

/// Most tokens are none of a few words: whether it may be one of them, by one bit, before they are
/// compared one by one. No false no.
class WordFilter {
 public:
  template <std::size_t kCount>
  explicit constexpr WordFilter(const std::array<std::uint64_t, kCount>& hashes) {
    for (const std::uint64_t hash : hashes) bits_[hash >> 62U] |= bit(hash);
  }
  [[nodiscard]] constexpr bool may_hold(std::uint64_t hash) const {
    return (bits_[hash >> 62U] & bit(hash)) != 0;
  }

 private:
  [[nodiscard]] static constexpr std::uint64_t bit(std::uint64_t hash) {
    return std::uint64_t{1} << ((hash >> 56U) % 64);
  }
  std::array<std::uint64_t, 4> bits_{};
};

/// A text as features see it. Keeps its buffers; one thread uses it.
class Tokens {
 public:
  /// Reads at most `bytes_max` bytes of `text`. Linear in them.
  void read(std::string_view text, std::size_t bytes_max);

  [[nodiscard]] const std::vector<Token>& tokens() const { return tokens_; }
  /// The text in lower case with one space between tokens that a space parted,
  /// one before and one after; users, links and emoticons are single characters.
  [[nodiscard]] const std::vector<char32_t>& characters() const { return characters_; }
  /// Whether anything but users and links is there.
  [[nodiscard]] bool has_text() const { return has_text_; }

 private:
  std::size_t read_token(std::size_t begin);
  std::size_t read_word(std::size_t begin, std::size_t end);
  std::size_t read_hashtag(std::size_t begin);
  std::size_t read_repeated(std::size_t begin, TokenKind kind);
  std::size_t emoticon_end(std::size_t begin, Emoticon& emoticon) const;
  std::size_t url_end(std::size_t begin) const;
  std::size_t user_end(std::size_t begin) const;
  [[nodiscard]] char32_t at(std::size_t index) const {
    return index < clean_.size() ? clean_[index] : U' ';
  }
  void add_mark(char32_t mark, TokenKind kind);
  [[nodiscard]] std::uint32_t position() const {
    return static_cast<std::uint32_t>(characters_.size());
  }

  std::vector<char32_t> clean_;
  std::vector<char32_t> characters_;
  std::vector<Token> tokens_;
  bool has_text_ = false;
};

}  // namespace rookery::sentiment_scoring
