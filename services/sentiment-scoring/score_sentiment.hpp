#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "common/records/post_reader.hpp"
#include "common/runtime/processor.hpp"
#include "services/sentiment-scoring/language.hpp"
#include "services/sentiment-scoring/model_store.hpp"
#include "services/sentiment-scoring/scorer.hpp"
#include "services/sentiment-scoring/topic_scorer.hpp"

namespace rookery::sentiment_scoring {

/// EnrichedTweet to ProcessedTweet: adds the fields `sentiment` and, where it has
/// a topic model, `topics`, and changes nothing else but a `lang` that it found
/// out. Output: topic processed_tweets, same key and partition. A deletion is
/// passed on. New models are taken up between two batches. One thread uses
/// it; no allocation once it is warm.
///
/// Dead letters: those of PostReader, already_scored, key_missing.
class ScoreSentiment final : public Processor {
 public:
  struct Settings {
    /// The language of posts whose source gives none; empty: those are unknown.
    std::string assume_language;
    /// Whether the language is found out where the source gives none.
    bool identify_language = false;
    /// Bytes of a text that are looked at.
    std::size_t text_bytes_max = 10'000;
    /// Topics with a smaller share are not written, but for the largest.
    int topic_share_min_thousandths = 50;
    std::size_t topics_max = 5;
    /// How often model files are looked at; 0: never.
    std::chrono::milliseconds check_interval{0};
    ModelObserver* observer = nullptr;
  };

  ScoreSentiment(ModelStore models, Settings settings);

  Result<void> process(const InputRecord& record, Outputs& out) override;
  Result<void> finish_batch(const BatchContext& context, Outputs& out, Progress& progress) override;

 private:
  std::string_view language_of(const PostView& post);
  void describe(std::string_view language);
  void describe_unknown(std::string_view reason);
  void describe_topics();

  ModelStore models_;
  Settings settings_;
  PostReader reader_;
  Scorer scorer_;
  TopicScorer topic_scorer_;
  LanguageIdentifier identifier_;
  std::string addition_;  ///< What is spliced into the post at hand.
  std::optional<MonotonicTime> checked_at_;
};

}  // namespace rookery::sentiment_scoring
