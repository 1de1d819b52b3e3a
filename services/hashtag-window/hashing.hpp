#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace rookery::hashtag_window {

/// MurmurHash64A (A. Appleby, public domain): the same on every machine of little
/// endian. Author hashes and the partition of a partial depend on it, so it is part of
/// the records' format.
[[nodiscard]] inline std::uint64_t stable_hash(std::string_view bytes, std::uint64_t seed = 0) {
  constexpr std::uint64_t kMultiplier = 0xc6a4a7935bd1e995ULL;
  std::uint64_t hash = seed ^ (bytes.size() * kMultiplier);
  for (; bytes.size() >= 8; bytes.remove_prefix(8)) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), 8);
    word *= kMultiplier;
    word ^= word >> 47U;
    hash = (hash ^ (word * kMultiplier)) * kMultiplier;
  }
  if (!bytes.empty()) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), bytes.size());
    hash = (hash ^ word) * kMultiplier;
  }
  hash = (hash ^ (hash >> 47U)) * kMultiplier;
  return hash ^ (hash >> 47U);
}

}  // namespace rookery::hashtag_window
