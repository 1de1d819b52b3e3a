#include "services/sentiment-scoring/service.hpp"

#include <filesystem>
#include <memory>

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
  options.list("models", models_,
               "Model files as LANGUAGE=FILE, or folders whose *.model files are taken; empty: "
               "../share/rookery/models beside the executable's folder.");
  options.text("assume_language", assume_language_,
               "Language of posts whose source gives none, as \"en\"; empty: they stay unknown.");
  options.integer("text_bytes_max", text_bytes_max_, {100, 1'000'000},
                  "Bytes of a text that are scored; the rest is not looked at.");
}

Result<std::vector<Stage>> SentimentScoring::make_stages(ServiceContext& /*context*/) {
  auto models = ModelSet::load(models_.empty() ? std::vector{default_folder()} : models_);
  ROOKERY_RETURN_IF_ERROR(models);
  if (!assume_language_.empty() && models->find(assume_language_) == nullptr) {
    return misconfigured("option_invalid",
                         "option assume_language: expected a language that a "
                         "model covers, got \"" +
                             assume_language_ + "\"");
  }
  std::vector<Stage> stages;
  stages.push_back(
      {std::string(name()),
       {"enriched_tweets"},
       std::make_unique<ScoreSentiment>(
           std::move(*models),
           ScoreSentiment::Settings{assume_language_, static_cast<std::size_t>(text_bytes_max_)})});
  return stages;
}

}  // namespace rookery::sentiment_scoring
