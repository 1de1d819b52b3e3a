#pragma once

#include <cstdint>
#include <string>

#include "common/runtime/io.hpp"

namespace rookery {

/// What a stage can tell of its state. Each kind is a metric of common/observe/metrics.cpp.
enum class Measure : std::uint8_t {
  kWindowsOpen,     ///< Of the window `label`.
  kWindowsEmitted,  ///< Of the window `label`; since the start.
  kWatermark,       ///< Of `partition`: milliseconds since 1970.
  kLateRecords,     ///< Since the start.
  kLiveKeys,        ///< Of the dimension `label`.
  kDroppedKeys,     ///< Likewise; since the start.
  kLeftOutKeys,     ///< Likewise: of single posts, as they are too long or too many.
  kStateBytes,
  kHeldPartitions,  ///< Silent, but not let go: an earlier stage has records for them.
};

/// Labels come from the settings, never from records.
struct Measurement {
  Measure measure;
  std::int64_t value = 0;
  std::string label = {};
  TopicPartition partition = {"", Partition(0)};
};

}  // namespace rookery
