#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/clock.hpp"
#include "common/core/result.hpp"
#include "common/core/strong.hpp"

namespace rookery {

using Partition = Strong<std::int32_t, struct PartitionTag>;
using Offset = Strong<std::int64_t, struct OffsetTag>;

struct TopicPartition {
  std::string topic;
  Partition partition;

  friend auto operator<=>(const TopicPartition&, const TopicPartition&) = default;
};

struct Header {
  std::string_view name;
  std::string_view value;
};

/// A record's headers, looked up when they are asked for: few stages ever do, and what lies
/// behind the value need not be fetched from memory for the others.
class Headers {
 public:
  /// Reads the headers of what the Source knows as `record`.
  using Reader = std::vector<Header> (*)(const void* record);

  Headers() = default;
  Headers(const void* record, Reader reader) : record_(record), reader_(reader) {}
  /// Those of a list, which is borrowed.
  explicit Headers(const std::vector<Header>& list)
      : Headers(&list, [](const void* headers) {
          return *static_cast<const std::vector<Header>*>(headers);
        }) {}

  /// In the order of the record; the views hold as long as those of the record.
  [[nodiscard]] std::vector<Header> read() const {
    return reader_ == nullptr ? std::vector<Header>{} : reader_(record_);
  }

 private:
  const void* record_ = nullptr;
  Reader reader_ = nullptr;
};

/// One record as it was read. All views belong to the Source and hold until
/// its next poll().
struct InputRecord {
  std::string_view topic;
  Partition partition;
  Offset offset;
  WallTime timestamp;                     ///< The record's time in the topic, not the event time.
  std::optional<std::string_view> key;    ///< Absent: the record has no key.
  std::optional<std::string_view> value;  ///< Absent: a deletion (Kafka's tombstone).
  Headers headers;
};

/// One record to be written. The views need to hold during write() only.
struct OutputRecord {
  std::string_view topic;
  std::optional<Partition> partition;  ///< Absent: murmur2 of the key, as Java clients do.
  std::string_view key;
  std::optional<std::string_view> value;  ///< Absent: a deletion.
  /// Where the input record lies from which this one was made, for stores that
  /// name things by it; the pipeline sets it.
  std::optional<Offset> origin = std::nullopt;
};

/// A position as it is committed: the offset *after* the last processed
/// record, and what the processor wants to read again beside it.
struct CommittedOffset {
  Offset offset;
  std::string metadata;  ///< At most 4096 bytes (the broker's offset.metadata.max.bytes).

  friend auto operator<=>(const CommittedOffset&, const CommittedOffset&) = default;
};

/// The place where reading starts again, for each input partition of a batch.
using Progress = std::map<TopicPartition, CommittedOffset>;

/// What one poll() gave.
struct Batch {
  std::span<const InputRecord> records;  ///< In offset order within a partition.
  bool end_of_input = false;             ///< A finite source has nothing more to give.
};

/// Where snapshots of a partition's state lie.
struct Snapshots {
  /// A topic with the same partitions. Empty: none is read.
  std::string topic = {};
  /// Why none is read although some were kept, for people. Empty: there was nothing to be had.
  std::string lacking = {};
};

/// Hears which partitions a Source reads. All calls come on the thread that
/// polls, between batches: never while a transaction is open.
class PartitionListener {
 public:
  virtual ~PartitionListener() = default;

  /// Asked before assign(): a topic that holds snapshots of the state that a replay would rebuild.
  /// Its partition of the same number is read to its end.
  virtual Result<Snapshots> snapshots(const TopicPartition& /*partition*/,
                                      const std::optional<CommittedOffset>& /*committed*/) {
    return Snapshots{};
  }

  /// A committed record of that topic; `partition` is the one that is about to be assigned.
  virtual Result<void> take_snapshot(const TopicPartition& /*partition*/,
                                     const InputRecord& /*record*/) {
    return {};
  }

  /// The topic was read to its end. Returns why its snapshots are of no use, so that all is to be
  /// replayed, for people; empty where nothing is wrong.
  virtual std::string snapshots_read(const TopicPartition& /*partition*/) { return {}; }

  /// `partition` is read from `committed` on (absent: nothing was ever
  /// committed; reading starts at the beginning). Returns the offset from
  /// which the source shall replay() records up to the committed offset, to
  /// rebuild state; absent means that nothing is to be replayed.
  virtual Result<std::optional<Offset>> assign(const TopicPartition& partition,
                                               const std::optional<CommittedOffset>& committed) = 0;

  /// A record below the committed offset, read again after assign(). Rebuilds
  /// state; writes nothing.
  virtual Result<void> replay(const InputRecord& record) = 0;

  /// Whether the state is wrong without every record of a replay. If not, what
  /// retention has deleted is done without; else it ends the process (replay_lost).
  [[nodiscard]] virtual bool needs_whole_replay() const { return true; }

  /// All of [replay offset, committed offset) was replayed.
  virtual Result<void> restored(const TopicPartition& partition) = 0;

  /// The partition is no longer read, or was rewound: forget its state.
  /// After an abort every held partition is revoked and assigned anew, so that
  /// abort, rebalance and crash recover in one way.
  virtual void revoke(const TopicPartition& partition) = 0;
};

/// An earlier stage of the chain: the consumer group that reads `topic`.
struct UpstreamStage {
  std::string group;
  std::string topic;

  friend auto operator<=>(const UpstreamStage&, const UpstreamStage&) = default;
};

/// What a stateful processor may ask of the consumer group that feeds it.
/// Blocks for a round trip to the broker; thread of the pipeline.
class InputGroup {
 public:
  virtual ~InputGroup() = default;

  /// The committed offsets of all partitions of `topic`, also of those that
  /// other instances hold; index = partition. Waits for open transactions.
  virtual Result<std::vector<std::optional<CommittedOffset>>> committed(std::string_view topic) = 0;

  /// Whether every committed record of `partition` that the broker has *now*
  /// was handed out by poll(), and no open transaction may add some. Asks the broker: a
  /// remembered end may be stale.
  virtual Result<bool> at_end(const TopicPartition& partition) = 0;

  /// Whether `stage` has committed every record of its topic's `partition` that the broker
  /// has *now*, those of open transactions too. False also where that cannot be told. True
  /// where neither the topic nor an offset of the group for it exists.
  virtual Result<bool> has_drained(const UpstreamStage& stage, Partition partition) = 0;

  /// What the processor waits for, for people: in /readyz, and in the log. Empty: nothing.
  virtual void show_waiting(const std::string& /*for_what*/) {}

  /// A held partition that is not read until resume(), a rebalance, or a rewind.
  virtual void pause(const TopicPartition& partition) = 0;
  virtual void resume(const TopicPartition& partition) = 0;
};

/// Where records come from. One thread uses it.
class Source {
 public:
  virtual ~Source() = default;

  /// Told before the first poll(); outlives the source.
  virtual void listen(PartitionListener& listener) = 0;

  /// Waits for at most `timeout` and gathers what arrives meanwhile. An empty
  /// batch means that nothing arrived. Calls the listener when partitions come
  /// and go.
  virtual Result<Batch> poll(std::chrono::milliseconds timeout) = 0;

  /// The next poll() starts again at the last committed offsets; the listener
  /// sees every partition revoked and assigned.
  virtual Result<void> rewind_to_committed() = 0;

  /// Adds to the progress of the last batch what resume needs beyond offsets. May add a
  /// position where no record came: behind what a log holds and gives to no reader.
  virtual void mark(Progress& /*progress*/) const {}

  /// The progress is durable: a later rewind goes there.
  virtual void on_commit(const Progress& /*progress*/) {}

  /// Null where there is no group, as for a file.
  virtual InputGroup* group() { return nullptr; }
};

/// Where outputs and progress become durable together, or not at all.
/// One thread uses it. Calls come as: begin, write*, then commit or abort.
class TransactionalSink {
 public:
  virtual ~TransactionalSink() = default;

  virtual Result<void> begin() = 0;

  /// Buffers; a delivery failure shows at commit().
  virtual Result<void> write(const OutputRecord& record) = 0;

  /// Flushes, adds `progress` to the transaction, commits.
  virtual Result<void> commit(const Progress& progress) = 0;

  virtual Result<void> abort() = 0;

  /// The loop ends in good order, with no transaction open: makes durable what
  /// earlier commits held back. Not called after a fatal error.
  virtual Result<void> finish() { return {}; }
};

}  // namespace rookery
