#include "services/sentiment-scoring/characters.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

namespace rookery::sentiment_scoring {
namespace {

constexpr char32_t kDropped = 0;

bool within(char32_t c, char32_t first, char32_t last) {
  return c >= first && c <= last;
}

/// Code points that change nothing for a reader, or that this code uses itself.
bool is_dropped(char32_t c) {
  return c == 0xAD || within(c, 0x300, 0x36F) || within(c, 0x200B, 0x200F) ||
         within(c, 0x202A, 0x202E) || within(c, 0x2060, 0x206F) || within(c, 0xD800, 0xF8FF) ||
         within(c, 0xFE00, 0xFE0F) || c == 0xFEFF || within(c, 0xFFF0, 0xFFFF) ||
         within(c, 0x1F3FB, 0x1F3FF) || c == 0x180E || c == 0x61C || c >= 0xE0000;
}

/// One code point beyond ASCII to what stands for it, or kDropped.
char32_t plain(char32_t c) {
  if (c < 0xC0) {
    if (c <= 0xA0) return ' ';
    if (c == 0xB4) return '\'';
    return c == 0xAD ? kDropped : c;
  }
  if (c < 0x300) return c;
  if (is_dropped(c)) return kDropped;
  if (within(c, 0x2000, 0x200A) || within(c, 0x2028, 0x2029) || c == 0x202F || c == 0x205F ||
      c == 0x3000) {
    return ' ';
  }
  if (within(c, 0x2010, 0x2015)) return '-';
  if (within(c, 0x2018, 0x201B)) return '\'';
  if (within(c, 0x201C, 0x201F)) return '"';
  if (within(c, 0xFF01, 0xFF5E)) return c - 0xFEE0;  // full-width forms
  // Mathematical alphabets: 13 styles of A to Z and a to z, five of 0 to 9.
  if (within(c, 0x1D400, 0x1D6A3)) {
    const char32_t letter = (c - 0x1D400) % 52;
    return letter < 26 ? 'A' + letter : 'a' + letter - 26;
  }
  if (within(c, 0x1D7CE, 0x1D7FF)) return '0' + (c - 0x1D7CE) % 10;
  return c;
}

/// Decodes one UTF-8 sequence of more than one byte (RFC 3629); advances `at`
/// past it, or past one byte where it is broken, and then gives kDropped.
char32_t decode(std::string_view text, std::size_t& at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = byte(at);
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() - at < length) {
    ++at;
    return kDropped;
  }
  char32_t c = lead & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(at + i) & 0xC0U) != 0x80) {
      ++at;
      return kDropped;
    }
    c = (c << 6U) | (byte(at + i) & 0x3FU);
  }
  at += length;
  constexpr std::array<char32_t, 5> kLeast{0, 0, 0x80, 0x800, 0x10000};
  return c < kLeast[length] ? kDropped : c;
}

struct Escape {
  std::string_view text;
  char32_t character;
};
constexpr std::array kEscapes{Escape{"&amp;", '&'}, Escape{"&lt;", '<'}, Escape{"&gt;", '>'},
                              Escape{"&quot;", '"'}, Escape{"&#39;", '\''}};

std::optional<char32_t> hexadecimal(std::string_view digits) {
  char32_t value = 0;
  for (const char c : digits) {
    const auto digit = within(static_cast<char32_t>(c), '0', '9')   ? c - '0'
                       : within(static_cast<char32_t>(c), 'a', 'f') ? c - 'a' + 10
                       : within(static_cast<char32_t>(c), 'A', 'F') ? c - 'A' + 10
                                                                    : -1;
    if (digit < 0) return std::nullopt;
    value = value * 16 + static_cast<char32_t>(digit);
  }
  return value;
}

/// Decodes an escape at `at` and advances past it; absent: there is none.
std::optional<char32_t> unescape(std::string_view text, std::size_t& at) {
  const std::string_view rest = text.substr(at);
  if (rest.front() == '\\') {
    if (rest.size() < 6 || rest[1] != 'u') return std::nullopt;
    const auto value = hexadecimal(rest.substr(2, 4));
    if (!value) return std::nullopt;
    at += 6;
    return *value < 0x80 ? std::max<char32_t>(*value, ' ') : plain(*value);
  }
  for (const Escape& escape : kEscapes) {
    if (!rest.starts_with(escape.text)) continue;
    at += escape.text.size();
    return escape.character;
  }
  return std::nullopt;
}

}  // namespace

CharacterClass class_beyond_ascii(char32_t c) {
  using enum CharacterClass;
  if (c < 0xC0) return c == 0xAA || c == 0xB5 || c == 0xBA ? kWord : kPunctuation;
  if (c < 0x2000) return c == 0xD7 || c == 0xF7 || c == 0x60C || c == 0x61F ? kPunctuation : kWord;
  if (within(c, 0x2190, 0x2BFF)) {
    return within(c, 0x2200, 0x22FF) || within(c, 0x2500, 0x259F) ? kPunctuation : kEmoji;
  }
  if (c < 0x20D0 || within(c, 0x3000, 0x303F) || within(c, 0xFE10, 0xFE6F)) return kPunctuation;
  return within(c, 0x1F000, 0x1FAFF) ? kEmoji : kWord;
}

char32_t lower_beyond_ascii(char32_t c) {
  if (c < 0x100) return within(c, 0xC0, 0xDE) && c != 0xD7 ? c + 32 : c;
  if (c < 0x180) {
    if (c == 0x178) return 0xFF;
    const bool upper_is_odd = within(c, 0x139, 0x148) || within(c, 0x179, 0x17E);
    if (c == 0x138 || c == 0x149 || c == 0x17F || c == 0x130) return c == 0x130 ? 'i' : c;
    return (c & 1U) == (upper_is_odd ? 1U : 0U) ? c + 1 : c;
  }
  if (within(c, 0x391, 0x3A9)) return c + 32;
  if (c == 0x386) return 0x3AC;
  if (within(c, 0x388, 0x38A)) return c + 37;
  if (c == 0x38C) return 0x3CC;
  if (within(c, 0x38E, 0x38F)) return c + 63;
  if (c == 0x3C2) return 0x3C3;  // the sigma at the end of a word
  if (within(c, 0x400, 0x40F)) return c + 80;
  if (within(c, 0x410, 0x42F)) return c + 32;
  if (within(c, 0x460, 0x481) || within(c, 0x48A, 0x4BF) || within(c, 0x4D0, 0x52F) ||
      within(c, 0x1E00, 0x1E95) || within(c, 0x1EA0, 0x1EFF)) {
    return c | 1U;
  }
  return c;
}

void clean(std::string_view text, std::size_t bytes_max, std::vector<char32_t>& out) {
  text = text.substr(0, bytes_max);
  // Nothing becomes more characters than it has bytes.
  const std::size_t begin = out.size();
  out.resize(begin + text.size());
  char32_t* next = out.data() + begin;
  std::size_t at = 0;
  while (at < text.size()) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte < 0x80) {
      if (byte == '&' || byte == '\\') {
        if (const auto character = unescape(text, at)) {
          if (*character != kDropped) *next++ = *character;
          continue;
        }
      }
      ++at;
      *next++ = byte < ' ' || byte == 0x7F ? U' ' : char32_t{byte};
      continue;
    }
    const char32_t decoded = decode(text, at);
    const char32_t character = decoded == kDropped ? kDropped : plain(decoded);
    if (character == 0x2026) {
      next = std::fill_n(next, 3, U'.');
    } else if (character != kDropped) {
      *next++ = character;
    }
  }
  out.resize(static_cast<std::size_t>(next - out.data()));
}

}  // namespace rookery::sentiment_scoring
