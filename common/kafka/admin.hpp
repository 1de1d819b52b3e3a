#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/kafka/client.hpp"
#include "common/runtime/io.hpp"

namespace rookery::kafka {

/// A topic as the broker has it.
struct TopicState {
  std::int32_t partitions = 0;
  std::map<std::string, std::string> settings;  ///< All of them, defaults too.
};

struct NewTopic {
  std::string name;
  std::int32_t partitions = 1;
  std::int32_t replication_factor = -1;  ///< -1: the broker's default.
  std::map<std::string, std::string> settings;
};

struct Broker {
  std::int32_t id = 0;
  std::string address;
};

/// Which of a group's offsets are asked for.
enum class Which : std::uint8_t {
  kCommitted,  ///< Those that are committed now.
  kDecided,    ///< An error (kRetryBatch) while a transaction is open that is to move one.
};

/// Which end of a partition is asked for.
enum class End : std::uint8_t {
  kCommitted,  ///< Behind the last record that a read_committed reader sees by now.
  kWritten,    ///< Behind everything, open transactions too.
};

/// Questions and orders to a cluster's administration (librdkafka's Admin API).
/// Each call blocks for `timeout` at most. Errors are those of
/// common/kafka/error.hpp. One thread uses it.
class Admin {
 public:
  using Offsets = std::map<TopicPartition, Offset>;

  static Result<std::unique_ptr<Admin>> create(const Connection& connection, Log& log,
                                               std::chrono::milliseconds timeout);

  Result<std::vector<Broker>> brokers();
  /// Partition counts of all topics but the broker's own.
  Result<std::map<std::string, std::int32_t>> partition_counts();
  /// Those of `names` that exist.
  Result<std::map<std::string, TopicState>> topics(std::span<const std::string> names);
  /// A topic that exists by now is a success.
  Result<void> create_topics(std::span<const NewTopic> topics);
  /// Adds partitions until `topic` has `count`; it must have fewer.
  Result<void> add_partitions(const std::string& topic, std::int32_t count);
  /// Sets the named settings and leaves the others.
  Result<void> alter_settings(const std::string& topic,
                              const std::map<std::string, std::string>& settings);

  /// Names of all consumer groups, ascending.
  Result<std::vector<std::string>> groups();
  /// How many members a group has; a static one that was stopped counts until its session ends.
  Result<std::size_t> members(const std::string& group);
  Result<Progress> committed(const std::string& group, Which which = Which::kCommitted);
  /// First offset that is still there.
  Result<Offsets> starts(std::span<const TopicPartition> partitions);
  Result<Offsets> ends(std::span<const TopicPartition> partitions, End end = End::kCommitted);

 private:
  Admin(Log& log, std::chrono::milliseconds timeout) : events_(log), timeout_(timeout) {}

  [[nodiscard]] int timeout_ms() const { return static_cast<int>(timeout_.count()); }
  Result<Event> wait(std::string_view doing);
  Result<Offsets> offsets(std::span<const TopicPartition> partitions, std::int64_t which, End end);
  Result<Offsets> offsets_once(std::span<const TopicPartition> partitions, std::int64_t which,
                               End end);

  ClientEvents events_;
  std::chrono::milliseconds timeout_;
  Client client_;
  Queue queue_;
};

}  // namespace rookery::kafka
