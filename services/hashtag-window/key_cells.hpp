#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "services/hashtag-window/authors.hpp"
#include "services/hashtag-window/hash_index.hpp"
#include "services/hashtag-window/settings.hpp"

namespace rookery::hashtag_window {

inline constexpr std::uint32_t kNone = 0xffffffffU;

/// What one key has in one pane.
struct Cell {
  std::int64_t count = 0;
  std::int64_t sentiment = 0;
  Pane pane = 0;
  std::uint32_t key = kNone;
  std::uint32_t newer = kNone;  ///< The key's cell in its next later pane.
  std::uint32_t older = kNone;
  AuthorSet authors;
};

/// Keys, and their cells by pane. A key has a number for as long as it has a cell or is
/// held; the cells of a key are chained by pane, the newest first, so that an addition
/// costs one hash look-up and a step or two. Numbers and memory are used again.
class KeyCells {
 public:
  /// The cell of `key` in `pane`, made if it is not there. The reference holds until the
  /// next call.
  Cell& cell(std::string_view key, Pane pane);

  /// The cell of the key with this number, or null.
  [[nodiscard]] Cell* find(std::uint32_t key, Pane pane);

  /// The number of `key`, kept until release().
  std::uint32_t hold(std::string_view key);
  void release(std::uint32_t key);

  /// Calls `visit(cell)` for each cell of `pane`, in the order in which they were made.
  template <typename Visit>
  void each_in(Pane pane, const Visit& visit) const {
    const auto found = panes_.find(pane);
    if (found == panes_.end()) return;
    for (const std::uint32_t index : found->second) visit(pool_[index]);
  }

  /// Calls `visit(cell)` for the cells of `key` in panes [begin, end), the newest first.
  template <typename Visit>
  void each_of(std::uint32_t key, Pane begin, Pane end, const Visit& visit) const {
    for (std::uint32_t i = keys_[key].newest; i != kNone; i = pool_[i].older) {
      if (pool_[i].pane < begin) return;
      if (pool_[i].pane < end) visit(pool_[i]);
    }
  }

  void drop_through(Pane pane);

  [[nodiscard]] std::string_view text(std::uint32_t key) const { return keys_[key].text; }
  /// All numbers are below.
  [[nodiscard]] std::size_t numbers() const { return keys_.size(); }
  [[nodiscard]] std::size_t live_keys() const { return index_.size(); }

 private:
  struct Key {
    std::string text;
    std::uint64_t hash = 0;
    std::uint32_t newest = kNone;
    std::uint32_t oldest = kNone;
    std::uint32_t users = 0;  ///< Cells and holds.
  };

  std::uint32_t number_of(std::string_view key);
  void link(std::uint32_t cell, std::uint32_t older);

  std::vector<Key> keys_;
  std::vector<std::uint32_t> free_keys_;
  HashIndex index_;
  std::vector<Cell> pool_;
  std::vector<std::uint32_t> free_cells_;
  std::map<Pane, std::vector<std::uint32_t>> panes_;
  std::vector<std::vector<std::uint32_t>> free_panes_;
};

}  // namespace rookery::hashtag_window
