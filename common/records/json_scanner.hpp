#pragma once

#include <bit>
#include <cstddef>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/// Goes once through JSON of the plain kind that the suite's own stages write: checks the
/// grammar and hands out strings and numbers, without a tape. It accepts less than JSON: at
/// whatever is out of the ordinary a call returns null, and the text is to be read again by a
/// whole parser, which decides what it is. What it accepts a strict parser accepts too, with the
/// same values; UTF-8 alone is left to the caller. Out of the ordinary are backslashes in names
/// and in strings that are handed out, numbers with an exponent or of more than 15 digits,
/// escapes with \u, and values nested deeper than 16.
///
/// Functions over a place in the text, not an object that keeps it: so it stays in a register.
namespace rookery::json::scan {

/// A place in the text; the text ends with a zero, and kBehind bytes may be read there. What
/// takes one takes no null.
using Cursor = const char*;

/// Bytes behind the text that must be readable; the first must be a zero.
inline constexpr std::size_t kBehind = 16;

[[nodiscard]] inline Cursor blanks(Cursor at) {
  while (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t') ++at;
  return at;
}

/// Whether `c` stands at `at` or behind blanks; then `at` is behind it.
[[nodiscard]] inline bool take(Cursor& at, char c) {
  if (*at != c) {
    at = blanks(at);
    if (*at != c) return false;
  }
  ++at;
  return true;
}

/// The first byte from `at` on that ends a run of plain bytes in a string: a quote, a backslash, or
/// what is below a blank.
[[nodiscard]] inline Cursor end_of_run(Cursor at) {
#if defined(__SSE2__)
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
#else
  while (*at != '"' && *at != '\\' && static_cast<unsigned char>(*at) >= 0x20) ++at;
  return at;
#endif
}

/// A string without a backslash.
[[nodiscard]] inline Cursor string(Cursor at, std::string_view& out) {
  if (!take(at, '"')) return nullptr;
  const Cursor close = end_of_run(at);
  if (*close != '"') return nullptr;
  out = std::string_view(at, static_cast<std::size_t>(close - at));
  return close + 1;
}

[[nodiscard]] Cursor number(Cursor at, double& out);

/// Any value, whose grammar is checked.
[[nodiscard]] Cursor skip(Cursor at, int depth = 0);

/// Whether null stands here; then `at` is behind it.
[[nodiscard]] inline bool null(Cursor& at) {
  const Cursor begin = blanks(at);
  if (begin[0] != 'n' || begin[1] != 'u' || begin[2] != 'l' || begin[3] != 'l') return false;
  at = begin + 4;
  return true;
}

/// Calls `visit(name, at)` for each member of the object that stands here; `visit` takes the value
/// with one of these functions, and returns what that returned.
template <typename Visit>
[[nodiscard]] Cursor object(Cursor at, const Visit& visit) {
  if (!take(at, '{')) return nullptr;
  if (take(at, '}')) return at;
  do {
    std::string_view name;
    at = string(at, name);
    if (at == nullptr || !take(at, ':')) return nullptr;
    at = visit(name, at);
    if (at == nullptr) return nullptr;
  } while (take(at, ','));
  return take(at, '}') ? at : nullptr;
}

/// Likewise `visit(at)` for each item of an array.
template <typename Visit>
[[nodiscard]] Cursor array(Cursor at, const Visit& visit) {
  if (!take(at, '[')) return nullptr;
  if (take(at, ']')) return at;
  do {
    at = visit(at);
    if (at == nullptr) return nullptr;
  } while (take(at, ','));
  return take(at, ']') ? at : nullptr;
}

}  // namespace rookery::json::scan
