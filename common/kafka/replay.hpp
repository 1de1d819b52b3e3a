#pragma once

#include <string_view>
#include <vector>

#include "common/kafka/client.hpp"
#include "common/runtime/io.hpp"

namespace rookery::kafka {

/// A message as a record; the views, and the headers, hold as long as the message.
[[nodiscard]] InputRecord to_record(const rd_kafka_message_t& message, std::string_view topic);

/// Reads the committed records of [from, to) of one partition and hands each to
/// listener.replay(), with a consumer of its own. Blocks until it is done;
/// reports progress in the status. Errors: replay_lost (kMisconfigured: `from`
/// lies below the log's start), those of the listener.
Result<void> replay_range(const Connection& connection, const Surroundings& around,
                          const TopicPartition& partition, Offset from, Offset to,
                          PartitionListener& listener);

/// Reads all committed records of one partition that are there now and hands them to `take`.
/// Otherwise like replay_range(). Errors: those of `take`.
Result<void> read_log(const Connection& connection, const Surroundings& around,
                      const TopicPartition& partition,
                      const std::function<Result<void>(const InputRecord&)>& take);

}  // namespace rookery::kafka
