#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "common/core/result.hpp"
#include "services/rookery-train/calibration.hpp"
#include "services/rookery-train/corpus.hpp"
#include "services/rookery-train/sentiment_trainer.hpp"
#include "services/rookery-train/training_progress.hpp"

namespace rookery::train {

/// What `rookery-train sentiment` was asked for.
struct SentimentCommand {
  std::string texts, labels;       ///< A pair of files, or empty.
  std::vector<std::string> posts;  ///< CSV, TSV or JSONL files.
  Columns columns;
  std::vector<std::string> soft;
  std::vector<std::string> soft_weights;  ///< SOURCE=WEIGHT
  std::string held_out_texts, held_out_labels;
  std::string model, card, date, about;
  std::size_t folds = 0;        ///< Of a cross-validation; 0: there are held-out posts.
  float label_share = 0.5F;     ///< Of a text's label, where a teacher spoke of it too.
  std::size_t emoji_texts = 0;  ///< How many add_emoji() makes.
  Fitted fitted = Fitted::kTemperatureAndBias;
  ProgressShape progress = ProgressShape::kLines;
  TrainerSettings settings;
};

/// Trains, fits the calibration on held-out posts or on all by cross-validation,
/// writes model and card. Error besides those of the files: option_invalid.
/// Progress goes to `log`; the evaluation, one JSON line, to `out`.
Result<void> run_sentiment(const SentimentCommand& command, std::ostream& out, std::ostream& log);

/// One JSON object a line of `in`; a text without words gets no_evidence() and
/// "reason":"no_text".
Result<void> run_predict(const std::string& model, std::size_t text_bytes_max, std::istream& in,
                         std::ostream& out);

/// The evaluation, one JSON line.
Result<void> run_evaluate(const std::string& model, const std::string& texts,
                          const std::string& labels, std::size_t text_bytes_max, std::ostream& out);

}  // namespace rookery::train
