#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "services/rookery-train/calibration.hpp"
#include "services/rookery-train/commands.hpp"
#include "services/rookery-train/evaluation.hpp"
#include "services/rookery-train/gram_index.hpp"
#include "services/rookery-train/sentiment_trainer.hpp"
#include "tests/unit/services/sentiment-scoring/scratch.hpp"
#include "tests/unit/services/sentiment-scoring/support.hpp"

namespace rookery::train {
namespace {

using sentiment_scoring::Model;

/// Invented posts of which a few words tell the class.
std::vector<LabelledText> invented(std::size_t count) {
  const std::array<std::array<const char*, 4>, 3> words{{{"zrud", "blonk", "krat", "dreff"},
                                                         {"desk", "noon", "street", "paper"},
                                                         {"lumi", "salo", "vanta", "mirel"}}};
  std::vector<LabelledText> posts;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t label = i % 3;
    const std::string text = "post " + std::to_string(i % 7) + " is " + words[label][i / 3 % 4] +
                             " and " + words[label][i / 12 % 4];
    posts.push_back({text, static_cast<Label>(label)});
  }
  return posts;
}

std::string train(std::uint64_t seed, std::size_t grams_max) {
  TrainerSettings settings;
  settings.seed = seed;
  settings.grams_max = grams_max;
  const auto parts = train_sentiment(mix(invented(300), {}), settings, [](const std::string&) {});
  return Model::encode(parts);
}

}  // namespace

TEST_CASE("what can be learnt is learnt", "[train]") {
  const auto model = Model::decode(train(1, 2000));
  REQUIRE(model);
  const Evaluation evaluation = evaluate(*model, invented(90), 10'000);
  CHECK(evaluation.accuracy == 1);
  CHECK(evaluation.macro_recall == 1);
  CHECK(evaluation.auc == 1);
}

TEST_CASE("a model of two classes never says neutral", "[train]") {
  auto posts = invented(300);
  std::erase_if(posts, [](const LabelledText& post) { return post.label == Label::kNeutral; });
  TrainerSettings settings;
  settings.classes = 2;
  settings.by_ratio = GENERATE(false, true);
  settings.name = "polarity";
  const auto parts = train_sentiment(mix(posts, {}), settings, [](const std::string&) {});
  const auto model = Model::decode(Model::encode(parts));
  REQUIRE(model);
  CHECK(model->classes() == 2);
  CHECK(evaluate(*model, posts, 10'000).accuracy == 1);
  sentiment_scoring::Scorer scorer(10'000);
  REQUIRE(scorer.read("desk noon street"));
  const auto score = scorer.score(*model);
  CHECK(score.thousandths[1] == 0);
  CHECK(score.thousandths[0] + score.thousandths[2] == 1000);
  std::string out;
  append_score(out, score);
  CHECK(out.find("neutral") == std::string::npos);
  CHECK(no_evidence(2).thousandths == std::array<int, 3>{500, 0, 500});
}

TEST_CASE("the ratio of an n-gram decides how readily it is learnt", "[train]") {
  // "even" stands in as many good as bad texts, "zrud" and "lumi" in one kind alone.
  std::vector<LabelledText> posts;
  for (int i = 0; i < 200; ++i) {
    const bool good = i % 2 == 0;
    posts.push_back({std::string(good ? "lumi" : "zrud") + " even",
                     good ? Label::kPositive : Label::kNegative});
  }
  TrainerSettings settings;
  settings.classes = 2;
  settings.by_ratio = true;
  const auto parts = train_sentiment(mix(posts, {}), settings, [](const std::string&) {});
  sentiment_scoring::FeatureExtractor extractor(100);
  const auto weight_of = [&](const char* text) {
    int most = 0;
    for (const std::uint32_t key : extractor.extract(text).word_grams) {
      for (const auto& gram : parts.word_grams) {
        if (gram.key == key) most = std::max(most, std::abs(gram.positive));
      }
    }
    return most;
  };
  CHECK(weight_of("lumi") > 20);
  CHECK(weight_of("zrud") > 20);
  CHECK(weight_of("even") <= 1);
}

TEST_CASE("the same seed gives the same bytes", "[train]") {
  CHECK(train(5, 2000) == train(5, 2000));
  CHECK(train(5, 2000) != train(6, 2000));
}

TEST_CASE("several runs give the mean of what each would have learnt", "[train]") {
  const auto dense = [](std::uint64_t seed, std::size_t runs) {
    TrainerSettings settings;
    settings.seed = seed;
    settings.runs = runs;
    return train_sentiment(mix(invented(300), {}), settings, [](const std::string&) {}).dense;
  };
  const auto both = dense(5, 2);
  const auto first = dense(5, 1);
  const auto second = dense(6, 1);
  CHECK(first != second);
  for (std::size_t i = 0; i < both.size(); ++i) {
    for (std::size_t c = 0; c < both[i].size(); ++c) {
      CHECK(both[i][c] == Approx((first[i][c] + second[i][c]) / 2).margin(1e-6));
    }
  }
}

TEST_CASE("no more n-grams are kept than allowed", "[train]") {
  const auto size_at = [](std::size_t grams) { return train(1, grams).size(); };
  CHECK(size_at(100) <= 132'000 + 4 * 100);
  CHECK(size_at(100) < size_at(400));
}

TEST_CASE("a cautious model trusts a rare word less", "[train]") {
  // "lumi" stands in a hundred good texts, "mirel" in two.
  std::vector<LabelledText> posts;
  for (int i = 0; i < 100; ++i) {
    posts.push_back({"zrud", Label::kNegative});
    posts.push_back({i < 2 ? "mirel" : "lumi", Label::kPositive});
  }
  const auto rare_over_common = [&](float caution) {
    TrainerSettings settings;
    settings.classes = 2;
    settings.caution = caution;
    const auto parts = train_sentiment(mix(posts, {}), settings, [](const std::string&) {});
    sentiment_scoring::FeatureExtractor extractor(100);
    const auto weight_of = [&](const char* text) {
      const std::uint32_t key = extractor.extract(text).word_grams.at(0);
      for (const auto& gram : parts.word_grams) {
        if (gram.key == key) return static_cast<double>(gram.positive);
      }
      return 0.0;
    };
    return weight_of("mirel") / weight_of("lumi");
  };
  CHECK(rare_over_common(1) < 0.6 * rare_over_common(1e-8F));
}

TEST_CASE("wide n-grams tell what no neighbours tell", "[train]") {
  // The same words with the same neighbours: only their order at a distance differs.
  // No other n-gram is in as many texts as it would need.
  std::vector<LabelledText> posts;
  for (int i = 0; i < 100; ++i) {
    posts.push_back({"so lumi on it zrud so", Label::kPositive});
    posts.push_back({"so zrud on it lumi so", Label::kNegative});
  }
  TrainerSettings settings;
  settings.classes = 2;
  settings.by_ratio = GENERATE(false, true);
  settings.word_texts_min = 255;
  settings.character_texts_min = 255;
  const auto model = [&](unsigned wide_texts_min) {
    settings.wide_texts_min = wide_texts_min;
    const auto parts = train_sentiment(mix(posts, {}), settings, [](const std::string&) {});
    return Model::decode(Model::encode(parts));
  };
  CHECK_FALSE(model(0)->has_wide());
  CHECK(evaluate(*model(0), posts, 10'000).accuracy == 0.5);
  const auto wide = model(2);
  CHECK(wide->has_wide());
  CHECK(evaluate(*wide, posts, 10'000).accuracy == 1);
  CHECK_FALSE(model(201)->has_wide());  // there are 200 texts

  // What is calibrated is what is served.
  sentiment_scoring::Scorer scorer(10'000);
  const auto judged = judge(*wide, posts, 10'000);
  REQUIRE(scorer.read(posts[0].text));
  const PerLabel served = scorer.probabilities(*wide);
  CHECK(std::log(served[2] / served[0]) ==
        Approx(judged[0].logits[2] - judged[0].logits[0]).epsilon(1e-3));
}

TEST_CASE("a cross-validation judges each post by a model that never saw it", "[train]") {
  // Labels without a rule: who learnt a post knows it, who did not must guess.
  std::string lines;
  std::string classes;
  for (int i = 0; i < 300; ++i) {
    lines += "q" + std::to_string(i) + "x" + std::to_string(i * 7919 % 1000) + "\n";
    classes += i * 7919 / 7 % 2 == 0 ? "negative\n" : "positive\n";
  }
  const Scratch texts("folds_texts", lines);
  const Scratch labels("folds_labels", classes);
  const Scratch model("folds_model", "");
  const Scratch card_file("folds_card", "");
  SentimentCommand command;
  command.texts = texts.path();
  command.labels = labels.path();
  command.model = model.path();
  command.card = card_file.path();
  command.folds = 3;
  command.settings.classes = 2;
  command.settings.word_texts_min = 1;
  command.settings.character_texts_min = 1;
  std::ostringstream out;
  std::ostringstream log;
  REQUIRE(run_sentiment(command, out, log));
  const auto judged = nlohmann::json::parse(out.str());
  CHECK(judged["n"] == 300);
  CHECK(judged["accuracy"] < 0.65);
  std::ostringstream own;
  REQUIRE(run_evaluate(command.model, command.texts, command.labels, 10'000, own));
  CHECK(nlohmann::json::parse(own.str())["accuracy"] > 0.95);
  std::ostringstream card;
  card << std::ifstream(command.card).rdbuf();
  CHECK(card.str().find("in 3 parts") != std::string::npos);

  command.held_out_texts = command.texts;
  CHECK(run_sentiment(command, out, log).error().code == "option_invalid");
  command.held_out_texts.clear();
  command.folds = 0;
  CHECK(run_sentiment(command, out, log).error().code == "option_invalid");
}

TEST_CASE("a cross-validation has every class in every part", "[train]") {
  // invented() goes through the classes in turn: every third post has one class.
  std::string lines;
  std::string classes;
  for (const LabelledText& post : invented(300)) {
    lines += post.text + "\n";
    classes += std::string(name_of(post.label)) + "\n";
  }
  const Scratch texts("turns_texts", lines);
  const Scratch labels("turns_labels", classes);
  const Scratch model("turns_model", "");
  SentimentCommand command;
  command.texts = texts.path();
  command.labels = labels.path();
  command.model = model.path();
  command.folds = 3;
  std::ostringstream out;
  std::ostringstream log;
  REQUIRE(run_sentiment(command, out, log));
  CHECK(nlohmann::json::parse(out.str())["accuracy"] > 0.99);
}

TEST_CASE("n-grams that are not learnt anew keep their weights", "[train]") {
  const auto grams = [](bool relearn, std::size_t grams_max) {
    TrainerSettings settings;
    settings.relearn = relearn;
    settings.grams_max = grams_max;
    return train_sentiment(mix(invented(300), {}), settings, [](const std::string&) {});
  };
  const auto all = grams(false, 2000);
  const auto few = grams(false, 100);
  CHECK(few.word_grams.size() + few.character_grams.size() <= 100);
  CHECK(few.dense == all.dense);
  CHECK(few.bias == all.bias);
  CHECK(grams(true, 100).bias != all.bias);
}

TEST_CASE("measures are those of the textbook", "[train]") {
  auto parts = sentiment_scoring::small_parts();
  parts.bias = {0, 0, 100};  // always positive, surely
  const auto model = Model::decode(Model::encode(parts));
  REQUIRE(model);
  const std::vector<LabelledText> posts{{"a b", Label::kPositive},
                                        {"a b", Label::kPositive},
                                        {"a b", Label::kNegative},
                                        {"@nobody", Label::kNeutral}};
  const Evaluation evaluation = evaluate(*model, posts, 100);
  CHECK(evaluation.n == 4);
  CHECK(evaluation.unknown == 1);
  CHECK(evaluation.accuracy == Approx(0.75));  // the text without words is neutral indeed
  CHECK(evaluation.macro_recall == Approx(2.0 / 3));
  CHECK(evaluation.macro_f1 == Approx(1.8 / 3));
  CHECK(evaluation.ece == Approx((1.0 + 2.0 / 3) / 4));
  CHECK_THAT(to_json(evaluation), Catch::StartsWith(R"({"accuracy":0.75,"macro_recall":0.6667,)"));
}

TEST_CASE("an index gives each key one number", "[train]") {
  GramIndex index;
  for (std::uint32_t key = 0; key < 5000; ++key) index.add(key * 2654435761U);
  index.add(0);
  CHECK(index.size() == 5000);
  CHECK(index.find(2654435761U) == 1);
  CHECK(index.key(1) == 2654435761U);
  CHECK(index.find(12345) == GramIndex::kNone);
}

TEST_CASE("predict prints what the service writes", "[train]") {
  std::istringstream in("I love it\n\n@user http\nso sad :(\n");
  std::ostringstream out;
  const std::string path = std::string(sentiment_scoring::kModels) + "/en.model";
  REQUIRE(run_predict(path, 10'000, in, out));
  sentiment_scoring::Scorer scorer(10'000);
  std::string expected;
  for (const char* text : {"I love it", "", "@user http", "so sad :("}) {
    expected += "{";
    if (scorer.read(text)) {
      append_score(expected, scorer.score(sentiment_scoring::english()));
    } else {
      expected += R"("label":"neutral","score":0,"probabilities":)"
                  R"({"negative":0.333,"neutral":0.334,"positive":0.333},"reason":"no_text")";
    }
    expected += "}\n";
  }
  CHECK(out.str() == expected);
  CHECK(run_predict("/nonexistent", 100, in, out).error().code == "model_unreadable");
}

TEST_CASE("the shipped model reaches its goal on TweetEval's validation posts", "[train][data]") {
  const std::string folder = "../shared/data/sentiment/tweeteval";
  if (!std::filesystem::exists(folder + "/val_text.txt")) {
    WARN("skipped: no TweetEval validation posts in " << folder);
    return;
  }
  const auto posts = read_texts_and_labels(folder + "/val_text.txt", folder + "/val_labels.txt");
  REQUIRE(posts);
  const Evaluation evaluation = evaluate(sentiment_scoring::english(), *posts, 10'000);
  CHECK(evaluation.macro_recall >= 0.72);
  CHECK(evaluation.ece <= 0.03);
}

}  // namespace rookery::train
