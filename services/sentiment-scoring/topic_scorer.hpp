#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "services/sentiment-scoring/topic_model.hpp"

namespace rookery::sentiment_scoring {

/// One topic of a text, as it is written.
struct TopicShare {
  std::size_t topic;
  int thousandths;  ///< Of the text's words, its model's prior included; 1 to 1000.
};

/// Finds what mixture of a model's topics a text is: its words vote, each for
/// the topics that use it, in the light of the other words (the fixed point of
/// mean-field variational inference without the entropy terms, CVB0 of Asuncion
/// et al. 2009, from the prior), until a round moves no topic's share by a thousandth,
/// or twelve times. The same text gives the same bytes in every run:
/// additions have one order, and no random number is drawn. The one path for the
/// service and `rookery-train assign`. Keeps its buffers; one thread uses it.
class TopicScorer {
 public:
  /// The topics with a share of `least` thousandths or more, the largest first,
  /// `most` at most; the largest always. Empty: the text has no known word.
  const std::vector<TopicShare>& score(const TopicModel& model, const std::vector<Token>& tokens,
                                       int least, std::size_t most);

  /// The whole mixture for words of the vocabulary; adds up to 1. At most the
  /// first kWordsMax words count.
  const std::vector<float>& mixture(const TopicModel& model,
                                    const std::vector<std::uint32_t>& words);

  static constexpr std::size_t kWordsMax = 2000;

 private:
  void vote(const TopicModel& model);

  struct Known {
    std::uint32_t word;
    float count;
  };
  std::vector<std::uint32_t> text_words_;
  std::vector<std::uint32_t> words_;
  std::vector<Known> known_;  ///< The distinct words.
  std::vector<float> own_;    ///< For each of them, how its votes are spread.
  std::vector<float> mixture_;
  std::vector<float> votes_;   ///< Of each topic: its prior and what the words gave it.
  std::vector<float> before_;  ///< The same a round earlier.
  std::vector<float> next_;
  std::vector<TopicShare> shares_;
};

/// Appends `[{"id":…,"label":…,"probability":…},…]`.
void append_topics(std::string& out, const TopicModel& model,
                   const std::vector<TopicShare>& topics);

}  // namespace rookery::sentiment_scoring
