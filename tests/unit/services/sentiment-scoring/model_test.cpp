#include "services/sentiment-scoring/model.hpp"

#include <cstdio>
#include <fstream>
#include <string>

#include <catch2/catch.hpp>

#include "services/sentiment-scoring/checksum.hpp"
#include "services/sentiment-scoring/model_file.hpp"
#include "tests/unit/services/sentiment-scoring/support.hpp"

namespace rookery::sentiment_scoring {
namespace {

/// Sets the number of four bytes at `at` and makes the checksum right again.
std::string forge(std::string bytes, std::size_t at, unsigned char value) {
  bytes[at] = static_cast<char>(value);
  std::uint64_t checksum = fnv1a(std::string_view(bytes).substr(24));
  for (std::size_t i = 0; i < 8; ++i, checksum >>= 8U) bytes[16 + i] = static_cast<char>(checksum);
  return bytes;
}

}  // namespace

TEST_CASE("a model comes back from its file as it was", "[sentiment]") {
  const ModelParts parts = small_parts();
  const auto back = decode_parts(encode_parts(parts));
  REQUIRE(back);
  CHECK(back->language == "en");
  CHECK(back->name == "small");
  REQUIRE(back->word_grams.size() == 2);
  CHECK(back->word_grams[1].key == 0x10007);
  CHECK(back->word_grams[1].positive == 3);
  REQUIRE(back->character_grams.size() == 1);
  CHECK(back->character_grams[0].key == 0xFFFFFFFF);
  CHECK(back->character_grams[0].negative == -127);
  CHECK(back->word_unit == parts.word_unit);
  CHECK(back->dense == parts.dense);
  CHECK(back->bias == parts.bias);
  CHECK(back->temperature == parts.temperature);
  CHECK(encode_parts(*back) == encode_parts(parts));
}

TEST_CASE("a model sums its weights over distinct n-grams", "[sentiment]") {
  const auto model = Model::decode(Model::encode(small_parts()));
  REQUIRE(model);
  Features features;
  features.word_grams = {7, 7, 9, 0x10007};    // weights (1,-1) and (2,3), unit .5
  features.character_grams = {0xFFFFFFFF, 1};  // (-127,127), unit .25
  features.dense[2] = 0.5F;
  Model::Seen seen;
  for (int again = 0; again < 2; ++again) {
    const PerLabel logits = model->logits(features, seen);
    CHECK(logits[0] == Approx(3 * 0.5 / std::sqrt(2.0) - 127 * 0.25 - 0.5));
    CHECK(logits[1] == 0);
    CHECK(logits[2] == Approx(2 * 0.5 / std::sqrt(2.0) + 127 * 0.25 + 0.5 + 1));
  }
}

TEST_CASE("a broken model file is refused, whatever is broken", "[sentiment]") {
  const std::string whole = Model::encode(small_parts());
  for (const std::size_t length : {0UL, 7UL, 12UL, 23UL, 24UL, 300UL, whole.size() - 1}) {
    const auto model = Model::decode(whole.substr(0, length));
    REQUIRE_FALSE(model);
    CHECK(model.error().code == "model_broken");
    CHECK(model.error().disposition == Disposition::kMisconfigured);
  }
  std::string changed = whole;
  changed[whole.size() / 2] ^= 1;
  CHECK(Model::decode(changed).error().code == "model_broken");
  CHECK(Model::decode(whole + "x").error().code == "model_broken");
  CHECK(Model::decode("<html>not found</html>......").error().code == "model_broken");
}

TEST_CASE("a model file for another program is refused with both versions", "[sentiment]") {
  const std::string whole = Model::encode(small_parts());
  std::string format = whole;
  format[8] = 9;
  CHECK(Model::decode(format).error().code == "model_version");
  CHECK(Model::decode(format).error().message == "expected format 4, got 9");
  CHECK(Model::decode(forge(whole, 24, 99)).error().code == "model_version");    // features
  CHECK(Model::decode(forge(whole, 28, 4)).error().code == "model_version");     // classes
  CHECK(Model::decode(forge(whole, 32, 0x55)).error().code == "model_version");  // lexicon
}

TEST_CASE("a model file whose counts lie is refused", "[sentiment]") {
  const std::string whole = Model::encode(small_parts());
  const std::size_t words_at = 24 + 16 + 48 + 16 + 4 + kDenseCount * 8;
  const auto refused = [](const std::string& bytes) {
    const auto model = Model::decode(bytes);
    return !model && model.error().code == "model_broken";
  };
  CHECK(refused(forge(whole, words_at, 3)));         // more than the buckets hold
  CHECK(refused(forge(whole, words_at, 1)));         // fewer
  CHECK(refused(forge(whole, words_at + 3, 0xFF)));  // four billion: nothing is reserved
  CHECK(refused(forge(whole, words_at + 8, 200)));   // a bucket with more than there are
  CHECK(refused(forge(whole, 40, 0)));               // no language
}

TEST_CASE("a model of two classes has one weight an n-gram, where that says all", "[sentiment]") {
  ModelParts parts = small_parts();
  parts.classes = 2;
  const std::string two_weights = Model::encode(parts);  // its n-grams pull both ways
  CHECK(two_weights[8] == 1);
  REQUIRE(decode_parts(two_weights));
  for (auto* grams : {&parts.word_grams, &parts.character_grams}) {
    for (auto& gram : *grams) gram.negative = 0;
  }
  const std::string one_weight = Model::encode(parts);
  CHECK(one_weight[8] == 2);
  CHECK(one_weight.size() == two_weights.size() - 3);
  const auto back = decode_parts(one_weight);
  REQUIRE(back);
  CHECK(back->word_grams[1].negative == 0);
  CHECK(back->word_grams[1].positive == 3);
  CHECK(back->character_grams[0].positive == 127);
  CHECK(encode_parts(*back) == one_weight);

  for (const std::size_t length : {24UL, 300UL, one_weight.size() - 1}) {
    CHECK(Model::decode(one_weight.substr(0, length)).error().code == "model_broken");
  }
  CHECK(Model::decode(forge(one_weight, 28, 3)).error().code == "model_broken");  // classes
}

TEST_CASE("a model with wide n-grams has a format of its own", "[sentiment]") {
  ModelParts parts = small_parts();
  const std::string without = Model::encode(parts);
  CHECK(without[8] == 1);
  CHECK_FALSE(Model::decode(without)->has_wide());
  parts.wide_grams = {{5, 0, 3}, {0x20000, 0, -7}};
  parts.wide_unit = 0.5F;
  const std::string three_classes = Model::encode(parts);
  CHECK(three_classes[8] == 3);
  for (auto* grams : {&parts.word_grams, &parts.character_grams}) {
    for (auto& gram : *grams) gram.negative = 0;
  }
  parts.classes = 2;
  const std::string two_classes = Model::encode(parts);
  CHECK(two_classes[8] == 4);
  CHECK(two_classes.size() == three_classes.size() - 5);
  for (const std::string& bytes : {three_classes, two_classes}) {
    const auto back = decode_parts(bytes);
    REQUIRE(back);
    REQUIRE(back->wide_grams.size() == 2);
    CHECK(back->wide_grams[1].key == 0x20000);
    CHECK(back->wide_grams[1].positive == -7);
    CHECK(back->wide_unit == 0.5F);
    CHECK(encode_parts(*back) == bytes);
    CHECK(Model::decode(bytes.substr(0, bytes.size() - 1)).error().code == "model_broken");

    const auto model = Model::decode(bytes);
    REQUIRE(model);
    CHECK(model->has_wide());
    Features features;
    features.wide_grams = {5, 0x20000, 5, 6};
    Model::Seen seen;
    CHECK(model->logits(features, seen)[2] == Approx(1 + (3 - 7) * 0.5 / std::sqrt(2.0)));
  }
}

TEST_CASE("loading names the file", "[sentiment]") {
  const auto absent = Model::load("/nonexistent/x.model");
  REQUIRE_FALSE(absent);
  CHECK(absent.error().code == "model_unreadable");
  CHECK(absent.error().message.find("/nonexistent/x.model") != std::string::npos);
  const auto folder = Model::load(kModels);
  REQUIRE_FALSE(folder);
  const auto card = Model::load(std::string(kModels) + "/en.md");
  REQUIRE_FALSE(card);
  CHECK(card.error().code == "model_broken");
  CHECK(card.error().message.find("en.md") != std::string::npos);
}

TEST_CASE("the shipped model is English and at most one MiB", "[sentiment][model]") {
  CHECK(english().language() == "en");
  CHECK(english().id().starts_with("en-"));
  CHECK(english().id().size() == 11);
  std::ifstream file(std::string(kModels) + "/en.model", std::ios::binary | std::ios::ate);
  CHECK(file.tellg() <= 1'048'576);
}

TEST_CASE("models are found by primary language", "[sentiment]") {
  const ModelSet set = shipped_models();
  CHECK(set.find("en") != nullptr);
  CHECK(set.find("en-GB") != nullptr);
  CHECK(set.find("EN_us") != nullptr);
  CHECK(set.find("") == nullptr);
  CHECK(set.find("e") == nullptr);
  CHECK(set.find("eng") == nullptr);
  CHECK(set.find("xx") == nullptr);
}

TEST_CASE("model sources that cannot work stop the start", "[sentiment]") {
  const std::string file = std::string(kModels) + "/en.model";
  CHECK(ModelSet::load({"en=" + file})->size() == 1);
  CHECK(ModelSet::load({"en=" + file, kModels}).error().code == "models_conflict");
  CHECK(ModelSet::load({"de=" + file}).error().code == "models_conflict");
  CHECK(ModelSet::load({"/nonexistent"}).error().code == "models_missing");
  CHECK(ModelSet::load({"tests/unit"}).error().code == "models_missing");
  CHECK(ModelSet::load({"en=/nonexistent"}).error().code == "model_unreadable");
}

TEST_CASE("thousandths add up and keep the order", "[sentiment]") {
  const auto parts = [](float a, float b, float c) { return to_score({a, b, c}).thousandths; };
  CHECK(parts(1, 0, 0) == std::array<int, 3>{1000, 0, 0});
  CHECK(parts(1.0F / 3, 1.0F / 3, 1.0F / 3) == std::array<int, 3>{334, 333, 333});
  CHECK(parts(0.0006F, 0.0006F, 0.9988F) == std::array<int, 3>{1, 0, 999});
  CHECK(parts(0.2506F, 0.2494F, 0.5F) == std::array<int, 3>{251, 249, 500});
  std::string out;
  append_score(out, to_score({0.1F, 0.25F, 0.65F}));
  CHECK(out == R"("label":"positive","score":0.55,"probabilities":)"
               R"({"negative":0.1,"neutral":0.25,"positive":0.65})");
}

}  // namespace rookery::sentiment_scoring
