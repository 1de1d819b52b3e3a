#include "services/geo-enrich/gazetteer/folding.hpp"

#include <catch2/catch.hpp>

namespace rookery::geo_enrich {
namespace {

std::string folded(std::string_view text) {
  FoldedText result;
  result.assign(text);
  return result.joined();
}

TEST_CASE("one name is one, however it is written") {
  for (const char* name : {"Istanbul", "ISTANBUL", "İstanbul", "ıstanbul", "  istanbul!",
                           "i\u0307stanbul", "Ｉｓｔａｎｂｕｌ", "𝓘𝓼𝓽𝓪𝓷𝓫𝓾𝓵", "Istan\u200Bbul"}) {
    INFO(name);
    CHECK(folded(name) == "istanbul");
  }
  CHECK(folded("St. John's") == "st johns");
  CHECK(folded("Port-au-Prince") == "port au prince");
  CHECK(folded("São Tomé") == "sao tome");
  CHECK(folded("Łódź") == "lodz");
  CHECK(folded("Großræschen") == "grossraeschen");
  CHECK(folded("U.S.A.") == "usa");
  CHECK(folded("Paris.France") == "paris france");
  CHECK(folded("Ελλάδα") == folded("ΕΛΛΑΔΑ"));
  CHECK(folded("القَاهِرة") == folded("القاهره"));
  CHECK(folded("") == "");
  CHECK(folded("... !!! 🎉") == "");
}

TEST_CASE("what stands between words is remembered") {
  FoldedText text;
  text.assign("NYC ✈ London, UK/Paris - Lyon");
  REQUIRE(text.words().size() == 5);
  CHECK(text.words()[1].gap == Gap::kBreak);
  CHECK(text.words()[2].gap == Gap::kComma);
  CHECK(text.words()[3].gap == Gap::kBreak);
  CHECK(text.words()[4].gap == Gap::kBreak);
  CHECK(text.words()[0].all_upper);
  CHECK_FALSE(text.words()[1].all_upper);
  CHECK(text.words()[1].upper);
}

TEST_CASE("flags are countries, and those of parts of Britain are words") {
  FoldedText text;
  text.assign("🇧🇷🇵🇹 x");
  REQUIRE(text.flags().size() == 2);
  CHECK(std::string_view(text.flags()[1].data(), 2) == "PT");
  CHECK(folded("\U0001F3F4\U000E0067\U000E0062\U000E0073\U000E0063\U000E0074\U000E007F") ==
        "scotland");
  text.assign("🇧");
  CHECK(text.flags().empty());
}

TEST_CASE("broken UTF-8 ends the text, and a long text is cut") {
  CHECK(folded("Lyon \xC3(") == "lyon");
  FoldedText text;
  std::string many;
  for (int i = 0; i < 5000; ++i) many += "a ";
  text.assign(many);
  CHECK(text.words().size() == FoldedText::kWordsMax);
}

}  // namespace
}  // namespace rookery::geo_enrich
