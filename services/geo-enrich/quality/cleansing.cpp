#include "services/geo-enrich/quality/cleansing.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>

#include <utf8proc.h>

#include "services/geo-enrich/quality/character_reference.hpp"

namespace rookery::geo_enrich {
namespace {

bool within(char32_t c, char32_t first, char32_t last) {
  return c >= first && c <= last;
}

constexpr char32_t kBlackFlag = 0x1F3F4;

bool is_invisible(char32_t c, bool in_flag) {
  if (within(c, 0xE0000, 0xE007F)) return !in_flag;
  return c == 0x200B || c == 0x2060 || c == 0xFEFF || c == 0xAD || c == 0x61C || c == 0x180E ||
         within(c, 0x200E, 0x200F) || within(c, 0x202A, 0x202E) || within(c, 0x2061, 0x206F) ||
         within(c, 0xFFF9, 0xFFFB);
}

bool is_control(char32_t c) {
  return (c < 0x20 && c != '\n' && c != '\t') || within(c, 0x7F, 0x9F);
}

/// Whether the character may be part of a sequence that NFC writes in another way:
/// marks, Hangul that is written in parts, and letters that are another letter.
bool may_compose(char32_t c) {
  if (c < 0x300) return false;
  if (within(c, 0x1100, 0x11FF) || within(c, 0x2126, 0x212B) || within(c, 0xF900, 0xFAFF) ||
      within(c, 0x2F800, 0x2FA1F) || within(c, 0x958, 0x95F) || within(c, 0x1F71, 0x1FFD) ||
      c == 0x37E || c == 0x387 || c == 0x374 || within(c, 0x2000, 0x2001)) {
    return true;
  }
  const auto category = utf8proc_category(static_cast<utf8proc_int32_t>(c));
  // Variation selectors are marks that compose with nothing, and stand in every emoji.
  return (category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_MC) &&
         !within(c, 0xFE00, 0xFE0F);
}

void append_character(std::string& out, char32_t character) {
  std::array<utf8proc_uint8_t, 4> bytes{};
  const auto size = utf8proc_encode_char(static_cast<utf8proc_int32_t>(character), bytes.data());
  out.append(reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(size));
}

/// Puts letters and accents together; true: that changed something.
bool normalise(std::string& text) {
  utf8proc_uint8_t* result = nullptr;
  const auto size =
      utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                   static_cast<utf8proc_ssize_t>(text.size()), &result,
                   static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
  const std::unique_ptr<utf8proc_uint8_t, void (*)(void*)> owned(result, std::free);
  if (size < 0) return false;
  const std::string_view normal(reinterpret_cast<const char*>(result),
                                static_cast<std::size_t>(size));
  if (normal == text) return false;
  text.assign(normal);
  return true;
}

/// The end of what is plain ASCII without references from `at` on; most texts are
/// nothing else.
std::size_t end_of_plain(std::string_view text, std::size_t at) {
  constexpr std::size_t kBlock = 16;
  const auto odd = [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return static_cast<unsigned>(byte < ' ') | static_cast<unsigned>(byte >= 0x7F) |
           static_cast<unsigned>(byte == '&');
  };
  for (; at + kBlock <= text.size(); at += kBlock) {
    unsigned any = 0;  // Without a way out, so that it is done at once.
    for (std::size_t i = 0; i < kBlock; ++i) any |= odd(text[at + i]);
    if (any != 0) break;
  }
  while (at < text.size() && (odd(text[at]) == 0 || text[at] == '\n' || text[at] == '\t')) ++at;
  return at;
}

/// Letters of which all are as they should be, and stay so whatever comes next: it is
/// the mark behind a letter that changes it, and marks are not among these.
bool is_settled(char32_t c) {
  return within(c, 0xA1, 0xAC) || within(c, 0xAE, 0x2FF) || within(c, 0x400, 0x482) ||
         within(c, 0x3041, 0x3096) || within(c, 0x30A1, 0x30FC) || within(c, 0x4E00, 0x9FFF) ||
         within(c, 0xAC00, 0xD7A3) || within(c, 0x2010, 0x2027) || within(c, 0x1F300, 0x1FAFF);
}

/// Whether nothing in the text is to be changed; false: perhaps something is.
bool is_settled(std::string_view text) {
  const auto* data = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  for (std::size_t at = end_of_plain(text, 0); at < text.size(); at = end_of_plain(text, at)) {
    utf8proc_int32_t code = 0;
    const auto size =
        utf8proc_iterate(data + at, static_cast<utf8proc_ssize_t>(text.size() - at), &code);
    const auto character = static_cast<char32_t>(code);
    // A variation selector makes a sign an emoji, and a joiner one of several.
    const bool emoji = character == 0xFE0F || character == 0x200D;
    if (size <= 1 || (!is_settled(character) && !emoji)) return false;
    at += static_cast<std::size_t>(size);
  }
  return true;
}

bool is_tracking(std::string_view name) {
  constexpr std::array<std::string_view, 25> kNamesSorted = {
      "_hsenc",  "_hsmi",       "cmpid",      "dclid",     "fbclid",  "gbraid", "gclid",
      "gclsrc",  "igsh",        "igshid",     "li_fat_id", "mc_cid",  "mc_eid", "mkt_tok",
      "msclkid", "oly_anon_id", "oly_enc_id", "ref_src",   "ref_url", "s_cid",  "ttclid",
      "twclid",  "vero_id",     "wbraid",     "yclid"};
  static_assert(std::is_sorted(kNamesSorted.begin(), kNamesSorted.end()));
  return name.starts_with("utm_") || name.starts_with("__cft__") || name == "__tn__" ||
         std::binary_search(kNamesSorted.begin(), kNamesSorted.end(), name);
}

}  // namespace

Changes cleanse(std::string_view text, std::string& out) {
  Changes changes;
  if (is_settled(text)) return changes;
  out.clear();
  bool composes = false;
  bool in_flag = false;
  const auto* data = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  for (std::size_t at = 0; at < text.size();) {
    utf8proc_int32_t code = 0;
    auto size = static_cast<std::size_t>(std::max<utf8proc_ssize_t>(
        utf8proc_iterate(data + at, static_cast<utf8proc_ssize_t>(text.size() - at), &code), 1));
    auto character = static_cast<char32_t>(code);
    if (character == '&') {
      if (const auto reference = read_character_reference(text.substr(at))) {
        character = reference->character;
        size = reference->size;
        changes.entities = true;
        out.reserve(text.size());
      }
    }
    const bool flag = in_flag;
    in_flag = character == kBlackFlag || (in_flag && within(character, 0xE0020, 0xE007E));
    at += size;
    if (is_control(character)) {
      changes.controls = true;
    } else if (is_invisible(character, flag)) {
      changes.invisible = true;
    } else {
      composes = composes || may_compose(character);
      append_character(out, character);
    }
  }
  if (composes) changes.normalised = normalise(out);
  return changes;
}

bool strip_tracking(std::string_view url, std::string& out) {
  const std::size_t end = std::min(url.find('#'), url.size());
  const std::size_t query = url.substr(0, end).find('?');
  if (query == std::string_view::npos) return false;
  out.assign(url.substr(0, query));
  bool stripped = false;
  char separator = '?';
  for (std::size_t at = query + 1; at <= end;) {
    const std::size_t next = std::min(url.substr(0, end).find('&', at), end);
    const std::string_view parameter = url.substr(at, next - at);
    at = next + 1;
    if (is_tracking(parameter.substr(0, parameter.find_first_of("=[")))) {
      stripped = true;
      continue;
    }
    out.push_back(separator);
    out.append(parameter);
    separator = '&';
  }
  out.append(url.substr(end));
  return stripped;
}

}  // namespace rookery::geo_enrich
