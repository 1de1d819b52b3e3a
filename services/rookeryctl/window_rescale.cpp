#include "services/rookeryctl/window_rescale.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>
#include <utility>

#include "common/core/check.hpp"
#include "common/core/fault.hpp"
#include "common/kafka/range_probe.hpp"
#include "common/runtime/topic_table.hpp"
#include "services/hashtag-window/rescale.hpp"
#include "services/rookeryctl/topic_reader.hpp"
#include "services/rookeryctl/transaction.hpp"

namespace rookery::rookeryctl {
namespace {

using hashtag_window::CommittedState;
using hashtag_window::RescalePlan;

constexpr const char* kName = "rookeryctl-rescale";  // transactional.id
constexpr const char* kPartial = "hashtag-window-partial";
constexpr const char* kMerge = "hashtag-window-merge";
constexpr const char* kRank = "hashtag-window-rank";
constexpr std::string_view kPartialsTopic = "window_partials";
/// In one transaction, far below its time-out.
constexpr std::uint64_t kCopiesMax = 50'000;

/// A stage that feeds the windows: its topic gets partitions too, and must be read to the end.
struct Feed {
  const char* group;
  const char* topic;
};
constexpr std::array<Feed, 3> kFeeds = {{{"geo-enrich", "raw_tweets"},
                                         {"sentiment-scoring", "enriched_tweets"},
                                         {kPartial, "processed_tweets"}}};

Result<void> wait_until_empty(Context& context, kafka::Admin& admin, const std::string& group,
                              std::chrono::milliseconds left) {
  constexpr std::chrono::milliseconds kPause{500};
  while (true) {
    const auto members = admin.members(group);
    ROOKERY_RETURN_IF_ERROR(members);
    if (*members == 0) return {};
    if (left <= std::chrono::milliseconds(0)) {
      return misconfigured("groups_busy",
                           "group " + group + ": expected no members, got " +
                               std::to_string(*members) +
                               "; stop all instances (one that was stopped counts until its "
                               "session ends, see session_timeout_ms)");
    }
    left -= kPause;
    context.clock.sleep_for(kPause, {});
  }
}

Result<Progress> decided(kafka::Admin& admin, const std::string& group) {
  return admin.committed(group, kafka::Which::kDecided);
}

Result<CommittedState> read_state(kafka::Admin& admin) {
  CommittedState state;
  const std::array<std::pair<const char*, Progress*>, 3> parts = {
      {{kPartial, &state.partial}, {kMerge, &state.merge}, {kRank, &state.rank}}};
  for (const auto& [group, progress] : parts) {
    auto committed = decided(admin, group);
    ROOKERY_RETURN_IF_ERROR(committed);
    *progress = *std::move(committed);
  }
  return state;
}

/// That `group` has read all partitions of `topic`. Behind its offset may lie markers.
Result<void> check_drained(Context& context, kafka::Admin& admin, const std::string& group,
                           const Progress& progress, const std::string& topic, std::int32_t count) {
  std::vector<TopicPartition> partitions;
  for (std::int32_t i = 0; i < count; ++i) partitions.push_back({topic, Partition(i)});
  const auto starts = admin.starts(partitions);
  ROOKERY_RETURN_IF_ERROR(starts);
  const auto ends = admin.ends(partitions, kafka::End::kWritten);
  ROOKERY_RETURN_IF_ERROR(ends);
  kafka::RangeProbe probe(context.connection, context.log);
  for (const TopicPartition& at : partitions) {
    const auto committed = progress.find(at);
    Offset from = starts->at(at);
    if (committed != progress.end()) from = std::max(from, committed->second.offset);
    const auto found = probe.look(at, from, ends->at(at));
    ROOKERY_RETURN_IF_ERROR(found);
    if (*found == kafka::Found::kNothing) continue;
    return misconfigured("not_drained",
                         topic + "[" + std::to_string(at.partition.value()) + "]: group " + group +
                             " stands at " + std::to_string(from.value()) + ", the end is at " +
                             std::to_string(ends->at(at).value()) +
                             "; start the stages as they were, stop what feeds them, wait until "
                             "rookeryctl lag shows all read, stop them, and try again");
  }
  return {};
}

Result<void> check_feeds(Context& context, kafka::Admin& admin,
                         const std::map<std::string, std::int32_t>& counts,
                         const WindowRescaleOptions& options) {
  for (const auto& [group, topic] : kFeeds) {
    ROOKERY_RETURN_IF_ERROR(wait_until_empty(context, admin, group, options.wait));
    const auto progress = decided(admin, group);
    ROOKERY_RETURN_IF_ERROR(progress);
    const auto count = counts.find(topic);
    if (count == counts.end()) continue;
    ROOKERY_RETURN_IF_ERROR(check_drained(context, admin, group, *progress, topic, count->second));
  }
  return {};
}

/// The first name of a later generation that no topic has.
std::string unused_name(const std::map<std::string, std::int32_t>& counts) {
  for (int generation = 2;; ++generation) {
    std::string name = std::string(kPartialsTopic) + "-" + std::to_string(generation);
    if (!counts.contains(name)) return name;
  }
}

Result<void> create_sums_topic(Context& context, kafka::Admin& admin, const RescalePlan& plan) {
  const auto declared = parse_topics(built_in_topics());
  ROOKERY_RETURN_IF_ERROR(declared);
  const auto model = std::find_if(declared->begin(), declared->end(),
                                  [](const auto& topic) { return topic.name == kPartialsTopic; });
  ROOKERY_CHECK(model != declared->end(), "the topic of the sums is declared");
  const kafka::NewTopic topic{
      .name = plan.topic, .partitions = plan.partials, .settings = model->settings()};
  return create_topics(context, admin, std::span(&topic, 1));
}

/// Writes the sums of open windows to where their keys belong now.
class Copier {
 public:
  Copier(Context& context, const RescalePlan& plan) : plan_(plan), transaction_(context, kName) {}

  Result<std::uint64_t> copy(Context& context) {
    ROOKERY_RETURN_IF_ERROR(transaction_.begin());
    ReadOptions reading{.topic = plan_.copies.front().from.topic, .partition = std::nullopt};
    for (const auto& part : plan_.copies) reading.from[part.from.partition] = part.begin;
    Result<void> taken;
    ROOKERY_RETURN_IF_ERROR(read_topic(context, reading, [&](const InputRecord& record) {
      taken = take(record);
      return taken.has_value();
    }));
    ROOKERY_RETURN_IF_ERROR(taken);
    crash_point("rescale_before_copies_commit");
    ROOKERY_RETURN_IF_ERROR(transaction_.commit({}));
    return copied_;
  }

 private:
  Result<void> take(const InputRecord& record) {
    if (!record.value) return {};
    const auto homes = hashtag_window::new_homes(*record.value, plan_.partials);
    if (!homes) {
      // It is a dead letter by now.
      if (homes.error().disposition == Disposition::kDeadLetter) return {};
      return tl::make_unexpected(homes.error());
    }
    for (const Partition home : *homes) ROOKERY_RETURN_IF_ERROR(put(home, record));
    return {};
  }
  Result<void> put(Partition home, const InputRecord& record) {
    ROOKERY_RETURN_IF_ERROR(transaction_.write(
        plan_.topic, home, {.key = record.key, .value = record.value, .headers = {}}));
    if (++copied_ % kCopiesMax != 0) return {};
    ROOKERY_RETURN_IF_ERROR(transaction_.commit({}));
    return transaction_.begin();
  }

  const RescalePlan& plan_;
  Transaction transaction_;
  std::uint64_t copied_ = 0;
};

Result<std::vector<Offset>> ends_of(kafka::Admin& admin, const std::string& topic,
                                    std::int32_t count) {
  std::vector<TopicPartition> partitions;
  for (std::int32_t i = 0; i < count; ++i) partitions.push_back({topic, Partition(i)});
  const auto found = admin.ends(partitions, kafka::End::kWritten);
  ROOKERY_RETURN_IF_ERROR(found);
  std::vector<Offset> ends;
  for (const TopicPartition& at : partitions) ends.push_back(found->at(at));
  return ends;
}

Result<void> commit_state(Context& context, const CommittedState& state) {
  Transaction transaction(context, kName);
  ROOKERY_RETURN_IF_ERROR(transaction.begin());
  ROOKERY_RETURN_IF_ERROR(transaction.move(kPartial, state.partial));
  ROOKERY_RETURN_IF_ERROR(transaction.move(kMerge, state.merge));
  ROOKERY_RETURN_IF_ERROR(transaction.move(kRank, state.rank));
  crash_point("rescale_before_state_commit");
  ROOKERY_RETURN_IF_ERROR(transaction.commit({}));
  crash_point("rescale_state_committed");
  return {};
}

/// A rescale that was killed leaves a transaction open, which hides the offsets until its time-out
/// of five minutes. Who begins under the same name ends it.
Result<void> end_of_a_killed_one(Context& context) {
  Transaction transaction(context, kName);
  return transaction.begin();
}

/// Copies, adds partitions, and last of all commits.
Result<void> carry_out(Context& context, kafka::Admin& admin, const RescalePlan& plan,
                       WindowRescaleReport& report) {
  std::vector<Offset> ends;
  if (!plan.copies.empty()) {
    ROOKERY_RETURN_IF_ERROR(create_sums_topic(context, admin, plan));
    crash_point("rescale_topic_created");
    Copier copier(context, plan);
    const auto copied = copier.copy(context);
    ROOKERY_RETURN_IF_ERROR(copied);
    report.copied = *copied;
    crash_point("rescale_sums_copied");
    auto found = ends_of(admin, plan.topic, plan.partials);
    ROOKERY_RETURN_IF_ERROR(found);
    ends = *std::move(found);
  }
  for (const std::string& topic : report.grown) {
    const bool panes = topic == kPanesTopic;
    ROOKERY_RETURN_IF_ERROR(admin.add_partitions(topic, panes ? plan.partials : plan.sources));
    crash_point("rescale_partitions_added");
  }
  const auto state = plan.after(ends);
  ROOKERY_RETURN_IF_ERROR(state);
  return commit_state(context, *state);
}

}  // namespace

Result<WindowRescaleReport> rescale_windows(Context& context, const WindowRescaleOptions& options) {
  const auto admin = connect(context);
  ROOKERY_RETURN_IF_ERROR(admin);
  for (const char* group : {kPartial, kMerge, kRank}) {
    ROOKERY_RETURN_IF_ERROR(wait_until_empty(context, **admin, group, options.wait));
  }
  if (options.mode != WindowRescaleOptions::Mode::kDryRun) {
    ROOKERY_RETURN_IF_ERROR(end_of_a_killed_one(context));
  }
  const auto counts = (*admin)->partition_counts();
  ROOKERY_RETURN_IF_ERROR(counts);
  const auto state = read_state(**admin);
  ROOKERY_RETURN_IF_ERROR(state);
  const auto plan = plan_rescale(
      *state,
      {.sources = options.sources, .partials = options.partials, .topic = unused_name(*counts)});
  ROOKERY_RETURN_IF_ERROR(plan);
  const auto topic = hashtag_window::partials_topic_of(state->rank);
  ROOKERY_RETURN_IF_ERROR(topic);
  const auto partials = counts->find(*topic);
  if (partials == counts->end()) {
    return misconfigured("topic_missing", "topic \"" + *topic + "\" is not on the broker");
  }
  ROOKERY_RETURN_IF_ERROR(
      check_drained(context, **admin, kMerge, state->merge, *topic, partials->second));
  ROOKERY_RETURN_IF_ERROR(check_drained(context, **admin, kRank, state->rank, "window_ranks", 1));
  WindowRescaleReport report{.topic_before = *topic,
                             .topic = plan->topic,
                             .sources = plan->sources,
                             .partials = plan->partials,
                             .copied = 0,
                             .grown = {}};
  const auto panes = counts->find(std::string(kPanesTopic));
  if (panes != counts->end() && panes->second < plan->partials) {
    report.grown.emplace_back(kPanesTopic);
  }
  if (options.sources) {
    ROOKERY_RETURN_IF_ERROR(check_feeds(context, **admin, *counts, options));
    for (const auto& feed : kFeeds) {
      const auto found = counts->find(feed.topic);
      if (found != counts->end() && found->second < plan->sources) {
        report.grown.emplace_back(feed.topic);
      }
    }
  }
  if (options.mode == WindowRescaleOptions::Mode::kDryRun) return report;
  ROOKERY_RETURN_IF_ERROR(carry_out(context, **admin, *plan, report));
  return report;
}

}  // namespace rookery::rookeryctl
