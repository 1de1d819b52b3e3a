#include "services/rookery-train/calibration.hpp"

#include <cmath>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>

#include <catch2/catch.hpp>

#include "services/rookery-train/commands.hpp"
#include "services/rookery-train/sentiment_trainer.hpp"
#include "services/sentiment-scoring/model_file.hpp"
#include "tests/unit/services/sentiment-scoring/scratch.hpp"
#include "tests/unit/services/sentiment-scoring/support.hpp"

namespace rookery::train {
namespace {

std::string read(const std::string& path) {
  std::ostringstream bytes;
  bytes << std::ifstream(path, std::ios::binary).rdbuf();
  return bytes.str();
}

}  // namespace

TEST_CASE("calibration brings sure mistakes back to honest doubt", "[train]") {
  std::vector<JudgedPost> posts;
  for (int i = 0; i < 30; ++i) posts.push_back({{-2, 0, 4}, static_cast<Label>(i % 3)});
  const Calibration calibration = fit_calibration(posts, 3, Fitted::kTemperatureAndBias);
  CHECK(calibration.temperature > 4);
  auto parts = sentiment_scoring::small_parts();
  apply(calibration, parts);
  CHECK(parts.temperature == calibration.temperature);
  CHECK(parts.bias[2] == Approx(1 + calibration.bias[2]));
}

TEST_CASE("calibration evens out what a model says too often of a class", "[train]") {
  // Right in nine of ten, but every logit of positive is 1 too high.
  std::vector<JudgedPost> posts;
  for (int i = 0; i < 600; ++i) {
    JudgedPost post{{0, 0, 1}, static_cast<Label>(i % 3)};
    post.logits[static_cast<std::size_t>(i % 10 == 0 ? (i + 1) % 3 : i % 3)] += 3;
    posts.push_back(post);
  }
  const Calibration calibration = fit_calibration(posts, 3, Fitted::kTemperatureAndBias);
  CHECK(calibration.bias[2] == Approx(-1).margin(0.15));
  CHECK(calibration.bias[1] == 0);
  CHECK(std::abs(calibration.bias[0]) < 0.15F);
  CHECK(fit_calibration({}, 3, Fitted::kTemperatureAndBias).temperature == 1);
}

TEST_CASE("calibration by temperature alone leaves the biases as they were learnt", "[train]") {
  // Right in four of five and as sure as that; all logits are twice as large as they should be.
  std::vector<JudgedPost> posts;
  for (int i = 0; i < 300; ++i) {
    JudgedPost post{{0, 0, 0.5F}, static_cast<Label>(i % 3)};
    post.logits[static_cast<std::size_t>(i % 5 == 0 ? (i + 1) % 3 : i % 3)] +=
        2 * std::log(8.0F);  // .8 against .1 and .1
    posts.push_back(post);
  }
  const Calibration calibration = fit_calibration(posts, 3, Fitted::kTemperature);
  CHECK(calibration.temperature == Approx(2).margin(0.1));
  CHECK(calibration.bias == PerLabel{});
  auto parts = sentiment_scoring::small_parts();
  const PerLabel bias = parts.bias;
  apply(calibration, parts);
  CHECK(parts.bias == bias);
}

TEST_CASE("a model is calibrated as it was asked for, and its card says how", "[train]") {
  // "both" stands in as many bad as good posts, and more of the held-out ones are good.
  std::string lines;
  std::string classes;
  for (int i = 0; i < 120; ++i) {
    lines += i % 4 == 0 ? "both\n" : i % 2 == 0 ? "lumi\n" : "zrud\n";
    classes += i % 8 == 0 || i % 4 == 2 ? "positive\n" : "negative\n";
  }
  const Scratch texts("calibrated_texts", lines);
  const Scratch labels("calibrated_labels", classes);
  const Scratch held_out_texts("calibrated_held_out_texts", "both\nboth\nlumi\nzrud\nzrud\n");
  const Scratch held_out_labels("calibrated_held_out_labels",
                                "positive\npositive\npositive\nnegative\nnegative\n");
  const Scratch model("calibrated_model", "");
  const Scratch card_file("calibrated_card", "");
  SentimentCommand command;
  command.texts = texts.path();
  command.labels = labels.path();
  command.held_out_texts = held_out_texts.path();
  command.held_out_labels = held_out_labels.path();
  command.model = model.path();
  command.card = card_file.path();
  command.settings.classes = 2;
  const auto posts = read_texts_and_labels(command.texts, command.labels, Classes::kPolarity);
  REQUIRE(posts);
  const PerLabel learnt =
      train_sentiment(mix(*posts, {}), command.settings, [](const std::string&) {}).bias;
  const auto run = [&](Fitted fitted) {
    command.fitted = fitted;
    std::ostringstream out;
    std::ostringstream log;
    REQUIRE(run_sentiment(command, out, log));
    return std::pair(sentiment_scoring::decode_parts(read(command.model)), read(command.card));
  };
  const auto [alone, alone_card] = run(Fitted::kTemperature);
  REQUIRE(alone);
  CHECK(alone->bias == learnt);
  CHECK(alone->temperature != 1);
  CHECK(alone_card.find("\nThe temperature was fitted") != std::string::npos);
  const auto [both, both_card] = run(Fitted::kTemperatureAndBias);
  REQUIRE(both);
  CHECK(both->bias != learnt);
  CHECK(both_card.find("\nThe temperature and each class's bias were") != std::string::npos);
}

}  // namespace rookery::train
