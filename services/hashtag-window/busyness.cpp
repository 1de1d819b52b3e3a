#include "services/hashtag-window/busyness.hpp"

#include <algorithm>
#include <limits>

namespace rookery::hashtag_window {
namespace {

__extension__ using Wide = __int128;

constexpr std::int64_t kExpectedMax = 1'000'000'000'000'000;
/// More authors than anyone has: sums of so many keys fit.
constexpr std::int64_t kAuthorsMax = std::int64_t{1} << 40U;
constexpr std::size_t kNoKey = std::numeric_limits<std::size_t>::max();

std::int64_t limited(std::int64_t authors) {
  return std::clamp<std::int64_t>(authors, 0, kAuthorsMax);
}

}  // namespace

Busyness::Busyness(std::span<const KeyBlocks> keys, std::size_t block) : own_(keys.size()) {
  ratios_.push_back({kSteady, kSteady, kNoKey});
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const auto& past = keys[i].past;
    const Ratio ratio{limited(keys[i].newest), limited(block < past.size() ? past[block] : 0), i};
    own_[i] = {.past = ratio.past, .weight = ratio.weight()};
    if (ratio.weight() != 0) ratios_.push_back(ratio);
  }
  std::sort(ratios_.begin(), ratios_.end(), [](const Ratio& a, const Ratio& b) {
    return Wide{a.newest} * b.past < Wide{b.newest} * a.past;
  });
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < ratios_.size(); ++i) {
    if (ratios_[i].key != kNoKey) own_[ratios_[i].key].place = i;
    weights_.push_back(sum += ratios_[i].weight());
  }
}

std::int64_t Busyness::expected(std::size_t index) const {
  const auto& [authors, weight, place] = own_[index];
  const std::int64_t all = weights_.back() - weight;
  // The lowest ratio at which half of all weight is reached, without the key's own.
  std::size_t low = 0;
  std::size_t high = ratios_.size() - 1;
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    const std::int64_t below = weights_[middle] - (middle >= place ? weight : 0);
    if (2 * below >= all) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  Wide newest = ratios_[low].newest;
  Wide past = ratios_[low].past;
  if (newest > kMost * past) {
    newest = kMost;
    past = 1;
  } else if (newest * kMost < past) {
    newest = 1;
    past = kMost;
  }
  const Wide expected = Wide{1000} * authors * newest / past;
  return static_cast<std::int64_t>(std::min<Wide>(expected, kExpectedMax));
}

}  // namespace rookery::hashtag_window
