#include "services/hashtag-window/score.hpp"

#include <algorithm>
#include <array>
#include <bit>

namespace rookery::hashtag_window {
namespace {

constexpr std::int64_t kHigh = 3000;  // In thousandths.
constexpr std::int64_t kPeak = 1000;  // Less: what rose before is already a part of the past.
constexpr std::int64_t kLow = -1000;

/// Weight of the latest block; each earlier one weighs four fifths of the one after it.
constexpr std::uint64_t kWeight = 65'536;

constexpr std::array kNamed = {TrendState::kNew, TrendState::kRising, TrendState::kPeak,
                               TrendState::kFalling};

/// Division that rounds down, as opposed to towards zero. `b` is a spread: at least 1000.
std::int64_t floor_divide(std::int64_t a, std::int64_t b) {
  // NOLINTNEXTLINE(clang-analyzer-core.DivideZero): see above
  return a / b - (a % b != 0 && (a % b < 0) != (b < 0) ? 1 : 0);
}

TrendState state_of(std::int64_t score, std::int64_t newest, std::int64_t mean,
                    std::span<const std::int64_t> past) {
  const bool unknown = std::all_of(past.begin(), past.end(), [](auto x) { return x == 0; });
  if (unknown) return newest > 0 ? TrendState::kNew : TrendState::kSteady;
  if (score >= kHigh && newest > past.front()) return TrendState::kRising;
  if (score >= kPeak && 2000 * newest >= 3 * mean && newest <= past.front()) {
    return TrendState::kPeak;
  }
  return score <= kLow ? TrendState::kFalling : TrendState::kSteady;
}

}  // namespace

std::uint64_t integer_sqrt(Wide value) {
  if (value == 0) return 0;
  const auto high = static_cast<std::uint64_t>(value >> 64U);
  const unsigned bits =
      high != 0 ? 64 + static_cast<unsigned>(std::bit_width(high))
                : static_cast<unsigned>(std::bit_width(static_cast<std::uint64_t>(value)));
  // Newton's method from above: the first guess is a power of two not below the root.
  Wide guess = Wide{1} << ((bits + 1) / 2);
  for (;;) {
    const Wide better = (guess + value / guess) / 2;
    if (better >= guess) return static_cast<std::uint64_t>(guess);
    guess = better;
  }
}

std::string_view name_of(TrendState state) {
  switch (state) {
    case TrendState::kSteady:
      return "";
    case TrendState::kNew:
      return "new";
    case TrendState::kRising:
      return "rising";
    case TrendState::kPeak:
      return "peak";
    case TrendState::kFalling:
      return "falling";
  }
  return "";
}

std::optional<TrendState> trend_state_named(std::string_view name) {
  const auto* const state =
      std::find_if(kNamed.begin(), kNamed.end(), [&](TrendState s) { return name_of(s) == name; });
  return state == kNamed.end() ? std::nullopt : std::optional(*state);
}

TrendScore trend_score(std::int64_t newest, std::span<const std::int64_t> past) {
  Wide sum = 0;
  Wide squares = 0;
  std::uint64_t weights = 0;
  std::uint64_t weight = kWeight;
  for (const std::int64_t x : past) {
    const auto value = static_cast<std::uint64_t>(x);
    sum += Wide{weight} * value;
    squares += Wide{weight} * value * value;
    weights += weight;
    weight = weight * 4 / 5;
  }
  // There is at least one block, as trend_history has a bound of 2.
  // NOLINTBEGIN(clang-analyzer-core.DivideZero)
  const Wide mean = 1000 * sum / weights;
  const Wide variance = 1'000'000 * squares / weights - mean * mean;
  // NOLINTEND(clang-analyzer-core.DivideZero)
  const std::uint64_t spread = integer_sqrt(std::max(variance, 1000 * mean) + 1'000'000);
  const std::int64_t score = floor_divide((1000 * newest - static_cast<std::int64_t>(mean)) * 1000,
                                          static_cast<std::int64_t>(spread));
  return {score, state_of(score, newest, static_cast<std::int64_t>(mean), past)};
}

}  // namespace rookery::hashtag_window
