#include "services/sentiment-scoring/model_feed.hpp"

#include <cstdlib>
#include <utility>

#include "services/sentiment-scoring/binary.hpp"

namespace rookery::sentiment_scoring {
namespace {

const char* environment(const char* name) {
  return std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nothing of this process sets one
}

}  // namespace

ServiceModelFeed::ServiceModelFeed(s3::Options options, Clock& clock)
    : options_(std::move(options)),
      clock_(clock),
      topic_([this](const std::string& location) { return fetch(location); }, inbox_) {}

Result<std::unique_ptr<ServiceModelFeed>> ServiceModelFeed::open(Settings settings,
                                                                 ServiceContext& context) {
  std::unique_ptr<ServiceModelFeed> feed(
      new ServiceModelFeed(std::move(settings.s3), context.clock()));
  if (!settings.objects.empty()) {
    auto resolved = s3::resolve(feed->options_, environment);
    ROOKERY_RETURN_IF_ERROR(resolved);
    auto objects = ModelObjects::open(std::move(settings.objects), std::move(*resolved),
                                      context.clock(), settings.check_interval, feed->inbox_);
    ROOKERY_RETURN_IF_ERROR(objects);
    feed->objects_ = std::move(*objects);
  }
  if (settings.follow && !context.pipe()) {
    auto follower = context.follow(std::string(kModelsTopic), feed->topic_);
    ROOKERY_RETURN_IF_ERROR(follower);
    feed->follower_ = std::move(*follower);
  }
  return feed;
}

/// On the follower's thread. Most deployments never need S3: what is wrong with
/// its settings is told when it is.
Result<std::string> ServiceModelFeed::fetch(const std::string& location) {
  if (!s3::is_location(location)) return read_model_file(location);
  const auto object = s3::parse_location(location);
  ROOKERY_RETURN_IF_ERROR(object);
  if (client_ == nullptr) {
    auto settings = s3::resolve(options_, environment);
    ROOKERY_RETURN_IF_ERROR(settings);
    client_ = std::make_unique<s3::Client>(std::move(*settings), clock_, stop_.get_token());
  }
  auto content = client_->get(*object, kModelBytesMax);
  ROOKERY_RETURN_IF_ERROR(content);
  return std::move(content->bytes);
}

}  // namespace rookery::sentiment_scoring
