#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "common/core/clock.hpp"

namespace rookery {

enum class StageState : std::uint8_t {
  kStarting,          ///< Not connected yet.
  kWaitingForBroker,  ///< The broker does not answer.
  kRestoring,         ///< State is read again from the log.
  kRunning,           ///< Reading and committing.
  kDraining,          ///< Asked to stop.
  kDone,              ///< Nothing is left to do: it neither beats nor is waited for.
};

/// What one loop says of itself. Its thread and those of its Kafka clients
/// write, the admin thread reads.
class StageStatus {
 public:
  StageStatus(std::string name, Clock& clock) : name_(std::move(name)), clock_(clock) { beat(); }

  /// `detail` is for people: "127.0.0.1:9092 does not answer".
  void set(StageState state, std::string detail = {});
  void beat() { last_beat_ = clock_.monotonic_now(); }

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] StageState state() const { return state_; }
  [[nodiscard]] std::string detail() const;
  [[nodiscard]] std::chrono::milliseconds since_beat() const;

 private:
  std::string name_;
  Clock& clock_;
  std::atomic<StageState> state_{StageState::kStarting};
  std::atomic<MonotonicTime> last_beat_{};
  mutable std::mutex mutex_;
  std::string detail_;
};

/// The stages of one process: what /healthz and /readyz answer from.
class Health {
 public:
  explicit Health(Clock& clock) : clock_(clock) {}

  /// The reference holds as long as this object.
  StageStatus& add_stage(std::string name);

  /// True while every loop has turned within `limit`, or waits for the broker:
  /// a broken broker is no reason to restart this process.
  [[nodiscard]] bool alive(std::chrono::milliseconds limit) const;
  [[nodiscard]] bool ready() const;
  /// One line per stage: name, state, detail.
  [[nodiscard]] std::string report() const;

 private:
  Clock& clock_;
  mutable std::mutex mutex_;
  std::deque<StageStatus> stages_;
};

}  // namespace rookery
