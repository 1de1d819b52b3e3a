#pragma once

#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "services/hashtag-window/settings.hpp"
#include "tests/unit/services/hashtag-window/simulation/world.hpp"

namespace rookery::simulation {

/// What must come out, computed from the logs in batch and by definition: no panes that are
/// kept, no increments, no stages. It shares with the service the parsing of posts, the
/// hash of authors and the sketch.
struct Expected {
  std::vector<std::string> trends;
  std::set<std::tuple<std::int32_t, std::int64_t, std::string>> late;  ///< Partition, offset, id.
  std::int64_t resumed = 0;  ///< Idle marks that records follow.
};

Expected expected_of(FakeBroker& broker, const hashtag_window::Settings& settings,
                     const Generations& generations = {});

}  // namespace rookery::simulation
