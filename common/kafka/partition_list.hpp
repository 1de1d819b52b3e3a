#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "common/kafka/handle.hpp"
#include "common/runtime/io.hpp"

namespace rookery::kafka {

inline TopicPartition to_partition(const rd_kafka_topic_partition_t& element) {
  return {element.topic, Partition(element.partition)};
}

/// Appends `partition`; the offset is "none".
rd_kafka_topic_partition_t& add(rd_kafka_topic_partition_list_t& list,
                                const TopicPartition& partition);

/// Offsets and metadata as they are committed.
[[nodiscard]] PartitionList to_list(const Progress& progress);

/// What the broker holds for an element of rd_kafka_committed()'s answer; absent
/// where nothing was committed. The metadata is not NUL-terminated.
[[nodiscard]] std::optional<CommittedOffset> to_committed(
    const rd_kafka_topic_partition_t& element);

/// "raw_tweets[0], raw_tweets[3]", for logs.
[[nodiscard]] std::string to_text(const rd_kafka_topic_partition_list_t& list);

/// The list's elements; hold as long as nothing is added.
[[nodiscard]] inline std::span<rd_kafka_topic_partition_t> elements(
    rd_kafka_topic_partition_list_t& list) {
  return {list.elems, static_cast<std::size_t>(list.cnt)};
}

}  // namespace rookery::kafka
