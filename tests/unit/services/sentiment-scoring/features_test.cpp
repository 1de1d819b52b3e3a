#include "services/sentiment-scoring/features.hpp"

#include <algorithm>
#include <chrono>
#include <string>

#include <catch2/catch.hpp>

namespace rookery::sentiment_scoring {
namespace {

Features features_of(std::string_view text) {
  FeatureExtractor extractor(10'000);
  return extractor.extract(text);
}

std::string repeat(std::string_view piece, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += piece;
  return out;
}

bool shares_word(const Features& a, const Features& b) {
  return std::any_of(a.word_grams.begin(), a.word_grams.end(), [&](std::uint32_t key) {
    return std::find(b.word_grams.begin(), b.word_grams.end(), key) != b.word_grams.end();
  });
}

int valence(std::string_view text) {
  Tokens tokens;
  tokens.read(text, 100);
  REQUIRE(tokens.tokens().size() == 1);
  return Lexicon::instance().valence(tokens.tokens().front());
}

}  // namespace

TEST_CASE("n-grams are as many as the text has", "[sentiment]") {
  CHECK(features_of("").word_grams.empty());
  CHECK(features_of("").character_grams.empty());
  CHECK(features_of("one").word_grams.size() == 1);
  CHECK(features_of("one two").word_grams.size() == 3);
  CHECK(features_of("one two three four").word_grams.size() == 9);
  CHECK(features_of("a").character_grams.size() == 3);  // " a", " a ", "a "
}

TEST_CASE("a negated word is another word, to the end of the clause", "[sentiment]") {
  CHECK(shares_word(features_of("good"), features_of("so good")));
  CHECK_FALSE(shares_word(features_of("good"), features_of("not good")));
  CHECK_FALSE(shares_word(features_of("good"), features_of("doesn't look good")));
  CHECK(shares_word(features_of("good"), features_of("not, good")));
  CHECK(shares_word(features_of("good"), features_of("no but good")));
  CHECK(shares_word(features_of("good"), features_of("never a b c d good")));
}

TEST_CASE("the lexicon finds words, emoji, emoticons, and stretched words", "[sentiment]") {
  CHECK(valence("love") == 32);
  CHECK(valence("LOVE") == 32);
  CHECK(valence("loooove") == 32);
  CHECK(valence("terrible") < 0);
  CHECK(valence("\xE2\x9D\xA4") > 0);
  CHECK(valence("\xF0\x9F\x98\xA1") < 0);
  CHECK(valence(":)") > 0);
  CHECK(valence(":(") < 0);
  CHECK(valence("table") == 0);
  CHECK(valence("2026") == 0);
}

TEST_CASE("dense features stay near -1 to 1 for any text", "[sentiment]") {
  const auto text = GENERATE(std::string(), std::string("good"), repeat("very good ", 1000),
                             repeat("TERRIBLE!!! ? ", 800), repeat("\xF0\x9F\x98\xA1 ", 2000),
                             repeat("not bad but #so @x http ", 400), repeat("\xE2\x80\x8B", 3000),
                             std::string(10'000, 'a'), std::string(10'000, '('));
  for (const float value : features_of(text).dense) {
    CHECK(value >= -1.5F);
    CHECK(value <= 1.5F);
  }
}

TEST_CASE("the same text gives the same features after any other", "[sentiment]") {
  FeatureExtractor extractor(10'000);
  const Features fresh = extractor.extract("I don't like #MondayMornings :(");
  extractor.extract(repeat("not good \xF0\x9F\x98\x82 ", 500));
  extractor.extract("");
  const Features again = extractor.extract("I don't like #MondayMornings :(");
  CHECK(fresh.word_grams == again.word_grams);
  CHECK(fresh.character_grams == again.character_grams);
  CHECK(fresh.dense == again.dense);
}

namespace {

std::vector<std::uint32_t> wide(std::string_view text) {
  FeatureExtractor extractor(10'000);
  CHECK(extractor.extract(text).wide_grams.empty());  // who wants them asks for them
  return extractor.add_wide().wide_grams;
}

auto shared(std::string_view a, std::string_view b) {
  const auto of_a = wide(a);
  const auto of_b = wide(b);
  return std::count_if(of_a.begin(), of_a.end(), [&](std::uint32_t key) {
    return std::find(of_b.begin(), of_b.end(), key) != of_b.end();
  });
}

}  // namespace

TEST_CASE("wide n-grams are pairs at a distance, both ends and the last clause", "[sentiment]") {
  CHECK(wide("").empty());
  CHECK(wide("one").size() == 2 + 2);                // the first, the last; twice the clause's last
  CHECK(wide("one two").size() == 5 + 2 + 3);        // first, last two, both as pairs; the clause
  CHECK(wide("one two three").size() == 1 + 6 + 6);  // one pair, three last ones; the clause
  CHECK(wide("a b c d e f g h i j k l m n").size() == 36 + 32 + 6 + 15);
  // Of words that both have in the last clause, one n-gram each tells that.
  CHECK(shared("k1 love x much k2 k3 k4", "q1 love y z much q2 q3 q4") == 2 + 1);
  CHECK(shared("k1 much x love k2 k3 k4", "q1 love y z much q2 q3 q4") == 2);   // their order tells
  CHECK(shared("k1 love much k2 k3 k4 k5", "q1 love y z much q2 q3 q4") == 2);  // neighbours
  CHECK(shared("k1 k2 k3 k4 good", "q1 q2 q3 q4 good") == 1 + 2);
  CHECK(shared("k1 k2 k3 k4 good", "q1 q2 q3 good q4") == 1);
  CHECK(shared("k1 k2 k3 not good", "q1 q2 q3 q4 good") == 0);
  CHECK(shared("hello k1 k2 k3 k4", "hello q1 q2 q3 q4") == 1 + 1);
}

TEST_CASE("what a face or a gap follows is told from the rest", "[sentiment]") {
  // "sad" stands in the middle: no pair and no end, only a clause can have it in both.
  const auto tells = [](std::string_view text) {
    return shared(text, "q1 q2 q3. sad  q4; q5 q6 q7 q8") > 0;
  };
  CHECK(tells("k1 k2 k3, sad  k4! k5 k6 k7"));
  CHECK(tells("k1 k2 k3, sad    k4! k5 k6 k7"));
  CHECK(tells("k1 k2 k3, so sad :( k4! k5 k6 k7"));
  CHECK(tells("k1 k2 k3, sad \xF0\x9F\x98\xA1\xF0\x9F\x98\xA1 k4! k5 k6 k7"));
  CHECK_FALSE(tells("k1 k2 k3, sad k4! k5 k6 k7"));
  CHECK(tells("k1 k2 k3 k4 k5 k6 sad k7 k8 k9"));  // nothing else: the end
  CHECK_FALSE(tells("k1 k2 k3, sad! k4 k5 k6  k7 k8"));
  CHECK_FALSE(tells("k1 sad, k2 k3 k4 k5 k6"));                      // a clause ends at its sign,
  CHECK_FALSE(tells("k1 sad k2 k3 k4 k5 k6 k7 k8 k9 l1 l2 l3 l4"));  // or after twelve tokens
  // Spaces at the end are none; a face with a gap on either side is one face.
  CHECK(wide("so sad ") == wide("so sad"));
  CHECK(wide("so sad    ") == wide("so sad"));
  CHECK(wide("so sad  :(  k1") == wide("so sad :( k1"));
}

TEST_CASE("work is linear in the bytes, whatever they are", "[sentiment]") {
  const auto piece =
      GENERATE(as<std::string>{}, "\xF0\x9F\x98\x82", "\xE2\x80\x8B", ":-", ":o", "(", "@", "#A",
               "&", "\\u", "http", "a'", "\xE4\xBD\xA0", "not ", "T_", "#_");
  FeatureExtractor extractor(1'000'000);
  const std::string text = repeat(piece, 900'000 / piece.size());
  const auto& features = extractor.extract(text);
  CHECK(features.word_grams.size() <= 3 * text.size());
  CHECK(features.character_grams.size() <= 5 * (text.size() * 2 + 2));
  CHECK(extractor.add_wide().wide_grams.size() <= 16 * text.size() + 6);
}

TEST_CASE("a word before makes one stronger or weaker, and a contrast is told", "[sentiment]") {
  FeatureExtractor extractor(10'000);
  const auto last_valence = [&](const std::string& before) {
    return extractor.extract(before + " good").dense[7] * 4;
  };
  CHECK(last_valence("the") == Approx(1.9));
  for (const char* more : {"very", "so", "really", "too", "totally", "super", "fucking", "such",
                           "extremely", "most", "more", "absolutely", "completely", "soo"}) {
    CAPTURE(more);
    CHECK(last_valence(more) == Approx(1.9 + 0.29));
  }
  for (const char* less : {"slightly", "somewhat", "kinda", "little", "almost", "less"}) {
    CAPTURE(less);
    CHECK(last_valence(less) == Approx(1.9 - 0.29));
  }
  constexpr std::size_t kContrast = 15;
  for (const char* but : {"but", "however", "though"}) {
    CAPTURE(but);
    CHECK(extractor.extract(std::string("a ") + but + " b").dense[kContrast] == 1);
  }
  CHECK(extractor.extract("a butter b").dense[kContrast] == 0);
}

}  // namespace rookery::sentiment_scoring
