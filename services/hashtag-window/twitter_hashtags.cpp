#include "services/hashtag-window/twitter_hashtags.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include "services/hashtag-window/key_folding.hpp"

namespace rookery::hashtag_window {
namespace {

/// HASHTAG_SPECIAL_CHARS of twitter-text, in order.
constexpr std::array<std::uint32_t, 16> kSpecial = {'_',    0xB7,   0x5BE,  0x5F3,  0x5F4,  0xF0B,
                                                    0xF0C,  0x200C, 0x200D, 0x3003, 0x301C, 0x309B,
                                                    0x309C, 0x30A0, 0x30FB, 0xA67E};
constexpr std::uint32_t kFullwidthTilde = 0xFF5E;
constexpr std::uint32_t kFullwidthSign = 0xFF03;
constexpr std::string_view kFullwidthSignBytes = "\xEF\xBC\x83";
constexpr std::uint32_t kVariation15 = 0xFE0E;
constexpr std::uint32_t kVariation16 = 0xFE0F;
constexpr std::uint32_t kKeycap = 0x20E3;

bool is_sign(std::uint32_t c) {
  return c == '#' || c == kFullwidthSign;
}

bool is_letter(std::uint32_t c) {
  if (c < 0x80) return (c | 0x20U) >= 'a' && (c | 0x20U) <= 'z';
  return class_of(c) == CharacterClass::kLetterOrMark;
}

bool is_part(std::uint32_t c) {
  if (is_letter(c) || (c >= '0' && c <= '9')) return true;
  if (std::binary_search(kSpecial.begin(), kSpecial.end(), c) || c == kFullwidthTilde) return true;
  return c >= 0x80 && class_of(c) == CharacterClass::kDigit;
}

/// What may not stand before the sign: a mark of the emoji style may, though it is a mark.
bool binds(std::uint32_t c) {
  if (c == kVariation15 || c == kVariation16) return false;
  return c == '&' || is_part(c);
}

/// Most texts have none.
bool has_sign(std::string_view text) {
  return text.find('#') != std::string_view::npos ||
         text.find(kFullwidthSignBytes) != std::string_view::npos;
}

std::size_t end_of_link(std::string_view text, std::size_t at) {
  const auto end = text.find_first_of(" \t\r\n", at);
  return end == std::string_view::npos ? text.size() : end;
}

bool begins_link(std::string_view rest) {
  const auto equal = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; };
  constexpr std::string_view kHttp = "http";
  if (rest.size() < 8 || !std::equal(kHttp.begin(), kHttp.end(), rest.begin(),
                                     [&](char b, char a) { return equal(a, b); })) {
    return false;
  }
  rest.remove_prefix(kHttp.size());
  if (equal(rest[0], 's')) rest.remove_prefix(1);
  return rest.starts_with("://");
}

}  // namespace

void extract_hashtags(std::string_view text, std::vector<std::string_view>& tags) {
  if (!has_sign(text)) return;
  std::uint32_t before = ' ';
  for (std::size_t at = 0; at < text.size();) {
    const bool bound = binds(before);
    if (!bound && begins_link(text.substr(at))) {
      at = end_of_link(text, at);
      before = ' ';
      continue;
    }
    const std::uint32_t sign = next_code_point(text, at);
    before = sign;
    if (bound || !is_sign(sign)) continue;
    const std::size_t begin = at;
    bool letter = false;
    bool first = true;
    std::uint32_t next = ' ';
    std::size_t end = at;
    for (std::size_t look = at; look < text.size(); first = false) {
      next = next_code_point(text, look);
      if (first && (next == kVariation16 || next == kKeycap)) break;
      if (!is_part(next)) break;
      letter = letter || is_letter(next);
      before = next;
      end = look;
    }
    at = end;
    const std::string_view rest = text.substr(end);
    const bool refused =
        rest.starts_with("#") || rest.starts_with(kFullwidthSignBytes) || rest.starts_with("://");
    if (letter && !refused) tags.push_back(text.substr(begin, end - begin));
  }
}

}  // namespace rookery::hashtag_window
