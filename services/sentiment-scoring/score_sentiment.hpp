#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "common/records/post_reader.hpp"
#include "common/runtime/processor.hpp"
#include "services/sentiment-scoring/model_set.hpp"
#include "services/sentiment-scoring/scorer.hpp"

namespace rookery::sentiment_scoring {

/// EnrichedTweet to ProcessedTweet: adds the field `sentiment`, and changes
/// nothing else. Output: topic processed_tweets, same key and partition. A
/// deletion is passed on. One thread uses it; no allocation once it is warm.
///
/// Dead letters: those of PostReader, already_scored, key_missing.
class ScoreSentiment final : public Processor {
 public:
  struct Settings {
    /// The language of posts whose source gives none; empty: those are unknown.
    std::string assume_language;
    /// Bytes of a text that are looked at.
    std::size_t text_bytes_max = 10'000;
  };

  ScoreSentiment(ModelSet models, Settings settings);

  Result<void> process(const InputRecord& record, Outputs& out) override;

 private:
  void describe(const PostView& post);
  void describe_unknown(std::string_view reason);

  ModelSet models_;
  Settings settings_;
  PostReader reader_;
  Scorer scorer_;
  std::string addition_;  ///< What is spliced into the post at hand.
};

}  // namespace rookery::sentiment_scoring
