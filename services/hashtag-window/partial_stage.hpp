#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/records/post_reader.hpp"
#include "common/runtime/measurement.hpp"
#include "common/runtime/processor.hpp"
#include "services/hashtag-window/admission.hpp"
#include "services/hashtag-window/deletion_index.hpp"
#include "services/hashtag-window/dimensions.hpp"
#include "services/hashtag-window/metadata.hpp"
#include "services/hashtag-window/records.hpp"
#include "services/hashtag-window/settings.hpp"
#include "services/hashtag-window/sums.hpp"

namespace rookery::hashtag_window {

/// The first stage: counts the posts of one transaction by key and pane, and decides record
/// by record what is late. Reads the family's input; writes late_tweets, and to the topic of the
/// sums first these, then of which panes keys were refused (see Admission), then the frontiers
/// that have moved.
///
/// The frontier F of a partition promises that no post of a pane below F is accepted from
/// it any more. It rises with the newest post less the lateness, and by idle marks, which
/// the partition's owner alone makes; it travels in the metadata of the committed offset.
class PartialStage final : public Processor {
 public:
  /// `settings` must outlive the stage.
  explicit PartialStage(const Settings& settings) : settings_(settings) {}

  /// Error codes: those of PostReader, key_missing (a deletion without a key),
  /// time_in_future; all are dead letters and change no state.
  Result<void> process(const InputRecord& record, Outputs& out) override;
  Result<void> finish_batch(const BatchContext& context, Outputs& out, Progress& progress) override;
  Result<std::optional<Offset>> assign(const TopicPartition& partition,
                                       const std::optional<CommittedOffset>& committed) override;
  Result<void> replay(const InputRecord& record) override;
  Result<void> restored(const TopicPartition& partition) override;
  void revoke(const TopicPartition& partition) override;
  void on_commit() override;

  [[nodiscard]] std::vector<Measurement> measure() const;

 private:
  /// One held partition of the input.
  struct Held {
    Pane frontier = kNoPane;
    Pane newest = kNoPane;  ///< The highest pane less the lateness.
    bool idle = false;
    std::int64_t position = 0;
    std::vector<IdleMark> marks;
    DeletionIndex index;
    Admission admission;
    std::optional<MonotonicTime> seen;  ///< The clock before the last batch with records.
    bool paused = false;
    const UpstreamStage* waits_for = nullptr;  ///< Silent, but that stage has records for it.
    bool touched = false;                      ///< This batch has records of it.
    Pane frontier_finished = kNoPane;          ///< As of the last finish_batch().
    bool idle_finished = false;
    std::optional<PartialMetadata> restoring;
    std::size_t next_mark = 0;  ///< While restoring.
  };

  /// What is known of any partition, held or not.
  struct Known {
    Pane frontier = kNoPane;
    Pane newest = kNoPane;
    bool idle = false;
  };

  Held& held(Partition partition);
  /// Applies one record. `out` is null in a replay, which writes and sums nothing.
  Result<void> apply(Held& held, const InputRecord& record, Outputs* out);
  Result<void> check_time(const PostView& post, const InputRecord& record) const;
  void count(Held& held, const PostView& post, const InputRecord& record, Pane pane, Outputs* out);
  /// Those of `keys`, of the post at `offset` in `pane`, that are counted.
  const std::vector<PostKeys::Key>& admit(Held& held, Pane pane, Offset offset,
                                          const std::vector<PostKeys::Key>& keys, bool in_replay);
  void erase(Held& held, std::string_view id, Outputs* out);
  void finish_restore(Held& held);
  [[nodiscard]] Result<std::string> metadata(Held& held);
  [[nodiscard]] std::int64_t replay_from(const Held& held) const;
  void write_sums(Outputs& out);
  void write_refusals(Outputs& out);
  void write_frontiers(Outputs& out);

  // partial_progress.cpp: silence, skew, the end of a finite input.
  void note_batch(const BatchContext& context, const Progress& progress);
  Result<void> raise_idle(const BatchContext& context);
  Result<bool> is_silent_for_good(Partition partition, Held& held, InputGroup& group) const;
  void show_waiting(InputGroup& group);
  Result<void> limit_skew(const BatchContext& context);
  void close_all(const BatchContext& context);
  void raise(Held& held, Pane frontier);
  Result<void> ask_others(const BatchContext& context);
  [[nodiscard]] std::vector<Known> known() const;
  [[nodiscard]] Pane carry(std::size_t partition, const std::vector<Known>& known,
                           MonotonicTime::duration silence) const;

  const Settings& settings_;
  std::map<Partition, Held> held_;
  bool assigned_any_ = false;                   ///< There is a group, which says what is held.
  std::int64_t late_ = 0;                       ///< Since the start; all committed,
  std::int64_t late_new_ = 0;                   ///< but for these.
  std::map<Dimension, std::int64_t> left_out_;  ///< Keys too long, too many or refused; likewise.
  std::map<Dimension, std::int64_t> left_out_new_;
  std::set<std::pair<Pane, Dimension>> refused_;  ///< In this batch.
  Sums sums_;
  PostReader reader_;
  PostKeys keys_;
  std::vector<PostKeys::Key> deleted_keys_;
  std::vector<Known> others_;  ///< By partition, from the committed metadata.
  std::optional<MonotonicTime> others_asked_;
  std::optional<MonotonicTime> idle_checked_;
  std::string waiting_;  ///< As it was shown last.
};

}  // namespace rookery::hashtag_window
