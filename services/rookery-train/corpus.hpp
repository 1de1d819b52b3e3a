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

/// How labels are read and what they are for.
enum class Classes : std::uint8_t {
  kThree,
  kPolarity,  ///< Negative and positive; neutral posts are left out.
};

/// Which columns or fields of a file hold what.
struct Columns {
  std::string text = "text";
  std::string label = "label";
};

/// How much a soft row counts, by its `source`; others count 1.
using SourceWeights = std::map<std::string, float>;

// All readers take plain, gzip and zstd files. Labels are "negative", "neutral",
// "positive", or numbers: 0, 1, 2 in that order (as TweetEval's), or 0, 2, 4 where
// a file has a 4 (as Sentiment140's); for two classes also 0, 1 where a file has
// no higher one. Errors are kMisconfigured: file_unreadable, file_malformed (names
// file, line and value).

/// One text a line, and its label on the same line of another file.
Result<std::vector<LabelledText>> read_texts_and_labels(const std::string& texts,
                                                        const std::string& labels,
                                                        Classes classes = Classes::kThree);

/// By the name's ending (before .gz): .csv (RFC 4180, with a header), .tsv (with
/// a header), .jsonl.
Result<std::vector<LabelledText>> read_posts(const std::string& path, const Columns& columns,
                                             Classes classes = Classes::kThree);

/// From SOURCE=WEIGHT, a weight from 0 to 100 each. Error: option_invalid.
Result<SourceWeights> parse_weights(const std::vector<std::string>& settings);

/// Tab-separated with a header: text, neg, neu, pos, and perhaps source.
Result<std::vector<SoftText>> read_soft(const std::string& path, const SourceWeights& weights);

/// What a teacher of three classes says of two: each text counts as much less as
/// the teacher finds it neutral.
void leave_neutral_out(std::vector<SoftText>& soft);

/// A labelled text counts with its label by `label_share` (0 to 1), and for the
/// rest with the teacher's probabilities, where there are such; all other texts
/// with the teacher's alone.
[[nodiscard]] std::vector<Example> mix(std::vector<LabelledText> labelled,
                                       std::vector<SoftText> soft, float label_share = 0.5F);

}  // namespace rookery::train
