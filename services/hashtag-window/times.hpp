#pragma once

#include <algorithm>
#include <cstdint>

namespace rookery::hashtag_window {

/// When the first and the last of some posts were written, in milliseconds from the start of
/// their pane. Joining is all that one can do with them: a deletion takes none back.
struct Times {
  std::uint32_t first = 0xffffffffU;
  std::uint32_t last = 0;

  [[nodiscard]] bool any() const { return first <= last; }
  void see(std::uint32_t ms) {
    first = std::min(first, ms);
    last = std::max(last, ms);
  }
  void merge(const Times& other) {
    first = std::min(first, other.first);
    last = std::max(last, other.last);
  }
};

}  // namespace rookery::hashtag_window
