#pragma once

#include <chrono>
#include <stop_token>

namespace rookery {

/// Milliseconds since 1970-01-01T00:00:00Z: record timestamps, event times.
using WallTime = std::chrono::sys_time<std::chrono::milliseconds>;
using MonotonicTime = std::chrono::steady_clock::time_point;

/// The only source of time. Nothing else in the suite may call now() or sleep.
class Clock {
 public:
  virtual ~Clock() = default;

  /// For record timestamps and logs. May jump.
  [[nodiscard]] virtual WallTime wall_now() const = 0;

  /// For timeouts, backoff, and latency. Never goes back.
  [[nodiscard]] virtual MonotonicTime monotonic_now() const = 0;

  /// Returns false when `stop` was requested before `duration` was over.
  virtual bool sleep_for(std::chrono::milliseconds duration, std::stop_token stop) = 0;
};

/// The machine's clocks. Any thread may use it.
class SystemClock final : public Clock {
 public:
  [[nodiscard]] WallTime wall_now() const override;
  [[nodiscard]] MonotonicTime monotonic_now() const override;
  bool sleep_for(std::chrono::milliseconds duration, std::stop_token stop) override;
};

}  // namespace rookery
