#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/clock.hpp"
#include "common/core/result.hpp"
#include "common/runtime/service.hpp"
#include "services/sentiment-scoring/model_inbox.hpp"
#include "services/sentiment-scoring/model_set.hpp"
#include "services/sentiment-scoring/topic_model.hpp"

namespace rookery::sentiment_scoring {

/// Where models come from beside files, on threads of its own.
class ModelFeed {
 public:
  virtual ~ModelFeed() = default;
  [[nodiscard]] virtual ModelInbox& inbox() = 0;
  /// Gives the models of objects in S3 again.
  virtual void again() = 0;
};

/// The models that a service scores with, and where they come from: files, and
/// what a feed brings. An entry of the topic `models` goes before file and object
/// of the same use, until it is withdrawn. What cannot be read, is damaged or was
/// made for another program is refused, and the model that was there stays. One
/// thread uses it.
class ModelStore {
 public:
  struct Settings {
    std::vector<std::string> models;  ///< As ModelSet::load().
    std::string topic_model;          ///< File or object in S3; empty: posts get no topics.
  };

  /// Loads all files. `feed` may be null. Errors (kMisconfigured): those of
  /// ModelSet::load() and TopicModel::load().
  static Result<ModelStore> open(Settings settings, std::unique_ptr<ModelFeed> feed = nullptr);

  [[nodiscard]] const ModelSet& sentiment() const { return sentiment_; }
  /// Null: posts get no topics.
  [[nodiscard]] const TopicModel* topics() const { return topics_ ? &*topics_ : nullptr; }

  // Neither must be called while a post is scored; both tell `observer`, which
  // may be null.

  /// Looks at the files and loads those that changed since they were last looked
  /// at. A file that is gone changes nothing.
  void refresh(ModelObserver* observer);
  /// Takes up what the feed brought. Costs next to nothing where that is nothing.
  void take_arrivals(ModelObserver* observer);
  /// Tells `observer` of all models, as if they had been loaded just now.
  void announce(ModelObserver* observer) const;

 private:
  /// What tells that a file is another one.
  struct Stamp {
    std::int64_t changed = 0;  ///< Nanoseconds of its last change.
    std::uint64_t size = 0, inode = 0;
    bool operator==(const Stamp&) const = default;
  };
  static std::optional<Stamp> stamp_of(const std::string& path);
  bool changed(const std::string& path);
  [[nodiscard]] WallTime made(const std::string& path) const;
  [[nodiscard]] std::vector<ModelSet::File> sentiment_files() const;
  void refresh_sentiment(const ModelSet::File& file, ModelObserver* observer);
  void refresh_topics(ModelObserver* observer);
  void set(const std::string& use, ReadyModel ready, ModelObserver* observer);
  void withdraw(const std::string& use, ModelObserver* observer);

  Settings settings_;
  ModelSet sentiment_;
  std::optional<TopicModel> topics_;
  std::map<std::string, Stamp> stamps_;   ///< Of each file, as it was last looked at.
  std::map<std::string, WallTime> made_;  ///< Of the model of each use.
  std::set<std::string> from_topic_;      ///< Uses whose model the topic says.
  std::unique_ptr<ModelFeed> feed_;
};

}  // namespace rookery::sentiment_scoring
