#include "services/sentiment-scoring/language.hpp"

#include <string>

#include <catch2/catch.hpp>

#include "services/sentiment-scoring/score_sentiment.hpp"
#include "tests/unit/services/sentiment-scoring/support.hpp"

namespace rookery::sentiment_scoring {

TEST_CASE("the language of a sentence is found", "[language]") {
  struct Case {
    const char* text;
    const char* language;
  };
  const auto c = GENERATE(values<Case>({
      {"The weather is lovely this morning and the train is on time", "en"},
      {"Das Wetter ist heute wirklich sch\xC3\xB6n und der Zug ist p\xC3\xBCnktlich", "de"},
      {"El tiempo est\xC3\xA1 muy bonito esta ma\xC3\xB1"
       "ana y el tren llega a tiempo",
       "es"},
      {"Le temps est magnifique ce matin et le train est \xC3\xA0 l'heure", "fr"},
      {"Il tempo \xC3\xA8 bellissimo questa mattina e il treno \xC3\xA8 in orario", "it"},
      {"\xE4\xBB\x8A\xE6\x97\xA5\xE3\x81\xAF\xE3\x81\xA8\xE3\x81\xA6\xE3\x82\x82\xE3\x81\x84\xE3"
       "\x81\x84\xE5\xA4\xA9\xE6\xB0\x97\xE3\x81\xA7\xE3\x81\x99\xE3\x81\xAD",
       "ja"},
  }));
  LanguageIdentifier identifier;
  CHECK(identifier.identify(c.text) == c.language);
  CHECK(identifier.identify("@anna https://example.org/the/weather/is/lovely " +
                            std::string(c.text)) == c.language);
}

TEST_CASE("what has no language is not given one", "[language]") {
  const auto text = GENERATE(as<std::string>{}, "", " ", "@a @b https://example.org", "1234 5678",
                             "\xF0\x9F\x98\x82\xF0\x9F\x98\x82", "xq zv");
  CHECK(LanguageIdentifier().identify(text).empty());
}

TEST_CASE("any text is looked at without harm", "[language]") {
  std::string emoji;
  for (int i = 0; i < 10'000; ++i) emoji += "\xF0\x9F\x98\x82";
  LanguageIdentifier identifier;
  CHECK(identifier.identify(emoji).empty());
  CHECK(identifier.identify(std::string(100'000, 'a')).size() <= 3);
  CHECK(identifier.identify("\xE2\x80\xAE\xE2\x80\x8B\xEF\xBB\xBF").empty());
}

TEST_CASE("a post without a language gets what its text says", "[language][sentiment]") {
  ScoreSentiment::Settings settings;
  settings.identify_language = true;
  ScoreSentiment stage(shipped_store(), settings);
  const auto scored = [&](const std::string& text, const std::string& more) {
    Outputs out;
    const std::string json =
        R"({"id":"7","text":")" + text + R"(","created_at":"2026-11-21T10:00:00Z")" + more + "}";
    REQUIRE(stage.process(
        {"enriched_tweets", Partition(0), Offset(0), WallTime{}, "7", std::string_view(json), {}},
        out));
    return std::string(out.at(0).value.value()).substr(json.size() - 1);
  };
  const std::string english = "I really love the weather this morning, everything is great";
  CHECK_THAT(scored(english, ""), Catch::StartsWith(R"(,"lang":"en","sentiment":{"label":"pos)"));
  // A field that is there is not written twice, and what the source says holds.
  CHECK_THAT(scored(english, R"(,"lang":"und")"),
             Catch::StartsWith(R"(,"sentiment":{"label":"positive")"));
  CHECK_THAT(scored(english, R"(,"lang":null)"),
             Catch::StartsWith(R"(,"sentiment":{"label":"positive")"));
  CHECK_THAT(scored(english, R"(,"lang":"tlh")"), Catch::Contains("language_not_covered"));
  CHECK_THAT(scored("xq zv", ""), Catch::StartsWith(R"(,"sentiment":{"label":"unknown")") &&
                                      Catch::Contains("language_not_known"));
}

}  // namespace rookery::sentiment_scoring
