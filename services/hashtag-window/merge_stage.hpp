#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/runtime/measurement.hpp"
#include "common/runtime/processor.hpp"
#include "services/hashtag-window/kernel.hpp"
#include "services/hashtag-window/metadata.hpp"
#include "services/hashtag-window/records.hpp"
#include "services/hashtag-window/settings.hpp"

namespace rookery::hashtag_window {

/// The second stage: adds the partials of its partitions up into sliding windows, and
/// closes a pane when the frontier of every source partition has passed it. Reads
/// window_partials; writes to window_ranks the top K of each closed window, then how far
/// the partition has closed; and where it is asked for, from time to time the top K of windows
/// that are still open. Its state is what lies between the offset in the metadata and the
/// committed one; where that is much, closed panes lie in window_panes too, block by block, and
/// the rest alone is read again.
class MergeStage final : public Processor {
 public:
  /// `settings` must outlive the stage.
  explicit MergeStage(const Settings& settings)
      : settings_(settings),
        dropped_(settings.dimensions.size()),
        dropped_new_(settings.dimensions.size()) {}

  /// Error codes: partial_malformed (a dead letter); partial_after_close (kFatal), a partial
  /// of a closed pane, which the first stage's frontiers rule out.
  Result<void> process(const InputRecord& record, Outputs& out) override;
  Result<void> finish_batch(const BatchContext& context, Outputs& out, Progress& progress) override;
  Result<Snapshots> snapshots(const TopicPartition& partition,
                              const std::optional<CommittedOffset>& committed) override;
  Result<void> take_snapshot(const TopicPartition& partition, const InputRecord& record) override;
  std::string snapshots_read(const TopicPartition& partition) override;
  Result<std::optional<Offset>> assign(const TopicPartition& partition,
                                       const std::optional<CommittedOffset>& committed) override;
  Result<void> replay(const InputRecord& record) override;
  Result<void> restored(const TopicPartition& partition) override;
  void revoke(const TopicPartition& partition) override;
  void on_commit() override;

  [[nodiscard]] std::vector<Measurement> measure() const;

 private:
  /// One held partition of window_partials.
  struct Held {
    Pane closed = kNoPane;
    std::vector<Pane> frontiers;  ///< By source partition.
    std::int64_t position = 0;
    std::map<Pane, std::int64_t> first;  ///< Offset of the first record of each live pane.
    /// Likewise of the panes before these that lie in the span of the oldest: what that may keep
    /// hangs on them (see PaneBudget).
    Pane span_begin = kNoPane;
    std::int64_t span_first = 0;
    std::vector<WindowKernel> kernels;  ///< By dimension.
    std::vector<SavedBlocks> saved;     ///< As in MergeMetadata.
    bool touched = false;
    bool paused = false;      ///< Too far ahead of the others.
    bool told_early = false;  ///< Nothing came since the last early report.
    Pane closed_finished = kNoPane;
    bool restoring = false;
    std::vector<Pane> replayed;  ///< While it is restored: the frontiers that were read again.

    /// All panes before it are in snapshots.
    [[nodiscard]] Pane saved_until() const { return saved.empty() ? kNoPane : saved.back().until; }
    std::optional<MonotonicTime> seen;  ///< Of the mistake of close_by_clock() alone.
  };

  /// Snapshots that are being read, before assign().
  struct Loading {
    Partition partition;
    Held held;
    MergeMetadata metadata;
    std::vector<std::vector<std::uint64_t>> found;  ///< By level, the sum of each block's parts.
    std::set<std::uint64_t> parts;                  ///< Each counts once.
    std::string damage = {};                        ///< Of a record that was left out.
    std::string wrong = {};                         ///< Why nothing can be had of it.

    std::uint64_t* block_of(const SavedPanes& part, const Settings& settings);
  };

  [[nodiscard]] Held fresh() const;
  [[nodiscard]] MergeMetadata metadata_of(const Held& held) const;
  Held& held(Partition partition);
  Result<void> put(Held& held, const PartialRecord& record, std::int64_t offset);
  Result<void> advance(Held& held, const std::vector<Frontier>& frontiers);
  /// Panes before it are complete: no source partition sends more of them.
  [[nodiscard]] static Pane complete_until(const Held& held);
  void limit_skew(InputGroup& group);
  void close_by_clock(Held& held, const BatchContext& context) const;
  void close(std::int32_t partition, Held& held, Outputs& out);
  void slide(std::int32_t partition, Held& held, Pane end, Outputs& out);
  void drop_through(Held& held, Pane dead) const;
  void settle_replayed(Held& held, const std::vector<Frontier>& frontiers) const;
  [[nodiscard]] Pane oldest_needed(const Held& held) const;
  /// Where the span begins in which the oldest pane lies that is kept.
  [[nodiscard]] Pane span_of_oldest(Pane closed) const {
    return floor_to(closed - settings_.keep + 1, settings_.span);
  }
  void report(std::int32_t partition, Held& held, std::size_t window, Pane end, Outputs& out);
  /// One ranking, as final or as an early one; an empty one is not written.
  void append_top(Rank rank, Dimension dimension, const WindowTop& top, Outputs& out) const;

  // merge_early.cpp: reports of windows that are still open.
  bool early_is_due(const BatchContext& context);
  void report_early(std::int32_t partition, Held& held, Outputs& out);

  // merge_snapshots.cpp
  bool save(std::int32_t partition, Held& held, Outputs& out) const;
  std::uint32_t save_block(std::int32_t partition, const Held& held, std::size_t level,
                           Outputs& out) const;
  [[nodiscard]] std::string lacking(const MergeMetadata& metadata) const;
  [[nodiscard]] std::optional<Held> loaded(Partition partition);

  const Settings& settings_;
  std::map<Partition, Held> held_;
  std::optional<Loading> loading_;
  bool assigned_any_ = false;
  std::optional<MonotonicTime> early_at_;  ///< When early reports were made last.
  std::vector<std::int64_t> dropped_;      ///< By dimension, since the start; all committed,
  std::vector<std::int64_t> dropped_new_;  ///< but for these.
  RecordReader reader_;
  AuthorSet authors_;
};

}  // namespace rookery::hashtag_window
