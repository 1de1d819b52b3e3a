#include "services/sentiment-scoring/topic_model.hpp"

#include <cstdint>
#include <numeric>
#include <string>

#include <catch2/catch.hpp>

#include "services/sentiment-scoring/checksum.hpp"
#include "services/sentiment-scoring/topic_scorer.hpp"
#include "tests/unit/services/sentiment-scoring/topic_support.hpp"

namespace rookery::sentiment_scoring {
namespace {

/// Sets a byte and makes the checksum right again.
std::string forge(std::string bytes, std::size_t at, unsigned char value) {
  bytes[at] = static_cast<char>(value);
  std::uint64_t checksum = fnv1a(std::string_view(bytes).substr(24));
  for (std::size_t i = 0; i < 8; ++i, checksum >>= 8U) bytes[16 + i] = static_cast<char>(checksum);
  return bytes;
}

TopicModel small_model() {
  auto model = TopicModel::decode(encode_topics(small_topics()));
  REQUIRE(model);
  return std::move(*model);
}

std::string topics_of(const TopicModel& model, std::string_view text, int least = 1,
                      std::size_t most = 3) {
  static TopicScorer scorer;
  Tokens tokens;
  tokens.read(text, 10'000);
  std::string out;
  append_topics(out, model, scorer.score(model, tokens.tokens(), least, most));
  return out;
}

}  // namespace

TEST_CASE("a topic model comes back from its file as it was", "[topics]") {
  const TopicParts parts = small_topics();
  const auto back = decode_topics(encode_topics(parts));
  REQUIRE(back);
  CHECK(back->name == "small");
  CHECK(back->labels == parts.labels);
  CHECK(back->prior == parts.prior);
  CHECK(back->words == parts.words);
  REQUIRE(back->weights.size() == parts.weights.size());
  for (std::size_t i = 0; i < parts.weights.size(); ++i) {
    CHECK(back->weights[i] == Approx(parts.weights[i]).epsilon(1.0 / 256));
  }
  CHECK(encode_topics(*back) == encode_topics(parts));
}

TEST_CASE("a broken topic model is refused, wherever it is broken", "[topics]") {
  const std::string whole = encode_topics(small_topics());
  for (std::size_t length = 0; length < whole.size(); ++length) {
    REQUIRE_FALSE(TopicModel::decode(whole.substr(0, length)));
  }
  for (std::size_t at = 24; at < whole.size(); ++at) {
    std::string changed = whole;
    changed[at] ^= 1;
    REQUIRE(TopicModel::decode(changed).error().code == "model_broken");
  }
  CHECK(TopicModel::decode(whole + "x").error().code == "model_broken");
  std::string old = whole;
  old[8] = 0;
  CHECK(TopicModel::decode(old).error().code == "model_version");
  CHECK(TopicModel::decode(old).error().message == "expected format 1, got 0");
  CHECK(TopicModel::decode(forge(whole, 24, 9)).error().code == "model_version");
}

TEST_CASE("a topic model whose numbers lie is refused", "[topics]") {
  const std::string whole = encode_topics(small_topics());
  // Whatever byte lies, with the right checksum: refused, or still a model that works.
  TopicScorer scorer;
  Tokens tokens;
  tokens.read("the team scored a goal in New York", 1000);
  for (std::size_t at = 24; at < whole.size(); ++at) {
    const auto model = TopicModel::decode(forge(whole, at, 0xFF));
    if (!model) continue;
    for (const TopicShare& share : scorer.score(*model, tokens.tokens(), 1, 10)) {
      CHECK(share.topic < model->topics());
    }
  }
  CHECK(TopicModel::decode(forge(whole, 60, 0)).error().code == "model_broken");     // no topics
  CHECK(TopicModel::decode(forge(whole, 62, 0xFF)).error().code == "model_broken");  // millions
}

TEST_CASE("words vote for topics in each other's light", "[topics]") {
  const TopicModel model = small_model();
  CHECK_THAT(topics_of(model, "what a GOAL, what a team"),
             Catch::StartsWith(R"([{"id":0,"label":"sport")"));
  CHECK_THAT(topics_of(model, "team meeting"), Catch::StartsWith(R"([{"id":1,"label":"work")"));
  CHECK_THAT(topics_of(model, "Sonne! #Sonne"), Catch::StartsWith(R"([{"id":2,"label":"Wetter")"));
  CHECK(topics_of(model, "nothing known here") == "[]");
  CHECK(topics_of(model, "") == "[]");
  CHECK(topics_of(model, "@goal https://goal.example/team 42") == "[]");
}

TEST_CASE("a mixture is where the votes settle", "[topics]") {
  // Eleven topics are no multiple of what is worked on at once.
  TopicParts parts{.name = "many", .labels = {}, .prior = {}, .words = {}, .weights = {}};
  for (int topic = 0; topic < 11; ++topic) {
    parts.labels.push_back(std::to_string(topic));
    parts.prior.push_back(0.05F + 0.01F * static_cast<float>(topic));
  }
  for (int word = 0; word < 7; ++word) {
    parts.words.push_back(std::string(2, static_cast<char>('a' + word)));
    for (int topic = 0; topic < 11; ++topic) {
      parts.weights.push_back(static_cast<float>(1 + word * topic * 37 % 13 * 16) / 1024);
    }
  }
  const auto model = TopicModel::decode(encode_topics(parts));
  REQUIRE(model);
  const std::vector<std::uint32_t> words{0, 5, 2, 2, 6};
  TopicScorer scorer;
  const std::vector<float> mixture = scorer.mixture(*model, words);
  // The definition, word for word: each gives its vote in the light of the others'.
  std::vector<std::vector<double>> votes(words.size(), std::vector<double>(11));
  std::vector<double> shares(11);
  for (int round = 0; round < 500; ++round) {
    for (std::size_t i = 0; i < words.size(); ++i) {
      double sum = 0;
      std::vector<double> next(11);
      for (std::size_t topic = 0; topic < 11; ++topic) {
        double others = parts.prior[topic];
        for (std::size_t j = 0; j < words.size(); ++j) others += j == i ? 0 : votes[j][topic];
        sum += next[topic] = others * static_cast<double>(model->weights(words[i])[topic]);
      }
      for (std::size_t topic = 0; topic < 11; ++topic) votes[i][topic] = next[topic] / sum;
    }
  }
  double total = 0;
  for (std::size_t topic = 0; topic < 11; ++topic) {
    shares[topic] = parts.prior[topic];
    for (const auto& vote : votes) shares[topic] += vote[topic];
    total += shares[topic];
  }
  REQUIRE(mixture.size() == 11);
  for (std::size_t topic = 0; topic < 11; ++topic) {
    CHECK(mixture[topic] == Approx(shares[topic] / total).margin(0.01));
  }
}

TEST_CASE("a phrase counts as one word, but not across a full stop", "[topics]") {
  const TopicModel model = small_model();
  Tokens tokens;
  std::vector<std::uint32_t> words;
  const auto read = [&](std::string_view text) {
    tokens.read(text, 1000);
    model.vocabulary().read(tokens.tokens(), words);
    return words;
  };
  CHECK(read("New York team") == std::vector<std::uint32_t>{4, 1});
  CHECK(read("new. York team") == std::vector<std::uint32_t>{5, 1});
  CHECK(read("#NewYork") == std::vector<std::uint32_t>{4});
}

TEST_CASE("small shares are left out, the largest never is", "[topics]") {
  const TopicModel model = small_model();
  TopicScorer scorer;
  Tokens tokens;
  tokens.read("team goal meeting", 1000);
  CHECK(scorer.score(model, tokens.tokens(), 1000, 3).size() == 1);
  CHECK(scorer.score(model, tokens.tokens(), 1, 1).size() == 1);
  const auto all = scorer.score(model, tokens.tokens(), 1, 3);
  REQUIRE(all.size() == 3);
  CHECK(std::accumulate(all.begin(), all.end(), 0, [](int sum, const TopicShare& share) {
          return sum + share.thousandths;
        }) == Approx(1000).margin(2));
  CHECK(all[0].thousandths >= all[1].thousandths);
}

TEST_CASE("adversarial texts get a mixture like any other", "[topics]") {
  const TopicModel model = small_model();
  std::string many;
  for (int i = 0; i < 5000; ++i) many += "goal meeting ";
  std::string emoji;
  for (int i = 0; i < 10'000; ++i) emoji += "\xF0\x9F\x98\x82";
  CHECK_THAT(topics_of(model, many), Catch::Contains("probability"));
  CHECK(topics_of(model, emoji) == "[]");
  CHECK(topics_of(model,
                  "g\xE2\x80\x8Bo\xE2\x80\x8B"
                  "al") == topics_of(model, "goal"));
  CHECK(topics_of(model, "\xD0\xBA\xD0\xBE\xD1\x82 goal \xE7\x8C\xAB") == topics_of(model, "goal"));
}

TEST_CASE("the order of words and earlier texts change nothing", "[topics]") {
  const TopicModel model = small_model();
  const std::string first = topics_of(model, "team goal sonne");
  topics_of(model, "meeting meeting meeting york");
  CHECK(topics_of(model, "sonne team goal") == first);
}

}  // namespace rookery::sentiment_scoring
