#include "common/records/json_scanner.hpp"

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

namespace rookery::json {
namespace {

constexpr int kDepthMax = 16;
/// So many digits fit a double, and any 64-bit number, without loss.
constexpr int kDigitsMax = 15;

constexpr std::array<double, kDigitsMax + 1> kPowersOfTen = {
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};

/// The high bit of each of eight bytes that is a quote, a backslash, or below a blank; above the
/// first such byte there may be false ones. The tests are those of S. E. Anderson, Bit Twiddling
/// Hacks ("Determine if a word has a zero byte", "... a byte less than n").
std::uint64_t ends_in(const char* bytes) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  constexpr std::uint64_t kHighs = 0x8080808080808080;
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, sizeof(word));
  const std::uint64_t quote = word ^ kOnes * '"';
  const std::uint64_t backslash = word ^ kOnes * '\\';
  return (((word - kOnes * 0x20) & ~word) | ((quote - kOnes) & ~quote) |
          ((backslash - kOnes) & ~backslash)) &
         kHighs;
}

/// The first byte from `at` on that ends a run of plain bytes in a string.
const char* end_of_run(const char* at) {
  while (true) {
    const std::uint64_t ends = ends_in(at);
    if (ends != 0) return at + static_cast<unsigned>(std::countr_zero(ends)) / 8;
    at += 8;
  }
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

bool Scanner::string(std::string_view& out) {
  if (!take('"')) return false;
  const char* const close = end_of_run(at_);
  if (*close != '"') return false;
  out = std::string_view(at_, static_cast<std::size_t>(close - at_));
  at_ = close + 1;
  return true;
}

bool Scanner::skip_string() {
  ++at_;
  while (true) {
    at_ = end_of_run(at_);
    if (*at_ == '"') break;
    if (*at_ != '\\' || at_[1] == '\0' || std::strchr("\"\\/bfnrt", at_[1]) == nullptr)
      return false;
    at_ += 2;
  }
  ++at_;
  return true;
}

bool Scanner::number(double& out) {
  blanks();
  const bool negative = *at_ == '-';
  if (negative) ++at_;
  const char* const begin = at_;
  std::int64_t digits = 0;
  const auto read_digits = [&](std::ptrdiff_t room) {
    const char* const first = at_;
    while (is_digit(*at_) && at_ - first < room) digits = digits * 10 + (*at_++ - '0');
    return at_ - first;
  };
  const auto whole = read_digits(kDigitsMax);
  if (whole == 0 || (*begin == '0' && whole > 1)) return false;
  std::ptrdiff_t places = 0;
  if (*at_ == '.') {
    ++at_;
    places = read_digits(kDigitsMax - whole);
    if (places == 0) return false;
  }
  if (is_digit(*at_) || *at_ == 'e' || *at_ == 'E') return false;
  if (negative) digits = -digits;
  // Both are exact, so that the quotient is the double that is nearest to the decimal number
  // (W. D. Clinger, How to Read Floating Point Numbers Accurately, 1990).
  out = static_cast<double>(digits) / kPowersOfTen[static_cast<std::size_t>(places)];
  if (negative && digits == 0 && places != 0) out = -0.0;
  return true;
}

bool Scanner::word(std::string_view expected) {
  if (static_cast<std::size_t>(end_ - at_) < expected.size()) return false;
  if (std::memcmp(at_, expected.data(), expected.size()) != 0) return false;
  at_ += expected.size();
  return true;
}

bool Scanner::skip(int depth) {
  if (depth > kDepthMax) return false;
  blanks();
  switch (*at_) {
    case '"':
      return skip_string();
    case '{':
      return object([&](std::string_view) { return skip(depth + 1); });
    case '[':
      return array([&] { return skip(depth + 1); });
    case 't':
      return word("true");
    case 'f':
      return word("false");
    case 'n':
      return word("null");
    default: {
      double ignored = 0;
      return number(ignored);
    }
  }
}

}  // namespace rookery::json
