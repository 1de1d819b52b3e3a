#include "services/geo-enrich/quality/character_reference.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

namespace rookery::geo_enrich {
namespace {

struct Name {
  std::string_view name;
  char32_t character;
};
constexpr std::array<Name, 18> kNames = {{{"amp", '&'},
                                          {"lt", '<'},
                                          {"gt", '>'},
                                          {"quot", '"'},
                                          {"apos", '\''},
                                          {"hellip", 0x2026},
                                          {"ndash", 0x2013},
                                          {"mdash", 0x2014},
                                          {"lsquo", 0x2018},
                                          {"rsquo", 0x2019},
                                          {"sbquo", 0x201A},
                                          {"ldquo", 0x201C},
                                          {"rdquo", 0x201D},
                                          {"bdquo", 0x201E},
                                          {"lsaquo", 0x2039},
                                          {"rsaquo", 0x203A},
                                          {"bull", 0x2022},
                                          {"euro", 0x20AC}}};

/// In order, from U+00A0 on.
constexpr char32_t kLatinBegin = 0xA0;
constexpr std::array<std::string_view, 96> kLatin = {
    "nbsp",   "iexcl",  "cent",   "pound",  "curren", "yen",    "brvbar", "sect",   "uml",
    "copy",   "ordf",   "laquo",  "not",    "shy",    "reg",    "macr",   "deg",    "plusmn",
    "sup2",   "sup3",   "acute",  "micro",  "para",   "middot", "cedil",  "sup1",   "ordm",
    "raquo",  "frac14", "frac12", "frac34", "iquest", "Agrave", "Aacute", "Acirc",  "Atilde",
    "Auml",   "Aring",  "AElig",  "Ccedil", "Egrave", "Eacute", "Ecirc",  "Euml",   "Igrave",
    "Iacute", "Icirc",  "Iuml",   "ETH",    "Ntilde", "Ograve", "Oacute", "Ocirc",  "Otilde",
    "Ouml",   "times",  "Oslash", "Ugrave", "Uacute", "Ucirc",  "Uuml",   "Yacute", "THORN",
    "szlig",  "agrave", "aacute", "acirc",  "atilde", "auml",   "aring",  "aelig",  "ccedil",
    "egrave", "eacute", "ecirc",  "euml",   "igrave", "iacute", "icirc",  "iuml",   "eth",
    "ntilde", "ograve", "oacute", "ocirc",  "otilde", "ouml",   "divide", "oslash", "ugrave",
    "uacute", "ucirc",  "uuml",   "yacute", "thorn",  "yuml"};

std::optional<char32_t> character_named(std::string_view name) {
  const auto* const found = std::find_if(kNames.begin(), kNames.end(),
                                         [&](const Name& known) { return known.name == name; });
  if (found != kNames.end()) return found->character;
  const auto* const latin = std::find(kLatin.begin(), kLatin.end(), name);
  if (latin == kLatin.end()) return std::nullopt;
  return kLatinBegin + static_cast<char32_t>(latin - kLatin.begin());
}

std::optional<char32_t> character_numbered(std::string_view number) {
  int base = 10;
  if (!number.empty() && (number.front() == 'x' || number.front() == 'X')) {
    number.remove_prefix(1);
    base = 16;
  }
  std::uint32_t value = 0;
  const char* const end = number.data() + number.size();
  const auto [last, error] = std::from_chars(number.data(), end, value, base);
  const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
  if (error != std::errc{} || last != end || value == 0 || value > 0x10FFFF || surrogate) {
    return std::nullopt;
  }
  return value;
}

}  // namespace

std::optional<CharacterReference> read_character_reference(std::string_view text) {
  constexpr std::size_t kSizeMax = 10;
  const std::size_t end = text.substr(0, kSizeMax).find(';');
  if (end == std::string_view::npos || end < 2) return std::nullopt;
  const std::string_view body = text.substr(1, end - 1);
  const auto character =
      body.front() == '#' ? character_numbered(body.substr(1)) : character_named(body);
  if (!character) return std::nullopt;
  return CharacterReference{*character, end + 1};
}

}  // namespace rookery::geo_enrich
