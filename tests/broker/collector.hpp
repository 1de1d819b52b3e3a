#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/kafka/replay.hpp"

namespace rookery::kafka {

/// Collects the committed values of one partition.
class Collector final : public PartitionListener {
 public:
  Result<std::optional<Offset>> assign(const TopicPartition& /*partition*/,
                                       const std::optional<CommittedOffset>& /*c*/) override {
    return std::optional<Offset>{};
  }
  Result<void> replay(const InputRecord& record) override {
    values.push_back(record.value ? std::string(*record.value)
                                  : "(deleted " + std::string(record.key.value_or("")) + ")");
    return {};
  }
  Result<void> restored(const TopicPartition& /*partition*/) override { return {}; }
  void revoke(const TopicPartition& /*partition*/) override {}

  std::vector<std::string> values;
};

}  // namespace rookery::kafka
