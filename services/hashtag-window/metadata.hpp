#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/core/result.hpp"
#include "common/runtime/io.hpp"
#include "services/hashtag-window/settings.hpp"

/// What lies beside the committed offsets: JSON of at most 4096 bytes. Panes and offsets
/// that come in lists are written as differences, to keep it short.
namespace rookery::hashtag_window {

/// An idle partition's frontier was raised before the record at `offset`.
struct IdleMark {
  std::int64_t offset = 0;
  Pane frontier = kNoPane;

  friend bool operator==(const IdleMark&, const IdleMark&) = default;
};

/// Of one partition of the input.
struct PartialMetadata {
  Pane frontier = kNoPane;
  Pane newest = kNoPane;  ///< The highest pane seen less the lateness.
  bool idle = false;
  std::int64_t replay_from = 0;    ///< The oldest post of the deletions' index.
  Pane replay_frontier = kNoPane;  ///< The frontier there.
  std::vector<IdleMark> marks;     ///< Those after replay_from, in order.

  friend bool operator==(const PartialMetadata&, const PartialMetadata&) = default;
};

/// Which blocks of closed panes are in the topic of panes: of one level of Settings::snapshots.
struct SavedBlocks {
  Pane until = kNoPane;                ///< Where the last one ends. kNoPane: there are none.
  std::vector<std::uint32_t> digests;  ///< Of SavedPanes::block of each, the oldest first.

  friend bool operator==(const SavedBlocks&, const SavedBlocks&) = default;
};

/// Of one partition of the sums.
struct MergeMetadata {
  Pane closed = kNoPane;         ///< All windows that end at or before it are reported.
  std::vector<Pane> frontiers;   ///< Of each partition of the input.
  std::int64_t replay_from = 0;  ///< The first record of the oldest live pane.
  /// By level; empty where there are no snapshots. Each level begins where the one before ends.
  std::vector<SavedBlocks> saved = {};
  std::int64_t resume_from = 0;  ///< The first record of the panes that are in no snapshot.

  friend bool operator==(const MergeMetadata&, const MergeMetadata&) = default;
};

/// Of the one partition of window_ranks.
struct RankMetadata {
  Pane done = kNoPane;           ///< All windows that end at or before it are in trends.
  std::vector<Pane> reported;    ///< What each partition of the sums has closed.
  std::int64_t replay_from = 0;  ///< The oldest report that a previous rank may need.

  friend bool operator==(const RankMetadata&, const RankMetadata&) = default;
};

/// Error: metadata_too_long (kMisconfigured), more than the broker takes.
Result<std::string> write_metadata(const Settings& settings, const PartialMetadata& metadata);
Result<std::string> write_metadata(const Settings& settings, const MergeMetadata& metadata);
Result<std::string> write_metadata(const Settings& settings, const RankMetadata& metadata);

/// Read what lies beside `committed`. Error: window_state (kMisconfigured) where it is
/// absent, malformed, or was written under other settings: it names both, and the way out.
Result<PartialMetadata> read_partial_metadata(const Settings& settings, const TopicPartition& at,
                                              const CommittedOffset& committed);
Result<MergeMetadata> read_merge_metadata(const Settings& settings, const TopicPartition& at,
                                          const CommittedOffset& committed);
Result<RankMetadata> read_rank_metadata(const Settings& settings, const TopicPartition& at,
                                        const CommittedOffset& committed);

}  // namespace rookery::hashtag_window
