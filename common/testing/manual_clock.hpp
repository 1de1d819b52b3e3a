#pragma once

#include <vector>

#include "common/core/clock.hpp"

namespace rookery::testing {

/// Time that moves only by hand, and by sleeping.
class ManualClock final : public Clock {
 public:
  [[nodiscard]] WallTime wall_now() const override { return WallTime(now_); }
  [[nodiscard]] MonotonicTime monotonic_now() const override { return MonotonicTime(now_); }
  bool sleep_for(std::chrono::milliseconds duration, std::stop_token stop) override {
    advance(duration);
    slept.push_back(duration);
    return !stop.stop_requested();
  }
  void advance(std::chrono::milliseconds duration) { now_ += duration; }

  std::vector<std::chrono::milliseconds> slept;

 private:
  std::chrono::milliseconds now_{0};
};

}  // namespace rookery::testing
