#pragma once

#include <cstddef>

namespace rookery::hashtag_window {

/// What a name of so many bytes (a key, or a key and its spelling) takes of the bounds on keys: one
/// place, and one more for every 32 bytes.
[[nodiscard]] constexpr std::size_t places_of(std::size_t bytes) {
  return 1 + bytes / 32;
}

}  // namespace rookery::hashtag_window
