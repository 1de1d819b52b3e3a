#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>

#include "services/hashtag-window/settings.hpp"

namespace rookery::hashtag_window {

/// How much the closed panes of one dimension in one partition of the sums may take, as places for
/// names (keys and spellings, of which each costs memory for as long as a pane has it) and as
/// bytes of cells (a name in a pane, with its authors).
///
/// Time is cut into spans of a quarter of what is kept, aligned (Settings::span), and each has its
/// share of window_keys_max. In each span a name takes its places once, in the first pane that
/// keeps it; a cell takes its bytes in every pane. Three quarters of a span's room are there from
/// its begin, the rest comes pane by pane: so each pane has something to give to a new key, however
/// full of junk those before it were. What is kept lies in five spans, two of them in part, so that
/// it takes a quarter more than the bound at most.
///
/// Why it is a function of the log: what a pane may keep follows from the panes before it *in its
/// own span*, and from nothing else; a rule that looked at all that the window holds would ask for
/// the panes which the oldest one had before it, and so for ever on. A restore that counts the sums
/// again begins at the border of the span in which the oldest pane lies that is kept
/// (MergeStage::Held::span_first). One from snapshots finds all panes of the span in which it
/// counts on, as they were left, each with its bytes when it closed: folding joins cells, but no
/// names are lost or won by it. Within a span no pane is forgotten, as two of them are kept.
/// Deletions that take effect after the close change counts, and neither names nor cells.
class PaneBudget {
 public:
  struct Room {
    std::int64_t places = 0;
    std::int64_t bytes = 0;
  };

  /// What a pane may keep beyond the names that its span has already.
  struct Allowance {
    std::size_t keys = std::numeric_limits<std::size_t>::max();
    Room left = {std::numeric_limits<std::int64_t>::max(),
                 std::numeric_limits<std::int64_t>::max()};
    std::int32_t span = 0;
    Room of_cell = {0, 0};  ///< No cell takes more.
    std::size_t exact_max = 0;
  };

  /// `settings` must outlive it.
  explicit PaneBudget(const Settings& settings) : settings_(settings) {}

  /// Panes come in their order.
  [[nodiscard]] Allowance allowance(Pane pane) const;

  /// What `pane` took. Also of panes that are loaded, in any order: the newest span counts.
  void spend(Pane pane, Room room);

  [[nodiscard]] std::int32_t span_of(Pane pane) const {
    return static_cast<std::int32_t>(floor_to(pane, settings_.span) / settings_.span);
  }

 private:
  const Settings& settings_;
  std::int32_t span_ = std::numeric_limits<std::int32_t>::min();
  Room spent_;
};

}  // namespace rookery::hashtag_window
