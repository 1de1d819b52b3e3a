#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/clock.hpp"
#include "common/core/result.hpp"
#include "common/runtime/service.hpp"
#include "services/sentiment-scoring/model_set.hpp"
#include "services/sentiment-scoring/topic_model.hpp"

namespace rookery::sentiment_scoring {

/// The models that a service scores with, and the files that they come from.
/// Files that change are taken up by refresh(); one that cannot be read, is
/// damaged or was made for another program is refused, and the model that was
/// there stays. One thread uses it.
class ModelStore {
 public:
  struct Settings {
    std::vector<std::string> models;  ///< As ModelSet::load().
    std::string topic_model;          ///< A file; empty: posts get no topics.
  };

  /// Loads all of them. Errors (kMisconfigured): those of ModelSet::load() and
  /// TopicModel::load().
  static Result<ModelStore> open(Settings settings);

  [[nodiscard]] const ModelSet& sentiment() const { return sentiment_; }
  /// Null: posts get no topics.
  [[nodiscard]] const TopicModel* topics() const { return topics_ ? &*topics_ : nullptr; }

  /// Looks at the files, loads those that changed since they were last looked at,
  /// and tells `observer` (which may be null). A file that is gone changes
  /// nothing. Must not be called while a post is scored.
  void refresh(ModelObserver* observer);
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
  void refresh_sentiment(const ModelSet::File& file, ModelObserver* observer);

  Settings settings_;
  ModelSet sentiment_;
  std::optional<TopicModel> topics_;
  std::map<std::string, Stamp> stamps_;  ///< Of each file, as it was last looked at.
};

}  // namespace rookery::sentiment_scoring
