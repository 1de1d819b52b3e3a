#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/runtime/service.hpp"
#include "common/s3/settings.hpp"
#include "services/sentiment-scoring/model_store.hpp"
#include "services/sentiment-scoring/object_feed.hpp"

namespace rookery::sentiment_scoring {

/// The service: reads enriched_tweets, writes processed_tweets.
class SentimentScoring final : public Service {
 public:
  [[nodiscard]] std::string_view name() const override { return "sentiment-scoring"; }
  [[nodiscard]] std::string_view summary() const override {
    return "Adds to every post whether it speaks well or badly of things, how surely, and its "
           "topics.";
  }
  [[nodiscard]] std::string_view output_topic() const override { return "processed_tweets"; }
  void describe(OptionSet& options) override;
  Result<std::vector<Stage>> make_stages(ServiceContext& context) override;

 private:
  [[nodiscard]] Result<std::vector<ModelObjects::Object>> objects() const;
  Result<ModelStore> open_models(ServiceContext& context);

  std::vector<std::string> models_;
  std::string assume_language_;
  bool identify_language_ = true;
  std::string topic_model_;
  double topic_share_min_ = 0.05;
  std::int64_t topics_max_ = 5;
  std::chrono::milliseconds models_check_interval_{5'000};
  bool follow_models_ = true;
  s3::Options s3_;
  std::int64_t text_bytes_max_ = 10'000;
};

}  // namespace rookery::sentiment_scoring
