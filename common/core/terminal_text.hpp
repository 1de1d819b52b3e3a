#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace rookery {

/// A text as a terminal may show it, and how many columns it takes there.
struct TerminalText {
  std::string bytes;
  std::size_t columns = 0;
};

/// Makes `text` harmless: control characters become \xNN, so that a hashtag can
/// move no cursor; characters without width that change the order of others or
/// hide (bidirectional controls, zero-width spaces and joiners, tags) go; what
/// is not UTF-8 becomes U+FFFD. Cut to `columns_max` with an ellipsis. Wide
/// characters (CJK, emoji) count two columns, as wcwidth() has it.
[[nodiscard]] TerminalText to_terminal(std::string_view text, std::size_t columns_max);

/// Appends `text` and blanks up to `columns`.
void append_left(std::string& out, const TerminalText& text, std::size_t columns);
/// Appends blanks, then `text`, to `columns` in all.
void append_right(std::string& out, const TerminalText& text, std::size_t columns);

/// Appends words of ASCII in lines of at most `columns`; the first goes on at column `indent`,
/// where all others begin. A word that is longer stands alone.
void append_wrapped(std::string& out, std::string_view words, std::size_t indent,
                    std::size_t columns);

}  // namespace rookery
