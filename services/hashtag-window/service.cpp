#include "services/hashtag-window/service.hpp"

#include <string>
#include <utility>

#include "services/hashtag-window/merge_stage.hpp"
#include "services/hashtag-window/partial_stage.hpp"
#include "services/hashtag-window/rank_stage.hpp"
#include "services/hashtag-window/rescale.hpp"

namespace rookery::hashtag_window {

namespace {

/// Each partition of the sums has its snapshots in the one of the same number; more do no harm.
Result<void> check_panes_topic(const Settings& settings, std::int32_t partitions) {
  if (partitions >= settings.partial_partitions) return {};
  return misconfigured("topic_partitions",
                       "topic " + std::string(kWindowPanes) + ": expected at least the " +
                           std::to_string(settings.partial_partitions) + " partitions of " +
                           settings.partials_topic + ", got " + std::to_string(partitions) +
                           "; stop all instances and run rookeryctl windows rescale --partials " +
                           std::to_string(settings.partial_partitions));
}

}  // namespace

void HashtagWindowService::describe(OptionSet& options) {
  options_.describe(options);
}

Result<std::vector<Stage>> HashtagWindowService::make_stages(ServiceContext& context) {
  const auto sources = context.partitions(kProcessedTweets);
  ROOKERY_RETURN_IF_ERROR(sources);
  const auto committed = context.committed(std::string(name()) + "-rank");
  ROOKERY_RETURN_IF_ERROR(committed);
  auto topic = partials_topic_of(*committed);
  ROOKERY_RETURN_IF_ERROR(topic);
  const auto partials = context.partitions(*topic);
  ROOKERY_RETURN_IF_ERROR(partials);
  auto settings = make_settings(options_, *sources, *partials);
  ROOKERY_RETURN_IF_ERROR(settings);
  settings->partials_topic = *std::move(topic);
  if (!settings->snapshots.empty()) {
    const auto panes = context.partitions(kWindowPanes);
    ROOKERY_RETURN_IF_ERROR(panes);
    ROOKERY_RETURN_IF_ERROR(check_panes_topic(*settings, *panes));
  }
  settings_ = std::make_unique<const Settings>(*std::move(settings));

  std::vector<Stage> stages;
  // The processor lives as long as its stage, and so as what is asked of it.
  const auto add = [&](std::string_view step, std::string_view input, auto processor) {
    const auto& asked = *processor;
    stages.push_back({.group = std::string(name()) + "-" + std::string(step),
                      .inputs = {std::string(input)},
                      .processor = std::move(processor),
                      .measure = [&asked] { return asked.measure(); }});
  };
  add("partial", kProcessedTweets, std::make_unique<PartialStage>(*settings_));
  add("merge", settings_->partials_topic, std::make_unique<MergeStage>(*settings_));
  add("rank", kWindowRanks, std::make_unique<RankStage>(*settings_));
  return stages;
}

}  // namespace rookery::hashtag_window
