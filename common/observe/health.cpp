#include "common/observe/health.hpp"

#include <algorithm>

namespace rookery {
namespace {

std::string_view state_name(StageState state) {
  switch (state) {
    case StageState::kStarting:
      return "starting";
    case StageState::kWaitingForBroker:
      return "waiting for the broker";
    case StageState::kRestoring:
      return "restoring";
    case StageState::kRunning:
      return "running";
    case StageState::kDraining:
      return "draining";
    case StageState::kDone:
      return "done";
  }
  return "";
}

}  // namespace

void StageStatus::set(StageState state, std::string detail) {
  {
    const std::scoped_lock lock(mutex_);
    detail_ = std::move(detail);
  }
  state_ = state;
  beat();
}

void StageStatus::set_restore(const RestoreProgress& progress) {
  const std::scoped_lock lock(mutex_);
  restore_ = progress;
}

RestoreProgress StageStatus::restore() const {
  const std::scoped_lock lock(mutex_);
  return restore_;
}

std::string StageStatus::detail() const {
  const std::scoped_lock lock(mutex_);
  return detail_;
}

std::chrono::milliseconds StageStatus::since_beat() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(clock_.monotonic_now() -
                                                               last_beat_.load());
}

StageStatus& Health::add_stage(std::string name) {
  const std::scoped_lock lock(mutex_);
  return stages_.emplace_back(std::move(name), clock_);
}

bool Health::alive(std::chrono::milliseconds limit) const {
  const std::scoped_lock lock(mutex_);
  return std::all_of(stages_.begin(), stages_.end(), [&](const StageStatus& stage) {
    const StageState state = stage.state();
    return state == StageState::kWaitingForBroker || state == StageState::kDone ||
           stage.since_beat() < limit;
  });
}

bool Health::ready() const {
  const std::scoped_lock lock(mutex_);
  return std::all_of(stages_.begin(), stages_.end(), [](const StageStatus& stage) {
    const StageState state = stage.state();
    return state == StageState::kRunning || state == StageState::kDone;
  });
}

std::string Health::report() const {
  std::string report;
  const std::scoped_lock lock(mutex_);
  for (const auto& stage : stages_) {
    report += stage.name() + ": " + std::string(state_name(stage.state()));
    const std::string detail = stage.detail();
    report += (detail.empty() ? "" : ", " + detail) + "\n";
  }
  return report;
}

std::vector<std::pair<std::string, RestoreProgress>> Health::restores() const {
  std::vector<std::pair<std::string, RestoreProgress>> all;
  const std::scoped_lock lock(mutex_);
  for (const auto& stage : stages_) {
    if (const auto progress = stage.restore(); progress.offsets > 0) {
      all.emplace_back(stage.name(), progress);
    }
  }
  return all;
}

}  // namespace rookery
