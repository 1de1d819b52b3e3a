#include "common/kafka/tail.hpp"

#include "common/kafka/error.hpp"
#include "common/kafka/partition_list.hpp"
#include "common/kafka/replay.hpp"

namespace rookery::kafka {
namespace {

constexpr int kRequestTimeoutMs = 5'000;
constexpr std::chrono::milliseconds kPause{250};

struct Range {
  std::int64_t from = 0;
  std::int64_t to = 0;
};

/// Empty where the partition has no record since then.
Result<Range> range_since(rd_kafka_t* client, const TopicPartition& partition, WallTime since) {
  Range range;
  std::int64_t low = 0;
  auto code =
      rd_kafka_query_watermark_offsets(client, partition.topic.c_str(), partition.partition.value(),
                                       &low, &range.to, kRequestTimeoutMs);
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
    auto list = make_list(1);
    // The time goes in where the offset comes out.
    add(*list, partition).offset = since.time_since_epoch().count();
    code = rd_kafka_offsets_for_times(client, list.get(), kRequestTimeoutMs);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
      const std::int64_t found = list->elems[0].offset;
      range.from = found < 0 ? range.to : found;
      return range;
    }
  }
  return tl::make_unexpected(to_error(code, "reading the end of topic " + partition.topic));
}

}  // namespace

Result<void> replay_since(const Connection& connection, const Surroundings& around,
                          const std::string& topic, WallTime since, PartitionListener& listener) {
  ClientEvents events(around.log);
  // As for the cursor: the end must not hide behind an open transaction.
  auto conf = make_conf(connection, {{"group.id", "tail"}, {"isolation.level", "read_uncommitted"}},
                        events);
  ROOKERY_RETURN_IF_ERROR(conf);
  auto client = make_client(RD_KAFKA_CONSUMER, std::move(*conf));
  ROOKERY_RETURN_IF_ERROR(client);
  std::optional<std::int32_t> partitions;
  for (std::int32_t i = 0; !partitions || i < *partitions;) {
    Result<void> done{};
    if (!partitions) {
      auto count = partition_count(**client, topic, std::chrono::milliseconds(kRequestTimeoutMs));
      if (count) {
        partitions = *count;
        continue;
      }
      done = Failure(std::move(count).error());
    } else {
      const TopicPartition partition{topic, Partition(i)};
      auto range = range_since(client->get(), partition, since);
      if (range) {
        if (range->from < range->to) {
          ROOKERY_RETURN_IF_ERROR(replay_range(connection, around, partition, Offset(range->from),
                                               Offset(range->to), listener));
        }
        ++i;
        continue;
      }
      done = Failure(std::move(range).error());
    }
    if (done.error().disposition != Disposition::kRetryBatch) return done;
    around.status.set(StageState::kStarting, done.error().message);
    if (!around.clock.sleep_for(kPause, around.stop)) {
      return fatal("stopped", "stopped while reading the end of topic " + topic);
    }
  }
  return {};
}

}  // namespace rookery::kafka
