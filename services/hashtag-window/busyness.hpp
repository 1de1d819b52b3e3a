#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace rookery::hashtag_window {

/// Distinct authors of one key by block of time.
struct KeyBlocks {
  std::int64_t newest = 0;
  std::span<const std::int64_t> past;            ///< The latest first; what is not there is 0.
  std::span<const std::int64_t> yesterday = {};  ///< Likewise, around the same time of the day.
};

/// How much busier a whole ranking is in the newest block than it was in an earlier one: the
/// hour of the day, a stream that has just begun, a block of which a part is yet to come. What
/// all keys do together is no trend of any.
///
/// It is the size factor of Anders and Huber (Differential expression analysis for sequence
/// count data, Genome Biology 11:R106, 2010, equation 5): the median over the keys of each one's
/// ratio, so that the keys that do rise do not move it while they are less than half of all. Here
/// the median is weighted by the authors in that block which has fewer, as rare keys' ratios are
/// chance, and one that rises is not to have more say for it; a key's own ratio is left out, or
/// it would explain itself away; and kSteady authors who are as busy as ever are added, so that
/// few keys prove nothing. Integers alone: the same on every machine.
class Busyness {
 public:
  /// Sixteen-fold is the most that is believed, either way.
  static constexpr std::int64_t kSteady = 20;
  static constexpr std::int64_t kMost = 16;

  /// Of the newest block against that which is `block` in the past of `keys`. Costs a sort.
  Busyness(std::span<const KeyBlocks> keys, std::size_t block);

  /// The authors of key `index` in that block, in thousandths, as they were to be expected in the
  /// newest: times the factor. Rounded down, and at most 10^15.
  [[nodiscard]] std::int64_t expected(std::size_t index) const;

 private:
  struct Ratio {
    std::int64_t newest;
    std::int64_t past;
    std::size_t key;
    [[nodiscard]] std::int64_t weight() const { return newest < past ? newest : past; }
  };
  struct Own {
    std::int64_t past = 0;
    std::int64_t weight = 0;
    std::size_t place = 0;  ///< In ratios_, where it has a weight.
  };

  std::vector<Ratio> ratios_;          ///< Those with a weight, the lowest first.
  std::vector<std::int64_t> weights_;  ///< Of it and all below it.
  std::vector<Own> own_;               ///< By key.
};

}  // namespace rookery::hashtag_window
