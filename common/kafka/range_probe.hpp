#pragma once

#include <cstdint>
#include <map>

#include "common/kafka/client.hpp"
#include "common/runtime/io.hpp"

namespace rookery::kafka {

/// What lies in a range of a partition.
enum class Found : std::uint8_t {
  kNothing,    ///< At most what readers never see: markers, and records of aborted transactions.
  kRecords,    ///< A committed record.
  kUndecided,  ///< An open transaction reaches into it, or the broker did not answer in time.
};

/// Tells whether a reader that stands at an offset has something left to read. Offsets alone do
/// not tell: behind the last record lies the marker of its transaction, which no reader is given.
/// Reads with a consumer of its own, which it keeps. One thread uses it.
class RangeProbe {
 public:
  RangeProbe(const Connection& connection, Log& log) : connection_(connection), events_(log) {}

  /// Of [from, to). Blocks for at most some seconds. `from` must not lie below the log's start.
  Result<Found> look(const TopicPartition& partition, Offset from, Offset to);

 private:
  struct Range {
    Offset from;
    Offset to;
  };

  Result<void> open();
  Result<Found> read(Offset to);

  const Connection& connection_;
  ClientEvents events_;
  Client client_;
  std::map<TopicPartition, Range> empty_;  ///< Seen before to hold nothing.
};

}  // namespace rookery::kafka
