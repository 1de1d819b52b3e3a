#include "services/sentiment-scoring/score_sentiment.hpp"

#include <string>

#include <catch2/catch.hpp>

#include "tests/unit/services/sentiment-scoring/support.hpp"

namespace rookery::sentiment_scoring {
namespace {

std::string post(std::string_view text, std::string_view more) {
  std::string json(R"({"id":"7","text":")");
  json.append(text).append(R"(","created_at":"2026-11-21T10:00:00Z")").append(more).append("}");
  return json;
}

InputRecord record(std::optional<std::string_view> value,
                   std::optional<std::string_view> key = "7") {
  return {"enriched_tweets", Partition(3), Offset(12), WallTime{}, key, value, {}};
}

/// What stands in the output after `"sentiment":`, up to the end of the post.
std::string sentiment_of(ScoreSentiment& stage, const std::string& json) {
  Outputs out;
  REQUIRE(stage.process(record(json), out));
  REQUIRE(out.size() == 1);
  const std::string value(out.at(0).value.value());
  const std::size_t at = value.find(",\"sentiment\":");
  REQUIRE(at == json.size() - 1);  // nothing before it changed
  CHECK(value.substr(0, at) == json.substr(0, at));
  return value.substr(at + 13, value.size() - at - 14);
}

}  // namespace

TEST_CASE("a post is passed on with its score, key and partition", "[sentiment]") {
  ScoreSentiment stage(shipped_store(), {});
  const std::string json = post("I love it", R"(,"lang":"en","unknown":{"kept":[1]})");
  Outputs out;
  REQUIRE(stage.process(record(json), out));
  REQUIRE(out.size() == 1);
  CHECK(out.at(0).topic == "processed_tweets");
  CHECK(out.at(0).key == "7");
  CHECK(out.at(0).partition == Partition(3));
  const std::string sentiment = sentiment_of(stage, json);
  CHECK(sentiment.starts_with(R"({"label":"positive","score":0.9)"));
  CHECK(sentiment.ends_with(",\"model\":\"" + english().id() + "\"}"));
}

TEST_CASE("a label that cannot be known has a reason", "[sentiment]") {
  struct Case {
    const char* text;
    const char* more;
    const char* reason;
  };
  const auto c = GENERATE(values<Case>({
      {"I love it", "", "language_not_known"},
      {"I love it", R"(,"lang":"")", "language_not_known"},
      {"I love it", R"(,"lang":null)", "language_not_known"},
      {"I love it", R"(,"lang":"und")", "language_not_known"},
      {"x", R"(,"lang":"tlh")", "language_not_covered"},
      {"", R"(,"lang":"en")", "no_text"},
      {"@a https://example.org", R"(,"lang":"en")", "no_text"},
      {"\\u200b \\ufeff", R"(,"lang":"en")", "no_text"},
  }));
  INFO(c.text << c.more);
  ScoreSentiment stage(shipped_store(), {});
  CHECK(sentiment_of(stage, post(c.text, c.more)) ==
        std::string(R"({"label":"unknown","score":0,"reason":")") + c.reason + "\"}");
}

TEST_CASE("an assumed language holds only where the source gives none", "[sentiment]") {
  ScoreSentiment stage(shipped_store(), {.assume_language = "en"});
  const std::string scored = R"({"label":"positive")";
  CHECK(sentiment_of(stage, post("I love it", "")).starts_with(scored));
  CHECK(sentiment_of(stage, post("I love it", R"(,"lang":"und")")).starts_with(scored));
  CHECK(sentiment_of(stage, post("I love it", R"(,"lang":"tlh")")).find("language_not_covered") !=
        std::string::npos);
}

TEST_CASE("a deletion is passed on", "[sentiment]") {
  ScoreSentiment stage(shipped_store(), {});
  Outputs out;
  REQUIRE(stage.process(record(std::nullopt), out));
  REQUIRE(out.size() == 1);
  CHECK(out.at(0).topic == "processed_tweets");
  CHECK(out.at(0).key == "7");
  CHECK(out.at(0).partition == Partition(3));
  CHECK_FALSE(out.at(0).value);
}

TEST_CASE("a record without a key is keyed by its id", "[sentiment]") {
  ScoreSentiment stage(shipped_store(), {});
  Outputs out;
  const std::string json = post("x", "");
  REQUIRE(stage.process(record(json, std::nullopt), out));
  CHECK(out.at(0).key == "7");
}

TEST_CASE("what cannot be scored is a dead letter with a reason", "[sentiment]") {
  ScoreSentiment stage(shipped_store(), {});
  Outputs out;
  const auto code = [&](std::optional<std::string_view> value,
                        std::optional<std::string_view> key) {
    const auto result = stage.process(record(value, key), out);
    REQUIRE_FALSE(result);
    CHECK(result.error().disposition == Disposition::kDeadLetter);
    return std::string(result.error().code);
  };
  CHECK(code(std::nullopt, std::nullopt) == "key_missing");
  CHECK(code("", "7") == "json_malformed");
  CHECK(code("[]", "7") == "not_an_object");
  CHECK(code("{}", "7") == "field_missing");
  CHECK(code(R"({"id":7,"text":"x"})", "7") == "field_type");
  CHECK(code(post("x", R"(,"sentiment":{"label":"positive","score":1})"), "7") == "already_scored");
  CHECK(code("{\"id\":\"7\",\"text\":\"\xFF\"}", "7") == "json_malformed");
}

TEST_CASE("only the first bytes of a long text are looked at", "[sentiment]") {
  ScoreSentiment stage(shipped_store(), {.assume_language = "en", .text_bytes_max = 100});
  const std::string head = "I love it " + std::string(90, ' ');
  CHECK(sentiment_of(stage, post(head, "")) ==
        sentiment_of(stage, post(head + "I hate it, worst of all", "")));
}

TEST_CASE("the stage says what the scorer says", "[sentiment]") {
  const std::string text = GENERATE(as<std::string>{}, "I love it", "so sad :(", "a & b",
                                    "the bus leaves at nine", "#BestDayEver @x http://y.example");
  ScoreSentiment stage(shipped_store(), {});
  Scorer scorer(10'000);
  REQUIRE(scorer.read(text));
  std::string expected = "{";
  append_score(expected, scorer.score(english()));
  expected += ",\"model\":\"" + english().id() + "\"}";
  CHECK(sentiment_of(stage, post(text, R"(,"lang":"en")")) == expected);
}

}  // namespace rookery::sentiment_scoring
