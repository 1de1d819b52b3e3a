#include "services/sentiment-scoring/tokens.hpp"

#include <array>
#include <string>

#include <catch2/catch.hpp>

namespace rookery::sentiment_scoring {
namespace {

/// The characters that n-grams are made of, in UTF-8, with marks as <U>, <L>, <1>.
std::string normal(std::string_view text, std::size_t bytes_max = 10'000) {
  Tokens tokens;
  tokens.read(text, bytes_max);
  std::string out;
  for (const char32_t c : tokens.characters()) {
    if (c == kUserMark) {
      out += "<U>";
    } else if (c == kUrlMark) {
      out += "<L>";
    } else if (c >= kEmoticonMark && c < kEmoticonMark + 16) {
      out.append("<").append(std::to_string(c - kEmoticonMark)).append(">");
    } else if (c < 0x80) {
      out += static_cast<char>(c);
    } else if (c < 0x800) {
      out += static_cast<char>(0xC0U | (c >> 6U));
      out += static_cast<char>(0x80U | (c & 0x3FU));
    } else {
      out += "?";
    }
  }
  return out;
}

std::size_t count(std::string_view text) {
  Tokens tokens;
  tokens.read(text, 10'000);
  return tokens.tokens().size();
}

}  // namespace

TEST_CASE("ways to write the same text become the same characters", "[sentiment]") {
  struct Case {
    const char* text;
    const char* expected;
  };
  const auto c = GENERATE(values<Case>({
      {"", " "},
      {"   ", " "},
      {"Hello,  World", " hello, world "},
      {"\tA\nB\r\n", " a b "},
      {"soooo haaaappy", " soo haappy "},
      {"wow!!!!!!!!", " wow!!! "},
      {"@Some_one hi", " <U> hi "},
      {"mail me@home.org", " mail me@home.org "},
      {"see https://t.co/AbC?x=1 now", " see <L> now "},
      {"see http now", " see <L> now "},
      {"httpd is up", " httpd is up "},
      {"www.example.org", " <L> "},
      {"#NotMyDay", " #not my day "},
      {"#Top10Songs2026", " #top 00 songs 0000 "},
      {"#USAWins #snake_case #x", " #usa wins #snake case #x "},
      {"# alone", " # alone "},
      {"Don\xE2\x80\x99t \xE2\x80\x9Cgo\xE2\x80\x9D", " don't \"go\" "},
      {"\xC3\x89T\xC3\x89 \xD0\x9C\xD0\x98\xD0\xA0",
       " \xC3\xA9t\xC3\xA9 \xD0\xBC\xD0\xB8\xD1\x80 "},
      {"lo\xE2\x80\x8Bve \xEF\xBB\xBFit", " love it "},
      {"\xF0\x9D\x93\x91\xF0\x9D\x93\xAE\xF0\x9D\x93\xBC\xF0\x9D\x93\xBD", " best "},
      {"\xEF\xBC\xA7\xEF\xBD\x8F\xEF\xBD\x8F\xEF\xBD\x84", " good "},
      {"a &amp; b &lt;3 \\u2019s", " a & b <5> 's "},
      {"&ampersand; \\u20", " &ampersand; \\u20 "},
      {"at 10:30 in 1999", " at 00:00 in 0000 "},
      {":) :-( ;) :'( =D :P :/ <3 </3 (: ): ^_^ :)))",
       " <0> <6> <2> <6> <1> <3> <7> <5> <9> <0> <6> <0> <0> "},
      {"great:) ratio 3:0 foo:Double", " great<0> ratio 0:0 foo:double "},
  }));
  INFO(c.text);
  CHECK(normal(c.text) == c.expected);
}

TEST_CASE("broken UTF-8 is dropped byte by byte", "[sentiment]") {
  CHECK(normal("a\xFFz") == " az ");
  CHECK(normal("a\xC3") == " a ");
  CHECK(normal("a\xE2\x82z") == " az ");
  CHECK(normal("\xC0\xAF\xED\xA0\x80ok") == " ok ");
  CHECK(normal(std::string("a\0b", 3)) == " a b ");
}

TEST_CASE("a text is cut at the byte bound, also within a character", "[sentiment]") {
  CHECK(normal("abcdef", 3) == " abc ");
  CHECK(normal("ab\xC3\xA9", 3) == " ab ");
  CHECK(normal("ab\xC3\xA9", 4) == " ab\xC3\xA9 ");
}

TEST_CASE("a run of one emoji is one token", "[sentiment]") {
  CHECK(count("\xF0\x9F\x98\x82\xF0\x9F\x98\x82\xF0\x9F\x98\x82") == 1);
  CHECK(count("\xE2\x9D\xA4\xEF\xB8\x8F") == 1);          // heart and variation selector
  CHECK(count("\xF0\x9F\x91\x8D\xF0\x9F\x8F\xBD") == 1);  // thumb and skin tone
  CHECK(count("ok\xF0\x9F\x91\x8D") == 2);
}

TEST_CASE("only users and links are no text", "[sentiment]") {
  Tokens tokens;
  const auto has_text = [&](std::string_view text) {
    tokens.read(text, 10'000);
    return tokens.has_text();
  };
  CHECK_FALSE(has_text(""));
  CHECK_FALSE(has_text(" \xE2\x80\x8B\xEF\xBB\xBF "));
  CHECK_FALSE(has_text("@a @b https://example.org"));
  CHECK(has_text("@a !"));
  CHECK(has_text(":)"));
  CHECK(has_text("#a"));
}

TEST_CASE("every negator is told, and no other word", "[sentiment]") {
  Tokens tokens;
  tokens.read(
      "not no never none nobody nothing nowhere neither nor cannot cant wont dont doesnt didnt "
      "isnt "
      "wasnt arent werent aint hasnt havent hadnt couldnt wouldnt shouldnt without hardly barely "
      "lack can't Never",
      10'000);
  CHECK(tokens.tokens().size() == 32);
  for (const Token& token : tokens.tokens()) CHECK(token.negator);
  tokens.read(
      "now knot ever one body thing where either or can want do does did is was are were "
      "lacks hard bare within nothings",
      10'000);
  for (const Token& token : tokens.tokens()) CHECK_FALSE(token.negator);
}

TEST_CASE("every typed face is one emoticon", "[sentiment]") {
  const auto* const face = GENERATE("</3", "<3", "^_^", "^^", "-_-", ";_;", "T_T", "\\o/",
                                    "(:", "(-:", "(;", "):", ")-:", ")':", ":)", ";-)", "=D");
  CAPTURE(face);
  Tokens tokens;
  tokens.read(std::string("a ") + face + " b", 10'000);
  REQUIRE(tokens.tokens().size() == 3);
  CHECK(tokens.tokens()[1].kind == TokenKind::kEmoticon);
}

TEST_CASE("a filter of words lets all of them through and few others", "[sentiment]") {
  constexpr std::array<std::uint64_t, 3> kWords{token_hash(U"a"), token_hash(U"b"),
                                                token_hash(U"c")};
  constexpr WordFilter kFilter(kWords);
  for (const std::uint64_t word : kWords) CHECK(kFilter.may_hold(word));
  int others = 0;
  for (char32_t c = 0x100; c < 0x500; ++c) {
    const std::array<char32_t, 1> other{c};
    others += kFilter.may_hold(token_hash({other.data(), 1})) ? 1 : 0;
  }
  CHECK(others < 40);  // 12 of 1,024 by chance
}

}  // namespace rookery::sentiment_scoring
