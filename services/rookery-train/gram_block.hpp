#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "services/rookery-train/corpus.hpp"
#include "services/rookery-train/gram_index.hpp"
#include "services/sentiment-scoring/model.hpp"

namespace rookery::train {

/// The weights of one feature for the three classes, and AdaGrad's sum of
/// squared gradients, which they share: one quarter of a cache line.
struct Weight {
  PerLabel to{};
  float squares = 1e-8F;

  void learn(const PerLabel& gradient, float rate) {
    float square = 0;
    for (const float g : gradient) square += g * g;
    squares += square;
    const float step = rate / std::sqrt(squares);
    for (std::size_t c = 0; c < to.size(); ++c) to[c] -= step * gradient[c];
  }
};

/// One kind of n-gram while it is learnt: which ones there are, and what they
/// weigh. One thread uses it.
struct GramBlock {
  GramIndex index;
  std::vector<Weight> weights;
  std::vector<std::uint32_t> texts;    ///< In how many texts each occurs, over all epochs.
  std::vector<std::uint32_t> seen_in;  ///< The last text that had it, from 1.
  std::vector<std::uint32_t> present;  ///< Distinct ids of the text at hand.
  std::vector<float> factors;          ///< What the presence of each counts; 1 but by ratio.

  /// Forgets what was learnt; sums of squares begin with `caution`.
  void reset(float caution);
  /// Lets the factors go into the weights, which then hold for plain presence.
  void apply_factors();
  /// Fills `present`; `text` is another number for each text.
  void collect(const std::vector<std::uint32_t>& keys, std::uint32_t text);
  /// Sets the factors: |log of its share in good texts over that in bad ones|,
  /// over the mean of all. `counts` are how often each id stands in bad and in
  /// good texts, smoothed.
  void weigh_by_ratio(const std::vector<std::array<float, 2>>& counts);
  /// How much the n-gram moves the answers, over all texts.
  [[nodiscard]] float importance(std::size_t id) const;
  /// Keeps the n-grams that are more important than `least`, with their weights.
  void keep_above(float least);
};

/// Counts in how many texts a key occurs, up to 255; keys that share all but
/// their last five bits share a count. 128 MiB.
class TextCounts {
 public:
  void add(std::vector<std::uint32_t> keys) {
    std::sort(keys.begin(), keys.end());
    keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
    for (const std::uint32_t key : keys) {
      auto& count = counts_[key >> 5U];
      count = static_cast<std::uint8_t>(std::min(255, count + 1));
    }
  }
  [[nodiscard]] unsigned of(std::uint32_t key) const { return counts_[key >> 5U]; }

 private:
  std::vector<std::uint8_t> counts_ = std::vector<std::uint8_t>(std::size_t{1} << 27U);
};

struct RoundedGrams {
  std::vector<sentiment_scoring::ModelParts::Gram> grams;  ///< Ascending keys.
  float step = 0;                                          ///< What a weight of 1 is worth.
};

/// To int8 relative to neutral, or with two classes one weight that pulls from
/// negative to positive. The largest one in a thousand is cut off, so that it
/// does not cost the others their precision.
[[nodiscard]] RoundedGrams round_weights(const GramBlock& block, std::size_t classes);

}  // namespace rookery::train
