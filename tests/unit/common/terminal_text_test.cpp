#include "common/core/terminal_text.hpp"

#include <catch2/catch.hpp>

namespace rookery {
namespace {

TEST_CASE("terminal text is harmless and knows its columns", "[terminal]") {
  struct Row {
    std::string_view text;
    std::string_view shown;
    std::size_t columns;
  };
  const Row row = GENERATE(values<Row>({
      {"", "", 0},
      {"cats", "cats", 4},
      {"größe", "größe", 5},
      {"日本", "日本", 4},
      {"🐱", "🐱", 2},
      {"e\xCC\x81t", "e\xCC\x81t", 2},  // combining acute accent
      {"\x1b[2J", "\\x1b[2J", 7},       // would clear the screen
      {"a\nb", "a\\x0ab", 6},
      {"\xC2\x9b"
       "31m",
       "\\x9b31m", 7},  // C1: the control sequence introducer
      {"\x7f", "\\x7f", 4},
      {"a\xE2\x80\xAE"
       "b",
       "ab", 2},  // right-to-left override
      {"a\xE2\x80\x8B"
       "b",
       "ab", 2},                  // zero-width space
      {"a\xEF\xB8\x8F", "a", 1},  // variation selector
      {"\xff", "\xEF\xBF\xBD", 1},
      {"\xE2\x82", "\xEF\xBF\xBD\xEF\xBF\xBD", 2},                  // cut off
      {"\xC0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD", 2},                  // overlong NUL
      {"\xED\xA0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD", 3},  // surrogate
  }));
  CAPTURE(row.text);
  const auto shown = to_terminal(row.text, 100);
  CHECK(shown.bytes == row.shown);
  CHECK(shown.columns == row.columns);
}

TEST_CASE("a long text is cut to its columns with an ellipsis", "[terminal]") {
  CHECK(to_terminal("abcde", 5).bytes == "abcde");
  CHECK(to_terminal("abcdef", 5).bytes == "abcd…");
  CHECK(to_terminal("日本語", 6).bytes == "日本語");
  CHECK(to_terminal("日本語", 5).bytes == "日本…");
  // A wide character does not fit into half of its room.
  CHECK(to_terminal("日本語", 4).bytes == "日…");
  CHECK(to_terminal("日本語", 4).columns == 3);
}

TEST_CASE("padding counts columns, not bytes", "[terminal]") {
  std::string out;
  append_left(out, to_terminal("日", 9), 4);
  append_right(out, to_terminal("é", 9), 3);
  append_left(out, to_terminal("toolong", 9), 2);
  CHECK(out == "日    étoolong");
}

TEST_CASE("words are wrapped under each other", "[terminal]") {
  const auto wrapped = [](std::string_view words) {
    std::string out = "> ";
    append_wrapped(out, words, 2, 10);
    return out;
  };
  CHECK(wrapped("") == "> ");
  CHECK(wrapped("a bc") == "> a bc");
  CHECK(wrapped("four four x") == "> four\n  four x");
  CHECK(wrapped("three two x") == "> three\n  two x");
  CHECK(wrapped("abc defg hi") == "> abc defg\n  hi");
  CHECK(wrapped("longer_than_ten a") == "> longer_than_ten\n  a");
}

}  // namespace
}  // namespace rookery
