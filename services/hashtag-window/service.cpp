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
  const std::string option = settings.family == &kLinks ? "--url-partials " : "--partials ";
  return misconfigured("topic_partitions",
                       "topic " + std::string(settings.family->panes) + ": expected at least the " +
                           std::to_string(settings.partial_partitions) + " partitions of " +
                           settings.partials_topic + ", got " + std::to_string(partitions) +
                           "; stop all instances and run rookeryctl windows rescale " + option +
                           std::to_string(settings.partial_partitions));
}

/// The processor lives as long as its stage, and so as what is asked of it.
template <typename Step>
Stage make_stage(const Settings& settings, std::string_view step, std::string_view input) {
  auto processor = std::make_unique<Step>(settings);
  const Step& asked = *processor;
  return {.group = settings.family->group(step),
          .inputs = {std::string(input)},
          .processor = std::move(processor),
          .measure = [&asked] { return asked.measure(); }};
}

}  // namespace

void HashtagWindowService::describe(OptionSet& options) {
  options_.describe(options);
}

Result<std::unique_ptr<const Settings>> HashtagWindowService::settings_of(
    const Family& family, ServiceContext& context) const {
  const auto sources = context.partitions(family.input);
  ROOKERY_RETURN_IF_ERROR(sources);
  const auto committed = context.committed(family.group("rank"));
  ROOKERY_RETURN_IF_ERROR(committed);
  auto topic = partials_topic_of(*committed, family);
  ROOKERY_RETURN_IF_ERROR(topic);
  const auto partials = context.partitions(*topic);
  ROOKERY_RETURN_IF_ERROR(partials);
  auto settings = make_settings(options_, *sources, *partials, family);
  ROOKERY_RETURN_IF_ERROR(settings);
  settings->partials_topic = *std::move(topic);
  if (!settings->snapshots.empty()) {
    const auto panes = context.partitions(family.panes);
    ROOKERY_RETURN_IF_ERROR(panes);
    ROOKERY_RETURN_IF_ERROR(check_panes_topic(*settings, *panes));
  }
  return std::make_unique<const Settings>(*std::move(settings));
}

Result<std::vector<Stage>> HashtagWindowService::make_stages(ServiceContext& context) {
  const auto families = families_of(options_);
  // A line does not say of which topic it is a record.
  if (context.pipe() && families.size() > 1) {
    return misconfigured("option_invalid",
                         "option \"dimensions\": with --pipe expected dimensions of one input, got "
                         "url_cluster, of clustered_urls, beside others, of processed_tweets; run "
                         "twice");
  }
  std::vector<Stage> stages;
  for (const Family* family : families) {
    auto made = settings_of(*family, context);
    ROOKERY_RETURN_IF_ERROR(made);
    const Settings& settings = *settings_.emplace_back(*std::move(made));
    stages.push_back(make_stage<PartialStage>(settings, "partial", family->input));
    stages.back().batch_records_max = static_cast<std::size_t>(options_.posts_batch_max);
    stages.push_back(make_stage<MergeStage>(settings, "merge", settings.partials_topic));
    stages.push_back(make_stage<RankStage>(settings, "rank", family->ranks));
  }
  return stages;
}

}  // namespace rookery::hashtag_window
