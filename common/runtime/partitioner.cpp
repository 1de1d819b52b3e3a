#include "common/runtime/partitioner.hpp"

#include <cstring>

namespace rookery {

std::uint32_t murmur2(std::string_view bytes) {
  constexpr std::uint32_t kMultiplier = 0x5bd1e995;
  std::uint32_t hash = 0x9747b28cU ^ static_cast<std::uint32_t>(bytes.size());
  while (bytes.size() >= 4) {
    std::uint32_t word;
    std::memcpy(&word, bytes.data(), 4);
    word *= kMultiplier;
    word ^= word >> 24U;
    hash = hash * kMultiplier ^ word * kMultiplier;
    bytes.remove_prefix(4);
  }
  const auto byte = [&](std::size_t i) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i]));
  };
  if (bytes.size() == 3) hash ^= byte(2) << 16U;
  if (bytes.size() >= 2) hash ^= byte(1) << 8U;
  if (!bytes.empty()) hash = (hash ^ byte(0)) * kMultiplier;
  hash = (hash ^ (hash >> 13U)) * kMultiplier;
  return hash ^ (hash >> 15U);
}

}  // namespace rookery
