#include "services/geo-enrich/text_coordinates.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace rookery::geo_enrich {
namespace {

struct Angle {
  double degrees;
  int decimals;
  char side;        ///< 'N', 'S', 'E', 'W'; 0: not said.
  std::size_t end;  ///< Behind it in the text.
};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_letter(char c) {
  return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

void skip_spaces(std::string_view text, std::size_t& at) {
  while (at < text.size() && text[at] == ' ') ++at;
}

/// Takes one of the marks for degrees, minutes or seconds where it stands.
bool take_mark(std::string_view text, std::size_t& at, std::string_view mark) {
  if (!text.substr(at).starts_with(mark)) return false;
  at += mark.size();
  skip_spaces(text, at);
  return true;
}

std::optional<double> take_number(std::string_view text, std::size_t& at, int& decimals) {
  const std::size_t begin = at;
  while (at < text.size() && is_digit(text[at])) ++at;
  if (at == begin || at - begin > 3) return std::nullopt;
  decimals = 0;
  if (at + 1 < text.size() && text[at] == '.' && is_digit(text[at + 1])) {
    ++at;
    for (; at < text.size() && is_digit(text[at]); ++at) ++decimals;
  }
  double value = 0;
  const auto [end, error] = std::from_chars(text.data() + begin, text.data() + at, value);
  if (error != std::errc{} || end != text.data() + at) return std::nullopt;
  return value;
}

char take_side(std::string_view text, std::size_t& at) {
  std::size_t next = at;
  skip_spaces(text, next);
  if (next >= text.size()) return 0;
  const char side = static_cast<char>(text[next] & ~0x20);
  const bool known = side == 'N' || side == 'S' || side == 'E' || side == 'W';
  if (!known || (next + 1 < text.size() && is_letter(text[next + 1]))) return 0;
  at = next + 1;
  return side;
}

/// Reads an angle that begins at `at`.
std::optional<Angle> read_angle(std::string_view text, std::size_t at) {
  const bool negative = at < text.size() && text[at] == '-';
  if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
  int decimals = 0;
  auto value = take_number(text, at, decimals);
  if (!value) return std::nullopt;
  if (take_mark(text, at, "\xC2\xB0") || take_mark(text, at, "\xC2\xBA")) {
    decimals = std::max(decimals, 1);
    int ignored = 0;
    double scale = 60;
    // Minutes, then seconds; ' and ", or their typographic forms.
    for (const auto& [plain, fancy] : {std::pair("'", "\xE2\x80\xB2"), {"\"", "\xE2\x80\xB3"}}) {
      std::size_t next = at;
      const auto part = take_number(text, next, ignored);
      if (!part || *part >= 60) break;
      if (!take_mark(text, next, plain) && !take_mark(text, next, fancy) &&
          !take_mark(text, next, plain[0] == '\'' ? "\xE2\x80\x99" : "\xE2\x80\x9D")) {
        break;
      }
      *value += *part / scale;
      scale *= 60;
      at = next;
      decimals = 3;
    }
  }
  const char side = take_side(text, at);
  if (negative || side == 'S' || side == 'W') *value = -*value;
  return Angle{*value, decimals, side, at};
}

std::optional<Point> pair_of(const Angle& a, const Angle& b) {
  const bool sides = a.side != 0 && b.side != 0;
  if (!sides && (a.side != 0 || b.side != 0)) return std::nullopt;
  if (!sides && (a.decimals < 3 || b.decimals < 3)) return std::nullopt;
  const bool longitude_first = a.side == 'E' || a.side == 'W';
  const bool second_is_longitude = b.side == 'E' || b.side == 'W';
  if (sides && longitude_first == second_is_longitude) return std::nullopt;
  const Point point = longitude_first ? Point{b.degrees, a.degrees} : Point{a.degrees, b.degrees};
  if (std::fabs(point.lat) > 90 || std::fabs(point.lon) > 180) return std::nullopt;
  return point;
}

}  // namespace

std::optional<Point> find_coordinates(std::string_view text) {
  if (std::count_if(text.begin(), text.end(), is_digit) < 4) return std::nullopt;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool sign = text[at] == '-' || text[at] == '+';
    if (!is_digit(text[at]) && !sign) continue;
    if (const auto first = read_angle(text, at)) {
      std::size_t next = first->end;
      while (next < text.size() &&
             (text[next] == ' ' || text[next] == ',' || text[next] == ';' || text[next] == '/')) {
        ++next;
      }
      const auto second =
          next > first->end || first->side != 0 ? read_angle(text, next) : std::optional<Angle>{};
      if (second) {
        if (const auto point = pair_of(*first, *second)) return point;
      }
    }
    while (at + 1 < text.size() && (is_digit(text[at + 1]) || text[at + 1] == '.')) ++at;
  }
  return std::nullopt;
}

}  // namespace rookery::geo_enrich
