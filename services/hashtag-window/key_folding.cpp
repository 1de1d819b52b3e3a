#include "services/hashtag-window/key_folding.hpp"

#include <algorithm>
#include <array>

#include <utf8proc.h>

#include "common/core/check.hpp"

namespace rookery::hashtag_window {
namespace {

constexpr std::uint32_t kNonJoiner = 0x200C;
constexpr std::uint32_t kJoiner = 0x200D;

struct Range {
  std::uint32_t first;
  std::uint32_t last;
};

/// Default_Ignorable_Code_Point of DerivedCoreProperties.txt, Unicode 14.
constexpr std::array<Range, 17> kIgnorable = {{{0xAD, 0xAD},
                                               {0x34F, 0x34F},
                                               {0x61C, 0x61C},
                                               {0x115F, 0x1160},
                                               {0x17B4, 0x17B5},
                                               {0x180B, 0x180F},
                                               {0x200B, 0x200F},
                                               {0x202A, 0x202E},
                                               {0x2060, 0x206F},
                                               {0x3164, 0x3164},
                                               {0xFE00, 0xFE0F},
                                               {0xFEFF, 0xFEFF},
                                               {0xFFA0, 0xFFA0},
                                               {0xFFF0, 0xFFF8},
                                               {0x1BCA0, 0x1BCA3},
                                               {0x1D173, 0x1D17A},
                                               {0xE0000, 0xE0FFF}}};

bool ignorable(std::uint32_t c) {
  const auto* const range = std::lower_bound(
      kIgnorable.begin(), kIgnorable.end(), c,
      [](const Range& candidate, std::uint32_t value) { return candidate.last < value; });
  return range != kIgnorable.end() && range->first <= c;
}

bool is_ascii(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return (static_cast<unsigned char>(c) & 0x80U) != 0; });
}

}  // namespace

std::uint32_t next_code_point(std::string_view text, std::size_t& at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  const std::size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  std::uint32_t c = length == 1 ? lead : lead & (0xffU >> (length + 1));
  for (std::size_t k = 1; k < length && at + k < text.size(); ++k) {
    c = c << 6U | (static_cast<unsigned char>(text[at + k]) & 0x3fU);
  }
  at = std::min(at + length, text.size());
  return c;
}

CharacterClass class_of(std::uint32_t code_point) {
  switch (utf8proc_category(static_cast<utf8proc_int32_t>(code_point))) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
      return CharacterClass::kLetterOrMark;
    case UTF8PROC_CATEGORY_ND:
      return CharacterClass::kDigit;
    default:  // The categories are a C enumeration of 30; these are all that a tag may hold.
      return CharacterClass::kOther;
  }
}

void TextFolder::append_spelling(std::string& out, std::string_view text) {
  if (is_ascii(text)) {
    out.append(text);
    return;
  }
  visible_.clear();
  append_visible(visible_, text, true);
  append_composed(out, visible_, false);
}

void TextFolder::append_folded(std::string& out, std::string_view text) {
  if (is_ascii(text)) {
    for (const char c : text) {
      out.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c);
    }
    return;
  }
  visible_.clear();
  append_visible(visible_, text, false);
  // Composed before it is folded, or marks in another order could fold to another text.
  composed_.clear();
  append_composed(composed_, visible_, false);
  append_composed(out, composed_, true);
}

void TextFolder::append_visible(std::string& out, std::string_view text, bool joiners) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    const std::uint32_t c = next_code_point(text, at);
    const bool joiner = c == kJoiner || c == kNonJoiner;
    if (joiner ? joiners : !ignorable(c)) out.append(text.substr(begin, at - begin));
  }
}

void TextFolder::append_composed(std::string& out, std::string_view text, bool fold) {
  const auto options = static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE |
                                                      (fold ? UTF8PROC_CASEFOLD : 0));
  // No code point decomposes into more than 18; the first guess serves hashtags.
  points_.resize(std::max<std::size_t>(points_.size(), text.size() * 2 + 8));
  for (;;) {
    const auto size = utf8proc_decompose(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                         static_cast<utf8proc_ssize_t>(text.size()), points_.data(),
                                         static_cast<utf8proc_ssize_t>(points_.size()), options);
    ROOKERY_CHECK(size >= 0, "readers of records refuse what is not UTF-8");
    if (static_cast<std::size_t>(size) > points_.size()) {
      points_.resize(static_cast<std::size_t>(size));
      continue;
    }
    const auto composed = utf8proc_normalize_utf32(points_.data(), size, options);
    ROOKERY_CHECK(composed >= 0, "there is nothing to refuse in code points");
    for (utf8proc_ssize_t i = 0; i < composed; ++i) {
      std::array<utf8proc_uint8_t, 4> bytes;
      const auto length = utf8proc_encode_char(points_[static_cast<std::size_t>(i)], bytes.data());
      out.append(reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(length));
    }
    return;
  }
}

}  // namespace rookery::hashtag_window
