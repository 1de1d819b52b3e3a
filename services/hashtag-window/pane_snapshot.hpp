#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "services/hashtag-window/key_cells.hpp"
#include "services/hashtag-window/settings.hpp"

/// Closed panes of one dimension as bytes, so that a restore need not count them again: the keys
/// once, in the order of their bytes, then each pane with its cells packed as in memory, where
/// what deletions changed is in the sums. The numbers in it are its own.
namespace rookery::hashtag_window {

/// What of a pane is not in its cells.
struct PaneFacts {
  std::int64_t first = -1;  ///< Offset of its first record in window_partials; below 0: none.
  /// Keys that had to go when it closed; at least 1 where some were refused before.
  std::uint64_t dropped = 0;
  std::uint64_t charged = 0;  ///< The bytes that it spent then, see PaneBudget.
};

/// Calls `give(bytes)` for the sealed panes of [begin, end) in turns: as many panes at once as
/// have about `bytes_max`. Gives nothing where they have no cells and nothing was dropped.
void save_panes(const KeyCells& cells, Pane begin, Pane end, std::size_t bytes_max,
                const std::function<PaneFacts(Pane)>& facts,
                const std::function<void(std::string bytes)>& give);

/// The contrary; `bytes` are followed by PackedPane::kBehind others. Puts the panes into `cells`,
/// which must not have them, and calls `tell` for each. Returns false where `bytes` end too early
/// or name what is not there; some panes may be in `cells` then.
[[nodiscard]] bool load_panes(KeyCells& cells, std::string_view bytes,
                              const std::function<void(Pane, const PaneFacts&)>& tell);

/// The same panes, begun elsewhere; for tests.
[[nodiscard]] std::string moved_panes(std::string_view bytes, Pane begin);

}  // namespace rookery::hashtag_window
