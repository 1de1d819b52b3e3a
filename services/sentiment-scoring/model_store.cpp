#include "services/sentiment-scoring/model_store.hpp"

#include <utility>

#include <sys/stat.h>

#include "common/s3/settings.hpp"
#include "services/sentiment-scoring/model_entry.hpp"

namespace rookery::sentiment_scoring {
namespace {

const std::string kTopics(kTopicsUse);

std::string use_of(const std::string& language) {
  return std::string(kSentimentUse) + language;
}

}  // namespace

Result<ModelStore> ModelStore::open(Settings settings, std::unique_ptr<ModelFeed> feed) {
  ModelStore store;
  store.settings_ = std::move(settings);
  store.feed_ = std::move(feed);
  // Stamps come first: what changes while it is loaded is loaded again.
  for (const auto& file : store.sentiment_files()) static_cast<void>(store.changed(file.path));
  auto set = ModelSet::load(store.settings_.models);
  ROOKERY_RETURN_IF_ERROR(set);
  store.sentiment_ = std::move(*set);
  for (const auto& file : store.sentiment_files()) {
    if (const Model* model = store.sentiment_.find(file.language)) {
      store.made_[use_of(model->language())] = store.made(file.path);
    }
  }
  const std::string& path = store.settings_.topic_model;
  if (!path.empty() && !s3::is_location(path)) {
    static_cast<void>(store.changed(path));
    auto topics = TopicModel::load(path);
    ROOKERY_RETURN_IF_ERROR(topics);
    store.topics_ = std::move(*topics);
    store.made_[kTopics] = store.made(path);
  }
  return store;
}

void ModelStore::announce(ModelObserver* observer) const {
  if (observer == nullptr) return;
  for (const Model& model : sentiment_.all()) {
    const std::string use = use_of(model.language());
    observer->on_model_loaded(use, model.id(), made_.at(use));
  }
  if (topics_) observer->on_model_loaded(kTopics, topics_->id(), made_.at(kTopics));
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

WallTime ModelStore::made(const std::string& path) const {
  const auto known = stamps_.find(path);
  if (known == stamps_.end()) return {};
  return std::chrono::floor<std::chrono::milliseconds>(
      std::chrono::sys_time<std::chrono::nanoseconds>(
          std::chrono::nanoseconds(known->second.changed)));
}

/// A folder that went away leaves the models as they are.
std::vector<ModelSet::File> ModelStore::sentiment_files() const {
  auto files = ModelSet::files(settings_.models);
  if (!files) return {};
  std::erase_if(*files, [](const ModelSet::File& file) { return s3::is_location(file.path); });
  return std::move(*files);
}

void ModelStore::refresh(ModelObserver* observer) {
  for (const auto& file : sentiment_files()) {
    if (from_topic_.contains(use_of(file.language)) || !changed(file.path)) continue;
    refresh_sentiment(file, observer);
  }
  const std::string& path = settings_.topic_model;
  if (path.empty() || s3::is_location(path) || from_topic_.contains(kTopics)) return;
  if (changed(path)) refresh_topics(observer);
}

void ModelStore::refresh_sentiment(const ModelSet::File& file, ModelObserver* observer) {
  auto model = ModelSet::load_file(file);
  if (!model) {
    if (observer != nullptr) observer->on_model_refused("sentiment", model.error());
    return;
  }
  const std::string use = use_of(model->language());
  set(use, {std::move(*model), made(file.path)}, observer);
}

void ModelStore::refresh_topics(ModelObserver* observer) {
  auto topics = TopicModel::load(settings_.topic_model);
  if (!topics) {
    if (observer != nullptr) observer->on_model_refused(kTopics, topics.error());
    return;
  }
  set(kTopics, {std::move(*topics), made(settings_.topic_model)}, observer);
}

/// The same model again is no news, and keeps the time that it has.
void ModelStore::set(const std::string& use, ReadyModel ready, ModelObserver* observer) {
  std::string id;
  if (auto* topics = std::get_if<TopicModel>(&ready.model)) {
    if (topics_ && topics_->id() == topics->id()) return;
    id = topics->id();
    topics_ = std::move(*topics);
  } else {
    auto& model = std::get<Model>(ready.model);
    const Model* old = sentiment_.find(model.language());
    if (old != nullptr && old->id() == model.id()) return;
    id = model.id();
    sentiment_.replace(std::move(model));
  }
  made_[use] = ready.made;
  if (observer != nullptr) observer->on_model_loaded(use, id, ready.made);
}

void ModelStore::take_arrivals(ModelObserver* observer) {
  if (feed_ == nullptr) return;
  for (ModelArrival& arrival : feed_->inbox().take()) {
    if (const auto* error = std::get_if<Error>(&arrival.what)) {
      if (observer != nullptr) observer->on_model_refused(arrival.use, *error);
    } else if (auto* ready = std::get_if<ReadyModel>(&arrival.what)) {
      if (arrival.origin == ModelArrival::Origin::kTopic) {
        from_topic_.insert(arrival.use);
      } else if (from_topic_.contains(arrival.use)) {
        continue;
      }
      set(arrival.use, std::move(*ready), observer);
    } else if (from_topic_.erase(arrival.use) > 0) {
      withdraw(arrival.use, observer);
    }
  }
}

/// Goes back to the file or object of `use`; without one it is scored no more.
void ModelStore::withdraw(const std::string& use, ModelObserver* observer) {
  bool is_object = use == kTopics && s3::is_location(settings_.topic_model);
  bool is_file = use == kTopics && !settings_.topic_model.empty() && !is_object;
  if (is_file) stamps_.erase(settings_.topic_model);
  if (const auto files = ModelSet::files(settings_.models); files && use != kTopics) {
    for (const auto& file : *files) {
      if (use_of(file.language) != use) continue;
      is_object = s3::is_location(file.path);
      is_file = !is_object;
      stamps_.erase(file.path);
    }
  }
  if (is_file) return refresh(observer);
  if (is_object) return feed_->again();
  if (use == kTopics) {
    topics_.reset();
  } else {
    sentiment_.remove(std::string_view(use).substr(kSentimentUse.size()));
  }
  made_.erase(use);
  if (observer != nullptr) observer->on_model_withdrawn(use);
}

}  // namespace rookery::sentiment_scoring
