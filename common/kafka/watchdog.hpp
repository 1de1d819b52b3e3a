#pragma once

#include <chrono>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "common/core/clock.hpp"
#include "common/observe/health.hpp"
#include "common/observe/log.hpp"

namespace rookery::kafka {

/// Ends the process (exit status 75) when a call to the broker hangs although
/// the broker answers. rd_kafka_send_offsets_to_transaction() can wait for ever
/// after the group coordinator's broker died (librdkafka issues 5456 and 5511);
/// nothing is lost by leaving, since the open transaction is aborted. While the
/// broker does not answer the time does not count: then the call waits
/// rightly. One thread of its own.
class Watchdog {
 public:
  struct Limits {
    std::chrono::milliseconds deadline{20'000};  ///< For one call, while the broker answers.
    std::chrono::milliseconds tick{1'000};
  };
  /// Whether the broker answers; called on the watchdog's thread, may block.
  using Probe = std::function<bool()>;
  /// What happens past the deadline; leaves the process unless a test says else.
  using Expire = std::function<void(std::string_view call)>;

  Watchdog(Limits limits, Clock& clock, Log& log, StageStatus& status, Probe probe, Expire expire);
  Watchdog(Limits limits, Clock& clock, Log& log, StageStatus& status, Probe probe);

  /// Watches one call for as long as it lives.
  class Guard {
   public:
    Guard(Watchdog& watchdog, std::string_view call);
    ~Guard();
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;

   private:
    Watchdog& watchdog_;
  };

 private:
  void run(const std::stop_token& stop);
  void check();

  Limits limits_;
  Clock& clock_;
  Log& log_;
  StageStatus& status_;
  Probe probe_;
  Expire expire_;
  std::mutex mutex_;
  std::string call_;         ///< Empty: nothing is watched.
  std::uint64_t calls_ = 0;  ///< Tells one call from the next.
  std::uint64_t seen_ = 0;
  std::chrono::milliseconds stuck_{0};  ///< Time of the call while the broker answered.
  bool broker_away_ = false;
  std::jthread thread_;  ///< Last: starts when all else is there.
};

}  // namespace rookery::kafka
