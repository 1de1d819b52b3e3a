#include "common/records/json_scanner.hpp"

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace rookery::json {
namespace {

constexpr int kDepthMax = 16;
/// So many digits fit a double, and any 64-bit number, without loss.
constexpr int kDigitsMax = 15;

constexpr std::array<double, kDigitsMax + 1> kPowersOfTen = {
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};

#if defined(__SSE2__)
/// The first byte from `at` on that ends a run of plain bytes in a string: a quote, a backslash, or
/// what is below a blank.
const char* end_of_run(const char* at) {
  const __m128i quote = _mm_set1_epi8('"');
  const __m128i backslash = _mm_set1_epi8('\\');
  const __m128i control = _mm_set1_epi8(0x1f);
  for (;; at += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i ends =
        _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, backslash)),
                     _mm_cmpeq_epi8(_mm_max_epu8(bytes, control), control));
    const auto mask = static_cast<unsigned>(_mm_movemask_epi8(ends));
    if (mask != 0) return at + std::countr_zero(mask);
  }
}
#else
const char* end_of_run(const char* at) {
  while (*at != '"' && *at != '\\' && static_cast<unsigned char>(*at) >= 0x20) ++at;
  return at;
}
#endif

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
