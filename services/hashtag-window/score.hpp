#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "services/hashtag-window/busyness.hpp"

namespace rookery::hashtag_window {

__extension__ using Wide = unsigned __int128;

/// The whole part of the square root.
[[nodiscard]] std::uint64_t integer_sqrt(Wide value);

/// Where a key is on its way up and down.
enum class TrendState : std::uint8_t {
  kSteady,
  kNew,      ///< Nobody has written it in the past that the score looks at.
  kRising,   ///< Far above its past, and above the block before.
  kPeak,     ///< Far above its past, and not above the block before.
  kFalling,  ///< Far below its past.
};

/// "new" and so on; empty for kSteady.
[[nodiscard]] std::string_view name_of(TrendState state);

struct TrendScore {
  std::int64_t score = 0;  ///< In thousandths of a standard deviation.
  TrendState state = TrendState::kSteady;
};

/// How surprising it is that `newest` distinct authors wrote a key in the newest block of time,
/// when `expected` says, in thousandths, what each block before lets expect, the latest first:
/// its authors, times how much busier everything is now than it was then (Busyness). `others`
/// wrote the other keys of the ranking in the newest block.
///
/// The significance of SigniTrend (Schubert, Weiler, Kriegel: SigniTrend, KDD 2014, section
/// 4.1): (x - mean) / spread, with mean and variance exponentially weighted, so that the past
/// decays, here by a fifth a block. They are taken over a limited past, so that what was read
/// before does not matter. The variance is at least that of a Poisson count of the same mean
/// (rare keys have a variance of nought by chance), and one author more, which is their
/// bias term beta. How busy everything is, is known from `others` alone, with the variance of a
/// median of so many (pi/2, here 3/2, over their number). So the spread is
/// sqrt(max(variance, mean) + 1 + 3 mean^2 / (2 (others + 20))). It works on distinct authors: one
/// who writes without pause is no trend. Integers alone: the same on every machine.
///
/// What a key does every day at the same hour is no trend either (Poisson with cycle correction:
/// the hour's own rate where it is higher). `yesterday` has what the blocks around the same time
/// a day before let expect, in thousandths; the highest of them, less the deviation of a Poisson
/// count, takes the place of the mean as far as the newest block reaches it: so it explains what
/// lies above the mean, and makes nothing fall that did not come again.
///
/// Rising is what grows and lies three standard deviations above; at its peak, what no longer
/// grows and lies one above, and half above the mean; falling, what lies one below.
[[nodiscard]] TrendScore trend_score(std::int64_t newest, std::span<const std::int64_t> expected,
                                     std::int64_t others,
                                     std::span<const std::int64_t> yesterday = {});

/// The scores of the keys of one ranking, which compares the newest block with `blocks` before
/// it: at least one.
[[nodiscard]] std::vector<TrendScore> trend_scores(std::span<const KeyBlocks> keys,
                                                   std::size_t blocks);

}  // namespace rookery::hashtag_window
