#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "services/sentiment-scoring/lexicon.hpp"
#include "services/sentiment-scoring/tokens.hpp"

namespace rookery::sentiment_scoring {

/// Raised with every change that gives a text other features: a model holds for
/// one version only.
constexpr std::uint32_t kFeaturesVersion = 1;
constexpr std::size_t kDenseCount = 32;

/// What a model sees of a text. N-grams are 32-bit hashes and may repeat.
struct Features {
  std::vector<std::uint32_t> word_grams;       ///< 1 to 3 tokens, negation marked.
  std::vector<std::uint32_t> character_grams;  ///< 2 to 6 characters, across words.
  /// Two tokens with 1 to 8 others between them, the first and last tokens, and those
  /// that a face follows; empty but after add_wide(), for models that know such.
  std::vector<std::uint32_t> wide_grams;
  std::array<float, kDenseCount> dense{};  ///< Lexicon and form, each about -1 to 1.
  bool has_text = false;                   ///< More than users and links.
};

/// Turns texts into features: the same for training and for scoring. Keeps its
/// buffers, so that it does not allocate once warm; one thread uses it. Linear
/// in the bytes looked at, whatever they are.
class FeatureExtractor {
 public:
  explicit FeatureExtractor(std::size_t text_bytes_max);

  /// The features hold until the next call.
  const Features& extract(std::string_view text);
  /// The features of the text that extract() was given last, with wide_grams.
  const Features& add_wide();

  /// The tokens of the text that extract() was given last.
  [[nodiscard]] const Tokens& tokens() const { return tokens_; }

 private:
  void mark_negation();
  void add_word_grams();
  void add_character_grams();
  void add_faced();
  void add_clause_before(std::size_t end);
  void add_dense();

  std::size_t text_bytes_max_;
  const Lexicon& lexicon_;
  Tokens tokens_;
  std::vector<bool> negated_;
  std::vector<std::uint64_t> marked_;  ///< Token hashes with their negation.
  Features features_;
};

}  // namespace rookery::sentiment_scoring
