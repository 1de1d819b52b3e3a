#include "services/sentiment-scoring/model_store.hpp"

#include <utility>

#include <sys/stat.h>

namespace rookery::sentiment_scoring {
namespace {

constexpr std::string_view kTopics = "topics";

std::string use_of(const Model& model) {
  return "sentiment-" + model.language();
}

}  // namespace

Result<ModelStore> ModelStore::open(Settings settings) {
  ModelStore store;
  store.settings_ = std::move(settings);
  // Stamps come first: what changes while it is loaded is loaded again.
  const auto files = ModelSet::files(store.settings_.models);
  ROOKERY_RETURN_IF_ERROR(files);
  for (const auto& file : *files) static_cast<void>(store.changed(file.path));
  auto set = ModelSet::load(store.settings_.models);
  ROOKERY_RETURN_IF_ERROR(set);
  store.sentiment_ = std::move(*set);
  if (!store.settings_.topic_model.empty()) {
    static_cast<void>(store.changed(store.settings_.topic_model));
    auto topics = TopicModel::load(store.settings_.topic_model);
    ROOKERY_RETURN_IF_ERROR(topics);
    store.topics_ = std::move(*topics);
  }
  return store;
}

void ModelStore::announce(ModelObserver* observer) const {
  if (observer == nullptr) return;
  for (const Model& model : sentiment_.all()) observer->on_model_loaded(use_of(model), model.id());
  if (topics_) observer->on_model_loaded(kTopics, topics_->id());
}

std::optional<ModelStore::Stamp> ModelStore::stamp_of(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return std::nullopt;
  return Stamp{std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec,
               static_cast<std::uint64_t>(status.st_size), status.st_ino};
}

/// Whether `path` is there and is not as it was at the last call.
bool ModelStore::changed(const std::string& path) {
  const auto stamp = stamp_of(path);
  if (!stamp) return false;
  auto [known, fresh] = stamps_.try_emplace(path, *stamp);
  return fresh || std::exchange(known->second, *stamp) != *stamp;
}

void ModelStore::refresh(ModelObserver* observer) {
  // A folder that went away leaves the models as they are.
  if (const auto files = ModelSet::files(settings_.models)) {
    for (const auto& file : *files) {
      if (changed(file.path)) refresh_sentiment(file, observer);
    }
  }
  if (settings_.topic_model.empty() || !changed(settings_.topic_model)) return;
  auto topics = TopicModel::load(settings_.topic_model);
  if (!topics) {
    if (observer != nullptr) observer->on_model_refused(kTopics, topics.error());
    return;
  }
  if (topics->id() == topics_->id()) return;
  topics_ = std::move(*topics);
  if (observer != nullptr) observer->on_model_loaded(kTopics, topics_->id());
}

void ModelStore::refresh_sentiment(const ModelSet::File& file, ModelObserver* observer) {
  auto model = ModelSet::load_file(file);
  if (!model) {
    if (observer != nullptr) observer->on_model_refused("sentiment", model.error());
    return;
  }
  const Model* old = sentiment_.find(model->language());
  if (old != nullptr && old->id() == model->id()) return;
  const std::string use = use_of(*model);
  const std::string id = model->id();
  sentiment_.replace(std::move(*model));
  if (observer != nullptr) observer->on_model_loaded(use, id);
}

}  // namespace rookery::sentiment_scoring
