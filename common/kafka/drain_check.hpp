#pragma once

#include <chrono>
#include <memory>

#include "common/kafka/admin.hpp"
#include "common/kafka/client.hpp"
#include "common/kafka/range_probe.hpp"
#include "common/runtime/io.hpp"

namespace rookery::kafka {

/// Tells whether a consumer group has read a partition to its end. One thread uses it; it connects
/// at the first question.
class DrainCheck {
 public:
  DrainCheck(const Connection& connection, Log& log)
      : connection_(connection), log_(log), probe_(connection, log) {}

  /// As InputGroup::has_drained(), but for errors that another try may mend.
  Result<bool> has_drained(const UpstreamStage& stage, Partition partition);
  /// Behind all that was written to `partition`, open transactions included.
  Result<Offset> written_end(const TopicPartition& partition);

 private:
  Result<void> open();

  static constexpr std::chrono::milliseconds kAnswerWithin{3'000};

  const Connection& connection_;
  Log& log_;
  std::unique_ptr<Admin> admin_;
  RangeProbe probe_;
};

}  // namespace rookery::kafka
