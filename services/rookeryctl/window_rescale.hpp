#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/rookeryctl/context.hpp"

namespace rookery::rookeryctl {

/// Keeps its name: it needs as many partitions as the sums, and more do no harm.
inline constexpr std::string_view kPanesTopic = "window_panes";

struct WindowRescaleOptions {
  enum class Mode : std::uint8_t { kDoIt, kDryRun };

  std::optional<std::int32_t> sources;   ///< Partitions of the chain's topics; absent: as they are.
  std::optional<std::int32_t> partials;  ///< Partitions of the windows' sums; likewise.
  std::chrono::milliseconds wait{60'000};  ///< For stopped members to be forgotten.
  Mode mode = Mode::kDoIt;
};

struct WindowRescaleReport {
  std::string topic_before;  ///< Of the sums.
  std::string topic;         ///< From now on.
  std::int32_t sources = 0;
  std::int32_t partials = 0;
  std::uint64_t copied = 0;        ///< Sums.
  std::vector<std::string> grown;  ///< Topics that got partitions.
};

/// Gives hashtag-window other numbers of partitions, while it stands still: all sums of open
/// windows move to a new topic, and the state of its three groups changes in one transaction. Died
/// before that, all is as it was but for a topic that nobody reads; repeated, it begins anew.
/// Errors, kMisconfigured: groups_busy, not_drained, window_state, option_invalid.
Result<WindowRescaleReport> rescale_windows(Context& context, const WindowRescaleOptions& options);

}  // namespace rookery::rookeryctl
