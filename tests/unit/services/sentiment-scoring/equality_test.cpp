#include <array>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "common/records/json_writer.hpp"
#include "services/rookery-train/commands.hpp"
#include "services/rookery-train/topics_command.hpp"
#include "services/sentiment-scoring/score_sentiment.hpp"
#include "tests/unit/services/sentiment-scoring/support.hpp"

namespace rookery::train {
namespace {

constexpr std::size_t kPosts = 10'000;
const std::string kTopicModel = "tests/fixtures/topics/topics.model";

/// Posts of words, signs and scripts in every mixture, each on one line.
std::vector<std::string> posts() {
  const std::array<const char*, 40> parts{"goal",
                                          "rain",
                                          "the",
                                          "not",
                                          "never",
                                          "good",
                                          "TERRIBLE",
                                          "sooooo",
                                          "love",
                                          "hate",
                                          "song",
                                          "vote",
                                          "#BestDayEver",
                                          "#fail",
                                          "@someone",
                                          "https://example.org/x",
                                          "don't",
                                          "but",
                                          "very",
                                          ":)",
                                          ":-(",
                                          "<3",
                                          "!!!",
                                          "?",
                                          "...",
                                          "42",
                                          "&amp;",
                                          "\\u00e9",
                                          "\xF0\x9F\x98\x8D",
                                          "\xF0\x9F\x98\xA1\xF0\x9F\x98\xA1",
                                          "\xE2\x9D\xA4\xEF\xB8\x8F",
                                          "na\xC3\xAFve",
                                          "\xD9\x85\xD8\xB1\xD8\xAD\xD8\xA8\xD8\xA7",
                                          "\xE4\xBD\xA0\xE5\xA5\xBD",
                                          "g\xE2\x80\x8Boal",
                                          "\xD0\xBF\xD1\x80\xD0\xB8\xD0\xB2\xD0\xB5\xD1\x82",
                                          "\"quoted\"",
                                          "back\\slash",
                                          "\xF0\x9D\x93\xB5\xF0\x9D\x93\xB8",
                                          "team"};
  std::mt19937_64 random(3);
  std::vector<std::string> all;
  for (std::size_t i = 0; i < kPosts; ++i) {
    std::string text;
    for (std::size_t words = random() % 24; words > 0; --words) {
      text += parts[random() % parts.size()];
      if (random() % 8 != 0) text += ' ';
    }
    all.push_back(std::move(text));
  }
  return all;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

}  // namespace

TEST_CASE("the trainer and the service say the same of 10,000 posts, bit for bit", "[train]") {
  const std::vector<std::string> texts = posts();
  std::string input;
  for (const std::string& text : texts) input += text + "\n";
  std::istringstream for_predict(input);
  std::istringstream for_assign(input);
  std::ostringstream predicted;
  std::ostringstream assigned;
  // The polarity model knows wide n-grams, which the service works out for such models alone.
  const auto name = GENERATE(as<std::string>{}, "/en.model", "/en-polarity.model");
  const std::string model = sentiment_scoring::kModels + name;
  REQUIRE(run_predict(model, 10'000, for_predict, predicted));
  AssignCommand assign;
  assign.model = kTopicModel;
  REQUIRE(run_assign(assign, for_assign, assigned));
  const auto sentiments = lines_of(predicted.str());
  const auto topics = lines_of(assigned.str());
  REQUIRE(sentiments.size() == kPosts);
  REQUIRE(topics.size() == kPosts);

  auto store = sentiment_scoring::ModelStore::open({{"en=" + model}, kTopicModel});
  REQUIRE(store);
  sentiment_scoring::ScoreSentiment stage(std::move(*store), {.assume_language = "en"});
  Outputs out;
  std::string json;
  std::size_t unknown = 0;
  for (std::size_t i = 0; i < kPosts; ++i) {
    json = R"({"id":"1","text":)";
    json::append_string(json, texts[i]);
    json += R"(,"created_at":"2026-11-21T10:00:00Z"})";
    out.clear();
    REQUIRE(stage.process(
        {"enriched_tweets", Partition(0), Offset(0), WallTime{}, "1", std::string_view(json), {}},
        out));
    const std::string_view served = out.at(0).value.value();
    // {"label":…,"probabilities":{…}} against "sentiment":{"label":…,"model":…}
    const std::string said = sentiments[i].substr(1, sentiments[i].size() - 2);
    if (said.ends_with("\"no_text\"")) {
      ++unknown;
      CHECK(served.find(R"("reason":"no_text")") != std::string_view::npos);
    } else if (served.find("\"sentiment\":{" + said + ",\"model\"") == std::string_view::npos) {
      FAIL_CHECK(texts[i] << "\n" << said << "\n" << served);
    }
    // {"topics":[…]} against "topics":[…],"topic_model":…
    const std::string about = topics[i].substr(1, topics[i].find(']'));
    if (served.find(about + ",\"topic_model\"") == std::string_view::npos) {
      FAIL_CHECK(texts[i] << "\n" << about << "\n" << served);
    }
  }
  CHECK(unknown > 0);
  CHECK(unknown < kPosts / 5);
}

}  // namespace rookery::train
