#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "services/sentiment-scoring/features.hpp"
#include "services/sentiment-scoring/model.hpp"

namespace rookery::sentiment_scoring {

/// Probabilities in thousandths: integers from here on, so that what is written
/// adds up to exactly 1 and reads the same everywhere.
struct Score {
  Label label;                               ///< The most probable class.
  bool has_neutral = true;                   ///< Else its probability is 0, and not written.
  std::array<int, kLabelCount> thousandths;  ///< Add up to 1000.

  /// P(positive) - P(negative), in thousandths.
  [[nodiscard]] int balance() const { return thousandths[2] - thousandths[0]; }
};

/// Rounds probabilities to thousandths that add up to 1000 (largest remainder).
[[nodiscard]] Score to_score(const PerLabel& probabilities, std::size_t classes = kLabelCount);

/// Appends `"label":"…","score":…,"probabilities":{…}`, without braces: what the
/// service splices into a post, and what `rookery-train predict` prints.
void append_score(std::string& out, const Score& score);

/// Texts to scores, with the buffers that this takes; one thread uses it. The
/// one path for the service and the trainer.
class Scorer {
 public:
  explicit Scorer(std::size_t text_bytes_max) : extractor_(text_bytes_max) {}

  /// Looks at `text`; false: it says nothing but users and links.
  bool read(std::string_view text) {
    features_ = &extractor_.extract(text);
    return features_->has_text;
  }
  [[nodiscard]] bool has_text() const { return features_ != nullptr && features_->has_text; }
  /// Scores the text that read() was given last.
  [[nodiscard]] PerLabel probabilities(const Model& model) {
    if (model.has_wide()) extractor_.add_wide();
    return model.probabilities(*features_, seen_);
  }
  [[nodiscard]] Score score(const Model& model) {
    return to_score(probabilities(model), model.classes());
  }
  /// The words of the text that read() was given last.
  [[nodiscard]] const Tokens& tokens() const { return extractor_.tokens(); }

 private:
  FeatureExtractor extractor_;
  const Features* features_ = nullptr;
  Model::Seen seen_;
};

}  // namespace rookery::sentiment_scoring
