#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "common/runtime/follower.hpp"
#include "services/sentiment-scoring/model_entry.hpp"
#include "services/sentiment-scoring/model_inbox.hpp"

namespace rookery::sentiment_scoring {

/// The content of a model's place. Error: kRetryBatch where another try may help.
using FetchModel = std::function<Result<std::string>(const std::string& location)>;

/// Hears the topic `models`: fetches the model of each use's last entry, checks
/// it, and puts it into the inbox; what is broken is refused there, once. A place
/// that cannot be reached is told once and tried again at each on_end().
class ModelTopic final : public TopicListener {
 public:
  /// Both must outlive it.
  ModelTopic(FetchModel fetch, ModelInbox& inbox) : fetch_(std::move(fetch)), inbox_(inbox) {}

  void on_record(const InputRecord& record) override;
  void on_end() override;

 private:
  struct Pending {
    ModelEntry entry;
    bool told = false;  ///< That it cannot be reached.
  };
  void on_deletion(std::string_view key);
  void refuse(std::string_view key, Error error);
  Result<std::string> bytes_of(const ModelEntry& entry) const;
  Result<ReadyModel> load(const ModelEntry& entry) const;

  FetchModel fetch_;
  ModelInbox& inbox_;
  std::map<std::string, std::string, std::less<>> parts_;  ///< By their keys.
  std::map<std::string, Pending, std::less<>> pending_;    ///< By their uses.
  std::map<std::string, std::string, std::less<>> taken_;  ///< SHA-256 of each use's model.
};

/// Decodes a model and compares it with its use. Errors (kMisconfigured): those
/// of the models' decode(), models_conflict.
Result<ReadyModel> ready_model(std::string_view use, std::string_view bytes, WallTime made);

}  // namespace rookery::sentiment_scoring
