#include "services/sentiment-scoring/object_feed.hpp"

#include <utility>

#include "services/sentiment-scoring/model_entry.hpp"
#include "services/sentiment-scoring/model_topic.hpp"

namespace rookery::sentiment_scoring {

ModelObjects::ModelObjects(std::vector<Object> objects, s3::Settings settings, Clock& clock,
                           ModelInbox& inbox)
    : settings_(std::move(settings)), clock_(clock), inbox_(inbox) {
  for (Object& object : objects) known_.push_back({std::move(object), {}, false});
}

ModelObjects::~ModelObjects() {
  thread_.request_stop();
}

Result<std::unique_ptr<ModelObjects>> ModelObjects::open(std::vector<Object> objects,
                                                         s3::Settings settings, Clock& clock,
                                                         std::chrono::milliseconds interval,
                                                         ModelInbox& inbox) {
  std::unique_ptr<ModelObjects> self(
      new ModelObjects(std::move(objects), std::move(settings), clock, inbox));
  s3::Client client(self->settings_, clock);
  for (Known& known : self->known_) ROOKERY_RETURN_IF_ERROR(self->look(known, client));
  if (interval.count() > 0) {
    self->thread_ = std::jthread([watch = self.get(), interval](const std::stop_token& stop) {
      watch->watch(interval, stop);
    });
  }
  return self;
}

/// An object that holds no model is another one all the same: its tag is kept.
Result<void> ModelObjects::look(Known& known, s3::Client& client) {
  const auto location = s3::parse_location(known.object.location);
  ROOKERY_RETURN_IF_ERROR(location);
  auto content = client.get_unless(*location, known.etag, kModelBytesMax);
  ROOKERY_RETURN_IF_ERROR(content);
  known.away = false;
  if (!*content) return {};
  known.etag = (*content)->etag;
  auto ready = ready_model(known.object.use, (*content)->bytes, (*content)->modified);
  if (!ready) {
    Error error = std::move(ready.error());
    error.message = "model \"" + known.object.location + "\": " + error.message;
    return tl::make_unexpected(std::move(error));
  }
  inbox_.put({known.object.use, ModelArrival::Origin::kObject, std::move(*ready)});
  return {};
}

void ModelObjects::watch(std::chrono::milliseconds interval, const std::stop_token& stop) {
  s3::Client client(settings_, clock_, stop);
  while (clock_.sleep_for(interval, stop)) {
    if (again_.exchange(false)) {
      for (Known& known : known_) known.etag.clear();
    }
    for (Known& known : known_) {
      const std::string before = known.etag;
      auto looked = look(known, client);
      if (looked || looked.error().code == "stopped") continue;
      // A server that is away, or an object that is gone, is told once.
      if (known.etag == before && std::exchange(known.away, true)) continue;
      const std::string use = known.object.use == kTopicsUse ? known.object.use : "sentiment";
      inbox_.put({use, ModelArrival::Origin::kObject, std::move(looked.error())});
    }
  }
}

}  // namespace rookery::sentiment_scoring
