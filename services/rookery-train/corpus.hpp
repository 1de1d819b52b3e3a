#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "common/core/result.hpp"
#include "services/sentiment-scoring/model.hpp"

namespace rookery::train {

using sentiment_scoring::Label;
using sentiment_scoring::PerLabel;

struct LabelledText {
  std::string text;
  Label label;
};

/// A text with what a teacher says of it.
struct SoftText {
  std::string text;
  PerLabel probabilities;
  float weight;
};

/// What the trainer learns from.
struct Example {
  std::string text;
  PerLabel target;  ///< Adds up to 1.
  float weight;
  bool variant = false;  ///< Made from another one: does not make its n-grams more frequent.
};

/// Which columns or fields of a file hold what.
struct Columns {
  std::string text = "text";
  std::string label = "label";
};

/// How much a soft row counts, by its `source`; others count 1.
using SourceWeights = std::map<std::string, float>;

// All readers take plain and gzip files. Labels are "negative", "neutral",
// "positive", or 0, 1, 2 in that order (as TweetEval's). Errors are
// kMisconfigured: file_unreadable, file_malformed (names file, line and value).

/// One text a line, and its label on the same line of another file.
Result<std::vector<LabelledText>> read_texts_and_labels(const std::string& texts,
                                                        const std::string& labels);

/// By the name's ending (before .gz): .csv (RFC 4180, with a header), .tsv (with
/// a header), .jsonl.
Result<std::vector<LabelledText>> read_posts(const std::string& path, const Columns& columns);

/// From SOURCE=WEIGHT, a weight from 0 to 100 each. Error: option_invalid.
Result<SourceWeights> parse_weights(const std::vector<std::string>& settings);

/// Tab-separated with a header: text, neg, neu, pos, and perhaps source.
Result<std::vector<SoftText>> read_soft(const std::string& path, const SourceWeights& weights);

/// A labelled text counts by half with its label and by half with the teacher's
/// probabilities, where there are such; all other texts with the teacher's alone.
[[nodiscard]] std::vector<Example> mix(std::vector<LabelledText> labelled,
                                       std::vector<SoftText> soft);

}  // namespace rookery::train
