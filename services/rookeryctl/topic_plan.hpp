#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "common/core/result.hpp"
#include "common/kafka/admin.hpp"
#include "common/runtime/topic_table.hpp"

namespace rookery::rookeryctl {

using TopicStates = std::map<std::string, kafka::TopicState>;

/// One way in which the broker is not as the table declares.
struct TopicDifference {
  enum class Kind : std::uint8_t { kMissing, kPartitions, kSetting };

  Kind kind;
  std::string topic;
  std::string setting;  ///< Of kSetting: its name.
  std::string declared;
  std::string found;  ///< Empty for kMissing.

  friend bool operator==(const TopicDifference&, const TopicDifference&) = default;
};

/// In the order of the table. Settings that the table does not name, and topics
/// that are not the suite's, are nobody's concern.
[[nodiscard]] std::vector<TopicDifference> compare_topics(
    const std::vector<TopicDeclaration>& declared, const TopicStates& found);

/// What makes the broker as the table declares.
struct TopicPlan {
  std::vector<kafka::NewTopic> create;
  std::map<std::string, std::map<std::string, std::string>> alter;  ///< Settings by topic.
};

/// Error: partitions_differ (kMisconfigured): another number of partitions would
/// move keys to other partitions, so that is for a person to do.
Result<TopicPlan> plan_topics(const std::vector<TopicDeclaration>& declared,
                              const TopicStates& found, std::int32_t replication_factor);

/// "topic trends: setting retention.ms: declared 2592000000, found 604800000".
[[nodiscard]] std::string to_text(const TopicDifference& difference);

}  // namespace rookery::rookeryctl
