#pragma once

#include <list>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "services/hashtag-window/rescale.hpp"
#include "tests/unit/services/hashtag-window/simulation/fake_broker.hpp"
#include "tests/unit/services/hashtag-window/simulation/instance.hpp"
#include "tests/unit/services/hashtag-window/simulation/scenario.hpp"

namespace rookery::simulation {

enum class Faults { kNone, kMany };

/// What rescales have done to the logs: what an oracle must know of them.
struct Generations {
  std::vector<std::string> partials{"window_partials"};  ///< Topics of the sums, one by one.
  /// Where a partition of processed_tweets that came later began.
  std::map<std::int32_t, hashtag_window::Pane> begun;
};

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
  /// Those of the end.
  [[nodiscard]] const hashtag_window::Settings& settings() const { return settings_; }
  [[nodiscard]] const Generations& generations() const { return generations_; }
  /// See Instance; of all instances that are left.
  [[nodiscard]] std::int64_t deepest_restore() const;
  struct Snapshots {
    int used = 0;
    int refused = 0;                  ///< They were of no use.
    int begin_late = 0;               ///< Of these: they did not reach far enough back.
    std::int64_t deepest_resume = 0;  ///< See Instance.
  };
  /// Restores that had some, likewise.
  [[nodiscard]] Snapshots snapshots() const;

 private:
  void start_stages();
  void add(const Instance::Stage& stage);
  void deliver();
  void rescale();
  /// Nothing where a group's offsets are not decided or not all is read.
  [[nodiscard]] std::optional<hashtag_window::CommittedState> drained_state(bool with_sources);
  [[nodiscard]] std::optional<Progress> decided(const Instance::Stage& stage) const;
  void carry_out(const hashtag_window::RescalePlan& plan, bool killed);
  void fault();
  void damage();
  void step();
  [[nodiscard]] bool done() const;

  const Scenario& scenario_;
  hashtag_window::Settings settings_;
  Generations generations_;
  std::size_t next_rescale_ = 0;
  int topics_ = 1;  ///< Of sums, with those of killed rescales.
  std::string violation_;
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
