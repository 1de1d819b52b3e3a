#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

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

/// How far reading the state of a partition again has come, the present one or the last.
struct RestoreProgress {
  std::int64_t offsets_done = 0;
  std::int64_t offsets = 0;  ///< All that are to be read; 0: nothing was restored yet.
  std::int64_t bytes_done = 0;
};

/// What one loop says of itself. Its thread and those of its Kafka clients
/// write, the admin thread reads.
class StageStatus {
 public:
  StageStatus(std::string name, Clock& clock) : name_(std::move(name)), clock_(clock) { beat(); }

  /// `detail` is for people: "127.0.0.1:9092 does not answer".
  void set(StageState state, std::string detail = {});
  void beat() { last_beat_ = clock_.monotonic_now(); }
  void set_restore(const RestoreProgress& progress);

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] StageState state() const { return state_; }
  [[nodiscard]] std::string detail() const;
  [[nodiscard]] std::chrono::milliseconds since_beat() const;
  [[nodiscard]] RestoreProgress restore() const;

 private:
  std::string name_;
  Clock& clock_;
  std::atomic<StageState> state_{StageState::kStarting};
  std::atomic<MonotonicTime> last_beat_{};
  mutable std::mutex mutex_;
  std::string detail_;
  RestoreProgress restore_;
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
  /// Of the stages that have restored something, by their names.
  [[nodiscard]] std::vector<std::pair<std::string, RestoreProgress>> restores() const;

 private:
  Clock& clock_;
  mutable std::mutex mutex_;
  std::deque<StageStatus> stages_;
};

}  // namespace rookery
