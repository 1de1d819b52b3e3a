#include <string>

#include <catch2/catch.hpp>

#include "tests/unit/services/sentiment-scoring/support.hpp"

namespace rookery::sentiment_scoring {
namespace {

std::string label_of(const std::string& text) {
  static Scorer scorer(10'000);
  if (!scorer.read(text)) return "unknown";
  return std::string(name_of(scorer.score(english()).label));
}

}  // namespace

TEST_CASE("plain texts get the class that a person would give", "[sentiment][model]") {
  struct Case {
    const char* text;
    const char* label;
  };
  const auto c = GENERATE(values<Case>({
      {"I love this so much!", "positive"},
      {"best day ever", "positive"},
      {"Thank you all for the wonderful birthday wishes", "positive"},
      {"worst service ever, I hate it", "negative"},
      {"my flight was cancelled again and nobody helps", "negative"},
      {"so sad to hear this terrible news", "negative"},
      {"The meeting starts at 10:30 in room 4.", "neutral"},
      {"The parliament votes on the budget on Tuesday", "neutral"},
      // negation
      {"I like it", "positive"},
      {"I don't like it", "negative"},
      {"not good at all", "negative"},
      {"never been happier", "positive"},
      // emoji and emoticons
      {"back home \xE2\x9D\xA4\xEF\xB8\x8F\xE2\x9D\xA4\xEF\xB8\x8F", "positive"},
      {"\xF0\x9F\x98\xA1\xF0\x9F\x98\xA1", "negative"},
      {"\xF0\x9F\x91\x8E", "negative"},
      {"\xE2\x9D\xA4\xEF\xB8\x8F", "positive"},
      {"great, cancelled again \xF0\x9F\x99\x84", "negative"},
      {"exams tomorrow :(", "negative"},
      {"finally home :)", "positive"},
      // elongation, capitals, hashtags, disguise
      {"sooooo haaaappy today", "positive"},
      {"GREAT JOB @user", "positive"},
      {"#BestDayEver", "positive"},
      {"#worst", "negative"},
      {"\xF0\x9D\x93\x98 \xF0\x9D\x93\xB5\xF0\x9D\x93\xB8\xF0\x9D\x93\xBF\xF0\x9D\x93\xAE "
       "\xF0\x9D\x93\xB2\xF0\x9D\x93\xBD",
       "positive"},
      {"I l\xE2\x80\x8Bo\xE2\x80\x8Bve it", "positive"},
  }));
  INFO(c.text);
  CHECK(label_of(c.text) == c.label);
}

TEST_CASE("a face or an emoji moves the score its way", "[sentiment][model]") {
  const std::string text = GENERATE(as<std::string>{}, "exams are over", "back home",
                                    "the bus leaves at nine", "what a game");
  Scorer scorer(10'000);
  const auto balance = [&](const std::string& added) {
    scorer.read(text + added);
    return scorer.score(english()).balance();
  };
  for (const char* good : {" :)", " :D", " <3", " \xF0\x9F\x98\x8D", " \xE2\x9D\xA4"}) {
    INFO(text << good);
    CHECK(balance(good) > balance(""));
  }
  for (const char* bad : {" :(", " </3", " \xF0\x9F\x98\xA1", " \xF0\x9F\x91\x8E"}) {
    INFO(text << bad);
    CHECK(balance(bad) < balance(""));
  }
}

TEST_CASE("what does not change the meaning does not change the score", "[sentiment][model]") {
  Scorer scorer(10'000);
  const auto thousandths = [&](std::string_view text) {
    REQUIRE(scorer.read(text));
    return scorer.score(english()).thousandths;
  };
  CHECK(thousandths("@anna great show") == thousandths("@bob42 great show"));
  CHECK(thousandths("look https://a.example/1") == thousandths("look http://b.example"));
  CHECK(thousandths("so goooood") == thousandths("so goooooooooood"));
  CHECK(thousandths("nice\xE2\x80\x8B one") == thousandths("nice one"));
  CHECK(thousandths("don\xE2\x80\x99t") == thousandths("don't"));
}

TEST_CASE("probabilities add up to one for any text", "[sentiment][model]") {
  const auto text =
      GENERATE(as<std::string>{}, "a", "!", "\xF0\x9F\x98\x82", "\xE4\xBD\xA0\xE5\xA5\xBD",
               "I hate hate hate hate this", std::string(20'000, 'x'),
               "\xD9\x85\xD8\xB1\xD8\xAD\xD8\xA8\xD8\xA7", "\xF3\xA0\x80\xA1 x");
  Scorer scorer(10'000);
  REQUIRE(scorer.read(text));
  const PerLabel probabilities = scorer.probabilities(english());
  CHECK(probabilities[0] + probabilities[1] + probabilities[2] == Approx(1));
  const Score score = scorer.score(english());
  CHECK(score.thousandths[0] + score.thousandths[1] + score.thousandths[2] == 1000);
  for (const int part : score.thousandths) CHECK((part >= 0 && part <= 1000));
  CHECK(score.thousandths[static_cast<std::size_t>(score.label)] >= 333);
}

TEST_CASE("repeating a text does not make the model surer without end", "[sentiment][model]") {
  Scorer scorer(10'000);
  std::string text;
  for (int i = 0; i < 900; ++i) text += "not sure ";
  REQUIRE(scorer.read(text));
  const PerLabel many = scorer.probabilities(english());
  REQUIRE(scorer.read("not sure not sure not sure not sure"));
  const PerLabel few = scorer.probabilities(english());
  for (std::size_t i = 0; i < many.size(); ++i) CHECK(many[i] == Approx(few[i]).margin(0.15));
}

}  // namespace rookery::sentiment_scoring
