#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/result.hpp"
#include "common/runtime/io.hpp"
#include "services/hashtag-window/family.hpp"

/// Other numbers of partitions for one family, offline: what is copied and what is committed. Pure;
/// who reads, writes and commits is rookeryctl, or a simulation.
namespace rookery::hashtag_window {

/// What the three groups have committed.
struct CommittedState {
  Progress partial;
  Progress merge;
  Progress rank;
};

/// The topic in which the sums of the first stage lie: Family::partials, or after a change of its
/// number of partitions a later generation of it, "window_partials-2". It stands beside the
/// offset of the last stage, so that it changes together with all other state.
Result<std::string> partials_topic_of(const Progress& rank, const Family& family = kPosts);

struct RescalePlan {
  /// The part of an old partition that the open windows need.
  struct Copy {
    TopicPartition from;
    Offset begin;
    Offset end;
  };

  const Family* family = &kPosts;
  std::string topic;          ///< Of the sums from now on.
  std::int32_t sources = 0;   ///< Partitions of the input,
  std::int32_t partials = 0;  ///< and of `topic`.
  std::string fingerprint;    ///< See Settings.
  std::vector<Copy> copies;   ///< Empty where `topic` stays.
  CommittedState before;

  /// What is to be committed in one transaction, once all copies are. `ends`: of the partitions
  /// of `topic`; empty where it stays.
  [[nodiscard]] Result<CommittedState> after(const std::vector<Offset>& ends) const;
};

struct RescaleTarget {
  std::optional<std::int32_t> sources;   ///< Absent: as it is.
  std::optional<std::int32_t> partials;  ///< Likewise.
  std::string topic;                     ///< For the sums, if their number changes.
};

/// All three groups must stand at the ends of their partitions (the first only where `sources`
/// changes). Errors, kMisconfigured: window_state (there is none, or parts of it are of other
/// settings), not_drained (the stages have not come equally far), option_invalid.
Result<RescalePlan> plan_rescale(const CommittedState& state, const RescaleTarget& target,
                                 const Family& family = kPosts);

/// The partitions among `partials` to which a record of the old topic goes: a sum to one, a refusal
/// to all. None for what is not copied: how far the inputs have come stands in the metadata.
Result<std::vector<Partition>> new_homes(std::string_view record, std::int32_t partials);

}  // namespace rookery::hashtag_window
