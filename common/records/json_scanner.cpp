#include "common/records/json_scanner.hpp"

#include <array>
#include <cstdint>
#include <cstring>

namespace rookery::json::scan {
namespace {

constexpr int kDepthMax = 16;
/// So many digits fit a double, and any 64-bit number, without loss.
constexpr int kDigitsMax = 15;

constexpr std::array<double, kDigitsMax + 1> kPowersOfTen = {
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

struct Decimal {
  std::int64_t digits = 0;
  std::ptrdiff_t places = 0;  ///< Of the digits, so many stand behind the point.
  bool negative = false;
};

Cursor decimal(Cursor at, Decimal& out) {
  at = blanks(at);
  out.negative = *at == '-';
  if (out.negative) ++at;
  const Cursor begin = at;
  while (is_digit(*at) && at - begin < kDigitsMax) out.digits = out.digits * 10 + (*at++ - '0');
  const auto whole = at - begin;
  if (whole == 0 || (*begin == '0' && whole > 1)) return nullptr;
  if (*at == '.') {
    const Cursor point = at++;
    const Cursor end = point + 1 + (kDigitsMax - whole);
    while (is_digit(*at) && at < end) out.digits = out.digits * 10 + (*at++ - '0');
    out.places = at - point - 1;
    if (out.places == 0) return nullptr;
  }
  return is_digit(*at) || *at == 'e' || *at == 'E' ? nullptr : at;
}

Cursor skip_string(Cursor at) {
  ++at;
  while (true) {
    at = end_of_run(at);
    if (*at == '"') return at + 1;
    if (*at != '\\' || at[1] == '\0' || std::strchr("\"\\/bfnrt", at[1]) == nullptr) return nullptr;
    at += 2;
  }
}

/// The text's zero cannot be within what is equal.
Cursor word(Cursor at, std::string_view expected) {
  return std::strncmp(at, expected.data(), expected.size()) == 0 ? at + expected.size() : nullptr;
}

}  // namespace

Cursor number(Cursor at, double& out) {
  Decimal read;
  at = decimal(at, read);
  if (at == nullptr) return nullptr;
  // Both are exact, so that the quotient is the double that is nearest to the decimal number
  // (W. D. Clinger, How to Read Floating Point Numbers Accurately, 1990).
  out = static_cast<double>(read.negative ? -read.digits : read.digits) /
        kPowersOfTen[static_cast<std::size_t>(read.places)];
  if (read.negative && read.digits == 0 && read.places != 0) out = -0.0;
  return at;
}

Cursor skip(Cursor at, int depth) {
  if (depth > kDepthMax) return nullptr;
  at = blanks(at);
  switch (*at) {
    case '"':
      return skip_string(at);
    case '{':
      return object(at, [&](std::string_view, Cursor value) { return skip(value, depth + 1); });
    case '[':
      return array(at, [&](Cursor value) { return skip(value, depth + 1); });
    case 't':
      return word(at, "true");
    case 'f':
      return word(at, "false");
    case 'n':
      return word(at, "null");
    default: {
      Decimal ignored;
      return decimal(at, ignored);
    }
  }
}

}  // namespace rookery::json::scan
