#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/kafka/client.hpp"
#include "common/kafka/drain_check.hpp"
#include "common/kafka/watchdog.hpp"
#include "common/runtime/io.hpp"
#include "common/runtime/service.hpp"

namespace rookery::kafka {

struct SourceOptions {
  std::string group;
  std::string instance;  ///< Stable name of this process among those of the group.
  std::vector<std::string> topics;
  std::size_t batch_records_max = 5'000;
  std::size_t batch_bytes_max = 4 << 20;
  std::chrono::milliseconds session_timeout{10'000};
  std::chrono::milliseconds call_deadline{20'000};
  bool offset_lost_earliest = false;  ///< Go on from the log's start where retention was faster.
};

class KafkaSource;

/// Deletes a source that has left its group. Another is left behind, for its
/// client cannot be destroyed safely: after a lost session with the broker away
/// rd_kafka_destroy_flags() with NO_CONSUMER_CLOSE was seen to wait for ever.
/// Its threads then run to the end of the process, which is near.
struct LeaveBehind {
  void operator()(KafkaSource* source) const;
};

/// Records of a consumer group, read_committed. One thread uses it; rebalances
/// are served inside poll(), when no transaction is open.
///
/// Two guards against a member that was thrown out and came back unseen (found
/// by fault injection; see reference to UNKNOWN_MEMBER_ID in librdkafka's
/// JoinGroup handling): the group metadata is captured in the rebalance
/// callback, not at commit, and a changed member id while partitions are held
/// counts as a loss of all of them. And one against a member that never comes in:
/// a client that starts while the broker does was seen to wait silently for ever;
/// past a deadline the process leaves (exit status 75), and the next one joins.
class KafkaSource final : public Source,
                          public InputGroup,
                          public OffsetCommitter,
                          private ClientEvents {
 public:
  /// Waits until the broker answers.
  static Result<std::unique_ptr<KafkaSource, LeaveBehind>> create(const Connection& connection,
                                                                  SourceOptions options,
                                                                  const Surroundings& around);
  ~KafkaSource() override;

  /// Whether a client still runs that could not be destroyed: then the process
  /// must end without destroying what that client uses, as its log.
  static bool any_left_behind();

  void listen(PartitionListener& listener) override { listener_ = &listener; }
  Result<Batch> poll(std::chrono::milliseconds timeout) override;
  Result<void> rewind_to_committed() override;
  void mark(Progress& progress) const override;
  void on_commit(const Progress& progress) override;
  InputGroup* group() override { return this; }

  Result<std::vector<std::optional<CommittedOffset>>> committed(std::string_view topic) override;
  Result<bool> at_end(const TopicPartition& partition) override;
  Result<bool> has_drained(const UpstreamStage& stage, Partition partition) override;
  void show_waiting(const std::string& for_what) override;
  void pause(const TopicPartition& partition) override;
  void resume(const TopicPartition& partition) override;

  Result<void> commit_offsets(const Progress& progress) override;

  /// As the group knew this member at the last rebalance; null before it.
  [[nodiscard]] const rd_kafka_consumer_group_metadata_t* group_metadata() const {
    return group_metadata_.get();
  }
  /// Records between the committed offset and the end, as far as this client
  /// knows; 0 at the end. Transaction markers count as records until then.
  [[nodiscard]] std::map<TopicPartition, std::int64_t> lags() const;
  [[nodiscard]] std::size_t assigned_partitions() const { return held_.size(); }
  [[nodiscard]] std::uint64_t rebalances() const { return rebalances_; }
  /// Of the partition that took longest so far to restore; zero where there was nothing to read.
  [[nodiscard]] MonotonicTime::duration restore_duration() const { return restore_duration_; }

  /// How often all of a partition's state was read again although snapshots of it were kept.
  [[nodiscard]] std::uint64_t restores_without_snapshots() const {
    return restores_without_snapshots_;
  }

  /// Leaves the group; the listener sees every partition revoked.
  void close();

 private:
  friend struct LeaveBehind;

  struct Held {
    std::int64_t next = 0;            ///< Offset after the last committed batch.
    std::optional<std::int64_t> end;  ///< Of the last end-of-partition event, if still true.
    std::optional<CommittedOffset> committed = std::nullopt;
    MonotonicTime ended{};  ///< When that event came.
  };

  KafkaSource(const Connection& connection, SourceOptions options, const Surroundings& around);

  void on_rebalance(rd_kafka_resp_err_t what, rd_kafka_topic_partition_list_t& list) override;
  void on_unreachable() override;
  void note_broker_is_back();
  void take(rd_kafka_topic_partition_list_t& list);
  void give_up(const rd_kafka_topic_partition_list_t& list);
  void notice_member_change();
  void drain_queue();
  void forget_pauses();
  Result<void> gather(std::chrono::milliseconds timeout);
  Result<void> sort_out(std::vector<rd_kafka_message_t*>& received);
  Result<void> rewind();
  Result<void> go_back();
  Result<std::int64_t> restore(const TopicPartition& partition,
                               const std::optional<CommittedOffset>& committed);
  Result<std::vector<std::optional<CommittedOffset>>> fetch_committed(
      rd_kafka_topic_partition_list_t& list);
  void forget_gathered(const TopicPartition& partition);
  Result<bool> not_known(const Error& error, const std::string& what);
  [[nodiscard]] Error clarified(Error error) const;
  void note(Error error);
  Result<void> subscribe();
  void watch_joining();

  Connection connection_;
  SourceOptions options_;
  Surroundings around_;
  Client client_;
  Queue queue_;
  std::unique_ptr<Watchdog> watchdog_;
  DrainCheck drain_check_;
  std::optional<Watchdog::Guard> joining_;  ///< While the group has not yet said what is ours.
  PartitionListener* listener_ = nullptr;
  std::map<TopicPartition, Held> held_;
  std::set<TopicPartition> paused_;
  std::vector<Message> messages_;
  std::vector<InputRecord> records_;
  GroupMetadata group_metadata_;
  std::string member_;
  std::optional<Error> pending_error_;  ///< From a callback, which cannot return one.
  bool rewind_pending_ = false;
  bool closing_ = false;
  bool joined_ = false;  ///< From the group's first word until it took this member for lost.
  bool topic_missing_ = false;
  /// Until then a fence is the doing of this member's own session from before the broker was away.
  MonotonicTime echo_until_{};
  bool in_group_ = false;  ///< From subscribing until the group was left.
  std::uint64_t rebalances_ = 0;
  MonotonicTime::duration restore_duration_{};
  std::uint64_t restores_without_snapshots_ = 0;
};

}  // namespace rookery::kafka
