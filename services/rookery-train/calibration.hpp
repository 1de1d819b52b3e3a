#pragma once

#include <cstddef>
#include <vector>

#include "services/rookery-train/corpus.hpp"
#include "services/sentiment-scoring/model.hpp"

namespace rookery::train {

/// What a model says of a labelled post, before its temperature.
struct JudgedPost {
  PerLabel logits;
  Label label;
};

[[nodiscard]] std::vector<JudgedPost> judge(const sentiment_scoring::Model& model,
                                            const std::vector<LabelledText>& posts,
                                            std::size_t text_bytes_max);

/// What a calibration fits; what it does not fit stays as it was learnt.
enum class Fitted { kTemperature, kTemperatureAndBias };

/// Temperature scaling, or vector scaling with one slope (Guo et al. 2017, section 4.2).
struct Calibration {
  float temperature = 1;  ///< 0.2 to 5.
  PerLabel bias{};        ///< Added to the logits before they are divided; neutral's is 0.
};

/// The calibration at which the probabilities fit `posts` best: least cross
/// entropy, every class with equal weight. The biases are drawn to 0 as by a
/// few posts, so that small sets move them little.
[[nodiscard]] Calibration fit_calibration(const std::vector<JudgedPost>& posts, std::size_t classes,
                                          Fitted fitted);

/// Puts a calibration into a model that has none yet.
void apply(const Calibration& calibration, sentiment_scoring::ModelParts& parts);

}  // namespace rookery::train
