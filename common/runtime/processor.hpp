#pragma once

#include <optional>

#include "common/runtime/io.hpp"
#include "common/runtime/outputs.hpp"

namespace rookery {

/// What a processor learns at the end of a batch.
struct BatchContext {
  MonotonicTime polled_at;      ///< Read before the poll that gave the batch.
  bool end_of_input = false;    ///< The input is finite and was read to its end.
  InputGroup* group = nullptr;  ///< Null where there is no consumer group.
};

/// What the pipeline drives: the functional core of a stage. It has no network,
/// log, or metric, and the only clock that it sees is BatchContext. One thread
/// uses it. A stateless stage overrides process() alone.
class Processor : public PartitionListener {
 public:
  /// Appends the outputs of one record to `out`. After an error with
  /// kDeadLetter nothing of `out` is written.
  virtual Result<void> process(const InputRecord& record, Outputs& out) = 0;

  /// Called after the last record of each batch, and after each empty poll.
  /// Appends outputs that belong to the batch as a whole, and may add to
  /// `progress` (offsets of the batch's partitions are already in it): set
  /// metadata, or commit a partition that had no record.
  virtual Result<void> finish_batch(const BatchContext& /*context*/, Outputs& /*out*/,
                                    Progress& /*progress*/) {
    return {};
  }

  /// What was written since the last call is durable.
  virtual void on_commit() {}

  Result<std::optional<Offset>> assign(
      const TopicPartition& /*partition*/,
      const std::optional<CommittedOffset>& /*committed*/) override {
    return std::optional<Offset>{};
  }
  Result<void> replay(const InputRecord& /*record*/) override { return {}; }
  Result<void> restored(const TopicPartition& /*partition*/) override { return {}; }
  void revoke(const TopicPartition& /*partition*/) override {}
};

}  // namespace rookery
