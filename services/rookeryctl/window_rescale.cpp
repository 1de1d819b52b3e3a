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
using hashtag_window::Family;
using hashtag_window::RescalePlan;

constexpr const char* kName = "rookeryctl-rescale";  // transactional.id
constexpr std::array<std::string_view, 3> kSteps = {"partial", "merge", "rank"};
/// In one transaction, far below its time-out.
constexpr std::uint64_t kCopiesMax = 50'000;

/// What feeds the windows: topics of equally many partitions.
constexpr std::array<const char*, 4> kSources = {"raw_tweets", "enriched_tweets",
                                                 "processed_tweets", "clustered_urls"};

/// A stage that feeds the windows, which must have read its topic to the end.
struct Feed {
  std::string group;
  std::string topic;
};

/// One family, while its numbers change.
struct Rescaling {
  const Family* family;
  CommittedState state;
  std::string topic;  ///< Of the sums until now.
  RescalePlan plan = {};
  std::uint64_t copied = 0;
  std::vector<Offset> ends = {};  ///< Of the new topic of the sums.
};

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

Result<CommittedState> read_state(kafka::Admin& admin, const Family& family) {
  CommittedState state;
  const std::array<Progress*, 3> parts = {&state.partial, &state.merge, &state.rank};
  for (std::size_t i = 0; i < parts.size(); ++i) {
    auto committed = decided(admin, family.group(kSteps.at(i)));
    ROOKERY_RETURN_IF_ERROR(committed);
    *parts.at(i) = *std::move(committed);
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

/// url-cluster only where there is one: where it has never run, it holds back nothing.
Result<std::vector<Feed>> feeds_of(kafka::Admin& admin, const std::vector<Rescaling>& all) {
  std::vector<Feed> feeds = {{"geo-enrich", "raw_tweets"},
                             {"sentiment-scoring", "enriched_tweets"}};
  const auto clusters = decided(admin, "url-cluster");
  ROOKERY_RETURN_IF_ERROR(clusters);
  if (!clusters->empty()) feeds.push_back({"url-cluster", "processed_tweets"});
  for (const Rescaling& one : all) {
    feeds.push_back({one.family->group("partial"), std::string(one.family->input)});
  }
  return feeds;
}

Result<void> check_feeds(Context& context, kafka::Admin& admin,
                         const std::map<std::string, std::int32_t>& counts,
                         const std::vector<Rescaling>& all, std::chrono::milliseconds wait) {
  const auto feeds = feeds_of(admin, all);
  ROOKERY_RETURN_IF_ERROR(feeds);
  for (const auto& [group, topic] : *feeds) {
    ROOKERY_RETURN_IF_ERROR(wait_until_empty(context, admin, group, wait));
    const auto progress = decided(admin, group);
    ROOKERY_RETURN_IF_ERROR(progress);
    const auto count = counts.find(topic);
    if (count == counts.end()) continue;
    ROOKERY_RETURN_IF_ERROR(check_drained(context, admin, group, *progress, topic, count->second));
  }
  return {};
}

/// The first name of a later generation that no topic has.
std::string unused_name(const std::map<std::string, std::int32_t>& counts, std::string_view first) {
  for (int generation = 2;; ++generation) {
    std::string name = std::string(first) + "-" + std::to_string(generation);
    if (!counts.contains(name)) return name;
  }
}

Result<void> create_sums_topic(Context& context, kafka::Admin& admin, const RescalePlan& plan) {
  const auto declared = parse_topics(built_in_topics());
  ROOKERY_RETURN_IF_ERROR(declared);
  const auto model = std::find_if(declared->begin(), declared->end(),
                                  [&](const auto& t) { return t.name == plan.family->partials; });
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

Result<void> commit_state(Context& context, const std::vector<Rescaling>& all) {
  Transaction transaction(context, kName);
  ROOKERY_RETURN_IF_ERROR(transaction.begin());
  for (const Rescaling& one : all) {
    const auto state = one.plan.after(one.ends);
    ROOKERY_RETURN_IF_ERROR(state);
    const std::array<const Progress*, 3> parts = {&state->partial, &state->merge, &state->rank};
    for (std::size_t i = 0; i < parts.size(); ++i) {
      ROOKERY_RETURN_IF_ERROR(transaction.move(one.family->group(kSteps.at(i)), *parts.at(i)));
    }
  }
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

Result<void> copy_sums(Context& context, kafka::Admin& admin, Rescaling& one) {
  if (one.plan.copies.empty()) return {};
  ROOKERY_RETURN_IF_ERROR(create_sums_topic(context, admin, one.plan));
  crash_point("rescale_topic_created");
  Copier copier(context, one.plan);
  const auto copied = copier.copy(context);
  ROOKERY_RETURN_IF_ERROR(copied);
  one.copied = *copied;
  crash_point("rescale_sums_copied");
  auto ends = ends_of(admin, one.plan.topic, one.plan.partials);
  ROOKERY_RETURN_IF_ERROR(ends);
  one.ends = *std::move(ends);
  return {};
}

/// Copies, adds partitions, and last of all commits.
Result<void> carry_out(Context& context, kafka::Admin& admin, std::vector<Rescaling>& all,
                       const WindowRescaleReport& report) {
  for (Rescaling& one : all) ROOKERY_RETURN_IF_ERROR(copy_sums(context, admin, one));
  for (const auto& [topic, partitions] : report.grown) {
    ROOKERY_RETURN_IF_ERROR(admin.add_partitions(topic, partitions));
    crash_point("rescale_partitions_added");
  }
  return commit_state(context, all);
}

std::optional<std::int32_t> partials_of(const WindowRescaleOptions& options, const Family& family) {
  return &family == &hashtag_window::kLinks ? options.url_partials : options.partials;
}

/// The families that change, as they stand, once all of their instances have gone. Other numbers of
/// sources concern each that has ever counted.
Result<std::vector<Rescaling>> find_families(Context& context, kafka::Admin& admin,
                                             const WindowRescaleOptions& options) {
  std::vector<const Family*> asked;
  for (const Family* family : hashtag_window::kFamilies) {
    if (options.sources || partials_of(options, *family)) asked.push_back(family);
  }
  for (const Family* family : asked) {
    for (const std::string_view step : kSteps) {
      ROOKERY_RETURN_IF_ERROR(wait_until_empty(context, admin, family->group(step), options.wait));
    }
  }
  if (options.mode != WindowRescaleOptions::Mode::kDryRun) {
    ROOKERY_RETURN_IF_ERROR(end_of_a_killed_one(context));
  }
  std::vector<Rescaling> found;
  for (const Family* family : asked) {
    auto state = read_state(admin, *family);
    ROOKERY_RETURN_IF_ERROR(state);
    const bool counted = !state->partial.empty() || !state->merge.empty() || !state->rank.empty();
    const bool only = found.empty() && family == asked.back();
    if (!counted && !partials_of(options, *family) && !only) continue;
    auto topic = hashtag_window::partials_topic_of(state->rank, *family);
    ROOKERY_RETURN_IF_ERROR(topic);
    found.push_back({.family = family, .state = *std::move(state), .topic = *std::move(topic)});
  }
  return found;
}

Result<void> plan_family(Context& context, kafka::Admin& admin,
                         const std::map<std::string, std::int32_t>& counts,
                         const WindowRescaleOptions& options, Rescaling& one) {
  auto plan = plan_rescale(one.state,
                           {.sources = options.sources,
                            .partials = partials_of(options, *one.family),
                            .topic = unused_name(counts, one.family->partials)},
                           *one.family);
  ROOKERY_RETURN_IF_ERROR(plan);
  one.plan = *std::move(plan);
  const auto partials = counts.find(one.topic);
  if (partials == counts.end()) {
    return misconfigured("topic_missing", "topic \"" + one.topic + "\" is not on the broker");
  }
  ROOKERY_RETURN_IF_ERROR(check_drained(context, admin, one.family->group("merge"), one.state.merge,
                                        one.topic, partials->second));
  return check_drained(context, admin, one.family->group("rank"), one.state.rank,
                       std::string(one.family->ranks), 1);
}

/// The topics that get partitions. Those of the panes keep their names: they need as many as the
/// sums, and more do no harm.
void find_growing(const std::map<std::string, std::int32_t>& counts,
                  const std::vector<Rescaling>& all, const WindowRescaleOptions& options,
                  WindowRescaleReport& report) {
  const auto grow = [&](std::string_view topic, std::int32_t partitions) {
    const auto count = counts.find(std::string(topic));
    if (count == counts.end() || count->second >= partitions) return;
    report.grown.emplace_back(topic, partitions);
  };
  for (const Rescaling& one : all) grow(one.family->panes, one.plan.partials);
  if (!options.sources) return;
  for (const char* topic : kSources) grow(topic, all.front().plan.sources);
}

}  // namespace

Result<WindowRescaleReport> rescale_windows(Context& context, const WindowRescaleOptions& options) {
  const auto admin = connect(context);
  ROOKERY_RETURN_IF_ERROR(admin);
  auto all = find_families(context, **admin, options);
  ROOKERY_RETURN_IF_ERROR(all);
  const auto counts = (*admin)->partition_counts();
  ROOKERY_RETURN_IF_ERROR(counts);
  for (Rescaling& one : *all) {
    ROOKERY_RETURN_IF_ERROR(plan_family(context, **admin, *counts, options, one));
  }
  if (options.sources) {
    ROOKERY_RETURN_IF_ERROR(check_feeds(context, **admin, *counts, *all, options.wait));
  }
  WindowRescaleReport report;
  find_growing(*counts, *all, options, report);
  if (options.mode != WindowRescaleOptions::Mode::kDryRun) {
    ROOKERY_RETURN_IF_ERROR(carry_out(context, **admin, *all, report));
  }
  for (const Rescaling& one : *all) {
    report.sums.push_back({one.topic, one.plan.topic, one.plan.partials, one.copied});
  }
  return report;
}

}  // namespace rookery::rookeryctl
