#include "services/geo-enrich/gazetteer/folding.hpp"

#include <cstring>

#include <utf8proc.h>

namespace rookery::geo_enrich {
namespace {

bool within(char32_t c, char32_t first, char32_t last) {
  return c >= first && c <= last;
}

/// Accents and vowel points that many leave out: combining marks of Latin, Greek
/// and Cyrillic, and the points of Hebrew and Arabic.
bool is_point(char32_t c) {
  return within(c, 0x300, 0x36F) || within(c, 0x591, 0x5C7) || within(c, 0x610, 0x61A) ||
         within(c, 0x64B, 0x65F) || c == 0x670 || c == 0x640;
}

/// Letters that Unicode does not take apart, but people do.
std::string_view plain(char32_t c) {
  switch (c) {
    case 0x131:
      return "i";  // ı
    case 0xF8:
      return "o";  // ø
    case 0x142:
      return "l";  // ł
    case 0x111:
      return "d";  // đ
    case 0xF0:
      return "d";  // ð
    case 0xFE:
      return "th";  // þ
    case 0xE6:
      return "ae";
    case 0x153:
      return "oe";
    case 0x649:
      return "\xD9\x8A";  // Arabic alef maksura as yeh
    case 0x629:
      return "\xD9\x87";  // teh marbuta as heh
    case 0x6CC:
      return "\xD9\x8A";  // Persian yeh
    case 0x6A9:
      return "\xD9\x83";  // Persian kaf
    default:
      return {};
  }
}

/// Marks within a word that are as often left out: apostrophes of all kinds,
/// characters without a width, variation selectors.
bool is_silent(char32_t c) {
  return c == 0x2018 || c == 0x2019 || c == 0x2BB || c == 0x2BC || c == 0x2BF || c == 0x2BE ||
         c == 0xB4 || c == 0xAD || c == 0x2032 || within(c, 0x200B, 0x200F) ||
         within(c, 0x202A, 0x202E) || within(c, 0x2060, 0x206F) || c == 0xFEFF ||
         within(c, 0xFE00, 0xFE0F) || within(c, 0xE0000, 0xE01EF) || within(c, 0x1F3FB, 0x1F3FF);
}

/// Thai, Lao, Burmese, Khmer; kana, Han.
bool is_unspaced(char32_t c) {
  return within(c, 0xE00, 0xEFF) || within(c, 0x1000, 0x109F) || within(c, 0x1780, 0x17FF) ||
         within(c, 0x3040, 0x30FF) || within(c, 0x3400, 0x9FFF) || within(c, 0x20000, 0x3FFFF);
}

bool is_ascii_letter(char c) {
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'z';
}

constexpr char32_t kFlagA = 0x1F1E6;
constexpr char32_t kFlagZ = 0x1F1FF;
// Flags of parts of countries: a black flag and a tag (UTS 51, annex C).
constexpr char32_t kBlackFlag = 0x1F3F4;
constexpr char32_t kTagA = 0xE0061;
constexpr char32_t kTagZ = 0xE007A;
constexpr char32_t kTagEnd = 0xE007F;

}  // namespace

void FoldedText::assign(std::string_view text) {
  bytes_.clear();
  words_.clear();
  flags_.clear();
  in_word_ = false;
  gap_ = Gap::kSpace;
  half_flag_ = 0;
  tag_.clear();
  const auto* data = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  for (std::size_t at = 0; at < text.size() && words_.size() < kWordsMax;) {
    if (static_cast<unsigned char>(text[at]) < 0x80) {
      take_ascii(text, at);
      ++at;
      continue;
    }
    utf8proc_int32_t character = 0;
    const auto length =
        utf8proc_iterate(data + at, static_cast<utf8proc_ssize_t>(text.size() - at), &character);
    if (length <= 0) break;
    take_other(static_cast<char32_t>(character));
    at += static_cast<std::size_t>(length);
  }
  end_word(Gap::kSpace);
}

std::string FoldedText::joined() const {
  std::string result;
  for (std::size_t i = 0; i < words_.size(); ++i) {
    if (i != 0) result.push_back(' ');
    result.append(word(i));
  }
  return result;
}

void FoldedText::take_ascii(std::string_view text, std::size_t at) {
  const char c = text[at];
  half_flag_ = 0;
  if (is_ascii_letter(c)) {
    letter(static_cast<char>(c | 0x20), c <= 'Z');
    return;
  }
  if (c >= '0' && c <= '9') {
    letter(c, false);
    ++digits_;
    return;
  }
  switch (c) {
    case '\'':
    case '`':
      return;
    case '.':
      // "U.S.A." is one word, "Paris.France" two.
      if (in_word_ && letters_ == 1 && at + 1 < text.size() && is_ascii_letter(text[at + 1]) &&
          (at + 2 == text.size() || !is_ascii_letter(text[at + 2]))) {
        letters_ = 0;
        return;
      }
      end_word(Gap::kSpace);
      return;
    case ',':
      end_word(Gap::kComma);
      return;
    case '-':
      // "Port-au-Prince", but "Paris - London".
      end_word(at > 0 && text[at - 1] == ' ' ? Gap::kBreak : Gap::kSpace);
      return;
    case '/':
    case '|':
    case ';':
    case '(':
    case ')':
    case '[':
    case ']':
    case '&':
    case '+':
    case '<':
    case '>':
    case '~':
    case '*':
    case '\n':
    case ':':
    case '!':
    case '?':
      end_word(Gap::kBreak);
      return;
    default:
      end_word(Gap::kSpace);
  }
}

void FoldedText::take_other(char32_t character) {
  if (within(character, kFlagA, kFlagZ)) {
    end_word(Gap::kSpace);
    if (half_flag_ == 0) {
      half_flag_ = character;
      return;
    }
    flags_.push_back({static_cast<char>('A' + (half_flag_ - kFlagA)),
                      static_cast<char>('A' + (character - kFlagA))});
    half_flag_ = 0;
    return;
  }
  half_flag_ = 0;
  if (within(character, kTagA, kTagZ) && tag_.size() < 8) {
    tag_.push_back(static_cast<char>('a' + (character - kTagA)));
    return;
  }
  if (character == kTagEnd) {
    take_tag();
    return;
  }
  if (character == kBlackFlag) tag_.clear();
  if (is_silent(character)) return;
  if (within(character, 0x3000, 0x3002) || character == 0xFF0C || character == 0x60C) {
    end_word(character == 0x3000 ? Gap::kSpace : Gap::kComma);
    return;
  }
  const auto category = utf8proc_category(static_cast<utf8proc_int32_t>(character));
  const bool joins = category <= UTF8PROC_CATEGORY_NO;  // Letters, marks, numbers.
  if (!joins && category != UTF8PROC_CATEGORY_SO) {
    const bool dot = character == 0xB7 || character == 0x2022 || character == 0x30FB;
    const bool mark = category == UTF8PROC_CATEGORY_SM || dot || within(character, 0x2012, 0x2015);
    end_word(mark ? Gap::kBreak : Gap::kSpace);
    return;
  }
  // Circled and squared letters are symbols too: taken apart they are letters.
  utf8proc_int32_t parts[32];
  int boundary = UTF8PROC_BOUNDCLASS_START;
  const auto count = utf8proc_decompose_char(
      static_cast<utf8proc_int32_t>(character), parts, 32,
      static_cast<utf8proc_option_t>(UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_DECOMPOSE),
      &boundary);
  if (count <= 0 || count > 32 ||
      (category == UTF8PROC_CATEGORY_SO && static_cast<char32_t>(parts[0]) == character)) {
    end_word(Gap::kBreak);
    return;
  }
  const bool capital = category == UTF8PROC_CATEGORY_LU || category == UTF8PROC_CATEGORY_LT;
  for (utf8proc_ssize_t i = 0; i < count; ++i) {
    const auto part = static_cast<char32_t>(parts[i]);
    if (is_point(part)) continue;
    if (part < 0x80) {
      const char c = static_cast<char>(part);
      if (is_ascii_letter(c) || (c >= '0' && c <= '9')) letter(c, capital);
      continue;
    }
    begin_word();
    ++letters_;
    if (capital && i == 0) {
      ++capitals_;
      if (letters_ == 1) words_.back().upper = true;
    }
    if (is_unspaced(part)) words_.back().unspaced = true;
    if (const auto known = plain(part); !known.empty()) {
      bytes_.append(known);
      continue;
    }
    utf8proc_uint8_t encoded[4];
    const auto size = utf8proc_encode_char(parts[i], encoded);
    bytes_.append(reinterpret_cast<const char*>(encoded), static_cast<std::size_t>(size));
  }
}

/// A flag of England, Scotland or Wales is as good as the name.
void FoldedText::take_tag() {
  const std::string_view name = tag_ == "gbeng"   ? "england"
                                : tag_ == "gbsct" ? "scotland"
                                : tag_ == "gbwls" ? "wales"
                                                  : "";
  end_word(Gap::kSpace);
  for (const char c : name) letter(c, false);
  end_word(Gap::kSpace);
  tag_.clear();
}

void FoldedText::letter(char folded, bool capital) {
  begin_word();
  if (capital && letters_ == 0) words_.back().upper = true;
  ++letters_;
  capitals_ += capital ? 1 : 0;
  bytes_.push_back(folded);
}

void FoldedText::begin_word() {
  if (in_word_) return;
  in_word_ = true;
  words_.push_back({.begin = static_cast<std::uint32_t>(bytes_.size()),
                    .size = 0,
                    .gap = gap_,
                    .upper = false,
                    .all_upper = false,
                    .unspaced = false,
                    .digits = false});
  gap_ = Gap::kSpace;
  letters_ = capitals_ = digits_ = 0;
}

void FoldedText::end_word(Gap gap) {
  if (in_word_) {
    Word& word = words_.back();
    word.size = static_cast<std::uint32_t>(bytes_.size()) - word.begin;
    word.all_upper = capitals_ >= 2 && capitals_ == word.size;
    word.digits = digits_ == word.size;
    in_word_ = false;
    if (word.size == 0) words_.pop_back();
  }
  if (gap > gap_) gap_ = gap;
}

}  // namespace rookery::geo_enrich
