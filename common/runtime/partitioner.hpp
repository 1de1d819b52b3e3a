#pragma once

#include <cstdint>
#include <string_view>

#include "common/core/check.hpp"
#include "common/core/strong.hpp"
#include "common/runtime/io.hpp"

namespace rookery {

/// Murmur2 of the Java client (Kafka's Utils.murmur2, seed 0x9747b28c).
[[nodiscard]] std::uint32_t murmur2(std::string_view bytes);

/// The partition of a key, as Java clients and librdkafka's murmur2 choose it.
[[nodiscard]] inline Partition partition_of(std::string_view key, std::int32_t partitions) {
  ROOKERY_CHECK(partitions > 0, "a topic has at least one partition");
  return Partition(static_cast<std::int32_t>(murmur2(key) & 0x7fffffffU) % partitions);
}

}  // namespace rookery
