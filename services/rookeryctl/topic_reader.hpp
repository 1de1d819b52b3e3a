#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "common/runtime/io.hpp"
#include "services/rookeryctl/context.hpp"

namespace rookery::rookeryctl {

struct ReadOptions {
  enum class Start : std::uint8_t { kBeginning, kEnd };
  /// Stop at what is the end when reading starts, or go on for ever.
  enum class Until : std::uint8_t { kEnd, kStopped };

  std::string topic;
  std::optional<Partition> partition;  ///< Absent: all.
  Start start = Start::kBeginning;
  Until until = Until::kEnd;
  std::map<Partition, Offset> from = {};  ///< Wins over `start`.
};

/// Hands each committed record to `each`, in offset order within a partition,
/// until that returns false or the end is reached. Reading leaves no trace on
/// the broker. Where nothing comes for a while, `idle` is called. Errors:
/// topic_missing (kMisconfigured), broker_*.
Result<void> read_topic(
    Context& context, const ReadOptions& options,
    const std::function<bool(const InputRecord&)>& each, const std::function<void()>& idle = [] {});

}  // namespace rookery::rookeryctl
