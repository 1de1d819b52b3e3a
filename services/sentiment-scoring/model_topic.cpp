#include "services/sentiment-scoring/model_topic.hpp"

#include <utility>

#include "common/records/sha256.hpp"
#include "services/sentiment-scoring/binary.hpp"

namespace rookery::sentiment_scoring {
namespace {

/// A label of metrics: from a closed set, whatever a key says.
std::string label_of(std::string_view key) {
  const std::string_view use = use_of_key(key);
  if (use == kTopicsUse) return std::string(kTopicsUse);
  return use.starts_with(kSentimentUse) ? "sentiment" : "models";
}

/// The parts' keys of a use lie beside each other.
void drop_parts(std::map<std::string, std::string, std::less<>>& parts, const std::string& use) {
  const std::string prefix = use + "/";
  auto part = parts.lower_bound(prefix);
  while (part != parts.end() && part->first.starts_with(prefix)) part = parts.erase(part);
}

}  // namespace

Result<ReadyModel> ready_model(std::string_view use, std::string_view bytes, WallTime made) {
  if (use == kTopicsUse) {
    auto model = TopicModel::decode(bytes);
    ROOKERY_RETURN_IF_ERROR(model);
    return ReadyModel{std::move(*model), made};
  }
  auto model = Model::decode(bytes);
  ROOKERY_RETURN_IF_ERROR(model);
  if (std::string(kSentimentUse) + model->language() != use) {
    return misconfigured("models_conflict", "expected a model for \"" + std::string(use) +
                                                "\", got one for \"" + model->language() + "\"");
  }
  return ReadyModel{std::move(*model), made};
}

void ModelTopic::on_record(const InputRecord& record) {
  if (!record.key) return;
  if (!record.value) return on_deletion(*record.key);
  auto parsed = parse_model_record(*record.value);
  if (!parsed) return refuse(*record.key, std::move(parsed.error()));
  if (auto* part = std::get_if<ModelPart>(&*parsed)) {
    parts_[std::string(*record.key)] = std::move(part->data);
    return;
  }
  auto& entry = std::get<ModelEntry>(*parsed);
  if (entry.use != *record.key) {
    return refuse(*record.key, {Disposition::kMisconfigured, "entry_malformed",
                                "topic \"models\": field \"use\": expected the key \"" +
                                    std::string(*record.key) + "\", got \"" + entry.use + "\""});
  }
  const std::string use = entry.use;
  pending_[use] = {std::move(entry)};
}

void ModelTopic::on_deletion(std::string_view key) {
  if (is_part_key(key)) {
    if (const auto part = parts_.find(key); part != parts_.end()) parts_.erase(part);
    return;
  }
  const std::string use(key);
  pending_.erase(use);
  drop_parts(parts_, use);
  if (taken_.erase(use) > 0) {
    inbox_.put({use, ModelArrival::Origin::kTopic, WithdrawnModel{}});
  }
}

void ModelTopic::refuse(std::string_view key, Error error) {
  inbox_.put({label_of(key), ModelArrival::Origin::kTopic, std::move(error)});
}

void ModelTopic::on_end() {
  for (auto at = pending_.begin(); at != pending_.end();) {
    auto& [use, pending] = *at;
    // A follower may begin again: what is scored with already is not loaded twice.
    const auto taken = taken_.find(use);
    if (taken != taken_.end() && taken->second == pending.entry.sha256) {
      drop_parts(parts_, use);
      at = pending_.erase(at);
      continue;
    }
    auto ready = load(pending.entry);
    if (!ready && ready.error().disposition == Disposition::kRetryBatch) {
      if (!std::exchange(pending.told, true)) refuse(use, std::move(ready.error()));
      ++at;
      continue;
    }
    if (ready) {
      taken_[use] = pending.entry.sha256;
      inbox_.put({use, ModelArrival::Origin::kTopic, std::move(*ready)});
    } else {
      refuse(use, std::move(ready.error()));
    }
    drop_parts(parts_, use);
    at = pending_.erase(at);
  }
}

Result<std::string> ModelTopic::bytes_of(const ModelEntry& entry) const {
  if (entry.parts == 0) return fetch_(entry.location);
  std::string bytes;
  for (std::uint32_t i = 0; i < entry.parts && bytes.size() <= entry.bytes; ++i) {
    const auto part = parts_.find(part_key(entry.use, entry.sha256, i));
    if (part == parts_.end()) {
      return model_broken("part " + std::to_string(i) + " of " + std::to_string(entry.parts) +
                          " is not in the topic");
    }
    bytes += part->second;
  }
  return bytes;
}

Result<ReadyModel> ModelTopic::load(const ModelEntry& entry) const {
  const std::string name = "model \"" + entry.id + "\" of topic \"models\": ";
  const auto named = [&name](Error error) {
    error.message = name + error.message;
    return tl::make_unexpected(std::move(error));
  };
  auto bytes = bytes_of(entry);
  if (!bytes) return named(std::move(bytes.error()));
  if (bytes->size() != entry.bytes) {
    return model_broken(name + "expected " + std::to_string(entry.bytes) + " bytes, got " +
                        std::to_string(bytes->size()));
  }
  if (const std::string sha256 = sha256_hex(*bytes); sha256 != entry.sha256) {
    return model_broken(name + "expected SHA-256 " + entry.sha256 + ", got " + sha256);
  }
  auto ready = ready_model(entry.use, *bytes, entry.published_at);
  if (!ready) return named(std::move(ready.error()));
  return ready;
}

}  // namespace rookery::sentiment_scoring
