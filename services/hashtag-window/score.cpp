#include "services/hashtag-window/score.hpp"

#include <bit>

namespace rookery::hashtag_window {
namespace {

/// Division that rounds down, as opposed to towards zero. `b` is a spread: at least 1000.
std::int64_t floor_divide(std::int64_t a, std::int64_t b) {
  // NOLINTNEXTLINE(clang-analyzer-core.DivideZero): see above
  return a / b - (a % b != 0 && (a % b < 0) != (b < 0) ? 1 : 0);
}

__extension__ using Wide = __int128;

}  // namespace

std::uint64_t integer_sqrt(std::uint64_t value) {
  if (value == 0) return 0;
  // Newton's method from above: the first guess is a power of two not below the root.
  std::uint64_t guess = std::uint64_t{1}
                        << ((static_cast<unsigned>(std::bit_width(value)) + 1) / 2);
  for (;;) {
    const std::uint64_t better = (guess + value / guess) / 2;
    if (better >= guess) return guess;
    guess = better;
  }
}

std::int64_t trend_score(std::int64_t count, std::span<const std::int64_t> blocks,
                         const Window& window) {
  Wide weighted = 0;
  std::int64_t weights = 0;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const std::int64_t weight = std::int64_t{1} << (blocks.size() - 1 - i);
    weighted += Wide{weight} * blocks[i];
    weights += weight;
  }
  // There is at least one block, as trend_history has a bound of 1.
  const Wide scale = Wide{window.slide} * weights;
  // NOLINTNEXTLINE(clang-analyzer-core.DivideZero)
  const auto mean = static_cast<std::int64_t>(Wide{1000} * window.length * weighted / scale);
  const std::uint64_t spread = integer_sqrt(static_cast<std::uint64_t>(mean) * 1000 + 1'000'000);
  return floor_divide((1000 * count - mean) * 1000, static_cast<std::int64_t>(spread));
}

}  // namespace rookery::hashtag_window
