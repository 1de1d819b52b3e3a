#pragma once

#include <cstdint>
#include <span>

#include "services/hashtag-window/settings.hpp"

namespace rookery::hashtag_window {

/// The whole part of the square root.
[[nodiscard]] std::uint64_t integer_sqrt(std::uint64_t value);

/// How far `count` lies above what the key's past lets expect, in thousandths of a standard
/// deviation: (count - mean) / sqrt(mean + 1), the spread of a Poisson count. The mean is an
/// exponentially weighted one over `blocks` (counts of one slide each before the window, the
/// newest first, each weighted half of the one after it), scaled to the window's length.
/// Integers alone: the same on every machine.
[[nodiscard]] std::int64_t trend_score(std::int64_t count, std::span<const std::int64_t> blocks,
                                       const Window& window);

}  // namespace rookery::hashtag_window
