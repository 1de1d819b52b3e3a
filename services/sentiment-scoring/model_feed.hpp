#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "common/runtime/service.hpp"
#include "common/s3/settings.hpp"
#include "services/sentiment-scoring/model_store.hpp"
#include "services/sentiment-scoring/model_topic.hpp"
#include "services/sentiment-scoring/object_feed.hpp"

namespace rookery::sentiment_scoring {

/// The feed of the service: the topic `models`, and objects in S3.
class ServiceModelFeed final : public ModelFeed {
 public:
  struct Settings {
    std::vector<ModelObjects::Object> objects = {};
    bool follow = true;  ///< Whether the topic is followed; not with --pipe.
    std::chrono::milliseconds check_interval{0};
    s3::Options s3 = {};
  };

  /// Returns once the models of the topic and the objects are in the inbox.
  /// Errors: those of s3::resolve(), ModelObjects::open(), ServiceContext::follow().
  static Result<std::unique_ptr<ServiceModelFeed>> open(Settings settings, ServiceContext& context);

  /// A download must not hold up the end.
  ~ServiceModelFeed() override { stop_.request_stop(); }

  ModelInbox& inbox() override { return inbox_; }
  void again() override {
    if (objects_ != nullptr) objects_->again();
  }

 private:
  ServiceModelFeed(s3::Options options, Clock& clock);
  Result<std::string> fetch(const std::string& location);

  s3::Options options_;
  Clock& clock_;
  ModelInbox inbox_;
  std::stop_source stop_;               ///< Of what the follower fetches.
  std::unique_ptr<s3::Client> client_;  ///< The follower's, made when it is needed first.
  ModelTopic topic_;
  std::unique_ptr<ModelObjects> objects_;
  std::unique_ptr<Follower> follower_;  ///< Last: its thread uses the others.
};

}  // namespace rookery::sentiment_scoring
