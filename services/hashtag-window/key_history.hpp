#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <map>
#include <unordered_map>
#include <vector>

#include "services/hashtag-window/authors.hpp"
#include "services/hashtag-window/key_cells.hpp"
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

/// What can only be joined, never subtracted, of the keys in one window: distinct authors, of
/// the window and of the blocks that the trend score compares, and times. It is read for the
/// winners of a ranking alone. Of closed panes nothing of it changes any more, so that unions
/// over blocks and over parts of them are kept: reading a key again costs these, not the panes.
/// Of a pane outside of them a stretch of some 32 cells is read.
class KeyHistory {
 public:
  /// Both must outlive the history.
  KeyHistory(const Settings& settings, const Window& window);

  struct Reading {
    std::uint64_t authors = 0;
    Span seen;
    std::int64_t newest = 0;         ///< Authors in the newest block, which ends with the window.
    std::vector<std::int64_t> past;  ///< In the aligned blocks before, the latest first.
  };

  /// Of the window that ends at `end`. Panes before `closed` do not change any more; those from
  /// it on may, so that nothing is remembered of them. Holds until the next call.
  const Reading& read(const KeyCells& cells, std::uint32_t key, Pane end, Pane closed);

  /// Forgets what lies in panes up to `pane`.
  void drop_through(Pane pane);

 private:
  struct Group {
    AuthorSet authors;
    Span seen;
  };

  /// Joins the cells of panes [begin, end), by groups from `level` on where they fit and lie
  /// before `closed`.
  void join(const KeyCells& cells, std::uint32_t key, Pane begin, Pane end, Pane closed,
            std::size_t level, Group& into);
  void add(const KeyCells& cells, std::uint32_t key, Pane pane, Group& into) const;

  const Settings& settings_;
  const Window& window_;
  /// Groups of one size, by number and key.
  struct Level {
    Pane size = 1;
    std::map<Pane, std::unordered_map<std::uint32_t, Group>> groups = {};
  };
  std::array<Level, 2> levels_;  ///< Whole blocks, then parts of them.
  Group joined_;                 ///< Of one stretch of panes.
  AuthorSet all_;
  AuthorSet newest_;
  AuthorSet block_;
  Reading reading_;
};

}  // namespace rookery::hashtag_window
