#include "services/rookery-train/emoji_texts.hpp"

#include <algorithm>
#include <cmath>
#include <random>

#include "services/sentiment-scoring/lexicon.hpp"

namespace rookery::train {
namespace {

/// How far one step of valence (-4 to 4) moves the logits of positive and
/// negative apart, each by half: chosen so that a heart (3.0) makes a neutral
/// text positive with some .7, and a clearly bad text stays bad.
constexpr float kLogitsPerValence = 0.8F;
constexpr float kWeight = 0.5F;

PerLabel moved(PerLabel target, float valence) {
  const float shift = kLogitsPerValence * valence / 2;
  const PerLabel by{std::exp(-shift), std::exp(-std::abs(shift) / 2), std::exp(shift)};
  float sum = 0;
  for (std::size_t c = 0; c < target.size(); ++c) {
    target[c] = std::max(target[c], 0.01F) * by[c];
    sum += target[c];
  }
  for (float& value : target) value /= sum;
  return target;
}

}  // namespace

std::vector<Example> add_emoji(const std::vector<Example>& examples, std::size_t count,
                               std::uint64_t seed) {
  std::vector<Example> made;
  const auto emoji = sentiment_scoring::rated_emoji();
  if (examples.empty() || emoji.empty()) return made;
  std::mt19937_64 random(seed);
  made.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto& [sign, tenths] = emoji[random() % emoji.size()];
    const Example& base = examples[random() % examples.size()];
    const bool alone = random() % 10 == 0;
    Example example{alone ? std::string() : base.text + " ",
                    alone ? PerLabel{0.2F, 0.6F, 0.2F} : base.target, kWeight, true};
    for (std::size_t times = 1 + random() % 2; times > 0; --times) example.text += sign;
    example.target = moved(example.target, static_cast<float>(tenths) / 10);
    made.push_back(std::move(example));
  }
  return made;
}

}  // namespace rookery::train
