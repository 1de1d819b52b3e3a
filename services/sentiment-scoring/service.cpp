#include "services/sentiment-scoring/service.hpp"

#include <cmath>
#include <filesystem>
#include <memory>

#include "services/sentiment-scoring/model_entry.hpp"
#include "services/sentiment-scoring/model_feed.hpp"
#include "services/sentiment-scoring/score_sentiment.hpp"

namespace rookery::sentiment_scoring {
namespace {

/// Where an installed or built suite keeps its models, seen from the executable.
std::string default_folder() {
  std::error_code error;
  const auto executable = std::filesystem::read_symlink("/proc/self/exe", error);
  return (executable.parent_path().parent_path() / "share/rookery/models").string();
}

}  // namespace

void SentimentScoring::describe(OptionSet& options) {
  options.list(
      "models", models_,
      "Models as LANGUAGE=FILE or LANGUAGE=s3://BUCKET/KEY, or folders whose *.model files "
      "are taken; empty: "
      "../share/rookery/models beside the executable's folder.");
  options.text("assume_language", assume_language_,
               "Language of posts whose source gives none, as \"en\"; empty: they stay unknown.");
  options.flag("identify_language", identify_language_,
               "Whether the language is found out from the text where the source gives none.");
  options.text("topic_model", topic_model_,
               "Topic model of rookery-train topics, a file or s3://BUCKET/KEY; empty: posts get "
               "no topics but by a model of the topic models.");
  options.number("topic_share_min", topic_share_min_, {0.001, 1},
                 "Topics with a smaller share of a post are not written, but for its largest.");
  options.integer("topics_max", topics_max_, {1, 100}, "Topics that are written of a post.");
  options.duration("models_check_interval_ms", models_check_interval_,
                   {std::chrono::milliseconds(0), std::chrono::hours(24)},
                   "How often files and objects are looked at for a change; 0: never, as with "
                   "--pipe.");
  options.flag("follow_models", follow_models_,
               "Whether models published in the topic models are scored with, before those of the "
               "same use in files; not with --pipe.");
  s3_.describe(options);
  options.integer("text_bytes_max", text_bytes_max_, {100, 1'000'000},
                  "Bytes of a text that are scored; the rest is not looked at.");
}

/// The objects in S3 among the sources.
Result<std::vector<ModelObjects::Object>> SentimentScoring::objects() const {
  std::vector<ModelObjects::Object> objects;
  const auto add = [&](const std::string& use, const std::string& location) -> Result<void> {
    ROOKERY_RETURN_IF_ERROR(s3::parse_location(location));
    objects.push_back({use, location});
    return {};
  };
  for (const std::string& source : models_) {
    const std::size_t equals = source.find('=');
    if (equals == std::string::npos || !s3::is_location(source.substr(equals + 1))) continue;
    ROOKERY_RETURN_IF_ERROR(
        add(std::string(kSentimentUse) + source.substr(0, equals), source.substr(equals + 1)));
  }
  if (s3::is_location(topic_model_)) {
    ROOKERY_RETURN_IF_ERROR(add(std::string(kTopicsUse), topic_model_));
  }
  return objects;
}

Result<ModelStore> SentimentScoring::open_models(ServiceContext& context) {
  auto objects = this->objects();
  ROOKERY_RETURN_IF_ERROR(objects);
  // A filter's output is a function of its input and its start.
  const auto interval = context.pipe() ? std::chrono::milliseconds(0) : models_check_interval_;
  auto feed = ServiceModelFeed::open({.objects = std::move(*objects),
                                      .follow = follow_models_,
                                      .check_interval = interval,
                                      .s3 = s3_},
                                     context);
  ROOKERY_RETURN_IF_ERROR(feed);
  auto models = ModelStore::open(
      {models_.empty() ? std::vector{default_folder()} : models_, topic_model_}, std::move(*feed));
  ROOKERY_RETURN_IF_ERROR(models);
  models->announce(context.models());
  models->take_arrivals(context.models());
  return models;
}

Result<std::vector<Stage>> SentimentScoring::make_stages(ServiceContext& context) {
  auto models = open_models(context);
  ROOKERY_RETURN_IF_ERROR(models);
  if (!assume_language_.empty() && models->sentiment().find(assume_language_) == nullptr) {
    return misconfigured("option_invalid",
                         "option assume_language: expected a language that a "
                         "model covers, got \"" +
                             assume_language_ + "\"");
  }
  ScoreSentiment::Settings settings;
  settings.assume_language = assume_language_;
  settings.identify_language = identify_language_;
  settings.text_bytes_max = static_cast<std::size_t>(text_bytes_max_);
  settings.topic_share_min_thousandths = static_cast<int>(std::lround(topic_share_min_ * 1000));
  settings.topics_max = static_cast<std::size_t>(topics_max_);
  if (!context.pipe()) settings.check_interval = models_check_interval_;
  settings.observer = context.models();
  std::vector<Stage> stages;
  stages.push_back({std::string(name()),
                    {"enriched_tweets"},
                    std::make_unique<ScoreSentiment>(std::move(*models), std::move(settings))});
  return stages;
}

}  // namespace rookery::sentiment_scoring
