#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "services/rookery-train/topic_corpus.hpp"

namespace rookery::train {

struct SamplerSettings {
  std::size_t topics = 50;
  std::uint64_t seed = 1;
  float prior_sum = 5;       ///< Dirichlet parameters of the topics in a text, together.
  float word_prior = 0.01F;  ///< Of each word in a topic.
};

/// Latent Dirichlet allocation by collapsed Gibbs sampling (Griffiths and
/// Steyvers 2004). A sweep draws the topic of every token anew; a draw looks at
/// every topic, four at a time, so it costs about topics / 4 steps and one random
/// number. Both priors can be fitted (Wallach 2008, histogram method). The same
/// documents, settings and calls give the same result. One thread uses it.
///
/// Costs 6 bytes a token and 4 bytes a word and topic.
class TopicSampler {
 public:
  TopicSampler(std::size_t vocabulary, const SamplerSettings& settings);

  /// Takes more documents in; their topics are drawn from what is known so far.
  void add(const Documents& documents);

  void sweep();
  /// Draws one topic for all words of each document, as if no document were of
  /// two. That moves what sweep() would have to carry over word by word, so it
  /// finds a good start for short texts. Above 1 `temperature` flattens the choice.
  void sweep_documents(double temperature);
  /// Fits the topics' prior (each its own) and the words' prior to the counts.
  void fit_priors();

  /// Adds the present counts to the sums from which estimate() speaks.
  void sample();
  /// P(word | topic), word by word, over the samples; over the present counts if
  /// there is none.
  [[nodiscard]] std::vector<float> estimate() const;

  /// Log P(words, topics of the words) a token, the priors being as they are: which
  /// of several samplers of the same documents and priors stands better.
  [[nodiscard]] double joint_log_likelihood() const;
  /// Mean log P(word | text) of the tokens, as topics and priors are now.
  [[nodiscard]] double log_likelihood() const;

  [[nodiscard]] const std::vector<float>& prior() const { return prior_; }
  [[nodiscard]] float word_prior() const { return word_prior_; }
  [[nodiscard]] std::size_t tokens() const { return words_.size(); }
  /// Tokens of each topic.
  [[nodiscard]] const std::vector<std::int64_t>& totals() const { return totals_; }

 private:
  std::uint64_t random();
  std::size_t draw(const float* counts);
  void count_document(std::size_t document);
  std::size_t draw_for_document(std::size_t document, double temperature);
  void move(std::size_t topic, float* counts, int by);
  void fit_topic_prior();
  void fit_word_prior();

  std::size_t vocabulary_;
  std::size_t topics_;
  std::size_t stride_;  ///< topics_, rounded up to a multiple of 4.
  float word_prior_;
  std::vector<float> prior_;
  std::uint64_t state_;

  std::vector<std::uint32_t> words_;
  std::vector<std::uint16_t> assigned_;  ///< The topic of each token.
  std::vector<std::size_t> begins_{0};

  std::vector<float> counts_;  ///< Tokens of each word and topic, stride_ a word.
  std::vector<std::int64_t> totals_;
  std::vector<float> per_token_;  ///< 1 / (tokens of the topic + words * word_prior).
  std::vector<float> mixed_;      ///< Of the document at hand: prior plus tokens, by topic.
  std::vector<float> running_;    ///< Scratch of draw().
  std::vector<double> products_;  ///< Scratch of draw_for_document().
  std::vector<float> sums_;
  std::vector<double> total_sums_;
  double samples_ = 0;
};

}  // namespace rookery::train
