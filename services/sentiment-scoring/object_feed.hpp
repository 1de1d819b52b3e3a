#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "common/core/clock.hpp"
#include "common/s3/client.hpp"
#include "services/sentiment-scoring/model_inbox.hpp"

namespace rookery::sentiment_scoring {

/// Watches objects in S3 that hold models, on a thread of its own, so that a slow
/// server holds up no post. What is another one than before goes into the inbox;
/// what is broken is refused there, once for each content.
class ModelObjects {
 public:
  struct Object {
    std::string use;       ///< "topics", "sentiment-en".
    std::string location;  ///< s3://BUCKET/KEY
  };

  /// Fetches all of them, and then looks every `interval`; 0: never again. The
  /// arguments by reference must outlive it. Errors, naming the object: those of
  /// s3::Client and ready_model().
  static Result<std::unique_ptr<ModelObjects>> open(std::vector<Object> objects,
                                                    s3::Settings settings, Clock& clock,
                                                    std::chrono::milliseconds interval,
                                                    ModelInbox& inbox);
  ~ModelObjects();
  ModelObjects(const ModelObjects&) = delete;
  ModelObjects& operator=(const ModelObjects&) = delete;

  /// The next look gives all of them again. Any thread may call it.
  void again() { again_ = true; }

 private:
  struct Known {
    Object object;
    std::string etag;
    bool away = false;  ///< It could not be reached, which was told.
  };
  ModelObjects(std::vector<Object> objects, s3::Settings settings, Clock& clock, ModelInbox& inbox);
  Result<void> look(Known& known, s3::Client& client);
  void watch(std::chrono::milliseconds interval, const std::stop_token& stop);

  std::vector<Known> known_;
  s3::Settings settings_;
  Clock& clock_;
  ModelInbox& inbox_;
  std::atomic<bool> again_{false};
  std::jthread thread_;  ///< Last: it uses the others.
};

}  // namespace rookery::sentiment_scoring
