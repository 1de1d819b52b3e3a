#include "services/hashtag-window/score.hpp"

#include <algorithm>
#include <bit>

namespace rookery::hashtag_window {
namespace {

constexpr std::int64_t kHigh = 3000;  // In thousandths.
constexpr std::int64_t kPeak = 1000;  // Less: what rose before is already a part of the past.
constexpr std::int64_t kLow = -1000;

/// Weight of the latest block; each earlier one weighs four fifths of the one after it.
constexpr std::uint64_t kWeight = 65'536;

/// Division that rounds down, as opposed to towards zero. `b` is a spread: at least 1000.
std::int64_t floor_divide(std::int64_t a, std::int64_t b) {
  // NOLINTNEXTLINE(clang-analyzer-core.DivideZero): see above
  return a / b - (a % b != 0 && (a % b < 0) != (b < 0) ? 1 : 0);
}

bool nobody(std::span<const std::int64_t> blocks) {
  return std::all_of(blocks.begin(), blocks.end(), [](auto x) { return x == 0; });
}

/// What the same hour of yesterday lets expect at least, in thousandths. Of several blocks the
/// highest is too high by chance.
std::int64_t usual_at_this_hour(std::span<const std::int64_t> yesterday) {
  if (nobody(yesterday)) return 0;
  const std::int64_t most = *std::max_element(yesterday.begin(), yesterday.end());
  return most - static_cast<std::int64_t>(integer_sqrt(Wide{1000} * static_cast<Wide>(most)));
}

/// All in thousandths but the score's.
TrendState state_of(std::int64_t score, std::int64_t newest, std::int64_t mean,
                    std::span<const std::int64_t> expected,
                    std::span<const std::int64_t> yesterday) {
  if (nobody(expected) && nobody(yesterday)) {
    return newest > 0 ? TrendState::kNew : TrendState::kSteady;
  }
  if (score >= kHigh && newest > expected.front()) return TrendState::kRising;
  if (score >= kPeak && 2 * newest >= 3 * mean && newest <= expected.front()) {
    return TrendState::kPeak;
  }
  return score <= kLow ? TrendState::kFalling : TrendState::kSteady;
}

/// What each of so many blocks lets expect of each key: by key, then block.
std::vector<std::int64_t> expected_in(std::span<const KeyBlocks> keys, std::size_t blocks) {
  std::vector<std::int64_t> expected(keys.size() * blocks);
  for (std::size_t block = 0; block < blocks; ++block) {
    const Busyness busyness(keys, block);
    for (std::size_t i = 0; i < keys.size(); ++i) {
      expected[i * blocks + block] = busyness.expected(i);
    }
  }
  return expected;
}

constexpr std::size_t kYesterday = 2;  // As in KeyHistory::Reading.

std::vector<KeyBlocks> of_yesterday(std::span<const KeyBlocks> keys) {
  std::vector<KeyBlocks> blocks;
  blocks.reserve(keys.size());
  for (const KeyBlocks& key : keys) blocks.push_back({key.newest, key.yesterday});
  return blocks;
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

TrendScore trend_score(std::int64_t newest, std::span<const std::int64_t> expected,
                       std::int64_t others, std::span<const std::int64_t> yesterday) {
  Wide sum = 0;
  Wide squares = 0;
  std::uint64_t weights = 0;
  std::uint64_t weight = kWeight;
  for (const std::int64_t x : expected) {
    const auto value = static_cast<std::uint64_t>(x);
    sum += Wide{weight} * value;
    squares += Wide{weight} * value * value;
    weights += weight;
    weight = weight * 4 / 5;
  }
  // There is at least one block, as trend_history has a bound of 2.
  // NOLINTBEGIN(clang-analyzer-core.DivideZero)
  Wide mean = sum / weights;
  const Wide variance = squares / weights - mean * mean;
  // NOLINTEND(clang-analyzer-core.DivideZero)
  const std::int64_t cycle = std::min(usual_at_this_hour(yesterday), 1000 * newest);
  if (cycle > static_cast<std::int64_t>(mean)) mean = static_cast<Wide>(cycle);
  const auto seen = static_cast<std::uint64_t>(others + Busyness::kSteady);
  const Wide of_busyness = 3 * mean * mean / (2 * Wide{seen});
  const std::uint64_t spread =
      integer_sqrt(std::max(variance, 1000 * mean) + 1'000'000 + of_busyness);
  const auto usual = static_cast<std::int64_t>(mean);
  const std::int64_t score =
      floor_divide((1000 * newest - usual) * 1000, static_cast<std::int64_t>(spread));
  return {score, state_of(score, 1000 * newest, usual, expected, yesterday)};
}

std::vector<TrendScore> trend_scores(std::span<const KeyBlocks> keys, std::size_t blocks) {
  const auto expected = expected_in(keys, blocks);
  const auto yesterday = expected_in(of_yesterday(keys), kYesterday);
  std::int64_t authors = 0;
  for (const KeyBlocks& key : keys) authors += key.newest;
  std::vector<TrendScore> scores;
  scores.reserve(keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    scores.push_back(trend_score(keys[i].newest, std::span(expected).subspan(i * blocks, blocks),
                                 authors - keys[i].newest,
                                 std::span(yesterday).subspan(i * kYesterday, kYesterday)));
  }
  return scores;
}

}  // namespace rookery::hashtag_window
