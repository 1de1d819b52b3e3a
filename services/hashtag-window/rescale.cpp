#include "services/hashtag-window/rescale.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <utility>
#include <variant>

#include "common/core/fault.hpp"
#include "services/hashtag-window/json_fields.hpp"
#include "services/hashtag-window/metadata.hpp"
#include "services/hashtag-window/records.hpp"
#include "services/hashtag-window/sums.hpp"

namespace rookery::hashtag_window {
namespace {

constexpr std::int32_t kPartitionsMax = 1'000;

/// Settings that know no more than what the metadata need.
struct Found {
  Settings settings;
  std::string common;  ///< The fingerprint up to the numbers of partitions.
};

Failure no_state(const std::string& what) {
  return misconfigured("window_state", what);
}

/// "... P=6 Q=4" as its parts.
std::optional<Found> parse_fingerprint(std::string_view text) {
  const auto q = text.rfind(" Q=");
  const auto p = text.rfind(" P=");
  if (q == std::string_view::npos || p == std::string_view::npos || p > q) return std::nullopt;
  Found found;
  found.settings.fingerprint = text;
  found.common = text.substr(0, p);
  const auto number = [&](std::size_t begin, std::size_t end, std::int32_t& out) {
    return std::from_chars(text.data() + begin, text.data() + end, out).ptr == text.data() + end &&
           out > 0;
  };
  if (!number(p + 3, q, found.settings.source_partitions) ||
      !number(q + 3, text.size(), found.settings.partial_partitions)) {
    return std::nullopt;
  }
  return found;
}

std::string fingerprint_of(const Found& found, std::int32_t sources, std::int32_t partials) {
  return found.common + " P=" + std::to_string(sources) + " Q=" + std::to_string(partials);
}

/// The one offset of the last stage; null where there is none.
const std::pair<const TopicPartition, CommittedOffset>* rank_entry(const Progress& rank,
                                                                   const Family& family) {
  const auto entry = rank.find({std::string(family.ranks), kRanksPartition});
  return entry == rank.end() ? nullptr : &*entry;
}

std::string field_of(const std::string& metadata, std::string_view name) {
  JsonParser parser;
  const auto object = parser.object(metadata);
  if (!object) return "";
  FieldReader fields(*object);
  return fields.has(name) ? std::string(fields.text(name)) : "";
}

Result<Found> find_settings(const CommittedState& state, const Family& family) {
  const auto* rank = rank_entry(state.rank, family);
  if (rank == nullptr) {
    return no_state("group " + family.group("rank") +
                    " has committed nothing: nothing was counted yet, so the topics can be "
                    "created anew with other numbers of partitions, and what groups there are of " +
                    std::string(family.groups) + " deleted");
  }
  auto found = parse_fingerprint(field_of(rank->second.metadata, "settings"));
  if (!found) {
    return no_state(std::string(family.ranks) +
                    "[0]: expected metadata with the settings of hashtag-window, got \"" +
                    rank->second.metadata.substr(0, 1000) + "\"");
  }
  found->settings.family = &family;
  auto topic = partials_topic_of(state.rank, family);
  ROOKERY_RETURN_IF_ERROR(topic);
  found->settings.partials_topic = *std::move(topic);
  return *std::move(found);
}

/// The metadata of each partition of a topic, by number.
template <typename Metadata, typename Read>
Result<std::vector<Metadata>> read_all(const Progress& progress, std::string_view topic,
                                       std::int32_t count, const Settings& settings,
                                       const Read& read) {
  std::vector<Metadata> all;
  for (std::int32_t i = 0; i < count; ++i) {
    const TopicPartition at{std::string(topic), Partition(i)};
    const auto committed = progress.find(at);
    if (committed == progress.end()) {
      return no_state(at.topic + "[" + std::to_string(i) +
                      "]: expected a committed offset, got none; let hashtag-window run until "
                      "every partition was read");
    }
    auto metadata = read(settings, at, committed->second);
    ROOKERY_RETURN_IF_ERROR(metadata);
    all.push_back(*std::move(metadata));
  }
  return all;
}

Failure not_equal(const std::string& what) {
  return misconfigured("not_drained", what +
                                          "; start hashtag-window with the former numbers of "
                                          "partitions, stop what feeds it, wait, and try again");
}

Result<void> check_equal(const std::vector<PartialMetadata>& partial,
                         const std::vector<MergeMetadata>& merge, const RankMetadata& rank) {
  std::vector<Pane> frontiers;
  for (const PartialMetadata& metadata : partial) frontiers.push_back(metadata.frontier);
  if (planted_mistake("rescale_not_drained")) return {};
  const Pane closed = merge.front().closed;
  for (std::size_t q = 0; q < merge.size(); ++q) {
    const std::string which = "partition " + std::to_string(q) + " of the sums ";
    if (merge[q].closed != closed)
      return not_equal(which + "has closed other panes than the first");
    if (merge[q].frontiers != frontiers) return not_equal(which + "does not know all frontiers");
    if (rank.reported[q] != closed) return not_equal(which + "has reports that are not ranked");
  }
  if (rank.done != closed) return not_equal("not all windows that are closed are ranked");
  return {};
}

Result<std::int32_t> target_of(std::string_view option, std::optional<std::int32_t> wanted,
                               std::int32_t least, std::int32_t present) {
  if (!wanted) return present;
  if (*wanted < least || *wanted > kPartitionsMax) {
    return misconfigured("option_invalid",
                         "--" + std::string(option) + ": expected " + std::to_string(least) +
                             " to " + std::to_string(kPartitionsMax) + " (now " +
                             std::to_string(present) + "), got " + std::to_string(*wanted));
  }
  return *wanted;
}

}  // namespace

Result<std::string> partials_topic_of(const Progress& rank, const Family& family) {
  const auto* entry = rank_entry(rank, family);
  const std::string topic = entry == nullptr ? "" : field_of(entry->second.metadata, "partials");
  return topic.empty() ? std::string(family.partials) : topic;
}

Result<RescalePlan> plan_rescale(const CommittedState& state, const RescaleTarget& target,
                                 const Family& family) {
  const auto found = find_settings(state, family);
  ROOKERY_RETURN_IF_ERROR(found);
  const Settings& now = found->settings;
  const auto partial = read_all<PartialMetadata>(state.partial, family.input, now.source_partitions,
                                                 now, read_partial_metadata);
  ROOKERY_RETURN_IF_ERROR(partial);
  const auto merge = read_all<MergeMetadata>(state.merge, now.partials_topic,
                                             now.partial_partitions, now, read_merge_metadata);
  ROOKERY_RETURN_IF_ERROR(merge);
  const auto* entry = rank_entry(state.rank, family);
  const auto rank = read_rank_metadata(now, entry->first, entry->second);
  ROOKERY_RETURN_IF_ERROR(rank);
  ROOKERY_RETURN_IF_ERROR(check_equal(*partial, *merge, *rank));

  const auto sources =
      target_of("sources", target.sources, now.source_partitions, now.source_partitions);
  ROOKERY_RETURN_IF_ERROR(sources);
  const auto partials = target_of("partials", target.partials, 1, now.partial_partitions);
  ROOKERY_RETURN_IF_ERROR(partials);
  RescalePlan plan{.family = &family,
                   .topic = now.partials_topic,
                   .sources = *sources,
                   .partials = *partials,
                   .fingerprint = fingerprint_of(*found, *sources, *partials),
                   .copies = {},
                   .before = state};
  if (*partials == now.partial_partitions) return plan;
  plan.topic = target.topic;
  for (std::int32_t q = 0; q < now.partial_partitions; ++q) {
    const TopicPartition at{now.partials_topic, Partition(q)};
    const MergeMetadata& metadata = (*merge)[static_cast<std::size_t>(q)];
    plan.copies.push_back({at,
                           Offset(planted_mistake("rescale_copies_a_tail") ? metadata.resume_from
                                                                           : metadata.replay_from),
                           state.merge.at(at).offset});
  }
  return plan;
}

Result<CommittedState> RescalePlan::after(const std::vector<Offset>& ends) const {
  const auto found = find_settings(before, *family);
  ROOKERY_RETURN_IF_ERROR(found);
  const Settings& old = found->settings;
  Settings now = old;
  now.fingerprint = fingerprint;
  now.source_partitions = sources;
  now.partial_partitions = partials;
  now.partials_topic = topic;
  CommittedState state;
  const auto put = [](Progress& progress, const TopicPartition& at, Offset offset,
                      Result<std::string> metadata) -> Result<void> {
    ROOKERY_RETURN_IF_ERROR(metadata);
    progress[at] = {offset, *std::move(metadata)};
    return {};
  };

  auto partial = read_all<PartialMetadata>(before.partial, family->input, old.source_partitions,
                                           old, read_partial_metadata);
  ROOKERY_RETURN_IF_ERROR(partial);
  PartialMetadata fresh;  // What comes to a new partition is as late as it would be elsewhere.
  for (const PartialMetadata& metadata : *partial) {
    fresh.frontier = std::max(fresh.frontier, metadata.frontier);
    fresh.newest = std::max(fresh.newest, metadata.newest);
  }
  if (planted_mistake("rescale_source_from_nowhere")) fresh.frontier = kNoPane;
  fresh.replay_frontier = fresh.frontier;
  for (std::int32_t p = 0; p < sources; ++p) {
    const TopicPartition at{std::string(family->input), Partition(p)};
    const bool known = p < old.source_partitions;
    const Offset offset = known ? before.partial.at(at).offset : Offset(0);
    const auto& metadata = known ? (*partial)[static_cast<std::size_t>(p)] : fresh;
    ROOKERY_RETURN_IF_ERROR(put(state.partial, at, offset, write_metadata(now, metadata)));
  }

  const auto merge = read_all<MergeMetadata>(before.merge, old.partials_topic,
                                             old.partial_partitions, old, read_merge_metadata);
  ROOKERY_RETURN_IF_ERROR(merge);
  for (std::int32_t q = 0; q < partials; ++q) {
    const TopicPartition at{topic, Partition(q)};
    MergeMetadata metadata =
        copies.empty() ? (*merge)[static_cast<std::size_t>(q)] : merge->front();
    metadata.frontiers.resize(static_cast<std::size_t>(sources), fresh.frontier);
    if (!copies.empty()) {  // Other keys are in the partition than in its snapshots.
      metadata.replay_from = metadata.resume_from = 0;
      metadata.saved.clear();
    }
    const Offset offset =
        copies.empty() ? before.merge.at(at).offset : ends.at(static_cast<std::size_t>(q));
    ROOKERY_RETURN_IF_ERROR(put(state.merge, at, offset, write_metadata(now, metadata)));
  }

  const auto* entry = rank_entry(before.rank, *family);
  auto rank = read_rank_metadata(old, entry->first, entry->second);
  ROOKERY_RETURN_IF_ERROR(rank);
  rank->reported.assign(static_cast<std::size_t>(partials), merge->front().closed);
  ROOKERY_RETURN_IF_ERROR(
      put(state.rank, entry->first, entry->second.offset, write_metadata(now, *rank)));
  return state;
}

Result<std::vector<Partition>> new_homes(std::string_view record, std::int32_t partials) {
  RecordReader reader;
  AuthorSet authors;
  const auto read = reader.read_partial(record, authors, 256);
  ROOKERY_RETURN_IF_ERROR(read);
  std::vector<Partition> homes;
  if (std::holds_alternative<Refused>(*read) && !planted_mistake("rescale_forgets_refusals")) {
    for (std::int32_t q = 0; q < partials; ++q) homes.emplace_back(q);
  }
  const auto* partial = std::get_if<Partial>(&*read);
  if (partial == nullptr) return homes;
  const auto dimension = dimension_named(partial->dimension);
  if (!dimension) {
    return no_state("field \"dimension\": expected one of this version, got \"" +
                    std::string(partial->dimension) + "\"");
  }
  const auto share = key_hash(*dimension, partial->key) % static_cast<std::uint64_t>(partials);
  homes.emplace_back(static_cast<std::int32_t>(share));
  return homes;
}

}  // namespace rookery::hashtag_window
