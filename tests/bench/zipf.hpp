#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <random>
#include <vector>

namespace rookery::bench {

/// Numbers below `count` by Zipf's law with exponent 1.05, as hashtags come.
class Zipf {
 public:
  explicit Zipf(std::size_t count) {
    double sum = 0;
    for (std::size_t i = 0; i < count; ++i) {
      sum += std::pow(static_cast<double>(i + 1), -1.05);
      cumulated_.push_back(sum);
    }
  }
  std::size_t next() {
    const double draw = std::uniform_real_distribution<double>(0, cumulated_.back())(dice_);
    const auto at = std::lower_bound(cumulated_.begin(), cumulated_.end(), draw);
    return static_cast<std::size_t>(at - cumulated_.begin());
  }

 private:
  std::mt19937_64 dice_{42};
  std::vector<double> cumulated_;
};

}  // namespace rookery::bench
