#include "common/kafka/watchdog.hpp"

#include <utility>

#include <unistd.h>

namespace rookery::kafka {
namespace {

constexpr int kExitTemporary = 75;  // EX_TEMPFAIL of sysexits.h

}  // namespace

Watchdog::Watchdog(Limits limits, Clock& clock, Log& log, StageStatus& status, Probe probe,
                   Expire expire)
    : limits_(limits),
      clock_(clock),
      log_(log),
      status_(status),
      probe_(std::move(probe)),
      expire_(std::move(expire)),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

Watchdog::Watchdog(Limits limits, Clock& clock, Log& log, StageStatus& status, Probe probe)
    : Watchdog(limits, clock, log, status, std::move(probe),
               [](std::string_view /*call*/) { ::_exit(kExitTemporary); }) {}

Watchdog::Guard::Guard(Watchdog& watchdog, std::string_view call) : watchdog_(watchdog) {
  const std::scoped_lock lock(watchdog_.mutex_);
  watchdog_.call_ = call;
  ++watchdog_.calls_;
}

Watchdog::Guard::~Guard() {
  const std::scoped_lock lock(watchdog_.mutex_);
  watchdog_.call_.clear();
  if (watchdog_.broker_away_) watchdog_.status_.set(StageState::kRunning);
  watchdog_.broker_away_ = false;
}

void Watchdog::run(const std::stop_token& stop) {
  while (clock_.sleep_for(limits_.tick, stop)) check();
}

void Watchdog::check() {
  std::string call;
  {
    const std::scoped_lock lock(mutex_);
    if (calls_ != seen_ || call_.empty()) {
      seen_ = calls_;
      stuck_ = std::chrono::milliseconds(0);
      return;  // a new call since the last look: most of them never get further
    }
    call = call_;
  }
  const bool answers = probe_();
  const std::scoped_lock lock(mutex_);
  if (calls_ != seen_ || call_.empty()) return;
  if (!answers) {
    if (!broker_away_) log_.warn("the broker does not answer; waiting", {{"call", call}});
    broker_away_ = true;
    status_.set(StageState::kWaitingForBroker, "in " + call);
    return;
  }
  stuck_ += limits_.tick;
  if (stuck_ < limits_.deadline) return;
  log_.error("a call to the broker hangs; leaving to be started anew",
             {{"call", call}, {"after_ms", stuck_.count()}});
  expire_(call);
}

}  // namespace rookery::kafka
