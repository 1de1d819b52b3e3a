#include "services/geo-enrich/quality/cleansing.hpp"

#include <catch2/catch.hpp>

namespace rookery::geo_enrich {
namespace {

struct Case {
  std::string_view text;
  std::string_view cleansed;
  std::string_view changes;  ///< e, c, i, n
};

TEST_CASE("a text is cleansed to what people read, and says how") {
  using namespace std::string_view_literals;
  const auto [text, cleansed, said] = GENERATE(values<Case>({
      {"fish &amp; chips &lt;3 &#39;yes&#x27; &quot;", "fish & chips <3 'yes' \"", "e"},
      {"&amp;amp; once", "&amp; once", "e"},
      {"&#128512;", "😀", "e"},
      {"caf&eacute; &yuml;&nbsp;&euro;5 &ldquo;&frac12;&rdquo;", "caf\u00E9 \u00FF\u00A0€5 “½”",
       "e"},
      {"R&D; AT&T &Eacute &nosuch; &; &#xD800;", "R&D; AT&T &Eacute &nosuch; &; &#xD800;", ""},
      {"bell\x07 and\x7f nul\0!"sv, "bell and nul!", "c"},
      {"c1 \xC2\x85 end", "c1  end", "c"},
      {"&#7;", "", "ec"},
      {"zero\u200Bwidth \uFEFFmark \u202Eorder \u2066isolate", "zerowidth mark order isolate", "i"},
      {"soft\u00ADhyphen", "softhyphen", "i"},
      {"tag\U000E0041", "tag", "i"},
      {"cafe\u0301", "caf\u00E9", "n"},
      {"\u212B", "\u00C5", "n"},
      {"\u1112\u1161\u11AB", "\uD55C", "n"},
      {"e&#x301;", "\u00E9", "en"},
  }));
  INFO(text);
  std::string out = "left over";
  const Changes changes = cleanse(text, out);
  CHECK(out == cleansed);
  CHECK(changes.entities == (said.find('e') != std::string_view::npos));
  CHECK(changes.controls == (said.find('c') != std::string_view::npos));
  CHECK(changes.invisible == (said.find('i') != std::string_view::npos));
  CHECK(changes.normalised == (said.find('n') != std::string_view::npos));
}

TEST_CASE("what people see and mean stays as it is") {
  const std::string_view text = GENERATE(
      "", "plain, with\ttab\nand line", "AT&T; R&D & co &unknown; &#0; &#xD800; &#9999999; &",
      "café", "👨\u200D👩\u200D👧 ❤\uFE0F 🇧🇷",
      "\U0001F3F4\U000E0067\U000E0062\U000E0073\U000E0063\U000E0074\U000E007F", "می\u200Cخواهم",
      "日本語 한국어 हिन्दी ภาษาไทย", "a\u00A0b", "x\u20E3 👍🏽");
  INFO(text);
  std::string out;
  CHECK_FALSE(cleanse(text, out).any());
}

TEST_CASE("tracking parameters go, all else of an address stays") {
  const auto [url, stripped] = GENERATE(values<std::pair<std::string_view, std::string_view>>({
      {"https://a.b/c?utm_source=x&id=7&utm_medium=y#top", "https://a.b/c?id=7#top"},
      {"https://a.b/c?fbclid=1", "https://a.b/c"},
      {"https://a.b/?q=a%26b&gclid=", "https://a.b/?q=a%26b"},
      {"https://a.b/?gclid&x", "https://a.b/?x"},
      {"https://a.b/?__cft__[0]=1&y=2", "https://a.b/?y=2"},
      {"https://a.b/?utm_source=a?b#c?utm_x=1", "https://a.b/#c?utm_x=1"},
      {"https://a.b/?x=1&x=2&&z", ""},
      {"https://a.b/?utmost=1&gclidx=2", ""},
      {"https://a.b/#?utm_source=x", ""},
      {"https://a.b/", ""},
      {"", ""},
      {"?", ""},
  }));
  INFO(url);
  std::string out;
  CHECK(strip_tracking(url, out) == !stripped.empty());
  if (!stripped.empty()) CHECK(out == stripped);
}

}  // namespace
}  // namespace rookery::geo_enrich
