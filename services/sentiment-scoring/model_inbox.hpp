#pragma once

#include <atomic>
#include <mutex>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "common/core/clock.hpp"
#include "common/core/result.hpp"
#include "services/sentiment-scoring/model.hpp"
#include "services/sentiment-scoring/topic_model.hpp"

namespace rookery::sentiment_scoring {

/// A model that is ready to be scored with.
struct ReadyModel {
  std::variant<Model, TopicModel> model;
  WallTime made{};
};

/// Its entry was taken back: the file counts again, where there is one.
struct WithdrawnModel {};

/// What came for one use.
struct ModelArrival {
  /// What the topic says goes before an object of the options.
  enum class Origin : std::uint8_t { kTopic, kObject };

  std::string use;  ///< "topics", "sentiment-en"; of an error from a closed set.
  Origin origin = Origin::kTopic;
  std::variant<ReadyModel, WithdrawnModel, Error> what;
};

/// Hands models from the threads that fetch and check them to the one that
/// scores. Any thread may use it.
class ModelInbox {
 public:
  void put(ModelArrival arrival) {
    const std::scoped_lock lock(mutex_);
    arrivals_.push_back(std::move(arrival));
    any_ = true;
  }
  /// All that came since the last call, in its order. Costs next to nothing
  /// where nothing came.
  [[nodiscard]] std::vector<ModelArrival> take() {
    if (!any_) return {};
    const std::scoped_lock lock(mutex_);
    any_ = false;
    return std::exchange(arrivals_, {});
  }

 private:
  std::mutex mutex_;
  std::vector<ModelArrival> arrivals_;
  std::atomic<bool> any_{false};
};

}  // namespace rookery::sentiment_scoring
