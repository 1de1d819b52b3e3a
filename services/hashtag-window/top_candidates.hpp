#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace rookery::hashtag_window {

/// Which keys can be among the first K of a window, without a look at all keys: those whose
/// count has reached a threshold are on a list. While the list has K keys that are still
/// there, the K with the highest counts are all on it. When it has fewer, all keys are
/// looked at once and the threshold falls to half of the K-th count; when it gets long, the
/// threshold rises to half of the K-th count. Exact at all times.
class TopCandidates {
 public:
  /// The count of `key` rose to `count`.
  void raised(std::uint32_t key, std::int64_t count) {
    if (count < threshold_) return;
    if (key >= listed_.size()) listed_.resize(key + std::size_t{1} + key / 2U, 0);
    if (listed_[key] != 0) return;
    listed_[key] = 1;
    list_.push_back(key);
  }

  /// Keys of which the `k` highest are the `k` highest of all. `count_of(key)` gives the
  /// present count of a key below `numbers`, 0 for one that is not counted.
  template <typename CountOf>
  const std::vector<std::uint32_t>& candidates(std::size_t k, std::size_t numbers,
                                               const CountOf& count_of) {
    prune(count_of);
    if (list_.size() < k && threshold_ > 1) {
      lower(k, numbers, count_of);
    } else if (list_.size() > kListMax + k * 8) {
      threshold_ = std::max(threshold_, kth(k, count_of) / 2);
      prune(count_of);
    }
    return list_;
  }

 private:
  static constexpr std::size_t kListMax = 1024;

  template <typename CountOf>
  void prune(const CountOf& count_of) {
    std::erase_if(list_, [&](std::uint32_t key) {
      if (count_of(key) >= threshold_) return false;
      listed_[key] = 0;
      return true;
    });
  }

  template <typename CountOf>
  std::int64_t kth(std::size_t k, const CountOf& count_of) {
    counts_.clear();
    for (const std::uint32_t key : list_) counts_.push_back(count_of(key));
    const auto at = counts_.begin() + static_cast<std::ptrdiff_t>(std::min(k, counts_.size())) - 1;
    std::nth_element(counts_.begin(), at, counts_.end(), std::greater<>());
    return *at;
  }

  template <typename CountOf>
  void lower(std::size_t k, std::size_t numbers, const CountOf& count_of) {
    threshold_ = 1;
    for (std::size_t key = 0; key < numbers; ++key) {
      raised(static_cast<std::uint32_t>(key), count_of(static_cast<std::uint32_t>(key)));
    }
    if (list_.size() <= k) return;
    threshold_ = std::max<std::int64_t>(1, kth(k, count_of) / 2);
    prune(count_of);
  }

  std::int64_t threshold_ = 1;
  std::vector<std::uint32_t> list_;
  std::vector<std::uint8_t> listed_;  ///< By key.
  std::vector<std::int64_t> counts_;
};

}  // namespace rookery::hashtag_window
