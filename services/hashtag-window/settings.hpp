#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/options.hpp"
#include "common/core/result.hpp"
#include "common/runtime/io.hpp"
#include "services/hashtag-window/dimensions.hpp"
#include "services/hashtag-window/family.hpp"

namespace rookery::hashtag_window {

/// Index of a pane: event time divided by the pane's length, rounded down. 64 bits
/// so that sums of panes cannot overflow; on the wire a pane has 32.
using Pane = std::int64_t;

/// "Not known yet", below every pane, so that std::max() does the right thing.
inline constexpr Pane kNoPane = std::numeric_limits<Pane>::min();

inline constexpr Partition kRanksPartition(0);  ///< The only one of Family::ranks.
inline constexpr std::string_view kTrends = "trends";
inline constexpr Partition kTrendsPartition(0);  ///< Likewise.
inline constexpr std::string_view kLateTweets = "late_tweets";

/// A sliding window: one that ends at pane e covers the panes e - length to e - 1,
/// and exists when `slide` divides e.
struct Window {
  std::string name;  ///< As it was configured: "5m/1m".
  Pane length;       ///< In panes.
  Pane slide;
  std::size_t top_k = 0;  ///< Keys in its rankings; 0 before derive(): as Settings::top_k.
  // The following are derive()'s.
  Pane block = 0;  ///< What the trend score compares: the newest such block with those before.
  Pane reach = 0;  ///< How far before its end lies the oldest pane of it and of those blocks.
  Pane day = 0;    ///< How far back the score looks for the same time of the day; 0: it does not.

  /// How many pairs of cell and hashtag a partition of window_partials reports of it.
  [[nodiscard]] std::size_t pairs_max() const { return 10 * top_k; }
};

/// The last multiple of `unit` that is not after `pane`.
[[nodiscard]] constexpr Pane floor_to(Pane pane, Pane unit) {
  const Pane rest = pane % unit;
  return pane - rest - (rest < 0 ? unit : 0);
}

/// Panes that are written together, once the last of them lies `settled` panes before the last
/// closed one.
struct SnapshotLevel {
  Pane block = 0;
  Pane settled = 0;
};

/// What the operator sets; declared by describe(), checked by make_settings().
struct WindowOptions {
  std::vector<std::string> windows{"5m/1m", "1h/10s", "24h/1m"};
  std::vector<std::string> dimensions{"hashtag"};
  std::chrono::milliseconds lateness{90'000};
  std::chrono::milliseconds deletion_horizon{600'000};
  std::chrono::milliseconds future_max{600'000};
  std::chrono::milliseconds idle{30'000};
  std::string idle_policy = "follow";
  std::vector<std::string> upstream{"geo-enrich:raw_tweets", "sentiment-scoring:enriched_tweets"};
  std::vector<std::string> url_upstream{"url-cluster:processed_tweets"};
  std::int64_t top_k = 50;
  std::int64_t trend_history = 10;
  std::int64_t authors_exact_max = 64;
  std::int64_t key_bytes_max = 256;
  std::int64_t pane_keys_max = 20'000;
  std::int64_t open_keys_max = 20'000;
  std::int64_t window_keys_max = 800'000;
  std::int64_t hotspot_hashtags = 5;
  std::int64_t posts_batch_max = 20'000;
  std::int64_t skew_panes = 30;
  std::int64_t slides_max = 360;
  std::chrono::milliseconds early{0};

  void describe(OptionSet& options);
};

/// How far silent partitions are carried when all of them are silent.
enum class IdlePolicy : std::uint8_t {
  kFollow,  ///< With the wall clock: posts that come later are not late.
  kJump,    ///< To the end of the last window: for finite inputs.
};

/// The options in the units of the windows, checked. All stages of a family share one.
struct Settings {
  const Family* family = &kPosts;  ///< Never null.
  std::chrono::milliseconds pane{10'000};
  std::vector<Window> windows;
  std::vector<Dimension> dimensions;  ///< The pairs of the hotspots among them.
  Pane lateness = 9;
  Pane deletion_horizon = 60;
  std::chrono::milliseconds future_max{600'000};
  std::chrono::milliseconds idle{30'000};
  IdlePolicy idle_policy = IdlePolicy::kFollow;
  std::vector<UpstreamStage> upstream;  ///< In the order in which a post passes them.
  std::size_t top_k = 50;               ///< Of windows without their own.
  std::size_t trend_history = 10;
  std::size_t authors_exact_max = 64;
  std::size_t key_bytes_max = 256;
  std::size_t pane_keys_max = 20'000;
  std::size_t open_keys_max = 20'000;
  std::int64_t window_keys_max = 800'000;
  /// Bytes of cells to each of those places: see PaneBudget.
  std::int64_t place_cell_bytes = 512;
  std::size_t hotspot_hashtags = 5;
  Pane skew_panes = 30;
  std::int64_t slides_max = 360;
  std::chrono::milliseconds early{0};   ///< Between early results; 0: there are none.
  std::int32_t source_partitions = 1;   ///< Of the family's input.
  std::int32_t partial_partitions = 1;  ///< Of `partials_topic`.
  /// The family's, or a later generation of it: see rescale.hpp.
  std::string partials_topic{kPosts.partials};

  Pane length_max = 0;  ///< The longest window.
  Pane slide_max = 0;   ///< The longest slide.
  Pane keep = 0;        ///< Panes that the windows and the trend score's blocks need.

  /// Aligned panes of which the closed ones have a bound together: see PaneBudget. A quarter of
  /// what is kept, in whole slides of the window that looks back furthest: so no folded pane lies
  /// in two.
  Pane span = 1;

  /// What a key does every so often is no trend: see trend_score(). Tests have shorter days.
  std::chrono::milliseconds day = std::chrono::hours(24);

  /// So many panes become one, aligned, once no window tells them apart any more: in `5m/1m,
  /// 24h/1m` over panes of 10 s those that only the day still includes. 1: none do.
  Pane fold = 1;
  /// Panes that lie so far before the last closed one are folded, and nothing changes them: no
  /// deletion reaches them.
  Pane settled = 0;

  /// Which closed panes are written to the family's topic, so that a restore need not count them
  /// again: the folded ones, and those that are not folded yet but safe from deletions. The larger
  /// blocks first, a multiple of the smaller. Empty: what is kept is read again fast enough.
  std::vector<SnapshotLevel> snapshots;

  /// Everything that state and results depend on, for people to read. It lies
  /// beside each committed offset, so that state is never continued with others.
  std::string fingerprint;

  [[nodiscard]] Pane pane_of(std::chrono::milliseconds since_epoch) const {
    const auto quotient = since_epoch / pane;
    return since_epoch % pane < std::chrono::milliseconds(0) ? quotient - 1 : quotient;
  }
};

/// The families that count the dimensions of `options`, at least one. Names that are no
/// dimension's are for make_settings() to refuse.
[[nodiscard]] std::vector<const Family*> families_of(const WindowOptions& options);

/// Of the dimensions those of `family` alone. Errors: option_invalid (kMisconfigured), which names
/// the option and its value.
Result<Settings> make_settings(const WindowOptions& options, std::int32_t source_partitions,
                               std::int32_t partial_partitions, const Family& family = kPosts);

/// Fills the values of `settings` that follow from the others.
void derive(Settings& settings);

}  // namespace rookery::hashtag_window
