#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "services/hashtag-window/settings.hpp"
#include "tests/unit/services/hashtag-window/simulation/fake_broker.hpp"

namespace rookery::simulation {

/// Ticks of 250 ms in a pane of 10 s.
inline constexpr std::int64_t kTicksPerPane = 40;

/// A record that arrives at a tick. A partition below 0 is a fault instead: all instances
/// of the first stage are killed.
struct Arrival {
  std::int64_t tick = 0;
  std::int32_t partition = 0;
  Stored record;
};

/// Other numbers of partitions from a tick on, as soon as all is read that came before it.
struct Rescale {
  std::int64_t tick = 0;
  std::optional<std::int32_t> sources;
  std::int32_t partials = 1;
  bool killed = false;  ///< Before its state is committed: all goes on as before.
};

struct Scenario {
  hashtag_window::Settings settings;
  std::vector<Arrival> arrivals;
  std::vector<Rescale> rescales;           ///< By tick.
  bool silent = false;                     ///< Has partitions that fall silent.
  bool damaged = false;                    ///< Snapshots are damaged while it runs.
  std::string input = "processed_tweets";  ///< Where the records arrive.
};

/// Disorder within the lateness, 5 % beyond it, bursts, deletions, unreadable records and
/// wrong clocks; every second seed has partitions that fall silent and resume, or that
/// never have a post.
Scenario make_scenario(std::uint64_t seed);

/// With a window so long that its panes are folded and closed ones saved; every second seed has
/// damaged snapshots, every second pair of seeds silent partitions, and two of eight have deletions
/// that reach nearly as far as the windows.
Scenario make_snapshot_scenario(std::uint64_t seed);

/// Rescaled once or twice in mid-stream; every second seed has closed panes that are saved.
Scenario make_rescale_scenario(std::uint64_t seed);

/// Without silence, but behind an earlier stage, which is killed and stalled as all others are:
/// for longer than a partition may be silent.
Scenario make_upstream_scenario(std::uint64_t seed);

}  // namespace rookery::simulation
