#include "common/core/terminal_text.hpp"

#include <algorithm>
#include <clocale>
#include <cwchar>

namespace rookery {
namespace {

constexpr char32_t kReplacement = 0xFFFD;
constexpr std::string_view kEllipsis = "…";

/// wcwidth() asks the locale of the thread: UTF-8 for as long as this lives,
/// whatever the process has.
class Utf8Locale {
 public:
  Utf8Locale() : before_(::uselocale(instance())) {}
  ~Utf8Locale() { ::uselocale(before_); }
  Utf8Locale(const Utf8Locale&) = delete;
  Utf8Locale& operator=(const Utf8Locale&) = delete;

 private:
  static locale_t instance() {
    // Part of glibc itself since 2.35; without it all is one column wide.
    static const locale_t locale = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    return locale;
  }
  locale_t before_;
};

/// Takes one code point from the front of `text`; U+FFFD for a byte that starts
/// none (RFC 3629, section 3).
char32_t take_code_point(std::string_view& text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = byte(0);
  const std::size_t size = lead < 0x80   ? 1
                           : lead < 0xC2 ? 0
                           : lead < 0xE0 ? 2
                           : lead < 0xF0 ? 3
                           : lead < 0xF5 ? 4
                                         : 0;
  char32_t code = size == 1 ? lead : lead & (0x7FU >> size);
  bool valid = size > 0 && size <= text.size();
  for (std::size_t i = 1; valid && i < size; ++i) {
    valid = (byte(i) & 0xC0U) == 0x80U;
    code = code << 6U | (byte(i) & 0x3FU);
  }
  const bool overlong = (size == 3 && code < 0x800) || (size == 4 && code < 0x10000);
  if (!valid || overlong || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) {
    text.remove_prefix(1);
    return kReplacement;
  }
  text.remove_prefix(size);
  return code;
}

bool is_control(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0);
}

/// Default ignorable or reordering (Unicode, DerivedCoreProperties.txt and
/// UAX #9): nothing of it is seen, but it changes what is.
bool is_invisible(char32_t c) {
  return c == 0xAD || c == 0x061C || c == 0x180E || (c >= 0x200B && c <= 0x200F) ||
         (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF ||
         (c >= 0xFE00 && c <= 0xFE0F) || (c >= 0xFFF9 && c <= 0xFFFB) ||
         (c >= 0xE0000 && c <= 0xE0FFF);
}

void append_utf8(std::string& out, char32_t c) {
  const auto tail = [&](unsigned shift) {
    out.push_back(static_cast<char>(0x80U | ((c >> shift) & 0x3FU)));
  };
  if (c < 0x80) {
    out.push_back(static_cast<char>(c));
  } else if (c < 0x800) {
    out.push_back(static_cast<char>(0xC0U | (c >> 6U)));
    tail(0);
  } else if (c < 0x10000) {
    out.push_back(static_cast<char>(0xE0U | (c >> 12U)));
    tail(6);
    tail(0);
  } else {
    out.push_back(static_cast<char>(0xF0U | (c >> 18U)));
    tail(12);
    tail(6);
    tail(0);
  }
}

/// One code point as it is shown; no bytes: it is left out.
TerminalText show(char32_t c) {
  if (is_invisible(c)) return {};
  if (is_control(c)) {
    constexpr std::string_view kHex = "0123456789abcdef";
    return {std::string("\\x") + kHex[c >> 4U] + kHex[c & 15U], 4};
  }
  int columns = ::wcwidth(static_cast<wchar_t>(c));
  if (columns < 0) {  // unassigned, as far as this machine knows
    c = kReplacement;
    columns = 1;
  }
  TerminalText shown{{}, static_cast<std::size_t>(columns)};
  append_utf8(shown.bytes, c);
  return shown;
}

}  // namespace

TerminalText to_terminal(std::string_view text, std::size_t columns_max) {
  const Utf8Locale locale;
  TerminalText shown;
  // What stands when one column is kept free for the ellipsis.
  TerminalText cut;
  while (!text.empty()) {
    const TerminalText next = show(take_code_point(text));
    if (shown.columns + next.columns > columns_max) {
      cut.bytes.append(kEllipsis);
      ++cut.columns;
      return cut;
    }
    shown.bytes.append(next.bytes);
    shown.columns += next.columns;
    if (shown.columns < columns_max) cut = shown;
  }
  return shown;
}

void append_left(std::string& out, const TerminalText& text, std::size_t columns) {
  out.append(text.bytes);
  if (text.columns < columns) out.append(columns - text.columns, ' ');
}

void append_right(std::string& out, const TerminalText& text, std::size_t columns) {
  if (text.columns < columns) out.append(columns - text.columns, ' ');
  out.append(text.bytes);
}

void append_wrapped(std::string& out, std::string_view words, std::size_t indent,
                    std::size_t columns) {
  std::size_t column = indent;
  while (!words.empty()) {
    const std::size_t size = std::min(words.find(' '), words.size());
    if (column > indent && column + 1 + size > columns) {
      out.append("\n").append(indent, ' ');
      column = indent;
    } else if (column > indent) {
      out.push_back(' ');
      ++column;
    }
    out.append(words.substr(0, size));
    column += size;
    words.remove_prefix(std::min(size + 1, words.size()));
  }
}

}  // namespace rookery
