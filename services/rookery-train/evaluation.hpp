#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "services/rookery-train/corpus.hpp"
#include "services/sentiment-scoring/scorer.hpp"

namespace rookery::train {

/// What is said of a text without words: all classes alike, and neutral where
/// there is such a class.
[[nodiscard]] sentiment_scoring::Score no_evidence(std::size_t classes);

/// How a model does on labelled texts.
struct Evaluation {
  std::size_t n = 0;
  std::size_t unknown = 0;  ///< Texts without words: no_evidence() is said of them.
  double accuracy = 0;
  double macro_recall = 0;  ///< Mean over the classes that occur.
  double macro_f1 = 0;
  double auc = 0;  ///< Mean over the classes, each against the rest.
  double ece = 0;  ///< Expected calibration error of the label's probability, 15 bins.
  std::array<double, 3> recall{};

  /// 95 % of 1,000 bootstrap draws of the texts lie between the two.
  struct Interval {
    double low = 0, high = 0;
  };
  Interval accuracy_interval, macro_recall_interval, macro_f1_interval;
};

/// Posts with what judges them.
struct Judgement {
  const sentiment_scoring::Model& model;
  const std::vector<LabelledText>& posts;
};

[[nodiscard]] Evaluation evaluate(const sentiment_scoring::Model& model,
                                  const std::vector<LabelledText>& posts,
                                  std::size_t text_bytes_max);
/// The posts of several models of the same classes as one set: what a
/// cross-validation says.
[[nodiscard]] Evaluation evaluate(const std::vector<Judgement>& judgements,
                                  std::size_t text_bytes_max);

/// One JSON object; numbers with four decimals.
[[nodiscard]] std::string to_json(const Evaluation& evaluation);

}  // namespace rookery::train
