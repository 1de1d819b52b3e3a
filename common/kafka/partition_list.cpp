#include "common/kafka/partition_list.hpp"

#include <cstdlib>
#include <cstring>
#include <span>

#include "common/core/check.hpp"

namespace rookery::kafka {

rd_kafka_topic_partition_t& add(rd_kafka_topic_partition_list_t& list,
                                const TopicPartition& partition) {
  return *rd_kafka_topic_partition_list_add(&list, partition.topic.c_str(),
                                            partition.partition.value());
}

PartitionList to_list(const Progress& progress) {
  auto list = make_list(static_cast<int>(progress.size()));
  for (const auto& [partition, committed] : progress) {
    auto& element = add(*list, partition);
    element.offset = committed.offset.value();
    if (committed.metadata.empty()) continue;
    // The list frees it with free().
    element.metadata = std::malloc(committed.metadata.size());  // NOLINT
    ROOKERY_CHECK(element.metadata != nullptr, "a few kilobytes can be had");
    std::memcpy(element.metadata, committed.metadata.data(), committed.metadata.size());
    element.metadata_size = committed.metadata.size();
  }
  return list;
}

std::optional<CommittedOffset> to_committed(const rd_kafka_topic_partition_t& element) {
  if (element.offset < 0) return std::nullopt;
  CommittedOffset committed{Offset(element.offset), {}};
  if (element.metadata != nullptr) {
    committed.metadata.assign(static_cast<const char*>(element.metadata), element.metadata_size);
  }
  return committed;
}

std::string to_text(const rd_kafka_topic_partition_list_t& list) {
  std::string text;
  for (const auto& element : std::span(list.elems, static_cast<std::size_t>(list.cnt))) {
    if (!text.empty()) text += ", ";
    text += std::string(element.topic) + "[" + std::to_string(element.partition) + "]";
  }
  return text;
}

}  // namespace rookery::kafka
