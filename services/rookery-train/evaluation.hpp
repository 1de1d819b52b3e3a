#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "services/rookery-train/corpus.hpp"
#include "services/sentiment-scoring/scorer.hpp"

namespace rookery::train {

/// How a model does on labelled texts.
struct Evaluation {
  std::size_t n = 0;
  std::size_t unknown = 0;  ///< Texts that say nothing; each is a wrong answer.
  double accuracy = 0;
  double macro_recall = 0;  ///< Mean over the classes that occur.
  double macro_f1 = 0;
  double auc = 0;  ///< Mean over the classes, each against the rest.
  double ece = 0;  ///< Expected calibration error of the label's probability, 15 bins.
  std::array<double, 3> recall{};
};

[[nodiscard]] Evaluation evaluate(const sentiment_scoring::Model& model,
                                  const std::vector<LabelledText>& posts,
                                  std::size_t text_bytes_max);

/// One JSON object; numbers with four decimals.
[[nodiscard]] std::string to_json(const Evaluation& evaluation);

}  // namespace rookery::train
