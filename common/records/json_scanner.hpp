#pragma once

#include <string_view>

namespace rookery::json {

/// Goes once through JSON of the plain kind that the suite's own stages write: checks the
/// grammar and hands out strings and numbers, without a tape. It accepts less than JSON: at
/// whatever is out of the ordinary a call returns false, and the text is to be read again by a
/// whole parser, which decides what it is. What it accepts a strict parser accepts too, with the
/// same values; UTF-8 alone is left to the caller. Out of the ordinary are backslashes in names
/// and in strings that are handed out, numbers with an exponent or of more than 15 digits,
/// escapes with \u, and values nested deeper than 16.
///
/// The text ends with a byte that is none of JSON (kBehind of them may be read); after a false
/// the scanner is of no more use. One thread uses it.
class Scanner {
 public:
  /// Bytes behind the text that must be readable; the first must be a zero.
  static constexpr std::size_t kBehind = 16;

  explicit Scanner(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}

  /// Calls `visit(name)` for each member of the object that stands here; `visit` must take the
  /// value with one of the calls below, and returns whether that went well.
  template <typename Visit>
  [[nodiscard]] bool object(const Visit& visit) {
    if (!take('{')) return false;
    if (take('}')) return true;
    do {
      std::string_view name;
      if (!string(name) || !take(':') || !visit(name)) return false;
    } while (take(','));
    return take('}');
  }

  /// Likewise `visit()` for each item of an array.
  template <typename Visit>
  [[nodiscard]] bool array(const Visit& visit) {
    if (!take('[')) return false;
    if (take(']')) return true;
    do {
      if (!visit()) return false;
    } while (take(','));
    return take(']');
  }

  /// A string without a backslash.
  [[nodiscard]] bool string(std::string_view& out);
  [[nodiscard]] bool number(double& out);
  /// Any value, whose grammar is checked.
  [[nodiscard]] bool skip(int depth = 0);
  /// Whether null stands here, which is taken.
  [[nodiscard]] bool null() { return (blanks(), *at_ == 'n') && word("null"); }
  /// Whether nothing but blanks is left.
  [[nodiscard]] bool finished() {
    blanks();
    return at_ == end_;
  }

 private:
  void blanks() {
    while (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t') ++at_;
  }
  [[nodiscard]] bool take(char c) {
    blanks();
    if (*at_ != c) return false;
    ++at_;
    return true;
  }
  [[nodiscard]] bool word(std::string_view expected);
  [[nodiscard]] bool skip_string();

  const char* at_;
  const char* end_;
};

}  // namespace rookery::json
