#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "services/rookeryctl/context.hpp"

namespace rookery::rookeryctl {

struct WindowRescaleOptions {
  enum class Mode : std::uint8_t { kDoIt, kDryRun };

  std::optional<std::int32_t> sources;   ///< Partitions of the chain's topics; absent: as they are.
  std::optional<std::int32_t> partials;  ///< Partitions of the windows' sums; likewise.
  std::optional<std::int32_t> url_partials;  ///< Of those over links; likewise.
  std::chrono::milliseconds wait{60'000};    ///< For stopped members to be forgotten.
  Mode mode = Mode::kDoIt;
};

struct WindowRescaleReport {
  /// What became of the sums over one input.
  struct Sums {
    std::string topic_before;
    std::string topic;  ///< From now on.
    std::int32_t partitions = 0;
    std::uint64_t copied = 0;
  };

  std::vector<Sums> sums;
  std::vector<std::pair<std::string, std::int32_t>> grown;  ///< Topics that have so many now.
};

/// Gives hashtag-window other numbers of partitions, while it stands still: all sums of open
/// windows move to a new topic, and the state of its groups changes in one transaction. Died
/// before that, all is as it was but for a topic that nobody reads; repeated, it begins anew.
/// Errors, kMisconfigured: groups_busy, not_drained, window_state, option_invalid.
Result<WindowRescaleReport> rescale_windows(Context& context, const WindowRescaleOptions& options);

}  // namespace rookery::rookeryctl
