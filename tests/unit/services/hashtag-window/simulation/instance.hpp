#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "common/runtime/processor.hpp"
#include "tests/unit/services/hashtag-window/simulation/fake_broker.hpp"

namespace rookery::simulation {

/// One process of one stage: the loop of the pipeline, cut into steps at each of which it
/// can be killed, stalled, or fenced.
class Instance final : public InputGroup {
 public:
  using MakeProcessor = std::function<std::unique_ptr<Processor>()>;

  struct Stage {
    std::string group;
    std::string topic;
    std::int32_t partitions = 0;
    std::int64_t batch_max = 6;  ///< Records of a partition in one batch.
    MakeProcessor make;
  };

  Instance(FakeBroker& broker, Dice& dice, const Stage& stage, std::int64_t slot);

  /// Does the next step. Returns false when the process has left (it was fenced).
  bool step();
  /// Everything in memory is gone; the next step starts anew.
  void crash();

  [[nodiscard]] const Stage& stage() const { return *stage_; }
  [[nodiscard]] std::int64_t member() const { return member_; }
  /// How many panes below the closed one the deepest restore of window_partials began.
  [[nodiscard]] std::int64_t deepest_restore() const { return deepest_restore_; }
  /// Likewise where the first sum lies that is read again beside snapshots.
  [[nodiscard]] std::int64_t deepest_resume() const { return deepest_resume_; }
  /// Restores from snapshots, and those whose snapshots were of no use.
  [[nodiscard]] int snapshots_used() const { return snapshots_used_; }
  [[nodiscard]] int snapshots_refused() const { return snapshots_refused_; }
  /// Of these those that did not reach far enough back.
  [[nodiscard]] int snapshots_late() const { return snapshots_late_; }
  /// What a processor answered that it must not; empty if nothing.
  [[nodiscard]] const std::string& violation() const { return violation_; }
  std::int64_t stalled_until = 0;

  Result<std::vector<std::optional<CommittedOffset>>> committed(std::string_view topic) override;
  Result<bool> at_end(const TopicPartition& partition) override;
  Result<bool> has_drained(const UpstreamStage& stage, Partition partition) override;
  void pause(const TopicPartition& partition) override { paused_.insert(partition.partition); }
  void resume(const TopicPartition& partition) override { paused_.erase(partition.partition); }

 private:
  enum class Phase { kStart, kPoll, kProcess, kBegin, kProduce, kOffsets, kCommit, kAfter };
  struct Held {
    std::int64_t since = 0;
    std::int64_t position = 0;
    bool ended = false;  ///< The last read came to the end.
  };

  [[nodiscard]] TopicPartition at(std::int32_t partition) const {
    return {stage_->topic, Partition(partition)};
  }
  void start();
  void poll();
  void update_assignment();
  void restore(std::int32_t partition, const std::optional<CommittedOffset>& committed);
  bool read_snapshots(const TopicPartition& where, const std::optional<CommittedOffset>& committed);
  void read_batch();
  void process_batch();
  [[nodiscard]] MonotonicTime clock() const;
  void process(const InputRecord& record);
  void revoke_all();
  bool produce();
  bool send_offsets();
  void expect(const Result<void>& result);

  FakeBroker& broker_;
  Dice& dice_;
  const Stage* stage_;
  std::int64_t slot_;
  Phase phase_ = Phase::kStart;
  std::unique_ptr<Processor> processor_;
  std::int64_t epoch_ = 0;
  std::int64_t member_ = 0;
  std::int64_t generation_ = 0;
  std::map<std::int32_t, Held> held_;
  std::set<Partition> paused_;
  Txn* txn_ = nullptr;
  MonotonicTime polled_at_{};
  std::vector<std::tuple<std::int32_t, std::int64_t, Stored>> batch_;  ///< Partition, offset.
  std::vector<std::pair<TopicPartition, Stored>> outputs_;
  std::size_t produced_ = 0;
  Progress progress_;
  std::int64_t deepest_restore_ = 0;
  std::int64_t deepest_resume_ = 0;
  int snapshots_used_ = 0;
  int snapshots_refused_ = 0;
  int snapshots_late_ = 0;
  std::string violation_;
};

}  // namespace rookery::simulation
