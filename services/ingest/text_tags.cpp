#include "services/ingest/text_tags.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace rookery::ingest {
namespace {

struct CodePoint {
  char32_t value = 0;
  std::size_t size = 1;
};

/// `text` is valid UTF-8 and not empty.
CodePoint decode(std::string_view text) {
  const auto byte = [&](std::size_t i) {
    return static_cast<char32_t>(static_cast<unsigned char>(text[i]));
  };
  if (byte(0) < 0x80) return {byte(0), 1};
  if (byte(0) < 0xe0) return {(byte(0) & 0x1fU) << 6U | (byte(1) & 0x3fU), 2};
  if (byte(0) < 0xf0) {
    return {(byte(0) & 0x0fU) << 12U | (byte(1) & 0x3fU) << 6U | (byte(2) & 0x3fU), 3};
  }
  return {(byte(0) & 0x07U) << 18U | (byte(1) & 0x3fU) << 12U | (byte(2) & 0x3fU) << 6U |
              (byte(3) & 0x3fU),
          4};
}

struct Range {
  char32_t first;
  char32_t last;
};
/// Blocks of punctuation, symbols and pictures beyond ASCII: unicode.org/Public/UNIDATA/Blocks.txt.
constexpr std::array<Range, 9> kNoWord = {{{0x80, 0xa9},
                                           {0xab, 0xb4},
                                           {0xb6, 0xb9},
                                           {0xbb, 0xbf},
                                           {0x2000, 0x2bff},
                                           {0x3000, 0x3004},
                                           {0x3008, 0x3030},
                                           {0xfe10, 0xfe6f},
                                           {0x1f000, 0x1faff}}};

bool is_digit(char32_t c) {
  return c >= U'0' && c <= U'9';
}

bool is_word(char32_t c) {
  if (c < 0x80) return is_digit(c) || (c | 0x20U) - U'a' < 26 || c == U'_';
  if (c == 0xd7 || c == 0xf7) return false;
  // Full-width forms: digits, letters, and from U+FF66 on kana and Hangul.
  if (c >= 0xff00 && c < 0xff66) {
    return (c >= 0xff10 && c <= 0xff19) || (c >= 0xff21 && c <= 0xff3a) || c == 0xff3f ||
           (c >= 0xff41 && c <= 0xff5a);
  }
  return std::none_of(kNoWord.begin(), kNoWord.end(),
                      [c](const Range& range) { return c >= range.first && c <= range.last; });
}

}  // namespace

void find_hashtags(std::string_view text, std::vector<TagEntity>& tags) {
  constexpr char32_t kFullWidthSign = 0xff03;
  std::uint32_t index = 0;
  bool behind_word = false;
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint sign = decode(text.substr(at));
    at += sign.size;
    ++index;
    if ((sign.value != U'#' && sign.value != kFullWidthSign) || behind_word) {
      behind_word = is_word(sign.value) || sign.value == U'&';
      continue;
    }
    const std::size_t begin = at;
    const std::uint32_t start = index - 1;
    bool letters = false;
    while (at < text.size()) {
      const CodePoint next = decode(text.substr(at));
      if (!is_word(next.value)) break;
      letters = letters || !is_digit(next.value);
      at += next.size;
      ++index;
    }
    behind_word = at > begin;
    if (letters) {
      tags.push_back(
          {.span = {.start = start, .end = index}, .tag = text.substr(begin, at - begin)});
    }
  }
}

}  // namespace rookery::ingest
