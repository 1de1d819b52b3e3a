#pragma once

#include <chrono>
#include <cstddef>
#include <optional>

#include "common/core/clock.hpp"

namespace rookery::ingest {

/// Holds items back so that they come at a rate, or at their own pace. One
/// thread uses it; `clock` outlives it.
class Pace {
 public:
  struct Options {
    double rate = 0;   ///< Items per second; 0: no limit.
    double speed = 0;  ///< Factor of the items' own pace; 0: as fast as possible.
    /// The longest pause between two items when they keep their own pace.
    std::chrono::milliseconds wait_max{60'000};
  };

  Pace(Options options, Clock& clock) : options_(options), clock_(clock) {}

  [[nodiscard]] bool by_event_time() const { return options_.speed > 0; }

  /// Begins anew at the next item, as after a seek.
  void restart();

  /// How many of `wanted` items may go now. Waits for the first for at most
  /// `timeout`. What was missed by more than a second is not made up for.
  std::size_t admit(std::size_t wanted, std::chrono::milliseconds timeout);

  /// Whether the item of time `event` may go now; waits for at most `timeout`.
  /// Items that are out of order go at once, and a jump of the times (a gap, one
  /// wrong time) costs at most wait_max.
  bool admit_at(WallTime event, std::chrono::milliseconds timeout);

 private:
  Options options_;
  Clock& clock_;
  std::optional<MonotonicTime> begin_;
  std::size_t admitted_ = 0;  ///< Since begin_.
  WallTime event_begin_;      ///< What goes at begin_.
  WallTime event_latest_;
};

}  // namespace rookery::ingest
