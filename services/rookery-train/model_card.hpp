#pragma once

#include <string>
#include <vector>

#include "services/rookery-train/calibration.hpp"
#include "services/rookery-train/evaluation.hpp"

namespace rookery::train {

/// What a model card says beside the scores.
struct CardFacts {
  std::string model_id;
  std::string language;
  std::string date;               ///< As the user gave it; empty: not said.
  std::string about;              ///< Free Markdown about the data; may be empty.
  std::vector<std::string> data;  ///< One line for each input: name, rows.
  std::size_t classes = 3;
  std::size_t bytes = 0;
  std::size_t grams = 0;
  bool has_wide = false;  ///< Whether wide n-grams are among them.
  float temperature = 1;
  std::size_t folds = 0;  ///< Of the cross-validation; 0: there were held-out posts.
  Fitted fitted = Fitted::kTemperatureAndBias;
};

/// A page of Markdown: what the model is, what it learnt from, how it does on
/// the held-out posts, and what it is not good for.
[[nodiscard]] std::string model_card(const CardFacts& facts, const Evaluation& held_out);

}  // namespace rookery::train
