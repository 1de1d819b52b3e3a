#include "services/ingest/post_text.hpp"

#include <catch2/catch.hpp>

namespace rookery::ingest {
namespace {

TEST_CASE("indices follow the text when references are decoded", "[text]") {
  struct Case {
    const char* raw;
    const char* decoded;
    Span before;
    Span after;
  };
  const auto c = GENERATE(
      Case{"#a", "#a", {0, 2}, {0, 2}}, Case{"&amp;#a", "&#a", {5, 7}, {1, 3}},
      Case{"#a&amp;", "#a&", {0, 2}, {0, 2}}, Case{"&lt;&gt; #a", "<> #a", {9, 11}, {3, 5}},
      Case{"\U0001F600&amp; #a", "\U0001F600& #a", {7, 9}, {3, 5}},
      Case{"&amp;lt; #a", "&lt; #a", {9, 11}, {5, 7}},
      // Only the three are references of X's.
      Case{"&quot; & #a", "&quot; & #a", {9, 11}, {9, 11}},
      Case{"&am #a", "&am #a", {4, 6}, {4, 6}},
      // Over a reference, from it, and up to within it.
      Case{"x&amp;y", "x&y", {0, 7}, {0, 3}}, Case{"x&amp;y", "x&y", {1, 6}, {1, 2}},
      Case{"x&amp;y", "x&y", {0, 3}, {0, 1}}, Case{"x&amp;y", "x&y", {6, 7}, {2, 3}},
      // Not in the text, empty, or backwards.
      Case{"#a", "#a", {0, 3}, {0, 0}}, Case{"#a", "#a", {1, 1}, {0, 0}},
      Case{"#a", "#a", {2, 1}, {0, 0}}, Case{"", "", {0, 1}, {0, 0}});
  INFO(c.raw);
  PostText text;
  text.start(c.raw);
  CHECK(text.text() == c.decoded);
  CHECK(text.move(c.before.start, c.before.end) == c.after);
}

TEST_CASE("a second part begins where the decoded first one ends", "[text]") {
  PostText text;
  text.start("RT @a&amp;\U0001F600: ");
  CHECK(text.move(3, 5) == Span{3, 5});
  text.append("&gt; #b");
  CHECK(text.text() == "RT @a&\U0001F600: > #b");
  CHECK(text.move(5, 7) == Span{11, 13});
  text.start("#c");
  CHECK(text.text() == "#c");
  CHECK(text.move(0, 2) == Span{0, 2});
}

}  // namespace
}  // namespace rookery::ingest
