#pragma once

#include <cstdint>
#include <string_view>

namespace rookery::sentiment_scoring {

/// FNV-1a, 64 bits (draft-eastlake-fnv): finds damage, not forgery.
[[nodiscard]] constexpr std::uint64_t fnv1a(std::string_view bytes) {
  std::uint64_t hash = 0xCBF29CE484222325;
  for (const char byte : bytes) {
    hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001B3;
  }
  return hash;
}

}  // namespace rookery::sentiment_scoring
