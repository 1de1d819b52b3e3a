#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>

#include "common/runtime/processor.hpp"
#include "services/ingest/live/recent_ids.hpp"

namespace rookery::ingest {

/// ingest_candidates to raw_tweets: of what redundant instances have read, the
/// first of each post goes on, into the partition with the same number; so do the
/// first deletion and the first of each edit. Its state is the ids of the last
/// minutes of each partition, read again from the log after a restart. One thread
/// uses it.
///
/// Error code, a dead letter: key_missing.
class Candidates final : public Processor {
 public:
  struct Options {
    RecentIds::Options ids;  ///< Of one partition.
    /// Hears of what became durable: posts left out, windows cut short.
    std::function<void(std::uint64_t duplicates, std::uint64_t shortened)> committed = {};
  };

  explicit Candidates(Options options) : options_(std::move(options)) {}

  Result<void> process(const InputRecord& record, Outputs& out) override;
  Result<void> finish_batch(const BatchContext& context, Outputs& out, Progress& progress) override;
  void on_commit() override;
  Result<std::optional<Offset>> assign(const TopicPartition& partition,
                                       const std::optional<CommittedOffset>& committed) override;
  Result<void> replay(const InputRecord& record) override;
  [[nodiscard]] bool needs_whole_replay() const override { return false; }
  void revoke(const TopicPartition& partition) override;

 private:
  struct Mark {
    std::int64_t offset;
    WallTime time;
  };
  struct Held {
    RecentIds ids;
    std::deque<Mark> marks;  ///< Ascending; the first lies a window back, or at the beginning.
  };

  Held& held(Partition partition);
  bool is_first(const InputRecord& record);

  Options options_;
  std::map<Partition, Held> held_;
  std::uint64_t duplicates_ = 0;  ///< Not committed yet.
};

}  // namespace rookery::ingest
