#pragma once

#include <string>

#include "common/core/clock.hpp"
#include "common/kafka/client.hpp"
#include "common/runtime/io.hpp"

namespace rookery::kafka {

/// Hands the committed records of all partitions of `topic` that are not older
/// than `since` (by the records' time) to listener.replay(). Blocks until it is
/// done. Errors: those of replay_range() and of the broker; stopped (kFatal).
Result<void> replay_since(const Connection& connection, const Surroundings& around,
                          const std::string& topic, WallTime since, PartitionListener& listener);

}  // namespace rookery::kafka
