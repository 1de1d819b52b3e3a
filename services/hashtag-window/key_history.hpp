#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <unordered_map>
#include <utility>
#include <vector>

#include "services/hashtag-window/key_cells.hpp"
#include "services/hashtag-window/recent_authors.hpp"
#include "services/hashtag-window/settings.hpp"

namespace rookery::hashtag_window {

/// First and last post of some, in milliseconds of event time.
struct Span {
  std::int64_t first = std::numeric_limits<std::int64_t>::max();
  std::int64_t last = std::numeric_limits<std::int64_t>::min();

  [[nodiscard]] bool any() const { return first <= last; }
  void merge(const Span& other) {
    first = std::min(first, other.first);
    last = std::max(last, other.last);
  }
};

/// What can only be joined, never subtracted, of the keys in their windows: distinct authors, of
/// the window and of the blocks that the trend score compares, and times. It is read for the
/// winners of a ranking alone. A key that is read is followed from then on, for as long as
/// rankings ask for it: each reading adds the panes that were closed since the one before, once
/// for all windows. A key that is new in a ranking costs all panes that its windows reach.
class KeyHistory {
 public:
  /// `settings` must outlive the history.
  explicit KeyHistory(const Settings& settings) : settings_(settings) {}

  struct Reading {
    std::uint64_t authors = 0;
    Span seen;
    std::int64_t newest = 0;         ///< Authors in the newest block, which ends with the window.
    std::vector<std::int64_t> past;  ///< In the aligned blocks before, the latest first.
    /// In two aligned blocks of the day before, the earlier first: that in which the newest one
    /// would begin, and the next. None where the window does not look there.
    std::vector<std::int64_t> yesterday;
  };

  /// Of window number `index` as it ends at `end`. Panes before `closed` do not change any more;
  /// those from it on may, so that nothing is remembered of them. Holds until the next call.
  const Reading& read(const KeyCells& cells, std::uint32_t key, std::size_t index, Pane end,
                      Pane closed);

  /// Forgets keys that no ranking has asked for in a while. Changes no result.
  void forget_unused(Pane closed);

  [[nodiscard]] std::size_t bytes() const;

 private:
  /// A key in one window.
  struct InWindow {
    bool read = false;
    std::int64_t next_block = 0;       ///< The number of the first that is not in `blocks`.
    std::vector<std::int64_t> blocks;  ///< Authors by the block's number, as a ring.
    /// Authors of two blocks of yesterday, by number.
    std::array<std::pair<Pane, std::int64_t>, 2> yesterday{{{kNoPane, 0}, {kNoPane, 0}}};
    Pane first_pane = kNoPane;  ///< The first pane with times, where the window has it,
    std::int64_t first = 0;     ///< and the first of them.
  };
  /// A key: all of its panes in [begin, end).
  struct Followed {
    explicit Followed(const Settings& settings)
        : authors(settings.authors_exact_max), windows(settings.windows.size()) {}

    RecentAuthors authors;
    Pane end = kNoPane;
    Pane last_pane = kNoPane;  ///< The last pane with times,
    std::int64_t last = 0;     ///< and the last of them.
    Pane keep_until = kNoPane;
    std::vector<InWindow> windows;
  };

  Followed& follow(const KeyCells& cells, std::uint32_t key, std::size_t index, Pane end);
  void start(Followed& followed, Pane end) const;
  void go_on(const KeyCells& cells, std::uint32_t key, Pane begin, Pane end,
             Followed& followed) const;
  void add(const KeyCells& cells, std::uint32_t key, Pane pane, Followed& followed) const;
  void count_blocks(Followed& followed, Pane end) const;
  std::int64_t authors_of(const KeyCells& cells, std::uint32_t key, std::size_t index, Pane block,
                          Pane closed);
  [[nodiscard]] Span seen(const KeyCells& cells, std::uint32_t key, Followed& followed,
                          std::size_t index, Pane end) const;
  [[nodiscard]] Span times_of(const KeyCells& cells, std::uint32_t key, Pane pane) const;

  const Settings& settings_;
  std::unordered_map<std::uint32_t, Followed> keys_;
  Followed preview_{settings_};  ///< A copy that goes on into open panes.
  Pane forgotten_ = kNoPane;     ///< When unused keys were forgotten last.
  Reading reading_;
};

}  // namespace rookery::hashtag_window
