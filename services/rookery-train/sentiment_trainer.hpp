#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "services/rookery-train/corpus.hpp"
#include "services/sentiment-scoring/model.hpp"

namespace rookery::train {

struct TrainerSettings {
  std::string language = "en";
  std::string name = "en";
  std::uint64_t seed = 1;
  std::size_t runs = 1;  ///< So many orders of the texts, of whose weights the mean is kept.
  int epochs = 3;
  float rate = 0.1F;                 ///< Of AdaGrad, falling to 0 over the epochs.
  float scale = 1.5F;                ///< A block of n features gives each scale / sqrt(n).
  unsigned word_texts_min = 2;       ///< Word n-grams in fewer texts are left out,
  unsigned character_texts_min = 5;  ///< and character n-grams likewise.
  unsigned wide_texts_min = 0;       ///< Likewise wide n-grams; 0: none are learnt.
  std::size_t grams_max = 215'000;   ///< Kept after pruning, of all kinds together.
  /// The more unevenly good and bad texts have an n-gram, the more readily it is
  /// learnt, in the manner of NB-SVM (Wang and Manning 2012). Made for two classes.
  bool by_ratio = false;
  /// What each n-gram's sum of squared gradients begins with: the larger, the
  /// smaller the first steps, and the less a rare n-gram weighs.
  float caution = 1e-8F;
  /// Whether the n-grams that are kept are learnt anew, without the others. If
  /// not, they keep the weights that they had among the others.
  bool relearn = true;
  std::size_t classes = 3;  ///< 2: neutral is left out of what is learnt.
  std::size_t text_bytes_max = 10'000;
};

/// Learns a softmax over the features of `examples` by AdaGrad, keeps the
/// n-grams that move most (largest |weight - mean| times root of their texts),
/// perhaps learns those anew, and rounds them to int8 columns relative to
/// neutral. The temperature is 1: fit_calibration() is next. The same examples and settings
/// give the same model. `report` hears a line for each step; `each_text`, which may be empty, is
/// called after each text, passes_of() times for each.
[[nodiscard]] sentiment_scoring::ModelParts train_sentiment(
    const std::vector<Example>& examples, const TrainerSettings& settings,
    const std::function<void(const std::string&)>& report,
    const std::function<void()>& each_text = {});

/// How often a training goes through the texts.
[[nodiscard]] std::size_t passes_of(const TrainerSettings& settings);

}  // namespace rookery::train
