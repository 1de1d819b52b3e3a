#pragma once

#include <list>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tests/unit/services/hashtag-window/simulation/fake_broker.hpp"
#include "tests/unit/services/hashtag-window/simulation/instance.hpp"
#include "tests/unit/services/hashtag-window/simulation/scenario.hpp"

namespace rookery::simulation {

enum class Faults { kNone, kMany };

/// The broker, instances of the three stages, and a scheduler that lets one of them do one
/// step a tick, kills, stalls, adds and removes them. All by the seed.
class World {
 public:
  /// `scenario` must outlive the world.
  World(const Scenario& scenario, std::uint64_t seed, Faults faults);

  /// Until all windows are closed. Returns what is wrong, empty if nothing.
  std::string run();

  [[nodiscard]] FakeBroker& broker() { return broker_; }
  [[nodiscard]] const std::map<std::string, int>& events() const { return events_; }
  /// See Instance; of all instances that are left.
  [[nodiscard]] std::int64_t deepest_restore() const;
  /// Restores from snapshots, and those whose snapshots were of no use; likewise.
  [[nodiscard]] std::pair<int, int> snapshots() const;

 private:
  void add(const Instance::Stage& stage);
  void deliver();
  void fault();
  void damage();
  void step();
  [[nodiscard]] bool done() const;

  const Scenario& scenario_;
  Dice dice_;
  FakeBroker broker_;
  Faults faults_;
  std::vector<Instance::Stage> stages_;
  std::list<Instance> instances_;
  std::int64_t slots_ = 0;
  std::size_t next_arrival_ = 0;
  std::int64_t faults_end_ = 0;
  std::map<std::string, int> events_;
};

}  // namespace rookery::simulation
